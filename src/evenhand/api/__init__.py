"""The HTTP doors.

Each dialect only translates: a request to contents, decisions to its own words, errors to its own shape.
"""
