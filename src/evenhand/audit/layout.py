"""Answers as tables of templates and groups, from which every measure is a ratio of sums."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from evenhand.audit.answers import ACTIONS, Answers, BoolArray, Column, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows of one kind that were answered, with their places.

    Args:
        template: The template of each row, 0 up to `templates`.
        group: Its group, 0 up to `groups`.
        action: Its place in `ACTIONS`.
        score: 0..1, NaN where there is none.
        templates: How many templates there are.
        groups: How many groups there are; a place without rows is one that has none of this kind.
    """

    template: IntArray
    group: IntArray
    action: IntArray
    score: FloatArray
    templates: int
    groups: int

    @classmethod
    def of(cls, answers: Answers, rows: BoolArray) -> Self:
        """Return the answered ones of some rows; groups keep their places, templates are counted anew."""
        told = rows & ~answers.failed
        templates, template = np.unique(answers.template.codes[told], return_inverse=True)
        return cls(
            template.astype(np.int64),
            answers.group.codes[told],
            answers.action[told],
            answers.score[told],
            len(templates),
            len(answers.group),
        )

    def table(self, values: FloatArray | BoolArray) -> FloatArray:
        """Return the sums of `values` by template (lines) and group."""
        place = self.template * self.groups + self.group
        sums = np.bincount(place, np.asarray(values, np.float64), minlength=self.templates * self.groups)
        return sums.astype(np.float64).reshape(self.templates, self.groups)

    @property
    def rows(self) -> FloatArray:
        """How many rows there are, by template and group."""
        return self.table(np.ones(len(self.template)))

    def others(self, table: FloatArray) -> FloatArray:
        """Return for each row the sum of its template over all other groups."""
        return np.asarray(table.sum(axis=1)[self.template] - table[self.template, self.group])

    def flips(self) -> tuple[FloatArray, FloatArray]:
        """Return for each row how many sentences with another group were treated otherwise, and how many there are."""
        pairs = self.others(self.rows)
        alike = np.zeros(len(self.template))
        for action in range(len(ACTIONS)):
            same = self.action == action
            alike[same] = self.others(self.table(same))[same]
        return pairs - alike, pairs

    def differences(self, values: FloatArray | BoolArray) -> tuple[FloatArray, FloatArray]:
        """Return by template and group how far the rows are from their template's mean over the other groups.

        The sum of the distances, and of how many rows; rows without a value or without others do not count.
        """
        numbers = np.asarray(values, np.float64)
        told = ~np.isnan(numbers)
        numbers = np.where(told, numbers, 0.0)
        of = self.others(self.table(told))
        told &= of > 0
        mean = self.others(self.table(numbers)) / np.maximum(of, 1)
        return self.table(np.where(told, numbers - mean, 0.0)), self.table(told)


def by_template(answers: Answers, rows: BoolArray, column: Column, values: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return by template and name of `column` how many answered rows are so, and how many there are."""
    told = rows & ~answers.failed
    templates, template = np.unique(answers.template.codes[told], return_inverse=True)
    place, cells = template * len(column) + column.codes[told], len(templates) * len(column)
    counted = np.bincount(place, values[told], minlength=cells).astype(np.float64)
    of = np.bincount(place, minlength=cells).astype(np.float64)
    return counted.reshape(-1, len(column)), of.reshape(-1, len(column))
