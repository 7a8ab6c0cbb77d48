"""Compare scorers on a labelled file of the user's own: read it, ask each scorer, measure, and write the report.

It decides nothing about anybody: a group here is a value of a column that the file's owner wrote.
"""
