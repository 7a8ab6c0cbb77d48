"""Read the recipe of a training from a TOML file. Every mistake in it is told with the field and the remedy."""

import tomllib
from pathlib import Path
from typing import Final

import msgspec

from evenhand.core.errors import ConfigurationError

RECIPE: Final = Path(__file__).with_name("recipe.toml")


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the network is trained.

    Args:
        epochs: How often each lesson is seen; a fraction is allowed.
        rate: Learning rate of the encoder.
        head_rate: Learning rate of the new heads.
        disguised: Share of the lessons that are seen disguised, 0..1.
        swapped: Share of the comments naming a group that are seen about another one, 0..1.
        threads: Processor threads.
        average_from: Part of the way from which weights are averaged, 0 up to 1.
    """

    epochs: float
    rate: float
    head_rate: float
    disguised: float
    swapped: float
    threads: int
    average_from: float


class SourceUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a data set is used.

    Args:
        rows: Most rows; 0 for all.
        weight: How much each row counts.
    """

    rows: int = 0
    weight: float = 1.0


class AssumedFree(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a comment is assumed to be free of what its data set says nothing of.

    Args:
        weight: How much that counts, against 1 for what is known.
        toxic_below: Only comments whose TOXICITY is below this, 0..1.
    """

    weight: float
    toxic_below: float


class Distillation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a network learns from others, which are trained first and differ in their seed alone.

    Args:
        teachers: How many others; 0 trains on the labels alone.
        share: How much their mean counts against a label, 0..1.
        unknown: How much it counts where there is no label, against 1 for a row with one.
    """

    teachers: int = 0
    share: float = 0.0
    unknown: float = 0.0


class Refinement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A last, slow pass over a part of the rows, from where the training ended.

    Each number of rows is the most that are taken, and 0 stands for all.

    Args:
        topics: Rows of evenhand's own sentences by topic, which is the name of their file.
        sentences: Rows of the other own sentences.
        comments: Rows of the data sets that name no group. These, those that name one, and the other sentences hold the
            network where it was.
        comments_on_groups: Rows of the data sets that name a group.
        first_model: How much evenhand's first model counts in what `comments` are held to for toxicity, where the
            network itself counts 1.
        rate: Learning rate of the encoder.
        head_rate: Learning rate of the heads.
        share: How much what the network said before counts against a label of `topics`, 0..1; for the others it is the
            share of the distillation.
        before: How much the weights before the pass count in the mean with those after it, 0..1.
    """

    topics: dict[str, int] = {}
    sentences: int = 0
    comments: int = 0
    comments_on_groups: int = 0
    first_model: float = 0.0
    rate: float = 0.0
    head_rate: float = 0.0
    share: float = 0.0
    before: float = 0.0


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole recipe.

    Args:
        seed: Every random choice follows from it.
        training: How the network is trained.
        assumed_free: What unknown labels are taken for.
        sources: How data sets are used, by name.
        distillation: What is learned from other networks.
        refinement: The last pass; without topics there is none.
        bare_words: How many rows of one or two words are made from harmless comments.
        without: Data sets that are measured and not trained on, to see how a recipe does on what it has not seen.
    """

    seed: int
    training: Training
    assumed_free: AssumedFree
    sources: dict[str, SourceUse]
    distillation: Distillation = Distillation()
    refinement: Refinement = Refinement()
    bare_words: int = 0
    without: tuple[str, ...] = ()

    def use_of(self, source: str) -> SourceUse:
        """Return how `source` is used."""
        return self.sources.get(source, SourceUse())


def read_recipe(path: Path = RECIPE) -> Recipe:
    """Read a recipe.

    Raises:
        ConfigurationError: `recipe.invalid`.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Recipe)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise ConfigurationError(
            "recipe.invalid",
            f"The recipe cannot be used: {error}.",
            field=str(path),
            remedy=f"Compare it with {RECIPE.name}.",
        ) from error
