"""Train a network once more, slowly, on what it should judge better, and hold it to what it said of everything else.

It needs torch, which only training may need: nothing that serves may import this file.
"""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from evenhand.learn.compose import SOURCE
from evenhand.learn.distil import answers, teach
from evenhand.learn.finetune import finetune
from evenhand.learn.lessons import Lesson, Prepared, at_most
from evenhand.learn.network import Network
from evenhand.learn.recipe import Recipe, Refinement

#: No topic is called so: topics are names of files.
_SENTENCES: Final = "other sentences"
_COMMENTS: Final = "comments"
_ON_GROUPS: Final = "comments on groups"


def refine(
    network: Network, rows: Sequence[Prepared], recipe: Recipe, *, folder: Path, say: Callable[[str], object]
) -> None:
    """Train `network` on, in place, for one pass over the rows that the recipe's refinement asks for.

    Args:
        network: A trained network.
        rows: What it was trained on.
        recipe: How; without topics in its refinement nothing happens.
        folder: Where checkpoints go.
        say: Hears of progress.
    """
    refinement = recipe.refinement
    if not refinement.topics:
        return
    say("a last pass")
    chosen, others = chosen_lessons(rows, refinement, seed=recipe.seed)
    gentle = msgspec.structs.replace(recipe.distillation, share=refinement.share)
    lessons = [
        *teach(others, answers(network, others), recipe.distillation),
        *teach(chosen, answers(network, chosen), gentle),
    ]
    training = msgspec.structs.replace(
        recipe.training, epochs=1.0, rate=refinement.rate, head_rate=refinement.head_rate
    )
    finetune(network, lessons, msgspec.structs.replace(recipe, training=training), folder=folder, say=say)


def chosen_lessons(rows: Sequence[Prepared], refinement: Refinement, *, seed: int) -> tuple[list[Lesson], list[Lesson]]:
    """Return lessons of the topics that a refinement is about, and of everything else."""
    by_kind: dict[str, list[Lesson]] = {}
    for row in rows:
        by_kind.setdefault(_kind(row, refinement), []).append(row.lesson)
    chooser = random.Random(seed)  # noqa: S311 -- a seed is what is wanted

    def some(kind: str, most: int) -> Sequence[Lesson]:
        return at_most(by_kind.get(kind, []), most, chooser)

    topics = [lesson for topic, most in refinement.topics.items() for lesson in some(topic, most or len(rows))]
    on_groups = some(_ON_GROUPS, refinement.comments_on_groups or len(rows))
    return topics, [*some(_SENTENCES, refinement.sentences), *some(_COMMENTS, refinement.comments), *on_groups]


def _kind(row: Prepared, refinement: Refinement) -> str:
    """Return the topic of a row of own sentences if the refinement is about it, or what else it is."""
    if not row.row.source.startswith(SOURCE):
        return _ON_GROUPS if row.lesson.swapped else _COMMENTS
    topic = row.row.source.split(": ")[1]
    return topic if topic in refinement.topics else _SENTENCES
