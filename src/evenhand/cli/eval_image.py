"""`evenhand eval-image`: measure the detectors of images, and the policy, on a folder of labelled images."""

import json
import sys
from pathlib import Path
from typing import Any, Final

import click

from evenhand.cli.options import data_folder_option, json_option, precise_words_option, setting_option

#: Labels whose scores are printed for each folder; JSON has them all.
SHOWN: Final = 8


@click.command
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--policy", type=click.Path(path_type=Path), help="A policy file.")
@click.option("--detectors", help="Ids of the detectors to run, with commas.")
@precise_words_option
@data_folder_option
@setting_option
@json_option
def command(
    *,
    folder: Path,
    policy: Path | None,
    detectors: str | None,
    precise_words: bool,
    data_folder: str | None,
    setting: tuple[tuple[str, str], ...],
    as_json: bool,
) -> None:
    """Measure on FOLDER, which has a folder of images for each label and one that is called `harmless`.

    For each label: how well its score ranks its images above all others (AUC, average precision) and how many it
    finds at 0.5, 0.7 and 0.9. For each folder: what the policy flags. Intervals are 95 % bootstrap intervals. Labels
    are those of `evenhand taxonomy`, so `violence/graphic` is a folder in a folder.

    Example: evenhand eval-image pictures
    """
    from evenhand.bulk.images import image_paths, screen_images
    from evenhand.cli.screen import make_screener
    from evenhand.learn.image_folder import evaluate_images, label_images

    paths = image_paths([folder])
    images = label_images(folder, paths)
    with make_screener(
        setting,
        policy=policy,
        detectors=detectors,
        precise_words=precise_words,
        data_folder=data_folder,
        is_for_images=True,
    ) as screener:
        screened = screen_images(screener, paths)
        is_hidden = not sys.stderr.isatty()
        with click.progressbar(screened, len(paths), label="images", file=sys.stderr, hidden=is_hidden) as bar:
            answers = [(image, answer) for image, (_, answer) in zip(images, bar, strict=True)]
        report = evaluate_images(answers, screener.versions)
    click.echo(json.dumps(report, indent=2) if as_json else "\n".join(_lines(report)))


def _lines(report: dict[str, Any]) -> list[str]:
    lines = [f"{report['images']} images"]
    lines += [f"  not screened, {code}: {count}" for code, count in report["not_screened"].items()]
    lines.append("What the policy flags, by folder:")
    lines += [
        f"  {name:24}{_share(own['flagged'])}, blocked {own['blocked']}{_because(own['because'])}"
        for name, own in report["folders"].items()
    ]
    for name, own in report["folders"].items():
        lines.append(f"Highest scores in {name} (mean), by label:")
        top = list(own["scores"].items())[:SHOWN]
        lines += [f"  {label:24}{scores['highest']:.3f} ({scores['mean']:.3f})" for label, scores in top]
    for label, own in report["labels"].items():
        lines.append(f"{label}: its images against all others")
        if "auc" in own:
            lines.append(f"  AUC {_figure(own['auc'])}, average precision {_figure(own['average_precision'])}")
        for least, found in own["found"].items():
            others = f", of the others {_share(own['wrongly_found'][least])}" if "auc" in own else ""
            lines.append(f"  at {least}: found {_share(found)}{others}")
    return lines


def _because(counts: dict[str, int]) -> str:
    return f" ({', '.join(f'{label} {count}' for label, count in counts.items())})" if counts else ""


def _share(figure: dict[str, Any]) -> str:
    return f"{figure['value']:.1%} ({figure['low']:.1%} to {figure['high']:.1%}, n {figure['rows']})"


def _figure(figure: dict[str, Any]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f}, n {figure['rows']})"
