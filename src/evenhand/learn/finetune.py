"""Fine-tune the encoder on lessons: batches of like length, a masked loss, checkpoints that a later run goes on from.

It needs torch, which only training may need: nothing that serves may import this file.
"""

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch.nn import functional

from evenhand.learn.lessons import IntArray, Lesson
from evenhand.learn.network import Network
from evenhand.learn.recipe import Recipe

#: Pieces in one batch, padding included, and texts in it at most.
BATCH_PIECES: Final = 2_560
BATCH_TEXTS: Final = 96
#: Lessons that are sorted by length together: batches of like length without an order that is always the same.
_SORTED: Final = 4_096
CHECKPOINT: Final = "checkpoint.pt"
CHECKPOINT_SECONDS: Final = 240.0
#: Share of the steps in which the learning rate rises, and the least part of it that is left at the end.
_WARM_UP: Final = 0.05
_LEAST_RATE: Final = 0.02
_LONGEST_STEP: Final = 1.0


Batch = list[tuple[IntArray, Lesson]]


def finetune(
    network: Network, lessons: Sequence[Lesson], recipe: Recipe, *, folder: Path, say: Callable[[str], object]
) -> None:
    """Train `network` in place, on a GPU if torch sees one, from where a checkpoint of the same training left off.

    Args:
        network: What to train; its word embeddings stay as they are.
        lessons: What to learn from.
        recipe: How.
        folder: Where checkpoints go.
        say: Hears of progress.
    """
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(recipe.training.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network.to(device)
    batches = _batches(lessons, recipe)
    network.words.requires_grad_(requires_grad=False)
    heads = list(network.head.parameters())
    body = [part for name, part in network.named_parameters() if part.requires_grad and not name.startswith("head.")]
    groups = [{"params": body, "lr": recipe.training.rate}, {"params": heads, "lr": recipe.training.head_rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, len(batches)))
    # The average of the weights along the way ranks better than the last ones (Izmailov et al. 2018).
    averaged = torch.optim.swa_utils.AveragedModel(network)
    parts = {"network": network, "optimiser": optimiser, "schedule": schedule, "averaged": averaged}
    signature = f"{recipe} {len(lessons)} lessons, {len(batches)} batches"
    first = _resume(folder / CHECKPOINT, parts, signature)
    say(f"{signature}; from batch {first}")
    network.train()
    losses: list[float] = []
    began = saved = time.monotonic()
    for number in range(first, len(batches)):
        loss = _loss(network, batches[number], device)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([*body, *heads], _LONGEST_STEP)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        if number >= recipe.training.average_from * (len(batches) - 1):
            averaged.update_parameters(network)
        losses.append(float(loss.detach()))
        if len(losses) % 50 == 0:
            left = (len(batches) - number) * (time.monotonic() - began) / len(losses) / 60
            say(f"{number + 1}/{len(batches)} loss {np.mean(losses[-50:]):.4f}, about {left:.0f} minutes left")
        if time.monotonic() - saved > CHECKPOINT_SECONDS or number + 1 == len(batches):
            _save(folder / CHECKPOINT, parts, signature, number + 1)
            saved = time.monotonic()
    network.load_state_dict(averaged.module.state_dict())
    network.to("cpu").eval()


def _rate(step: int, steps: int) -> float:
    """Return the part of the learning rate at `step`: up in the warm-up, then down in a straight line."""
    warm = max(20.0, steps * _WARM_UP)
    return min(1.0, (step + 1) / warm) * max(_LEAST_RATE, 1 - step / steps)


def _batches(lessons: Sequence[Lesson], recipe: Recipe) -> list[Batch]:
    """Return every batch of the training, in order."""
    batches: list[Batch] = []
    left = recipe.training.epochs
    while left > 0:
        chooser = random.Random(f"{recipe.seed} {left}")  # noqa: S311 -- a seed is what is wanted
        epoch = list(_epoch(lessons, recipe, chooser))
        batches += epoch[: max(1, round(len(epoch) * min(left, 1.0)))]
        left -= 1
    return batches


def _epoch(lessons: Sequence[Lesson], recipe: Recipe, chooser: random.Random) -> list[Batch]:
    order = chooser.sample(lessons, len(lessons))
    batches: list[Batch] = []
    for at in range(0, len(order), _SORTED):
        chosen = [(_version(lesson, recipe, chooser), lesson) for lesson in order[at : at + _SORTED]]
        batches += _cut(sorted(chosen, key=lambda pair: len(pair[0])))
    chooser.shuffle(batches)
    return batches


def _version(lesson: Lesson, recipe: Recipe, chooser: random.Random) -> IntArray:
    if lesson.swapped and chooser.random() < recipe.training.swapped:
        return chooser.choice(lesson.swapped)
    is_disguised = len(lesson.versions) > 1 and chooser.random() < recipe.training.disguised
    return chooser.choice(lesson.versions[1:]) if is_disguised else lesson.versions[0]


def _cut(pairs: Batch) -> Iterator[Batch]:
    """Cut `pairs`, shortest first, into batches that fit."""
    batch: Batch = []
    for pair in pairs:
        if batch and (len(pair[0]) * (len(batch) + 1) > BATCH_PIECES or len(batch) == BATCH_TEXTS):
            yield batch
            batch = []
        batch.append(pair)
    if batch:
        yield batch


def _loss(network: Network, batch: Batch, device: str) -> Any:
    """Return the mean cross entropy over what is known."""
    ids, lengths = padded([ids for ids, _ in batch])
    targets = torch.from_numpy(np.stack([lesson.targets for _, lesson in batch])).to(device)
    weights = torch.from_numpy(np.stack([lesson.weights for _, lesson in batch])).to(device)
    with torch.autocast(device, torch.bfloat16, enabled=_halves_pay(device)):
        sums = network.sums(ids.to(device), lengths.to(device))
    each = functional.binary_cross_entropy_with_logits(sums, targets, reduction="none")
    return (each * weights).sum() / (weights > 0).sum().clamp(min=1)


def _halves_pay(device: str) -> bool:
    """Return whether 16-bit numbers are quicker here: processors without AVX-512 are many times slower at them."""
    return device == "cuda" or torch.backends.cpu.get_cpu_capability() not in {"DEFAULT", "AVX2"}


def padded(texts: Sequence[IntArray]) -> tuple[Any, Any]:
    """Return the pieces of `texts` as one tensor, padded with 0, and their lengths."""
    ids = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.long)
    for row, text in zip(ids, texts, strict=True):
        row[: len(text)] = torch.from_numpy(text.astype(np.int64))
    return ids, torch.tensor([len(text) for text in texts])


def _resume(path: Path, parts: dict[str, Any], signature: str) -> int:
    """Load what `_save` wrote and return the number of the next batch; 0 without a fitting checkpoint."""
    if not path.exists():
        return 0
    found = torch.load(path, weights_only=True, map_location="cpu")
    if found["recipe"] != signature:
        return 0
    for name, part in parts.items():
        part.load_state_dict(found[name])
    torch.set_rng_state(found["chance"])
    return int(found["next"])


def _save(path: Path, parts: dict[str, Any], signature: str, following: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    states = {name: part.state_dict() for name, part in parts.items()}
    whole = path.with_suffix(".tmp")
    torch.save(states | {"recipe": signature, "next": following, "chance": torch.get_rng_state()}, whole)
    os.replace(whole, path)  # noqa: PTH105 -- in one step, so that a checkpoint is whole or the one before
