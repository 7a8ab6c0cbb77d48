"""The engine: texts to detectors to policy. No web, no database."""
