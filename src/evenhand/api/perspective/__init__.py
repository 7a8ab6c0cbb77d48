"""The Perspective dialect."""
