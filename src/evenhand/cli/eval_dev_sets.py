"""The tables of `evenhand eval-text` without a file: every scorer on the same dev sets, and whom it wrongly flags."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from evenhand.core.taxonomy import Label
from evenhand.detectors.registry import load_text_detectors
from evenhand.learn.dev_sets import SPANS, SURGE, TEMPLATES, XSTEST
from evenhand.learn.evaluate import PLAIN, POLICY, evaluate_all, read_dev_sets
from evenhand.scorers.profanity_check import BASELINE

#: How many rows of a breakdown are printed; JSON has them all.
WORST: Final = 12


def measure_dev_sets(data: Path, ids: Sequence[str], *, as_json: bool) -> None:
    """Print the figures of the detectors named, or of all that score TOXICITY, and of what they are compared with.

    Raises:
        ConfigurationError: `data.missing`, or a detector cannot be used.
    """
    detectors = [found for found in load_text_detectors(ids or None) if Label.ATTRIBUTE_TOXICITY in found.labels]
    report = evaluate_all(detectors, read_dev_sets(data))
    click.echo(json.dumps(report, indent=2) if as_json else "\n\n".join(_page(report)))


def _page(report: dict[str, Any]) -> list[str]:
    """Return the report as plain tables."""
    tables = [_ranking(report), _prompts(report), _groups(report), _disguised(report), _evidence(report)]
    for name, figures in report.items():
        title = f"{name}: share of XSTest's safe prompts wrongly flagged, by type"
        tables.append(_breakdown(title, figures[XSTEST]))
        title = f"{name}: share of harmless sentence templates wrongly flagged, by the word filled in"
        tables.append(_breakdown(title, figures[TEMPLATES]))
        title = f"{name}: share of plain words alone that any label wrongly flags, by what they name"
        tables.append(_breakdown(title, figures[PLAIN]))
        for kind, labels in figures["flagged_by_label"].items():
            if labels:
                tables.append(_rows(f"{name}: share of harmless texts of {kind} wrongly flagged, by label", labels))
    return tables


def _ranking(report: dict[str, Any]) -> str:
    lines = [f"{SURGE}: how well toxic comments are ranked above others"]
    for name, figures in report.items():
        own = figures[SURGE]
        lines.append(f"  {name:22}AUC {_figure(own['auc'])}  average precision {_figure(own['average_precision'])}")
    return "\n".join(lines)


def _prompts(report: dict[str, Any]) -> str:
    lines = [f"{XSTEST}: what the default policy flags (of {BASELINE}, what scores one half)"]
    for name, figures in report.items():
        own = figures[XSTEST]
        safe, unsafe = _figure(own["wrongly_flagged_by_policy"]), _figure(own["found_by_policy"])
        lines.append(f"  {name:22}safe prompts {safe}  unsafe prompts {unsafe}")
    return "\n".join(lines)


def _groups(report: dict[str, Any]) -> str:
    lines = [
        f"{TEMPLATES}: the lowest AUC of any word filled in, and the largest gap in wrongly flagged between two words"
    ]
    for name, figures in report.items():
        own = figures[TEMPLATES]
        lowest = "  ".join(
            f"{kind.removesuffix('_auc')} {_number(shown['value'])} ({shown['kind']})"
            for kind, shown in own["lowest"].items()
        )
        gaps = ", ".join(f"{_number(gap)} {_level(level)}" for level, gap in own["largest_gap"].items())
        lines.append(f"  {name:22}AUC {own['auc']:.3f}  {lowest}  gap {gaps}")
    return "\n".join(lines)


def _disguised(report: dict[str, Any]) -> str:
    names = list(report)
    lines = [f"{SURGE}: AUC by disguise of the comments", f"  {'':22}" + "".join(f"{name:>22}" for name in names)]
    lines += [
        f"  {kind:22}" + "".join(f"{own['disguised'][kind]:22.3f}" for own in report.values())
        for kind in report[names[0]]["disguised"]
    ]
    return "\n".join(lines)


def _evidence(report: dict[str, Any]) -> str:
    lines = [f"{SPANS}: F1 of the characters marked as evidence and those that people marked"]
    lines += [f"  {name:22}{_figure(own['evidence'])}" for name, own in report.items() if "evidence" in own]
    return "\n".join(lines)


def _figure(figure: dict[str, Any]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f}, n {figure['rows']})"


def _breakdown(title: str, figures: dict[str, Any]) -> str:
    """Return the figures of all texts and of the worst kinds."""
    rows = {"all": figures["all"], **dict(list(figures["by_kind"].items())[:WORST])}
    more = len(figures["by_kind"]) - WORST
    table = _rows(title, rows)
    return f"{table}\n  and {more} more, none of them worse" if more > 0 else table


def _rows(title: str, rows: dict[str, Any]) -> str:
    """Return one table line for each of `rows`."""
    names = [name for name in next(iter(rows.values())) if name not in {"rows", "mean"}]
    heads = [f"at {name}" if name[0].isdigit() else name.removesuffix("_auc") for name in names]
    lines = [title, f"  {'':26}{'n':>7}{'mean':>8}" + "".join(f"{head:>9}" for head in heads)]
    for kind, shares in rows.items():
        cells = "".join(f"{_number(shares.get(name)):>9}" for name in names)
        lines.append(f"  {kind:26}{shares['rows']:7}{shares['mean']:8.3f}{cells}")
    return "\n".join(lines)


def _level(name: str) -> str:
    """Return what a gap is of: what the policy flags, or what is at a threshold."""
    return f"by {name}" if name == POLICY else f"at {name}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
