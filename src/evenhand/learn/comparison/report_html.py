"""The report as one page of HTML: tables, plots and folds; nothing in it comes from elsewhere and nothing runs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import evenhand
from evenhand.learn.comparison.compare import Comparison, Result
from evenhand.learn.comparison.estimates import AUPRC, AUROC, CALIBRATION, DIFFERENCES, Curves
from evenhand.learn.comparison.groups import FALSE_NEGATIVES, FALSE_POSITIVES
from evenhand.learn.comparison.plots import Series, bars, histogram, line_plot
from evenhand.learn.comparison.wording import (
    FIGURE_TITLES,
    GROUP_NOTES,
    GROUP_TITLES,
    LONGEST_EXAMPLE,
    NOTES,
    facts,
    shown,
    shown_difference,
    shown_figure,
    silent,
    troubles,
)

#: Groups in a plot; the table beside it has them all.
_BARS_AT_MOST: Final = 40


def write_html(comparison: Comparison) -> str:
    """Return the page."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("comparison.html").render(
        comparison=comparison,
        version=evenhand.__version__,
        facts=list(facts(comparison)),
        troubles=list(troubles(comparison)),
        figures=FIGURE_TITLES,
        group_figures=GROUP_TITLES,
        notes=(*NOTES, *(GROUP_NOTES if comparison.file.group else ())),
        shown=shown,
        shown_difference=shown_difference,
        shown_figure=shown_figure,
        differences=DIFFERENCES,
        silent=silent,
        plots={label: _plots(label, results) for label, results in comparison.results.items()},
        group_plots={label: _group_plots(label, results) for label, results in comparison.results.items()},
        longest=LONGEST_EXAMPLE,
    )


def _plots(label: str, results: Sequence[Result]) -> list[Markup]:
    drawn = [(result, result.curves) for result in results if result.curves]
    roc = [Series(result.scorer, curves.roc) for result, curves in drawn if curves.roc]
    recall = [Series(result.scorer, _steps(curves)) for result, curves in drawn if curves.precision_recall]
    bins = [Series(result.scorer, _means(curves), curves.reliability) for result, curves in drawn]
    plots = []
    if roc:
        plots.append(
            line_plot(
                f"ROC: {label}",
                _in_words(results, AUROC),
                axes=("false-positive rate", "recall"),
                series=roc,
                has_diagonal=True,
            )
        )
    if recall:
        plots.append(
            line_plot(
                f"Precision and recall: {label}", _in_words(results, AUPRC), axes=("recall", "precision"), series=recall
            )
        )
    if bins:
        plots.append(
            line_plot(
                f"Reliability: {label}",
                _in_words(results, CALIBRATION),
                axes=("mean score of the bin", "share that is positive"),
                series=bins,
                has_diagonal=True,
            )
        )
    return [*plots, *_histograms(label, drawn)]


def _steps(curves: Curves) -> list[tuple[float, float]]:
    """Return the curve as steps: between two points no threshold lies, and a slanted line would promise too much."""
    points, before = [], 0.0
    for recall, precision in curves.precision_recall:
        points += [(before, precision), (recall, precision)]
        before = recall
    return points


def _means(curves: Curves) -> list[tuple[float, float]]:
    return [(found.mean_score, found.share) for found in curves.reliability]


def _in_words(results: Sequence[Result], figure: str) -> str:
    return f"{FIGURE_TITLES[figure]}. " + " ".join(
        f"{result.scorer}: {shown(result.estimates[figure])}." for result in results
    )


def _histograms(label: str, drawn: Sequence[tuple[Result, Curves]]) -> Iterator[Markup]:
    for result, curves in drawn:
        low, high = (f"{sum(shares[10:]):.0%}" for shares in (curves.negative, curves.positive))
        yield histogram(
            f"Scores of {result.scorer}: {label}",
            f"At or above 0.5 are {high} of the positive rows and {low} of the negative ones.",
            shares=(("negative rows", curves.negative), ("positive rows", curves.positive)),
        )


def _group_plots(label: str, results: Sequence[Result]) -> dict[str, list[Markup]]:
    """Return for each scorer with groups the plots of its errors by group."""
    return {
        result.scorer: [
            bars(
                f"{GROUP_TITLES[figure].capitalize()} by group: {label}, {result.scorer}",
                " ".join(f"{name}: {shown(own.estimates[figure])}." for name, own in result.groups.items()),
                axis=f"{GROUP_TITLES[figure]}, with its interval",
                rows=[(name, own.estimates[figure]) for name, own in list(result.groups.items())[:_BARS_AT_MOST]],
            )
            for figure in (FALSE_POSITIVES, FALSE_NEGATIVES)
        ]
        for result in results
        if result.groups
    }
