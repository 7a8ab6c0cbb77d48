"""Detectors: one file each, batch first, ignorant of each other, of policies and of storage."""
