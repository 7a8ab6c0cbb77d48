"""`evenhand screen`: texts, images or a file in, decisions out."""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from evenhand.cli.options import (
    data_folder_option,
    json_option,
    precise_words_option,
    setting_option,
    settings_from,
)
from evenhand.core.decision import Action, Decision
from evenhand.core.errors import ConfigurationError, InputError
from evenhand.core.timeline import Span

if TYPE_CHECKING:
    from evenhand.service.screener import Screener
    from evenhand.settings import Settings

#: With `--exit-code`: what a script learns of the strictest action.
EXIT_BY_ACTION: Final = {"allow": 0, "review": 10, "block": 11}
#: Exit code when a text could not be screened.
EXIT_INPUT: Final = 3
#: Why a rule that is about no label was set off.
_WITHOUT_LABEL: Final = {"on_failure": "a detector failed", "on_unclear_speech": "speech that nobody understood"}
#: Scores below this are not printed for people.
_WORTH_PRINTING: Final = 0.2


@click.command
@click.argument("texts", nargs=-1)
@click.option("--input", "source", type=click.Path(path_type=Path), help="A .jsonl, .csv or .parquet file.")
@click.option(
    "--image", "images", multiple=True, type=click.Path(path_type=Path), help="An image, or a folder of them."
)
@click.option("--clip", "clips", multiple=True, type=click.Path(path_type=Path), help="A sound or video file.")
@click.option("--output", type=click.Path(path_type=Path), help="Where to write a file's decisions, as JSON Lines.")
@click.option("--text-field", default="text", show_default=True, help="The file's field with the text.")
@click.option("--id-field", default="", help="The file's field with a name for each row.")
@click.option("--restart", is_flag=True, help="Begin the output anew instead of continuing it.")
@click.option("--policy", type=click.Path(path_type=Path), help="A policy file.")
@click.option("--detectors", help="Ids of the detectors to run, with commas.")
@click.option("--explain", is_flag=True, help="Quote the evidence and reasons.")
@click.option("--exit-code", is_flag=True, help="End with 10 for review and 11 for block.")
@precise_words_option
@data_folder_option
@setting_option
@json_option
def command(
    *,
    texts: tuple[str, ...],
    source: Path | None,
    images: tuple[Path, ...],
    clips: tuple[Path, ...],
    output: Path | None,
    text_field: str,
    id_field: str,
    restart: bool,
    policy: Path | None,
    detectors: str | None,
    explain: bool,
    exit_code: bool,
    precise_words: bool,
    data_folder: str | None,
    setting: tuple[tuple[str, str], ...],
    as_json: bool,
) -> None:
    """Screen TEXTS, or each line of standard input, or the rows of a file, or images, or clips.

    \b
    Examples:
      evenhand screen --explain 'some text'
      evenhand screen --input comments.csv --text-field body --output decisions.jsonl
      evenhand screen --image photo.jpg --image folder --explain
      evenhand screen --clip film.mp4 --explain
    """  # noqa: D301 -- click wants this backslash
    if (source is None) != (output is None) or (source is not None and texts):
        raise click.UsageError("--input goes with --output and without texts.")
    if (images or clips) and (source or texts):
        raise click.UsageError("--image and --clip go without texts and without --input.")
    with make_screener(
        setting,
        policy=policy,
        detectors=detectors,
        precise_words=precise_words,
        data_folder=data_folder,
        is_for_images=bool(images or clips),
    ) as screener:
        if source is not None and output is not None:
            counts = _screen_file(screener, source, output, text_field=text_field, id_field=id_field, restart=restart)
            click.echo(json.dumps(counts) if as_json else _sentence(counts), err=not as_json)
        elif images or clips:
            counts = _screen_images(screener, images, explain=explain, as_json=as_json)
            counts += _screen_clips(screener, clips, explain=explain, as_json=as_json)
        else:
            given = texts if texts and texts != ("-",) else _lines()
            counts = _screen_texts(screener, given, explain=explain, as_json=as_json)
    if counts["error"]:
        sys.exit(EXIT_INPUT)
    if exit_code:
        sys.exit(max((EXIT_BY_ACTION[action] for action in counts if counts[action]), default=0))


