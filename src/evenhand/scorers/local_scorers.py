"""Score texts on this machine: the detectors together as the policy joins them, each alone, and a known small model."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from evenhand.core.decision import Decision
from evenhand.core.errors import InputError
from evenhand.detectors.base import Detector
from evenhand.scorers.profanity_check import BASELINE, baseline_scorer
from evenhand.scorers.scored import ANY, Answer, Scored
from evenhand.service.screener import Screener

#: What the tables call all detectors together.
TOGETHER: Final = "evenhand"

_BATCH: Final = 256


def score_locally(
    texts: Sequence[str], screener: Screener, *, advance: Callable[[int], object] = lambda _: None
) -> list[Scored]:
    """Return what the detectors say together and each alone, and what the known small model says where it is installed.

    Args:
        texts: The texts.
        screener: Holds the detectors; its policy plays no part.
        advance: Called with the number of texts that are done.
    """
    detectors = screener.engine.text_detectors
    together: list[Answer] = []
    alone: dict[str, list[Answer]] = {detector.id: [] for detector in detectors} if len(detectors) > 1 else {}
    for decision in _decisions(screener, texts, advance):
        together.append(_together(decision))
        for detector in detectors if alone else ():
            alone[detector.id].append(_alone(decision, detector))
    versions = screener.engine.versions
    baseline = _baseline(texts)
    return [
        Scored(TOGETHER, {"detectors": versions}, together),
        *(Scored(name, {"version": versions[name]}, answers) for name, answers in alone.items()),
        *([baseline] if baseline else []),
    ]


def _decisions(
    screener: Screener, texts: Sequence[str], advance: Callable[[int], object]
) -> Iterator[Decision | InputError]:
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        yield from screener.try_many(batch)
        advance(len(batch))


def _together(decision: Decision | InputError) -> Answer:
    if isinstance(decision, InputError):
        return Answer({}, decision.code)
    if decision.is_degraded:
        return Answer({}, decision.failures[0].code)
    return Answer({str(label): score for label, score in decision.scores.items()})


def _alone(decision: Decision | InputError, detector: Detector) -> Answer:
    if isinstance(decision, InputError):
        return Answer({}, decision.code)
    for failure in decision.failures:
        if failure.detector == detector.id:
            return Answer({}, failure.code)
    scores = {str(label): 0.0 for label in detector.labels}
    for signal in decision.signals:
        if signal.detector == detector.id:
            scores[str(signal.label)] = max(scores[str(signal.label)], signal.score)
    return Answer(scores)


def _baseline(texts: Sequence[str]) -> Scored | None:
    score = baseline_scorer()
    if score is None:
        return None
    from importlib.metadata import version

    return Scored(BASELINE, {"version": version(BASELINE)}, [Answer({ANY: float(found)}) for found in score(texts)])
