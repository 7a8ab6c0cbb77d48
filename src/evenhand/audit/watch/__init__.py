"""Vendor watch: which parts of an API document would tell who people are. It reads documents, never people."""
