"""What writers of plugins test with: published, stable, and used by evenhand's own tests in the same way."""

from evenhand.testing.detector_checks import DetectorChecks
from evenhand.testing.image_checks import ImageDetectorChecks

__all__ = ["DetectorChecks", "ImageDetectorChecks"]
