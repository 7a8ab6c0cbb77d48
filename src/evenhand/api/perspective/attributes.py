"""Perspective's attribute names, and the labels of ours that they stand for."""

from collections.abc import Iterable
from typing import Final

from evenhand.core.taxonomy import ATTRIBUTES, Label
from evenhand.detectors.base import Detector

#: The seven attributes of the taxonomy, their experimental twins, and two more that mean what a label of ours means.
#: Others (the bridging attributes and most of the New York Times set) have no honest counterpart.
ATTRIBUTE_LABELS: Final = (
    {label.value: label for label in ATTRIBUTES}
    | {f"{label}_EXPERIMENTAL": label for label in ATTRIBUTES if label is not Label.ATTRIBUTE_SEXUALLY_EXPLICIT}
    | {"OBSCENE": Label.ATTRIBUTE_PROFANITY, "SPAM": Label.SPAM}
)


def supported_languages(label: Label, detectors: Iterable[Detector]) -> frozenset[str] | None:
    """Return the languages that `label` was measured in, or nothing when no detector that covers it depends on one."""
    covering = [detector for detector in detectors if label in detector.labels]
    if not all(detector.limits.languages for detector in covering):
        return None
    return frozenset(language for detector in covering for language in detector.limits.languages)


def is_supported(language: str, supported: frozenset[str] | None) -> bool:
    """Tell whether a BCP-47 tag is among `supported`: `en-GB` is English, but `hi-Latn` is not Hindi's script."""
    if supported is None or language in supported:
        return True
    base, _, rest = language.partition("-")
    is_other_script = len(rest.partition("-")[0]) == 4  # noqa: PLR2004 -- the length of a script subtag, RFC 5646
    return base.lower() in supported and not is_other_script
