"""What the figures are called in both reports, and how they are written out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from evenhand.learn.comparison.compare import Comparison, Result
from evenhand.learn.comparison.estimates import (
    AUPRC,
    AUROC,
    BEST_F1,
    CALIBRATION,
    F1,
    PRECISION,
    RECALL,
    RECALL_AT_1,
    RECALL_AT_5,
    Estimate,
)
from evenhand.learn.comparison.groups import (
    BNSP,
    BPSN,
    FALSE_NEGATIVES,
    FALSE_POSITIVES,
    LEAST_ROWS,
    SUBGROUP,
)
from evenhand.learn.measures import RESAMPLES

FIGURE_TITLES: Final[Mapping[str, str]] = {
    AUROC: "AUROC",
    AUPRC: "AUPRC",
    F1: "F1 at the threshold",
    PRECISION: "precision at the threshold",
    RECALL: "recall at the threshold",
    FALSE_POSITIVES: "false-positive rate at the threshold",
    RECALL_AT_1: "recall at 1 % false positives",
    RECALL_AT_5: "recall at 5 % false positives",
    BEST_F1: "best F1, threshold chosen on the same rows",
    CALIBRATION: "calibration error",
}
GROUP_TITLES: Final[Mapping[str, str]] = {
    FALSE_POSITIVES: "false-positive rate",
    FALSE_NEGATIVES: "false-negative rate",
    SUBGROUP: "subgroup AUC",
    BPSN: "BPSN AUC",
    BNSP: "BNSP AUC",
}
NOTES: Final = (
    f"In brackets: 95 % bootstrap intervals over {RESAMPLES} resamples of the rows.",
    "A rate of 0 or 1 has an interval without width; with n rows of the kind, it may still be off by 3/n.",
    "AUROC and AUPRC (average precision) look at the order of the scores alone.",
    "Recall at 1 % and 5 % false positives: at the best threshold that wrongly flags no more of the negative rows.",
    "Best F1 is too good, because its threshold was chosen on the same rows; compare scorers by the others.",
    "Calibration error: from score to share of positives, over ten equal bins of the score (Naeini et al. 2015).",
    "A lower calibration error is better, and small files look worse than they are.",
    "A difference is real where its interval does not hold 0; both scorers are measured on the same resamples.",
    "any: the highest score for any label that a scorer gives, against a positive truth for any label of the file.",
)
GROUP_NOTES: Final = (
    "Groups are the values of a column of the file; nothing was found out about anybody.",
    "BPSN AUC: how often a harmless row of the group is below a harmful row of others (Borkan et al. 2019).",
    "BNSP AUC: how often a harmful row of the group is above a harmless row of others.",
    f"Largest gap: between the highest and the lowest group with at least {LEAST_ROWS} rows of the kind.",
    "A largest gap grows with the number of groups and with small ones, so look at its interval.",
)


#: Characters of a text that are shown as an example.
LONGEST_EXAMPLE: Final = 400


def shown(estimate: Estimate) -> str:
    """Return `0.931 (0.915 to 0.946)`, or `n/a` with the reason."""
    if estimate.value is None:
        return f"n/a: {estimate.reason}"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def shown_difference(estimate: Estimate) -> str:
    """Return `+0.021 (-0.004 to +0.046)`, or `n/a` with the reason."""
    if estimate.value is None:
        return f"n/a: {estimate.reason}"
    return f"{estimate.value:+.3f} ({estimate.low:+.3f} to {estimate.high:+.3f})"


def shown_figure(result: Result, name: str) -> str:
    """Return a figure of a result; the best F1 with its threshold."""
    estimate = result.estimates[name]
    if name == BEST_F1 and estimate.value is not None:
        return f"{shown(estimate)} at {result.best_threshold:.3f}"
    return shown(estimate)


def silent(results: Sequence[Result]) -> str:
    """Return a sentence that names the scorers without a score for a label; empty when every one has some."""
    names = [result.scorer for result in results if not result.rows and result.unanswered]
    return f"No scores from {', '.join(names)}." if names else ""


def facts(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield what the figures rest on, as pairs of name and value."""
    file = comparison.file
    yield "File", f"{file.name}, SHA-256 {file.sha256}"
    yield "Rows", f"{len(file.rows)} read, {len(file.unread)} that could not be read"
    yield "Columns", ", ".join(f"{column} as {label}" for label, column in file.columns.items())
    if file.group:
        yield "Groups", f"column {file.group}"
    yield "Threshold", f"{comparison.threshold:g}"
    for scorer in comparison.scorers:
        about = "; ".join(f"{name}: {_about(value)}" for name, value in scorer.about.items())
        yield scorer.name, f"{about}; {len(scorer.labels)} labels"


def _about(value: object) -> str:
    return ", ".join(f"{name} {version}" for name, version in value.items()) if isinstance(value, dict) else str(value)


def troubles(comparison: Comparison, *, at_most: int = 20) -> Iterator[str]:
    """Yield a sentence for each row that could not be read and for each kind of missing answer."""
    unread = comparison.file.unread
    for row in unread[:at_most]:
        yield f"Line {row.line} was left out: {row.message} [{row.code}]"
    if len(unread) > at_most:
        yield f"{len(unread) - at_most} more rows could not be read; `--json` names them all."
    for scorer in comparison.scorers:
        for code, lines in scorer.unanswered.items():
            named = ", ".join(map(str, lines[:at_most])) + (" ..." if len(lines) > at_most else "")
            yield f"{scorer.name} gave no answer to {len(lines)} rows [{code}]: lines {named}"