def make_screener(
    given: tuple[tuple[str, str], ...],
    *,
    policy: Path | None,
    detectors: str | None,
    precise_words: bool,
    data_folder: str | None,
    is_for_images: bool,
) -> "Screener":
    """Return a screener by the settings, with those of the command line on top; for images, with the hash banks."""
    from evenhand.content.decoding import is_available
    from evenhand.server.decoder import build_decoder
    from evenhand.server.second_look import build_second_look
    from evenhand.service.screener import Screener

    settings = settings_from(
        given,
        policy_file=str(policy) if policy else None,
        detectors=detectors,
        precise_words="yes" if precise_words else None,
        data_folder=data_folder,
    )
    return Screener(
        next(iter(settings.policy_paths), None),
        detectors=settings.listed("detectors") or None,
        plugins=settings.listed("plugins"),
        lexicon_folders=settings.listed("lexicon_folders"),
        max_text_bytes=settings.max_text_bytes,
        decoder=build_decoder(settings) if is_available() else None,
        second_look=build_second_look(settings),
        precise_words=settings.chosen("precise_words", "no", "yes") == "yes",
        store_url=_store_with_banks(settings) if is_for_images else "",
        max_clip_bytes=settings.max_clip_bytes,
        max_clip_seconds=settings.max_clip_seconds,
        speech_model=settings.speech_model,
    )


def _store_with_banks(settings: "Settings") -> str:
    """Return the URL of the database that is named, or of the one in the data folder where there is one."""
    is_there = settings.database_url or Path(settings.store_url.removeprefix("sqlite:///")).exists()
    return settings.store_url if is_there else ""


def _lines() -> Iterable[str]:
    if sys.stdin.isatty():
        click.echo("Type texts, one a line; end with Ctrl-D.", err=True)
    # What is not UTF-8 must not end the run: it becomes a text that cannot be screened.
    return (line.decode("utf-8", "surrogateescape").rstrip("\r\n") for line in sys.stdin.buffer)


def _screen_file(
    screener: "Screener", source: Path, output: Path, *, text_field: str, id_field: str, restart: bool
) -> "Counter[str]":
    from evenhand.bulk.local import screen_file
    from evenhand.bulk.rows import Fields, count_rows

    if output.suffix != ".jsonl":
        raise ConfigurationError(
            "output.format", "The output is JSON Lines.", field="output", remedy="Give it a name that ends in .jsonl."
        )
    fields = Fields(text_field, id_field)
    if not sys.stderr.isatty():
        return screen_file(source, output, screener, fields=fields, restart=restart)
    with click.progressbar(length=count_rows(source, fields), label=source.name, file=sys.stderr) as bar:
        return screen_file(source, output, screener, fields=fields, restart=restart, advance=bar.update)


def _screen_texts(screener: "Screener", texts: Iterable[str], *, explain: bool, as_json: bool) -> "Counter[str]":
    counts: Counter[str] = Counter()
    for text in texts:
        (answer,) = screener.try_many([text])
        counts[_say(answer, text, explain=explain, as_json=as_json)] += 1
    return counts


def _screen_images(screener: "Screener", paths: Iterable[Path], *, explain: bool, as_json: bool) -> "Counter[str]":
    from evenhand.bulk.images import image_paths, screen_images

    found = image_paths(paths)
    counts: Counter[str] = Counter()
    is_watched = sys.stderr.isatty() and not sys.stdout.isatty() and len(found) > 1
    with click.progressbar(length=len(found), label="images", file=sys.stderr, hidden=not is_watched) as bar:
        for path, answer in screen_images(screener, found):
            if not as_json:
                click.echo(f"{path}: ", nl=False, err=isinstance(answer, InputError))
            counts[_say(answer, "", explain=explain, as_json=as_json, name=str(path))] += 1
            bar.update(1)
    return counts


