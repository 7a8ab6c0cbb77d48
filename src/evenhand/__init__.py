"""evenhand: content safety that runs on a CPU, judges conduct and treats everyone alike."""

__version__ = "0.1.0"
