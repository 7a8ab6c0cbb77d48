"""Casework: what reviewers do with cases. No HTTP, and nothing that the store does not keep.

Who had their share of hard cases for a day gets no more of them, and now and then a golden case is mixed in, which
looks like any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from evenhand.core.appeal import Appeal, check_words
from evenhand.core.case import Case, CaseKind, CaseStatus, Role, Ruling, check_role, is_reason
from evenhand.core.decision import Action, Decision
from evenhand.core.errors import InputError, NotFoundError
from evenhand.core.reviewer import Reviewer
from evenhand.store.cases import Claimant, QueueCount
from evenhand.store.records import StoredContent
from evenhand.store.rulings import NewRuling
from evenhand.store.store import Store

#: From which severity on a case is a hard one.
SEVERE: Final = 2

#: The longest note, in characters.
MAX_NOTE: Final = 2_000

#: Who rules on cases.
RULING_ROLES: Final = (Role.REVIEWER, Role.LEAD, Role.ADMIN)

#: Who takes escalations, undoes, makes golden cases, and may look at any case.
LEADING_ROLES: Final = (Role.LEAD, Role.ADMIN)

#: Who may look at any case, the audit and the numbers.
SEEING_ROLES: Final = (*LEADING_ROLES, Role.AUDITOR)

#: Cases that a page lists as alike.
_ALIKE_AT_MOST: Final = 20

#: The hardest case for who had their share.
_EASY: Final = SEVERE - 1
_HARDEST: Final = 3


@dataclass(frozen=True, slots=True)
class CaseFile:
    """All there is to know about a case.

    Args:
        case: The case; one that is golden says that it is an ordinary one.
        decision: What it is about.
        content: What was written or shown; none: it was not kept, or its retention is over.
        rulings: What was ruled before, oldest first; none for a golden case.
        same_text: Other open cases with the same text.
        same_author: Other open cases of the same author.
        may_rule: Whether who asks has the case to themselves.
        appeal: What the author wrote, and what they were answered; none: the case is no appeal.
    """

    case: Case
    decision: Decision
    content: StoredContent | None
    rulings: Sequence[Ruling]
    same_text: Sequence[Case]
    same_author: Sequence[Case]
    may_rule: bool
    appeal: Appeal | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """What a reviewer was shown today, in UTC.

    Args:
        cases: How many cases.
        severe: Those of them that were hard to look at.
        has_enough: Whether they get no more hard ones today.
        needs_break: Whether it is time for the break that they asked for.
    """

    cases: int
    severe: int
    has_enough: bool
    needs_break: bool


class Casework:
    """What reviewers do with cases. Safe to use from several threads.

    Args:
        store: Where cases are.
        golden_every: One case in so many is a golden one, as long as there are any; 0: none is.
    """

    def __init__(self, store: Store, *, golden_every: int = 0) -> None:
        self._store = store
        self._golden_every = golden_every

    def queues(self) -> Sequence[QueueCount]:
        """Return how much waits in each queue."""
        return self._store.cases.queues()

    def held(self, reviewer: Reviewer, now: datetime) -> Case | None:
        """Return the case that a reviewer has, if they have one."""
        return self._store.cases.held_by(reviewer.id, now)

    def next(self, reviewer: Reviewer, queue: str, now: datetime) -> Case | None:
        """Return the case that a reviewer has, or give them the next one of a queue; none: there is nothing for them.

        Raises:
            ScopeError: `role.not_allowed`.
        """
        check_role(reviewer.role, RULING_ROLES)
        if held := self.held(reviewer, now):
            return held
        claimant = self._claimant(reviewer, now)
        if self._is_golden_due(reviewer) and (golden := self._store.golden.open_for(reviewer.id, queue, now)):
            return self._store.cases.claim_one(claimant, golden.id, now=now)
        return self._store.cases.claim(claimant, queue=queue, now=now)

    def file(self, reviewer: Reviewer, case_id: str, now: datetime) -> CaseFile:
        """Return all about a case that the reviewer has, or any other to those who may look at it; then audited.

        Raises:
            NotFoundError: `case.not_found`.
            ScopeError: `role.not_allowed`.
        """
        case = self._store.cases.get(case_id)
        may_rule = case.status is CaseStatus.OPEN and case.claimed_by == reviewer.id
        if not may_rule:
            check_role(reviewer.role, SEEING_ROLES)
            self._store.cases.note_view(case, reviewer.id, now)
        is_golden = case.kind is CaseKind.GOLDEN
        same_text, same_author = self._store.cases.like(case, limit=_ALIKE_AT_MOST)
        return CaseFile(
            case=case,
            decision=self._store.decisions.get(case.decision_id).decision,
            content=self.content(case.decision_id),
            rulings=[] if is_golden else self._store.rulings.of_decision(case.decision_id),
            same_text=same_text,
            same_author=same_author,
            may_rule=may_rule,
            appeal=self._store.appeals.of_case(case.id) if case.kind is CaseKind.APPEAL else None,
        )

    def content(self, decision_id: str) -> StoredContent | None:
        """Return the content of a decision; none: it was not kept, or its retention is over."""
        try:
            return self._store.contents.get(decision_id)
        except NotFoundError:
            return None

    def picture(self, reviewer: Reviewer, case_id: str, image: int, frame: int) -> bytes:
        """Return a picture of a case that the reviewer has, or may look at, as JPEG.

        Raises:
            NotFoundError: `case.not_found` or `picture.not_found`.
            ScopeError: `role.not_allowed`.
        """
        case = self._store.cases.get(case_id)
        if case.claimed_by != reviewer.id:
            check_role(reviewer.role, SEEING_ROLES)
        content = self.content(case.decision_id)
        for picture in content.images if content else ():
            if (picture.image, picture.frame) == (image, frame):
                return picture.data
        raise NotFoundError("picture.not_found", "There is no such picture.", field="picture")

    def rule(
        self, reviewer: Reviewer, case_id: str, ruling: NewRuling, now: datetime, *, is_golden: bool = False
    ) -> Sequence[Ruling]:
        """Close a case that the reviewer has, and those that go with it; return all rulings, theirs first.

        Args:
            reviewer: Who rules.
            case_id: On which case.
            ruling: What they say.
            now: When; aware.
            is_golden: Whether everybody should come to this ruling, so that the case is mixed in for others.

        Raises:
            InputError: `ruling.reason`, `ruling.incomplete`, `ruling.note`, or `case.not_yours`; for an appeal also
                `ruling.appeal`, or as `core.appeal.check_words`.
            NotFoundError: `case.not_found`, or `content.not_found`: it cannot be golden.
            ScopeError: `role.not_allowed`.
        """
        check_role(reviewer.role, LEADING_ROLES if is_golden else RULING_ROLES)
        check_ruling(ruling)
        case = self._store.cases.get(case_id)
        if case.kind is CaseKind.APPEAL:
            _check_answer(ruling)
        if is_golden:
            # Before anything is kept: where it cannot be golden, there is no ruling either.
            self._store.contents.get(case.decision_id)
        made = self._store.rulings.rule(case_id, reviewer.id, ruling, now)
        if is_golden:
            self._store.golden.add(
                made[0].decision_id, action=ruling.action, reason=ruling.reason, reviewer_id=reviewer.id, now=now
            )
        return made

    def skip(self, reviewer: Reviewer, case_id: str, now: datetime) -> bool:
        """Let a reviewer pass their case by; return whether it was theirs."""
        return self._store.cases.skip(case_id, reviewer.id, now)

    def release(self, reviewer: Reviewer, case_id: str) -> bool:
        """Put a reviewer's case back; return whether it was theirs."""
        return self._store.cases.release(case_id, reviewer.id)

    def write(self, reviewer: Reviewer, case_id: str, text: str, now: datetime) -> None:
        """Write to the author in an appeal that the reviewer has.

        Raises:
            InputError: `case.not_yours`, `appeal.closed`, or as `core.appeal.check_words`.
            NotFoundError: `case.not_found` or `appeal.not_found`.
        """
        case = self._store.cases.get(case_id)
        appeal = self._store.appeals.of_case(case_id)
        if appeal is None:
            raise NotFoundError("appeal.not_found", "This case is no appeal.", field="case")
        if case.claimed_by != reviewer.id:
            raise InputError("case.not_yours", "Somebody else has this case by now.", field="case")
        check_words(text)
        self._store.appeals.answer(appeal.id, text, now, reviewer_id=reviewer.id)

    def today(self, reviewer: Reviewer, now: datetime) -> Today:
        """Return what a reviewer was shown today."""
        seen = self._store.exposures.of_day(reviewer.id, now.date())
        severe, total = _severe(seen), sum(seen.values())
        pause = reviewer.preferences.break_after
        return Today(
            cases=total,
            severe=severe,
            has_enough=bool(reviewer.severe_per_day) and severe >= reviewer.severe_per_day,
            needs_break=bool(pause) and total > 0 and total % pause == 0,
        )

    def _claimant(self, reviewer: Reviewer, now: datetime) -> Claimant:
        hardest = _EASY if self.today(reviewer, now).has_enough else _HARDEST
        return Claimant(reviewer.id, takes_escalations=reviewer.role in LEADING_ROLES, hardest=hardest)

    def _is_golden_due(self, reviewer: Reviewer) -> bool:
        every = self._golden_every
        return every > 0 and self._store.rulings.count_by(reviewer.id) % every == every - 1


