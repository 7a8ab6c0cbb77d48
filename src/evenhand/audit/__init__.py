"""Ask a moderation service about sentences that differ in the group of people alone; measure if it answers alike.

This is the only room that names groups of people. They stand in sentences that somebody else is asked about: nothing
here is ever a label, a detector, a policy or a property of anybody.
"""
