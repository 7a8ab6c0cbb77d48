"""Policies: what to do about signals. Data in, verdict out; no models, no storage, no I/O but reading the file."""
