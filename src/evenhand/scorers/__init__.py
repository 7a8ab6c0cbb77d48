"""Ask for scores: detectors on this machine, a known small model, and servers that the user named.

It knows nothing of what the texts are for; comparing and auditing stand on it.
"""