def check_ruling(ruling: NewRuling) -> None:
    """Refuse a ruling that does not say why, or says nothing at all.

    Raises:
        InputError: `ruling.reason`, `ruling.incomplete` or `ruling.note`.
    """
    if ruling.action is Action.REVIEW:
        if ruling.refer is None:
            raise InputError(
                "ruling.incomplete",
                "A case that is not decided has to go to somebody.",
                field="refer",
                remedy="Choose allow or block, or who shall rule.",
            )
    elif not is_reason(ruling.action, ruling.reason):
        raise InputError(
            "ruling.reason",
            f"{ruling.reason or 'Nothing'} is no reason to {ruling.action} something.",
            field="reason",
            remedy="Choose one of the reasons for this action.",
        )
    if len(ruling.note) > MAX_NOTE:
        raise InputError(
            "ruling.note", f"The note is over {MAX_NOTE} characters.", field="note", remedy="Write a shorter one."
        )


def _check_answer(ruling: NewRuling) -> None:
    """Refuse a ruling on an appeal that leaves the author without an answer."""
    if ruling.refer is not None:
        raise InputError(
            "ruling.appeal",
            "An appeal is answered by whoever has it.",
            field="refer",
            remedy="Rule on it, or put it back for somebody else.",
        )
    check_words(ruling.outcome)


def _severe(seen: Mapping[int, int]) -> int:
    return sum(count for severity, count in seen.items() if severity >= SEVERE)
