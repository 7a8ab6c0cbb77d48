"""Whole files: read, screened in batches, written so that an interrupted run goes on where it stopped."""
