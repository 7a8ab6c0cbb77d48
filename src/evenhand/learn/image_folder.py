"""Measure the detectors of images on a folder of labelled ones: a folder for each label, and `harmless` beside them.

`FOLDER/violence/graphic/1.jpg` shows graphic violence, `FOLDER/harmless/2.jpg` nothing of the kind.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from evenhand.core.decision import Action, Decision
from evenhand.core.errors import ConfigurationError, InputError
from evenhand.core.taxonomy import Label
from evenhand.learn.measures import area_under_curve, average_precision, mean, measure

HARMLESS: Final = "harmless"
THRESHOLDS: Final = (0.5, 0.7, 0.9)


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One file with what people found in it.

    Args:
        path: The file.
        label: What it shows; nothing for a harmless one.
    """

    path: Path
    label: Label | None


def label_images(folder: Path, paths: Iterable[Path]) -> list[LabelledImage]:
    """Return the images at `paths`, all of them in `folder`, with the labels that their folders name.

    Raises:
        ConfigurationError: `folder.label` or `folder.empty`.
    """
    found = [LabelledImage(path, _label_of(path.relative_to(folder).parent)) for path in paths]
    if not found:
        raise ConfigurationError(
            "folder.empty",
            f"There is no image in {folder}.",
            field="folder",
            remedy="See `evenhand eval-image --help`.",
        )
    return found


def _label_of(folder: Path) -> Label | None:
    if folder.as_posix() == HARMLESS:
        return None
    try:
        return Label(folder.as_posix())
    except ValueError:
        raise ConfigurationError(
            "folder.label",
            f"The folder {folder} is named after no label.",
            field="folder",
            remedy=f"Name it {HARMLESS}, or as `evenhand taxonomy` names what its images show.",
        ) from None


def evaluate_images(
    answers: Iterable[tuple[LabelledImage, Decision | InputError]], versions: Mapping[str, str]
) -> dict[str, Any]:
    """Return the figures of decisions on labelled images, ready for JSON.

    An image that could not be screened is counted by its error and enters no other figure.

    Args:
        answers: Each image with the decision on it, or why there is none.
        versions: Version of everything that scored, by id.
    """
    screened: list[tuple[LabelledImage, Decision]] = []
    errors: Counter[str] = Counter()
    for image, answer in answers:
        if isinstance(answer, Decision):
            screened.append((image, answer))
        else:
            errors[answer.code] += 1
    labels = [label for label in Label if any(image.label is label for image, _ in screened)]
    return {
        "images": len(screened) + errors.total(),
        "not_screened": dict(errors),
        "detectors": dict(versions),
        "labels": {str(label): _ranking(label, screened) for label in labels},
        "folders": {
            str(label or HARMLESS): _actions([decision for image, decision in screened if image.label is label])
            for label in (None, *labels)
            if any(image.label is label for image, _ in screened)
        },
    }


def _ranking(label: Label, screened: Sequence[tuple[LabelledImage, Decision]]) -> dict[str, Any]:
    """Return how well the score for `label` tells its images from all others."""
    truths = np.array([image.label is label for image, _ in screened])
    scores = np.array([decision.scores.get(label, 0.0) for _, decision in screened])
    shares = {str(least): mean(scores[truths] >= least).as_json() for least in THRESHOLDS}
    ranked = {}
    if not truths.all():
        ranked = {
            "auc": measure(area_under_curve, truths, scores).as_json(),
            "average_precision": measure(average_precision, truths, scores).as_json(),
            "wrongly_found": {str(least): mean(scores[~truths] >= least).as_json() for least in THRESHOLDS},
        }
    return {**ranked, "found": shares}


def _actions(decisions: Sequence[Decision]) -> dict[str, Any]:
    """Return what the policy does with the images of one folder, and which labels make it do so."""
    flagged = np.array([decision.action is not Action.ALLOW for decision in decisions])
    because = Counter(str(hit.label) for decision in decisions for hit in decision.verdict.rules if hit.label)
    return {
        "flagged": mean(flagged).as_json(),
        "blocked": sum(decision.action is Action.BLOCK for decision in decisions),
        "because": dict(because.most_common()),
        "scores": _highest(decisions),
    }


def _highest(decisions: Sequence[Decision]) -> dict[str, Any]:
    """Return mean and highest score of each label on the images of one folder, highest first."""
    labels = {label for decision in decisions for label in decision.scores}
    scores = {label: np.array([decision.scores.get(label, 0.0) for decision in decisions]) for label in labels}
    ranked = sorted(scores.items(), key=lambda item: (-item[1].max(), item[0]))
    return {
        str(label): {"mean": round(float(values.mean()), 4), "highest": round(float(values.max()), 4)}
        for label, values in ranked
    }
