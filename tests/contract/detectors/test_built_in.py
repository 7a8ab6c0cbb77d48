"""Every built-in detector of texts keeps every promise. There is nothing to edit here when one is added."""

from evenhand.core.content import Modality
from evenhand.detectors.registry import declarations
from evenhand.testing import DetectorChecks

globals().update(
    {
        f"Test{declared.__name__}": type(f"Test{declared.__name__}", (DetectorChecks,), {"detector_class": declared})
        for declared in declarations()
        if declared.modality is Modality.TEXT
    }
)
