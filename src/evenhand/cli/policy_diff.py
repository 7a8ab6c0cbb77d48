"""`evenhand policy diff`: what another policy would have decided."""

import contextlib
import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from evenhand.cli.options import (
    data_folder_option,
    json_option,
    opened_store,
    read_time,
    setting_option,
    settings_from,
)

if TYPE_CHECKING:
    from evenhand.bulk.backtest import Difference, Move, Moved
    from evenhand.bulk.file_backtest import GroupMoved
    from evenhand.service.screener import Screener
    from evenhand.store.store import Store

#: Seconds that a reviewer takes for a case, as long as nobody has ruled on one.
SECONDS_PER_CASE: Final = 30.0
#: Characters of a text that are shown.
_SHOWN: Final = 200
_UNNAMED: Final = "(none)"
_SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of it.

    Args:
        names: Of both policies, with their versions.
        difference: What they make of the same signals.
        groups: By group, where a file has a column for that.
        texts: Of the examples, by name; empty: they are not shown.
        seconds_per_case: What a case costs a reviewer.
    """

    names: tuple[str, str]
    difference: "Difference"
    groups: "Mapping[str, GroupMoved]"
    texts: Mapping[str, str]
    seconds_per_case: float


@click.command("diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--on", default="stored", show_default=True, metavar="stored|FILE", help="What is judged by both.")
@click.option(
    "--since", callback=read_time, help="Decisions from this time on: 2026-11-23T12:00 (UTC), or 7d for so long ago."
)
@click.option("--text-field", default="text", show_default=True, help="The field of FILE with the text.")
@click.option("--group-field", default="", help="The field of FILE with a group to compare; by default none.")
@click.option(
    "--seconds-per-case",
    type=click.FloatRange(0, min_open=True),
    help="What a case costs a reviewer; by default the median of those that were ruled on, or 30.",
)
@click.option("--show-texts", is_flag=True, help="Show the texts of the examples, where they are kept; it is audited.")
@click.option("--processes", type=click.IntRange(1), help="How many judge at once; by default one for each core.")
@data_folder_option
@setting_option
@json_option
def command(
    *,
    before: str,
    after: str,
    on: str,
    since: datetime | None,
    text_field: str,
    group_field: str,
    seconds_per_case: float | None,
    show_texts: bool,
    processes: int | None,
    data_folder: str | None,
    setting: tuple[tuple[str, str], ...],
    as_json: bool,
) -> None:
    """Show what policy B would decide otherwise than policy A, and what that costs reviewers.

    A and B are files, versions, or names, which mean the newest stored version. What is judged are the signals of
    stored decisions, or the texts of a file, which are screened first.

    \b
    Examples:
      evenhand policy diff default mine.yaml --since 7d
      evenhand policy diff 0123456789ab mine.yaml --on comments.csv --text-field body
    """  # noqa: D301 -- click wants this backslash
    path = None if on == "stored" else Path(on)
    if path and since:
        raise click.UsageError("--since is about stored decisions, not about a file.")
    settings = settings_from(setting, data_folder=data_folder)
    with contextlib.ExitStack() as closing:
        is_stored = path is None or not (_is_file(before) and _is_file(after))
        store = closing.enter_context(opened_store(settings)) if is_stored else None
        sources = _source(before, store), _source(after, store)
        seconds = seconds_per_case or (store and store.numbers.median_seconds()) or SECONDS_PER_CASE
        if path is None:
            answer = _on_stored(store, settings.store_url, sources, since=since, processes=processes, show=show_texts)
        else:
            screener = closing.enter_context(_screener(setting, data_folder))
            answer = _on_file(path, screener, sources, text_field=text_field, group_field=group_field, show=show_texts)
    answer = dataclasses.replace(answer, seconds_per_case=seconds)
    click.echo(json.dumps(_facts(answer), indent=2) if as_json else _in_words(answer))


def _is_file(name: str) -> bool:
    return name.endswith(_SUFFIXES) or Path(name).is_file()


def _source(name: str, store: "Store | None") -> str:
    """Return the policy in a file, or else the stored one of this version or name, in YAML."""
    from evenhand.policy.load import load_policy

    if store is None or _is_file(name):
        return load_policy(Path(name)).source
    return store.policies.find(name).source


def _screener(setting: tuple[tuple[str, str], ...], data_folder: str | None) -> "Screener":
    from evenhand.cli.screen import make_screener

    return make_screener(
        setting, policy=None, detectors=None, precise_words=False, data_folder=data_folder, is_for_images=False
    )


def _on_stored(
    store: Any,
    url: str,
    sources: tuple[str, str],
    *,
    since: datetime | None,
    processes: int | None,
    show: bool,
) -> _Answer:
    from evenhand.bulk.backtest import backtest

    with _bar() as bar:
        difference = backtest(url, *sources, since=since, processes=processes, advance=bar)
    names = [name for names in difference.examples.values() for name in names] if show else []
    texts = store.signal_sets.view(names, now=datetime.now(UTC), what_for="policy diff")
    return _Answer(_names(sources), difference, {}, texts, SECONDS_PER_CASE)


def _on_file(
    path: Path, screener: "Screener", sources: tuple[str, str], *, text_field: str, group_field: str, show: bool
) -> _Answer:
    from evenhand.bulk.file_backtest import backtest_file, texts_of
    from evenhand.policy.load import parse_policy

    before, after = map(parse_policy, sources)
    with _bar() as bar:
        found = backtest_file(
            path, screener.engine, before, after, text_field=text_field, group_field=group_field, advance=bar
        )
    numbers = [int(name) for names in found.difference.examples.values() for name in names] if show else []
    texts = {str(number): text for number, text in texts_of(path, numbers, text_field=text_field).items()}
    return _Answer(_names(sources), found.difference, found.groups, texts, SECONDS_PER_CASE)


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[int], object]]:
    """Give what is told how many more were judged; it says so where somebody watches."""
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if sys.stderr.isatty():
            click.echo(f"\r{done} judged", nl=False, err=True)

    yield advance
    if sys.stderr.isatty():
        click.echo(err=True)


def _names(sources: tuple[str, str]) -> tuple[str, str]:
    from evenhand.policy.load import parse_policy

    before, after = (parse_policy(source).version for source in sources)
    return f"{before.name} {before.version}", f"{after.name} {after.version}"


def _hours(answer: _Answer) -> tuple[float, float]:
    before, after = (count * answer.seconds_per_case / 3_600 for count in answer.difference.reviews())
    return before, after


def _facts(answer: _Answer) -> dict[str, Any]:
    difference = answer.difference
    before, after = _hours(answer)
    return {
        "before": answer.names[0],
        "after": answer.names[1],
        "decisions": difference.decisions,
        "changed": difference.changed,
        "others": difference.others,
        "unanswered": difference.unanswered,
        "unreadable": difference.unreadable,
        "moves": [
            {"before": old, "after": new, "decisions": count, "examples": _examples(answer, (old, new))}
            for (old, new), count in sorted(difference.moves.items())
        ],
        "categories": {name: dataclasses.asdict(moved) for name, moved in sorted(difference.categories.items())},
        "groups": {name: dataclasses.asdict(moved) for name, moved in sorted(answer.groups.items())},
        "seconds_per_case": answer.seconds_per_case,
        "reviewer_hours": {"before": round(before, 2), "after": round(after, 2)},
    }


def _examples(answer: _Answer, move: "Move") -> list[dict[str, str]]:
    names = answer.difference.examples.get(move, [])
    return [{"id": name} | ({"text": answer.texts[name]} if name in answer.texts else {}) for name in names]


def _in_words(answer: _Answer) -> str:
    difference = answer.difference
    share = difference.changed / difference.decisions if difference.decisions else 0.0
    lines = [
        f"{answer.names[0]} -> {answer.names[1]}",
        f"{difference.decisions} judged, {difference.changed} with another action ({share:.2%})",
        f"{difference.others} with the same action for other reasons",
    ]
    if difference.unanswered:
        lines.append(f"{difference.unanswered} lack what a condition reads, and were not judged")
    if difference.unreadable:
        lines.append(f"{difference.unreadable} cannot be read, and were not judged")
    changed = {move: count for move, count in sorted(difference.moves.items()) if move[0] is not move[1]}
    lines += ["", *(f"{old + ' -> ' + new:32}{count:10}" for (old, new), count in changed.items())] if changed else []
    lines += _table("category", difference.categories) + _table("group", answer.groups)
    before, after = _hours(answer)
    counts = "reviews: {} before, {} after".format(*difference.reviews())
    cost = f"{before:.1f} h before, {after:.1f} h after ({after - before:+.1f} h)"
    lines += ["", f"{counts}; at {answer.seconds_per_case:g} s each {cost}"]
    for old, new in changed:
        lines += ["", f"examples of {old} -> {new}:"]
        lines += [_example(example) for example in _examples(answer, (old, new))]
    return "\n".join(lines)


def _example(example: Mapping[str, str]) -> str:
    # Quoted as Python does it: no control character of a text reaches the terminal.
    return f"  {example['id']}" + (f"  {example['text'][:_SHOWN]!r}" if "text" in example else "")


def _table(title: str, moved: "Mapping[str, Moved]") -> list[str]:
    if not moved:
        return []
    most = sorted(moved.items(), key=lambda pair: (-pair[1].stricter - pair[1].milder, pair[0]))
    texts = [str(getattr(counts, "texts", "")) for _, counts in most]
    rows = [
        f"{name or _UNNAMED:32}{counts.stricter:10}{counts.milder:10}{of:>10}"
        for (name, counts), of in zip(most, texts, strict=True)
    ]
    heading = f"{title:32}{'stricter':>10}{'milder':>10}{'texts' if any(texts) else '':>10}"
    return ["", heading.rstrip(), *(row.rstrip() for row in rows)]
