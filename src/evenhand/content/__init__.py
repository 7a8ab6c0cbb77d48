"""From what a caller sent to what a detector reads: size guards, decoding, cleaning, language."""