def _screen_clips(screener: "Screener", paths: Iterable[Path], *, explain: bool, as_json: bool) -> "Counter[str]":
    counts: Counter[str] = Counter()
    for path in paths:
        answer = _screen_clip(screener, path)
        if not as_json:
            click.echo(f"{path}: ", nl=False, err=isinstance(answer, InputError))
        counts[_say(answer, "", explain=explain, as_json=as_json, name=str(path))] += 1
    return counts


def _screen_clip(screener: "Screener", path: Path) -> Decision | InputError:
    is_watched = sys.stderr.isatty()
    with click.progressbar(length=1_000, label=path.name, file=sys.stderr, hidden=not is_watched) as bar:
        try:
            return screener.screen_clip(path, advance=lambda done, of: bar.update(round(1_000 * done / of) - bar.pos))
        except OSError as error:
            return InputError("file.unreadable", f"The file cannot be read: {error.strerror}.", field="clip")
        except InputError as error:
            return error


def _say(answer: Decision | InputError, text: str, *, explain: bool, as_json: bool, name: str = "") -> str:
    """Print one answer and return its action, or `error`."""
    from evenhand.bulk.answer import decision_line, error_line

    named = {"id": name} if name else {}
    if isinstance(answer, InputError):
        line = json.dumps(named | error_line(answer)) if as_json else f"error: {answer} [{answer.code}]"
        click.echo(line, err=not as_json)
        return "error"
    line = json.dumps(named | decision_line(answer)) if as_json else _for_people(answer, text, explain=explain)
    click.echo(line)
    return answer.action


def _for_people(decision: Decision, text: str, *, explain: bool) -> str:
    colour = {Action.ALLOW: "green", Action.REVIEW: "yellow", Action.BLOCK: "red"}[decision.action]
    lines = [click.style(decision.action, fg=colour, bold=True)]
    for hit in decision.verdict.rules:
        reason = (
            f"{hit.score:.2f} >= {hit.threshold:.2f} by {hit.detector}"
            if hit.label
            else _WITHOUT_LABEL.get(hit.rule, "its condition holds")
        )
        lines.append(f"  {hit.rule}: {reason}")
    top = sorted(decision.scores.items(), key=lambda pair: -pair[1])
    shown = [f"{label} {score:.2f}" for label, score in top if score >= _WORTH_PRINTING]
    lines.append(f"  scores: {', '.join(shown) or 'all below 0.20'}")
    if explain:
        lines += [
            f"  {signal.label}: {text[item.begin : item.end]!r} at {item.begin}-{item.end} ({item.source})"
            for signal in decision.evidence
            for item in signal.evidence
        ]
        lines += [
            f"  {signal.label}: at {_in_words(region.box)} of image {region.image + 1} ({region.source})"
            for signal in decision.signals
            for region in signal.regions
        ]
        lines += [
            f"  {signal.label}: {signal.reason} ({signal.detector})" for signal in decision.signals if signal.reason
        ]
        lines += map(_span_in_words, decision.timeline)
    lines += [f"  notice: {notice}" for notice in decision.notices]
    return "\n".join(lines)


def _span_in_words(span: Span) -> str:
    when = f"{span.begin:.1f}-{span.end:.1f} s"
    return f"  {when}, {span.track}: {span.label} {span.score:.2f} ({span.detector}) {span.reason}".rstrip()


def _in_words(box: tuple[float, float, float, float]) -> str:
    left, top, width, height = (f"{100 * part:.0f} %" for part in box)
    return f"left {left}, top {top}, width {width}, height {height}"


def _sentence(counts: dict[str, Any]) -> str:
    parts = ", ".join(f"{counts[action]} {action}" for action in (*Action, "error") if counts.get(action))
    return f"Screened: {parts or 'nothing'}."
