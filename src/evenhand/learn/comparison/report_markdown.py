"""The report as Markdown that can also be read as it stands."""

from collections.abc import Iterator, Sequence

from evenhand.learn.comparison.compare import Comparison, Example, Result
from evenhand.learn.comparison.estimates import DIFFERENCES
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


def write_markdown(comparison: Comparison, *, is_whole: bool = True) -> str:
    """Return the report; not whole, it is without the figures of each group and without examples."""
    parts = [
        [f"# Scores on {_plain(comparison.file.name)}"],
        _list(f"{name}: {value}" for name, value in facts(comparison)),
    ]
    if found := list(troubles(comparison)):
        parts += [["## Left out"], _list(found)]
    for label, results in comparison.results.items():
        parts += _label(label, results, is_whole=is_whole)
    parts += [["## How to read it"], _list((*NOTES, *(GROUP_NOTES if comparison.file.group else ())))]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _label(label: str, results: Sequence[Result], *, is_whole: bool) -> Iterator[list[str]]:
    yield [f"## {label}"]
    if sentence := silent(results):
        yield [sentence]
    first, results = results[0].scorer, [result for result in results if result.rows]
    if not results:
        return
    rows = [
        ["rows", *(f"{result.rows}, {result.positives} positive" for result in results)],
        *([title, *(shown_figure(result, name) for result in results)] for name, title in FIGURE_TITLES.items()),
    ]
    yield _table(["", *(result.scorer for result in results)], rows)
    compared = [result for result in results if result.differences]
    if compared:
        yield [f"Difference from {_plain(first)}, on the rows that both answered:"]
        yield _table(
            ["", *(result.scorer for result in compared)],
            [
                [FIGURE_TITLES[name], *(shown_difference(result.differences[name]) for result in compared)]
                for name in DIFFERENCES
            ],
        )
    grouped = [result for result in results if result.groups]
    if grouped:
        yield ["Largest gap between two groups:"]
        yield _table(
            ["", *(result.scorer for result in grouped)],
            [[title, *(shown(result.gaps[name]) for result in grouped)] for name, title in GROUP_TITLES.items()],
        )
    for result in grouped if is_whole else ():
        yield [f"### {label} by group: {_plain(result.scorer)}"]
        yield _table(
            ["group", "rows", "positive", *GROUP_TITLES.values()],
            [
                [name, str(own.rows), str(own.positives), *(shown(own.estimates[figure]) for figure in GROUP_TITLES)]
                for name, own in result.groups.items()
            ],
        )
    for result in results if is_whole else ():
        yield from _examples(f"{label}, {result.scorer}: wrongly flagged", result.wrongly_flagged)
        yield from _examples(f"{label}, {result.scorer}: missed", result.missed)


def _examples(title: str, examples: Sequence[Example]) -> Iterator[list[str]]:
    """Yield a fold with what users wrote, which nobody has to see unasked."""
    if examples:
        rows = [[str(example.line), f"{example.score:.3f}", example.text[:LONGEST_EXAMPLE]] for example in examples]
        yield [f"<details><summary>{_plain(title)}</summary>"]
        yield _table(["line", "score", "text"], rows)
        yield ["</details>"]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table whose columns are as wide as their widest cell."""
    cells = [[_plain(cell) for cell in row] for row in (header, *rows)]
    widths = [max(3, *(len(row[place]) for row in cells)) for place in range(len(header))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    return [lines[0], "| " + " | ".join("-" * width for width in widths) + " |", *lines[1:]]


def _list(items: "Iterator[str] | Sequence[str]") -> list[str]:
    return [f"- {_plain(item)}" for item in items]


def _plain(text: str) -> str:
    """Return `text` on one line, without what would end a cell or begin a tag."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
