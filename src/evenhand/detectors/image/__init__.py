"""Detectors of images, and readers of the words in them: one file each."""
