"""A second look on uncertain scores, from a chat endpoint that the operator runs: the one room that sends texts out.

Nothing here runs unless an endpoint was named. It knows no detector, no store and no door.
"""
