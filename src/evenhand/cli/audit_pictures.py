"""`evenhand audit pictures`: drawn scenes that differ in one thing, and whether that changes the decision."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evenhand.cli.audit_variations import ask_and_report
from evenhand.cli.options import json_option
from evenhand.core.errors import ConfigurationError

if TYPE_CHECKING:
    from evenhand.audit.answers import Answer, Answers, Sentence
    from evenhand.audit.scenes import Scene
    from evenhand.audit.variations import Table

_PATH = click.Path(path_type=Path)


@click.command("pictures")
@click.option("--policy", type=_PATH, help="A policy file.")
@click.option(
    "--scenes", type=click.IntRange(1), default=24, show_default=True, help="So many for each thing that is exchanged."
)
@click.option("--axis", "axes", multiple=True, help="Exchange only this; several times for several.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the choice of the scenes.")
@click.option("--out", type=_PATH, default="audit-pictures", show_default=True, help="Folder of answers and report.")
@click.option("--keep-pictures", type=_PATH, help="Write the pictures into this folder, and ask nothing.")
@json_option
def command(
    *,
    policy: Path | None,
    scenes: int,
    axes: tuple[str, ...],
    seed: int,
    out: Path,
    keep_pictures: Path | None,
    as_json: bool,
) -> None:
    """Draw scenes that differ in one thing alone, and print if that changes the decision of the engine on them.

    What differs is the tone, the dress, the beard or the place. Everybody in them is drawn, and nothing about a person
    is read out of a picture. Answers are kept in a folder, with a report as JSON and as a page, and a run that was cut
    goes on where it was. A picture that was not screened is counted as failed, never as a pass.

    Example: evenhand audit pictures --scenes 24
    """
    from evenhand.audit.pictures import LIMITS, PictureTarget, picture_rows
    from evenhand.audit.variations import flips_by_axis, highest, scores_by_label

    rows = picture_rows(scenes, seed=seed, axes=axes)
    if keep_pictures:
        _write(rows, keep_pictures)
        return
    target = PictureTarget(rows, policy)

    def tell(answers: "Answers", said: "Mapping[str, Answer]") -> "tuple[tuple[Table, ...], tuple[str, ...]]":
        scores = highest(answers, said, target.labels)
        seen = [label for label, score in scores.items() if score]
        told = ", ".join(f"{label} {scores[label]:.3f}" for label in seen)
        heights = f"The highest scores of harmless pictures were: {told or 'none'}. A shift matters near a threshold."
        tables = (flips_by_axis(answers, counted="scenes"), scores_by_label(answers, said, labels=seen))
        return tables, (heights, *LIMITS)

    ask_and_report(target, tuple(rows), matter="pictures", tell=tell, out=out, as_json=as_json)


def _write(rows: "Mapping[Sentence, Scene]", folder: Path) -> None:
    from evenhand.audit.pictures import as_png, draw

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for row, scene in rows.items():
            (folder / f"{row.id.replace('/', '-').replace(' ', '-')}.png").write_bytes(as_png(draw(scene)))
    except OSError as error:
        raise ConfigurationError(
            "output.unwritable",
            f"{folder} cannot be written: {error.strerror}.",
            field="--keep-pictures",
            remedy="Name another folder.",
        ) from None
    click.echo(f"{len(rows)} pictures in {folder}")
