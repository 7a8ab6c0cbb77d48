"""Turn the signs that a rule finds in a text into signals: what is found, where, and how the scores join.

It knows no sign itself; each detector brings a table of its own. Signs only ever add up: nothing lowers a score.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evenhand.core.signal import Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Detector

#: What any number of signs comes close to but never passes; below every block threshold of the default policy.
CEILING: Final = 0.95
#: How much of its own score a sign brings when it is found again, and how often that counts.
FURTHER: Final = 0.25
MOST_FURTHER: Final = 4
MAX_EVIDENCE: Final = 32


@dataclass(frozen=True, slots=True)
class Sign:
    """What a detector looks for.

    Args:
        meaning: What it is, for the documentation.
        scores: What it gives when it is the only one, by label.
    """

    meaning: str
    scores: Mapping[Label, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """The sign named `sign` at `begin:end` of the original text."""

    begin: int
    end: int
    sign: str


def join(found: Iterable[str], signs: Mapping[str, Sign], label: Label) -> float:
    """Return the score for `label` of the signs named in `found`.

    Each sign closes its share of the gap to `CEILING`; one found again closes a smaller share, `MOST_FURTHER` times. So
    one finding more never lowers the score, a lone sign gives its own, and their order does not matter.
    """
    gap = 1.0
    for sign, count in sorted(Counter(found).items()):
        share = signs[sign].scores.get(label, 0.0) / CEILING
        gap *= (1 - share) * (1 - FURTHER * share) ** min(count - 1, MOST_FURTHER)
    return CEILING * (1 - gap)


def signals_of(detector: Detector, findings: Sequence[Finding], signs: Mapping[str, Sign]) -> tuple[Signal, ...]:
    """Return the signals of one text: for each label that something was found for, its score and where."""
    if not findings:
        return ()
    labels = sorted({label for finding in findings for label in signs[finding.sign].scores})
    names = [finding.sign for finding in findings]
    return tuple(
        Signal(
            detector.id, detector.version, label, join(names, signs, label), _evidence(detector, findings, signs, label)
        )
        for label in labels
    )


def _evidence(
    detector: Detector, findings: Iterable[Finding], signs: Mapping[str, Sign], label: Label
) -> tuple[Evidence, ...]:
    """Return where the findings for `label` are, strongest first; the weights of all add up to 1."""
    scored = [(signs[finding.sign].scores.get(label, 0.0), finding) for finding in findings]
    whole = sum(score for score, _ in scored)
    strongest = sorted(
        ((score, finding) for score, finding in scored if score),
        key=lambda pair: (-pair[0], pair[1].begin, pair[1].end, pair[1].sign),
    )
    name = detector.id.rpartition(".")[2]
    return tuple(
        Evidence(finding.begin, finding.end, weight=score / whole, source=f"{name}:{finding.sign}")
        for score, finding in strongest[:MAX_EVIDENCE]
    )
