"""What comes of a training, beside the model."""

from dataclasses import dataclass

from evenhand.detectors.encoder import Description
from evenhand.learn.measures import Figure


@dataclass(frozen=True, slots=True)
class HeldOut:
    """How one head does on held-out rows.

    Args:
        head: The head.
        source: The data set that the rows are from; empty for all together.
        auc: Area under the ROC curve.
        precision: Average precision.
    """

    head: str
    source: str
    auc: Figure
    precision: Figure


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a training.

    Args:
        description: The model's heads and calibration.
        rows: Rows used, by source.
        held_out: Figures on held-out rows.
    """

    description: Description
    rows: dict[str, int]
    held_out: tuple[HeldOut, ...]
