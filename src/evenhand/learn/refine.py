"""Train a network once more, slowly, on what it should judge better, and hold it to what it said of everything else.

It needs torch, which only training may need: nothing that serves may import this file.
"""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from evenhand.content.text import Text
from evenhand.learn.baselines.first_model import FirstModel
from evenhand.learn.corpora import HEADS, TOXICITY
from evenhand.learn.distil import answers, teach
from evenhand.learn.finetune import finetune
from evenhand.learn.lessons import MAX_CHARACTERS, FloatArray, Lesson, Prepared, at_most
from evenhand.learn.network import Network
from evenhand.learn.recipe import Recipe, Refinement

#: No topic is called so: topics are names of files.
SENTENCES: Final = "other sentences"
COMMENTS: Final = "comments"
ON_GROUPS: Final = "comments on groups"


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
    chosen = rows_by_kind(rows, refinement, seed=recipe.seed)
    gentle = msgspec.structs.replace(recipe.distillation, share=refinement.share)
    lessons: list[Lesson] = []
    for kind, some in chosen.items():
        own = [row.lesson for row in some]
        said = answers(network, own)
        if kind == COMMENTS and refinement.first_model:
            said = beside_first_model(said, [row.row.text for row in some], refinement.first_model)
        lessons += teach(own, said, gentle if kind in refinement.topics else recipe.distillation)
    training = msgspec.structs.replace(
        recipe.training, epochs=1.0, rate=refinement.rate, head_rate=refinement.head_rate
    )
    before = {name: values.clone() for name, values in network.state_dict().items()}
    finetune(network, lessons, msgspec.structs.replace(recipe, training=training), folder=folder, say=say)
    # The mean forgets less than what comes of the pass, and keeps most of the gain (Wortsman et al. 2022).
    after = network.state_dict()
    network.load_state_dict({name: after[name].lerp(values, refinement.before) for name, values in before.items()})


def rows_by_kind(rows: Sequence[Prepared], refinement: Refinement, *, seed: int) -> dict[str, Sequence[Prepared]]:
    """Return rows by what they are: a topic that a refinement is about, or one of the kinds of everything else."""
    most = {
        **refinement.topics,
        SENTENCES: refinement.sentences,
        COMMENTS: refinement.comments,
        ON_GROUPS: refinement.comments_on_groups,
    }
    by_kind: dict[str, list[Prepared]] = {kind: [] for kind in most}
    for row in rows:
        by_kind[_kind(row, refinement)].append(row)
    chooser = random.Random(seed)  # noqa: S311 -- a seed is what is wanted
    return {kind: at_most(some, most[kind] or len(rows), chooser) for kind, some in by_kind.items()}


def beside_first_model(said: FloatArray, texts: Sequence[str], weight: float) -> FloatArray:
    """Return what a network says of comments, moved towards evenhand's first model in what it takes for more toxic.

    The log-odds of both are added, and brought back to the mean and the spread of the network's own, so that only the
    order of the comments changes. The first model is unfair where a group is named: do not ask it about such comments.

    Args:
        said: What the network says, 0..1, by comment and head.
        texts: The comments.
        weight: How much the first model counts beside the network.
    """
    if not texts:
        return said
    at = HEADS.index(TOXICITY)
    signals = FirstModel().detect([Text(text[:MAX_CHARACTERS]) for text in texts])
    first = np.array([next(s.score for s in found if s.label == TOXICITY) for found in signals], np.float32)
    own = _log_odds(said[:, at])
    both = own + weight * _log_odds(first)
    spread = own.std() / both.std() if both.std() else 1.0
    moved = said.copy()
    moved[:, at] = 1 / (1 + np.exp(-((both - both.mean()) * spread + own.mean())))
    return moved


def _log_odds(probability: FloatArray) -> FloatArray:
    # A probability of 0 or 1 has none.
    within = np.clip(probability, 1e-5, 1 - 1e-5)
    return np.asarray(np.log(within / (1 - within)))


def _kind(row: Prepared, refinement: Refinement) -> str:
    """Return the topic of a row of own sentences if the refinement is about it, or what else it is."""
    if not row.is_own:
        return ON_GROUPS if row.lesson.swapped else COMMENTS
    topic = row.row.source.split(": ")[1]
    return topic if topic in refinement.topics else SENTENCES
