"""Screen a clip stretch by stretch: its pictures as images, its speech as texts, one verdict over the whole.

A stretch can be screened without the ones before it, and what was found in it is plain data: who screens a long clip
keeps that, and after a crash goes on with the next stretch.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

from evenhand.content.clip import Still, Stretch
from evenhand.content.image import Image
from evenhand.content.prepared import Prepared
from evenhand.content.text import Text
from evenhand.core.decision import Verdict
from evenhand.core.facts import Facts, ListHits
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import Span, Utterance
from evenhand.engine.reading import strongest
from evenhand.engine.screen import Engine, Screening
from evenhand.engine.timeline import StillFound, floors, picture_spans, speech_spans, worst_first
from evenhand.engine.transcript import windows_of
from evenhand.policy.evaluate import evaluate
from evenhand.policy.policy import Policy

#: Stills nearer than this to one with a hit are looked at as well, in seconds.
NEAR: Final = 1.0
#: Share of the score from which something is shown that counts as a hit: its neighbours may show more.
_HIT: Final = 0.5
#: Thumbnails of one stretch: its worst stills.
MOST_THUMBNAILS: Final = 12
#: Something was said that nobody understood, or nobody could listen.
UNCLEAR: Final = "speech.unclear"
NOT_HEARD: Final = "speech.not_heard"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in the pictures of a stretch.

    Args:
        looked_at: The times of the stills that were looked at, in milliseconds, in order.
        signals: The strongest that was said of them, for each detector and label.
        stills: Those with something to show, in order.
        covered: Labels that were looked for in all of them.
        failures: Detectors that gave no answer.
        detectors: Version of each detector that looked, by id.
        languages: What is written in them.
        notices: Stable codes of things to know.
        listed: How often something of each list of the policy was found in one of them, at most.
    """

    looked_at: tuple[int, ...] = ()
    signals: tuple[Signal, ...] = ()
    stills: tuple[StillFound, ...] = ()
    covered: tuple[Label, ...] = ()
    failures: tuple[DetectorFailure, ...] = ()
    detectors: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    listed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A still with something to show.

    Args:
        milliseconds: Its time in the clip.
        data: JPEG, without metadata.
    """

    milliseconds: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ClipScreening:
    """What came of a whole clip.

    Args:
        signals: The strongest for each detector and label, strongest first.
        failures: Detectors that gave no answer.
        verdict: What the policy made of both, and of speech that nobody understood.
        detectors: Version of each detector that looked or read, by id.
        languages: What is spoken and written in it (BCP-47).
        notices: Stable codes of things to know, such as `speech.unclear`.
        timeline: What was found and when, worst first.
        facts: What the conditions of the policy read beside the scores; none where it has none.
    """

    signals: tuple[Signal, ...]
    failures: tuple[DetectorFailure, ...]
    verdict: Verdict
    detectors: Mapping[str, str]
    languages: tuple[str, ...]
    notices: tuple[str, ...]
    timeline: tuple[Span, ...]
    facts: Facts | None = None


def look(engine: Engine, policy: Policy, stretch: Stretch, *, md5: str, sha256: str) -> tuple[Seen, list[Thumbnail]]:
    """Look at the pictures of `stretch`: at those that were chosen, and then at those near a hit.

    Args:
        engine: The detectors.
        policy: Says from which score on something is shown.
        stretch: The part of the clip.
        md5: Of the clip's file, in hex: a known file is known by every picture of it.
        sha256: Likewise.
    """
    shown_from = floors(policy)

    def screened(stills: Sequence[Still]) -> list[tuple[Still, Screening]]:
        prepared = [Prepared(None, (_image(still, md5, sha256),)) for still in stills]
        return list(zip(stills, engine.screen(prepared, [policy] * len(stills)), strict=True))

    first = screened([still for still in stretch.stills if still.is_chosen])
    hits = [still.seconds for still, found in first if any(_hits(found.signals, shown_from))]
    others = [still for still in stretch.stills if not still.is_chosen]
    near = screened([still for still in others if any(abs(still.seconds - hit) <= NEAR for hit in hits)])
    looked = sorted((*first, *near), key=lambda pair: pair[0].frame.number)
    stills = [
        StillFound(still.frame.number, signals)
        for still, found in looked
        if (signals := tuple(_shown(found.signals, still.frame.number, shown_from)))
    ]
    return _seen(looked, stills), _thumbnails(stills, [still for still, _ in looked])


def judge(
    engine: Engine,
    policy: Policy,
    seen: Sequence[Seen],
    utterances: Sequence[Utterance],
    *,
    seconds: float,
    is_heard: bool,
    known: Facts = Facts(),  # noqa: B008 -- it is frozen
    hashes: Iterable[str] = (),
) -> ClipScreening:
    """Return what `policy` makes of everything that was found in a clip.

    Args:
        engine: Its detectors of texts read the transcript.
        policy: The policy that decides.
        seen: What was found in the pictures of each stretch, in order.
        utterances: What was said in all of it, in order.
        seconds: How long it is.
        is_heard: Whether all sound that it has was listened to.
        known: What the caller knows of it beside what is in it.
        hashes: MD5 and SHA-256 of its file, in hex.
    """
    windows = windows_of(utterances)
    texts = [Text(window.text, (window.language,) if window.language else ()) for window in windows]
    read = engine.screen([Prepared(text) for text in texts], [policy] * len(texts))
    looked = [each for each in seen if each.looked_at]
    failures = _once((*chain(*(each.failures for each in seen)), *chain(*(each.failures for each in read))))
    said = chain(*(each.signals for each in read))
    signals = _strongest_first((*chain(*(each.signals for each in seen)), *said))
    unclear = [NOT_HEARD] if not is_heard else []
    unclear += [UNCLEAR] if any(not utterance.is_clear for utterance in utterances) else []
    languages = _unique((*(utterance.language for utterance in utterances), *chain(*(each.languages for each in seen))))
    facts = _facts(policy, texts, replace(known, languages=languages), seen, hashes)
    verdict = evaluate(
        signals,
        policy,
        covered=_in_all([each.covered for each in looked]) | _in_all([each.covered for each in read]),
        failures=failures,
        has_unclear_speech=bool(unclear),
        facts=facts,
    )
    looked_at = [*chain(*(each.looked_at for each in seen))]
    spans = picture_spans(chain(*(each.stills for each in seen)), looked_at, end=seconds)
    spans += speech_spans(zip(windows, [each.signals for each in read], strict=True), floors(policy))
    parts: list[Seen | Screening] = [*seen, *read]
    return ClipScreening(
        signals,
        failures,
        verdict,
        dict(chain(*(each.detectors.items() for each in parts))),
        languages,
        _unique((*unclear, *chain(*(each.notices for each in parts)))),
        worst_first(spans),
        facts,
    )


def _facts(
    policy: Policy, texts: Sequence[Text], known: Facts, seen: Iterable[Seen], hashes: Iterable[str]
) -> Facts | None:
    """Return what the conditions of `policy` read of a clip: its words are what is said, in windows that overlap.

    What is found of a list in its pictures is added; the same words stay on for many of them, so each stretch counts
    the one with the most.
    """
    if not policy.conditions:
        return None
    said = policy.find_listed(texts, has_own=False, hashes=hashes)
    lists = {name: ListHits(hits.hits + sum(each.listed.get(name, 0) for each in seen)) for name, hits in said.items()}
    return replace(
        known,
        kind="clip",
        characters=sum(len(text.original) for text in texts),
        metadata={key: value for key, value in known.metadata.items() if key in policy.metadata_keys},
        lists=lists,
    )


def _most(found: Iterable[Mapping[str, ListHits]]) -> dict[str, int]:
    """Return for each list the most that was found in one picture."""
    most: dict[str, int] = {}
    for name, hits in chain(*(each.items() for each in found)):
        most[name] = max(hits.hits, most.get(name, 0))
    return most


def _image(still: Still, md5: str, sha256: str) -> Image:
    height, width = still.frame.pixels.shape[:2]
    return Image((still.frame,), "CLIP", width, height, 1, md5, sha256)


def _hits(signals: Iterable[Signal], shown_from: Mapping[Label, float]) -> Iterator[Signal]:
    return (signal for signal in signals if signal.score >= _HIT * shown_from[signal.label])


def _shown(signals: Iterable[Signal], milliseconds: int, shown_from: Mapping[Label, float]) -> Iterator[Signal]:
    """Yield the strongest signal for each label that is to be shown, its places in the still of this time."""
    labels: set[Label] = set()
    for signal in signals:
        if signal.score >= shown_from[signal.label] and signal.label not in labels:
            labels.add(signal.label)
            regions = tuple(replace(region, frame=milliseconds) for region in signal.regions)
            yield replace(signal, regions=regions, evidence=(), reason=signal.reason.replace("In image 1:", "Shown:"))


def _seen(looked: Sequence[tuple[Still, Screening]], stills: Sequence[StillFound]) -> Seen:
    found = [screening for _, screening in looked]
    signals = strongest(chain(*(each.signals for each in found)))
    return Seen(
        tuple(still.frame.number for still, _ in looked),
        _strongest_first(signals),
        tuple(stills),
        tuple(sorted(_in_all([each.covered for each in found]))),
        _once(chain(*(each.failures for each in found))),
        dict(chain(*(each.detectors.items() for each in found))),
        _unique(chain(*(each.languages for each in found))),
        _unique(chain(*(each.notices for each in found))),
        _most(each.facts.lists for each in found if each.facts),
    )


def _thumbnails(found: Iterable[StillFound], stills: Iterable[Still]) -> list[Thumbnail]:
    frames = {still.frame.number: still.frame for still in stills}
    worst = sorted(found, key=lambda still: -max(signal.score for signal in still.signals))[:MOST_THUMBNAILS]
    return [
        Thumbnail(still.milliseconds, frames[still.milliseconds].as_jpeg())
        for still in sorted(worst, key=lambda still: still.milliseconds)
    ]


def _strongest_first(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    """Return the strongest signal for each detector and label, without the places: those are in the timeline."""
    bare = [replace(signal, evidence=(), regions=(), reason="") for signal in strongest(signals)]
    return tuple(sorted(bare, key=lambda signal: (-signal.score, signal.label, signal.detector)))


def _in_all(covered: Sequence[Iterable[Label]]) -> frozenset[Label]:
    """Return the labels that are in every part: what one of them was not looked for in has not been looked for."""
    return frozenset.intersection(*map(frozenset, covered)) if covered else frozenset()


def _once(failures: Iterable[DetectorFailure]) -> tuple[DetectorFailure, ...]:
    """Return one failure of each detector."""
    return tuple({failure.detector: failure for failure in failures}.values())


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, values)))
