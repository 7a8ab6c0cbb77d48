"""Perspective's attribute names, and the labels of ours that they stand for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from evenhand.core.taxonomy import ATTRIBUTES, Label
from evenhand.detectors.base import Detector

#: The seven attributes of the taxonomy, their experimental twins, and three more that mean what a label of ours means.
#: Others (the bridging attributes and most of the New York Times set) have no honest counterpart.
ATTRIBUTE_LABELS: Final = (
    {label.value: label for label in ATTRIBUTES}
    | {f"{label}_EXPERIMENTAL": label for label in ATTRIBUTES if label is not Label.ATTRIBUTE_SEXUALLY_EXPLICIT}
    | {"TOXICITY_FAST": Label.ATTRIBUTE_TOXICITY, "OBSCENE": Label.ATTRIBUTE_PROFANITY, "SPAM": Label.SPAM}
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that this server can score.

    Args:
        name: As Perspective calls it.
        label: What it stands for.
        detectors: Ids of the detectors that cover the label.
        languages: What these were measured in, as BCP-47 tags; none when one of them does not depend on language.
    """

    name: str
    label: Label
    detectors: frozenset[str]
    languages: frozenset[str] | None

    def supports(self, language: str) -> bool:
        """Tell whether a BCP-47 tag is covered: `en-GB` is English, but `hi-Latn` is not in Hindi's script."""
        if self.languages is None or language in self.languages:
            return True
        base, _, rest = language.partition("-")
        is_other_script = len(rest.partition("-")[0]) == 4  # noqa: PLR2004 -- the length of a script subtag, RFC 5646
        return base.lower() in self.languages and not is_other_script


def served_attributes(detectors: Iterable[Detector]) -> Mapping[str, Attribute]:
    """Return, by name, the attributes whose label one of `detectors` covers."""
    detectors = tuple(detectors)
    attributes = {}
    for name, label in ATTRIBUTE_LABELS.items():
        covering = [detector for detector in detectors if label in detector.labels]
        if covering:
            ids = frozenset(detector.id for detector in covering)
            attributes[name] = Attribute(name, label, ids, _languages(covering))
    return attributes


def _languages(covering: Iterable[Detector]) -> frozenset[str] | None:
    declared = [detector.limits.languages for detector in covering]
    return frozenset(tag for tags in declared for tag in tags) if all(declared) else None
