"""The Perspective API (Comment Analyzer v1alpha1), so that its clients need a new address and nothing else."""
