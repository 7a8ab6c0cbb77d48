"""`evenhand bench`: how fast is it here? Prints a table with the baseline beside it, measured in the same run."""

import json
from pathlib import Path
from typing import Any

import click

from evenhand.cli.options import json_option, precise_words_option

_seconds_option = click.option(
    "--seconds",
    type=click.FloatRange(1),
    default=20.0,
    show_default=True,
    help="How long to measure; longer is steadier.",
)


@click.group
def command() -> None:
    """Measure speed on this machine."""


@command.command
@_seconds_option
@json_option
def text(seconds: float, as_json: bool) -> None:  # noqa: FBT001 -- click passes flags so
    """Measure text: bare model, detectors, engine, service with SQLite and HTTP door, beside a baseline.

    Ratios are what to compare: absolute times depend on the machine.

    Example: evenhand bench text --seconds 60
    """
    from evenhand.cli.bench_text import bench_text

    report = bench_text(seconds=seconds)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        click.echo(_table(report))


@command.command
@_seconds_option
@precise_words_option
@json_option
def image(seconds: float, precise_words: bool, as_json: bool) -> None:  # noqa: FBT001 -- as above
    """Measure images: decoding, each detector and the engine, on drawn pictures of a megapixel, one thread.

    Ratios are what to compare: absolute times depend on the machine.

    Example: evenhand bench image --seconds 60
    """
    from evenhand.cli.bench_image import bench_image

    report = bench_image(seconds=seconds, precise_words=precise_words)
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    click.echo(f"{'':38}{'ms a picture':>14}")
    for name, milliseconds in report["milliseconds"].items():
        click.echo(f"{name:38}{milliseconds:14.1f}")
    click.echo("\n".join(["", *(f"{name}: {value}" for name, value in report["summary"].items())]))


@command.command
@click.argument("clip", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--seconds", type=click.FloatRange(1), default=60.0, show_default=True, help="How long the drawn clip is."
)
@json_option
def media(clip: Path | None, seconds: float, as_json: bool) -> None:  # noqa: FBT001 -- as above
    """Measure clips: each step of screening CLIP, as multiples of real time, on one thread.

    Beside it stand plain decoding and, where there is speech, faster-whisper alone. Without CLIP, a 720p video without
    speech is drawn; give one with speech to measure that too.

    Example: evenhand bench media film.mp4
    """
    from evenhand.cli.bench_media import bench_media

    report = bench_media(clip, seconds=seconds)
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    facts = report["clip"]
    click.echo("{seconds:.0f} s of {width}x{height}, {stills} stills, {utterances} utterances".format(**facts))
    click.echo(f"{'':42}{'seconds':>9}{'share':>8}{'x real time':>13}")
    for step in (*report["steps"], *report["baselines"]):
        share = f"{step['share']:.0%}" if "share" in step else ""
        times = f"{step['real_time']:.1f}" if step["real_time"] else "-"
        click.echo(f"{step['name']:42}{step['seconds']:9.2f}{share:>8}{times:>13}")
    click.echo("largest memory: {screening} MB screening, {decoding} MB decoding".format(**report["megabytes"]))


@command.command
@click.option(
    "--entries",
    default="10000,1000000,10000000",
    show_default=True,
    help="Sizes of the index, with commas; ten million need 4 GB.",
)
@click.option(
    "--seconds", type=click.FloatRange(0.1), default=10.0, show_default=True, help="How long to measure each rate."
)
@click.option(
    "--pictures", type=click.IntRange(1), default=100, show_default=True, help="How many pictures to draw and change."
)
@json_option
def hashes(entries: str, seconds: float, pictures: int, as_json: bool) -> None:  # noqa: FBT001 -- click passes flags so
    """Measure hash banks: the index beside a linear scan, and which changes of a picture are found.

    Example: evenhand bench hashes --entries 10000,1000000
    """
    sizes = [part.strip() for part in entries.split(",")]
    if not all(size.isdecimal() and int(size) for size in sizes):
        raise click.BadParameter("Give whole numbers above 0, with commas.", param_hint="--entries")
    from evenhand.cli.bench_hashes import bench_hashes, tables

    report = bench_hashes(entries=[int(size) for size in sizes], seconds=seconds, pictures=pictures)
    click.echo(json.dumps(report, indent=2) if as_json else tables(report))


@command.command
@click.option(
    "--decisions",
    type=click.IntRange(1),
    default=200_000,
    show_default=True,
    help="How many stored decisions are judged; a million need 7 GB of disk.",
)
@click.option("--processes", type=click.IntRange(1), help="How many judge at once; by default one for each core.")
@json_option
def backtest(decisions: int, processes: int | None, as_json: bool) -> None:  # noqa: FBT001 -- as above
    """Measure backtests: how many decisions of a temporary SQLite database two policies judge in a second.

    Beside it stands the plain way, which decodes each decision whole and asks both policies, one after another.

    Example: evenhand bench backtest --decisions 1000000
    """
    from evenhand.cli.bench_backtest import bench_backtest

    report = bench_backtest(decisions=decisions, processes=processes)
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    click.echo("{decisions} decisions, {megabytes} MB, written in {fill_seconds} s".format(**report))
    click.echo(f"{'':38}{'seconds':>9}{'decisions/s':>13}")
    for row in report["timings"]:
        click.echo(f"{row['name']:38}{row['seconds']:9.1f}{row['per_second']:13}")


def _table(report: dict[str, Any]) -> str:
    lines = [f"{'':34}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'texts/s':>10}{'in batches':>12}"]
    lines += [
        f"{row['name']:34}{row['p50']:9.2f}{row['p95']:9.2f}{row['p99']:9.2f}"
        f"{row['single_per_second']:10.0f}{row['batch_per_second']:12.0f}"
        for row in report["timings"]
    ]
    lines += ["", *(f"{name}: {value}" for name, value in report["summary"].items())]
    return "\n".join(lines)


@command.command
@click.option(
    "--decisions", type=click.IntRange(100), default=1_000_000, show_default=True, help="How many are stored."
)
@click.option("--cases", type=click.IntRange(100), default=50_000, show_default=True, help="How many of them are open.")
@click.option("--rulings", type=click.IntRange(10), default=300, show_default=True, help="How many are made.")
@click.option("--database-url", default="", help="An empty database; by default a temporary SQLite one.")
@json_option
def review(*, decisions: int, cases: int, rulings: int, database_url: str, as_json: bool) -> None:
    """Measure how soon a reviewer has the next case after a ruling, over HTTP, beside an empty SQLite database.

    Example: evenhand bench review --decisions 100000 --cases 5000
    """
    from evenhand.cli.bench_review import bench_review

    report = bench_review(decisions=decisions, cases=cases, rulings=rulings, database_url=database_url)
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    click.echo(f"{'database':12}{'decisions':>11}{'open cases':>12}{'p50 ms':>9}{'p95 ms':>9}{'most ms':>9}")
    for row in (report["full"], report["empty"]):
        click.echo("{database:12}{decisions:11,}{cases:12,}{p50_ms:9.1f}{p95_ms:9.1f}{most_ms:9.1f}".format(**row))
    click.echo(f"p95 is {report['ratio']} times that of an empty database")
