"""`evenhand train-text`: train the text model, measure it, and write the model, its figures and its card."""

import json
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

import click

from evenhand.core.errors import ConfigurationError

if TYPE_CHECKING:
    from evenhand.learn.trained import Trained

PACKAGE: Final = Path(__file__).parents[1]
MODEL: Final = PACKAGE / "detectors" / "text" / "toxicity_model"


@click.command
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("../shared/data"),
    show_default=True,
    help="Folder that holds train/ and dev/.",
)
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    default=MODEL,
    show_default="the installed package",
    help="Folder to write the model and figures.json to.",
)
@click.option(
    "--card",
    type=click.Path(path_type=Path),
    default=Path("docs/models/text-toxicity.md"),
    show_default=True,
    help="Where to write the model card.",
)
@click.option(
    "--recipe",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Recipe to train by; by default evenhand's own (src/evenhand/learn/recipe.toml).",
)
@click.option(
    "--checkpoints",
    type=click.Path(path_type=Path),
    default=Path("checkpoints"),
    show_default=True,
    help="Folder for checkpoints; a training that was cut off goes on from the last one.",
)
def command(data: Path, model: Path, card: Path, recipe: Path | None, checkpoints: Path) -> None:
    """Train the text model on a folder of data sets.

    Figures are of rows that it was not trained on.

    Example: evenhand train-text --data data --model model --card card.md
    """
    training = _training()

    from evenhand.learn.card import figures_of, write_card
    from evenhand.learn.evaluate import read_dev_sets
    from evenhand.learn.recipe import RECIPE, read_recipe

    read = read_recipe(recipe or RECIPE)
    trained = training.train(
        data, read, folder=model, checkpoints=checkpoints, say=lambda progress: click.echo(progress, err=True)
    )
    click.echo(_held_out(trained))
    figures = figures_of(trained, read_dev_sets(data), model=model, recipe=read)
    (model / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    card.parent.mkdir(parents=True, exist_ok=True)
    card.write_text(write_card(figures), encoding="utf-8")
    click.echo(f"Wrote {model} and {card}.")


def _training() -> ModuleType:
    """Return the room that trains, or say which extra it needs."""
    try:
        from evenhand.learn import train
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "train.extra",
            f"Training needs the package {error.name}, which is not installed.",
            remedy="Install it with: pip install 'evenhand[train]'",
        ) from error
    return train


def _held_out(trained: "Trained") -> str:
    lines = ["Held-out rows, never trained or calibrated on:"]
    lines += [
        f"  {held_out.head:18}{held_out.source or 'all':26}AUC {held_out.auc}  average precision {held_out.precision}"
        for held_out in trained.held_out
    ]
    return "\n".join(lines)
