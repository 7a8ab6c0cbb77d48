"""Train a network on what several others say: they differ in their seed alone, and their mean is surer than each.

It needs torch, which only training may need: nothing that serves may import this file.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch

from evenhand.learn.finetune import finetune, padded
from evenhand.learn.lessons import FloatArray, Lesson
from evenhand.learn.network import Network
from evenhand.learn.recipe import Distillation, Recipe

_BATCH: Final = 128


def finetune_distilled(
    start: Callable[[], Network],
    lessons: Sequence[Lesson],
    recipe: Recipe,
    *,
    folder: Path,
    say: Callable[[str], object],
) -> Network:
    """Return a network trained on `lessons` and on the mean of the recipe's teachers (Hinton et al. 2015).

    Args:
        start: Makes a network to train.
        lessons: What to learn from.
        recipe: How; without teachers it is a training as any other.
        folder: Where checkpoints go, those of each teacher in a folder of its own.
        say: Hears of progress.
    """
    said = []
    for number in range(1, recipe.distillation.teachers + 1):
        say(f"teacher {number} of {recipe.distillation.teachers}")
        teacher = start()
        own = msgspec.structs.replace(recipe, seed=recipe.seed + number)
        finetune(teacher, lessons, own, folder=folder / f"teacher-{number}", say=say)
        said.append(answers(teacher, lessons))
    taught = list(teach(lessons, np.mean(said, axis=0), recipe.distillation)) if said else lessons
    network = start()
    finetune(network, taught, recipe, folder=folder, say=say)
    return network


def answers(network: Network, lessons: Sequence[Lesson]) -> FloatArray:
    """Return what `network` says of each lesson as it was written: probabilities by lesson and head."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network.to(device).eval()
    found = np.zeros((len(lessons), network.head.out_features), np.float32)
    order = sorted(range(len(lessons)), key=lambda place: len(lessons[place].versions[0]))
    with torch.no_grad():
        for at in range(0, len(order), _BATCH):
            places = order[at : at + _BATCH]
            ids, lengths = padded([lessons[place].versions[0] for place in places])
            found[places] = torch.sigmoid(network.sums(ids.to(device), lengths.to(device))).cpu().numpy()
    network.to("cpu")
    return found


def teach(lessons: Sequence[Lesson], said: FloatArray, distillation: Distillation) -> Iterator[Lesson]:
    """Yield `lessons` with targets between their labels and what the teachers said.

    Args:
        lessons: What is known.
        said: What the teachers say, 0..1, by lesson and head.
        distillation: How much that counts.
    """
    for lesson, own in zip(lessons, said, strict=True):
        is_known = lesson.weights > 0
        mixed = lesson.targets + np.float32(distillation.share) * (own - lesson.targets)
        # A row's own weight is the highest of its heads': what nobody labelled counts as a part of that.
        unknown = np.float32(distillation.unknown) * lesson.weights.max()
        yield replace(
            lesson, targets=np.where(is_known, mixed, own), weights=np.where(is_known, lesson.weights, unknown)
        )
