"""Turn a case into what its page shows. It words; it judges nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from evenhand.console.answer import answer_for
from evenhand.console.contexts import Answer, Box
from evenhand.console.figures import clock
from evenhand.console.review.case_contexts import (
    CasePage,
    CasePicture,
    MessageLine,
    QueueLine,
    Reason,
    RulingLine,
    SpokenLine,
    TodayLine,
)
from evenhand.console.review.frame import frame_for
from evenhand.console.review.session import Visitor
from evenhand.core.appeal import Appeal
from evenhand.core.case import NO_HARM, CaseKind, Ruling
from evenhand.core.decision import Decision
from evenhand.core.reviewer import Preferences
from evenhand.core.taxonomy import TAXONOMY, Label
from evenhand.core.timeline import Utterance
from evenhand.policy.policy import Policy
from evenhand.review.casework import LEADING_ROLES, SEVERE, CaseFile, Today
from evenhand.store.cases import QueueCount
from evenhand.store.records import StoredContent

KINDS: Final = {
    CaseKind.REVIEW: "the policy asks for a person",
    CaseKind.SECOND_REVIEW: "another reviewer asks for a second opinion",
    CaseKind.ESCALATION: "it was brought to a lead",
    # Nobody is to see that it is one.
    CaseKind.GOLDEN: "the policy asks for a person",
    CaseKind.APPEAL: "the author disagrees with the decision",
}

_SEVERITIES: Final = (
    "is not hard to look at",
    "may be unpleasant",
    "may be hard to look at",
    "may be very hard to look at",
)

_CATEGORIES: Final = tuple(label for label in Label if not label.is_attribute)


def case_page(
    visitor: Visitor,
    file: CaseFile,
    today: Today,
    *,
    policy_for: Callable[[Decision], Policy],
    notice: str = "",
) -> CasePage:
    """Return the page of a case.

    Args:
        visitor: Who sees it.
        file: All about the case.
        today: What they were shown today.
        policy_for: Finds the policy that decided, for its thresholds.
        notice: What came of the last act.
    """
    case, content, decision = file.case, file.content, file.decision
    answer = answer_for(content.body if content else "", decision, policy_for(decision))
    preferences = visitor.reviewer.preferences
    return CasePage(
        frame=frame_for(visitor),
        notice=notice,
        id=case.id,
        kind=KINDS[case.kind],
        queue=case.queue,
        lease=f"{case.leased_until:%H:%M} UTC" if file.may_rule and case.leased_until else "",
        severity=_SEVERITIES[case.severity],
        answer=answer,
        is_folded=preferences.fold_severe_text and case.severity >= SEVERE,
        is_gone=content is None,
        context=content.context if content else (),
        cover=cover(preferences),
        shots=_pictures(file, answer),
        transcript=_transcript(content),
        is_appeal=file.appeal is not None,
        messages=_messages(file.appeal),
        history=tuple(map(_ruling_line, file.rulings)),
        same_text=len(file.same_text),
        same_author=len(file.same_author),
        author=case.author_id,
        allow_reasons=tuple(Reason(code, words, code == "not_harmful") for code, words in NO_HARM.items()),
        block_reasons=_block_reasons(decision),
        may_lead=visitor.reviewer.role in LEADING_ROLES and content is not None,
        today=today_line(today),
    )


def cover(preferences: Preferences) -> str:
    """Return the classes that spare a reader."""
    return " ".join(
        name
        for name, is_wanted in (("blurred", preferences.blur_pictures), ("grey", preferences.grey_pictures))
        if is_wanted
    )


def queue_line(count: QueueCount, now: datetime) -> QueueLine:
    """Return what to show of a queue."""
    return QueueLine(count.queue, count.cases, count.claimed, waiting(now - count.oldest))


def waiting(time: timedelta) -> str:
    """Return how long something waits, in its largest unit; a clock that jumped back counts as no time."""
    minutes = max(0, int(time.total_seconds() // 60))
    for unit, length in (("day", 24 * 60), ("hour", 60), ("minute", 1)):
        if minutes >= length:
            number = minutes // length
            return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return "under a minute"


def today_line(today: Today) -> TodayLine:
    """Return what to show of a reviewer's day."""
    return TodayLine(
        cases=today.cases,
        severe=today.severe,
        limit="You had your share of hard cases, so you get no more of them today." if today.has_enough else "",
        pause="It is time for the break that you asked for." if today.needs_break else "",
    )


def _pictures(file: CaseFile, answer: Answer) -> tuple[CasePicture, ...]:
    """Return the kept copies, with boxes over the first one of each image."""
    shown: set[int] = set()
    pictures: list[CasePicture] = []
    boxes: tuple[Box, ...]
    for number, copy in enumerate(file.content.images if file.content else (), 1):
        if file.decision.clip is not None:
            caption, boxes = f"Still at {clock(copy.frame / 1000)}", ()
        else:
            picture = answer.pictures[copy.image]
            caption = f"Image {copy.image + 1}: {picture.facts}"
            boxes = () if copy.image in shown else picture.boxes
            shown.add(copy.image)
        address = f"{file.case.id}/pictures/{copy.image}/{copy.frame}"
        pictures.append(CasePicture(number, address, caption, boxes))
    return tuple(pictures)


def _transcript(content: StoredContent | None) -> tuple[SpokenLine, ...]:
    if content is None or content.clip is None:
        return ()
    return tuple(map(_spoken_line, content.clip.transcript))


def _spoken_line(utterance: Utterance) -> SpokenLine:
    return SpokenLine(
        begin=clock(utterance.begin),
        text=utterance.text,
        doubt="" if utterance.is_clear else "not understood well",
    )


def _messages(appeal: Appeal | None) -> tuple[MessageLine, ...]:
    return tuple(
        MessageLine(f"{message.at:%Y-%m-%d %H:%M} UTC", str(message.sender), message.body)
        for message in (appeal.messages if appeal else ())
    )


def _ruling_line(ruling: Ruling) -> RulingLine:
    return RulingLine(
        at=f"{ruling.at:%Y-%m-%d %H:%M} UTC",
        who="the operator" if ruling.reviewer_id is None else f"reviewer {ruling.reviewer_id}",
        kind=KINDS[CaseKind(ruling.kind)] if ruling.kind in tuple(CaseKind) else "an earlier decision was undone",
        action=str(ruling.action),
        reason=ruling.reason,
        note=ruling.note,
    )


def _block_reasons(decision: Decision) -> tuple[Reason, ...]:
    """Return the categories, those that the decision is about first."""
    hit = [rule.label for rule in decision.verdict.rules if rule.label in _CATEGORIES]
    ordered = dict.fromkeys((*(label for label in hit if label), *_CATEGORIES))
    return tuple(
        Reason(str(label), TAXONOMY[label].definition, is_chosen=place == 0) for place, label in enumerate(ordered)
    )
