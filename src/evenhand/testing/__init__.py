"""What writers of plugins test with: published, stable, and used by evenhand's own tests in the same way."""

from evenhand.testing.detector_checks import DetectorChecks

__all__ = ["DetectorChecks"]
