"""The nouns of evenhand: content, signal, decision, label. Frozen dataclasses on the standard library, no I/O."""
