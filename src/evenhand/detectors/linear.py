"""A logistic regression over hashed n-grams, stored as small integers: scores, and what each character added to them.

It knows nothing of labels' meaning or of training. A text's figures do not depend on its neighbours in a batch:
every sum runs over the text's own buckets in ascending order.
"""

import hashlib
import io
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from evenhand.core.errors import ConfigurationError
from evenhand.detectors import ngrams
from evenhand.detectors.ngrams import Counts, FloatArray, Occurrences

#: Rarities are stored in steps of this size.
RARITY_STEP: Final = 1 / 16
#: Added to the squared length of a text before scaling, so that a single word does not get all the say.
DAMPING: Final = 4_000.0
#: The largest stored weight; stored weights are signed square roots, so that small ones keep their precision.
LARGEST: Final = 127


@dataclass(frozen=True, slots=True)
class Scored:
    """A batch with its scores.

    Args:
        scores: Probability by text and head.
        occurrences: The n-grams that were found.
        counts: The same, counted.
        parts: What each element of `counts` adds to the sum of its text, by head.
    """

    scores: FloatArray
    occurrences: Occurrences
    counts: Counts
    parts: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """Weights of one logistic regression per head.

    Args:
        heads: Names of the heads.
        rarity: How much each bucket counts, in steps of `RARITY_STEP`.
        weights: Signed square roots of weights, by bucket and head.
        scales: What the square of a stored weight is multiplied by, by head.
        biases: Constant term by head.
        digest: Hash of the file.
    """

    heads: tuple[str, ...]
    rarity: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.int8]
    scales: FloatArray
    biases: FloatArray
    digest: str = ""

    @classmethod
    def load(cls, path: Path, *, needs: Collection[str] = ()) -> Self:
        """Read a model that `save` wrote and that has the heads that the caller `needs`.

        Raises:
            ConfigurationError: `model.missing`, `model.damaged` or `model.outdated`.
        """
        try:
            data = path.read_bytes()
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            version = int(arrays.pop("version"))
            heads = tuple(str(head) for head in arrays.pop("heads"))
            model = cls(heads, **arrays, digest=hashlib.sha256(data).hexdigest())
        except FileNotFoundError:
            raise _unusable("missing", f"There is no model {path}.") from None
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise _unusable("damaged", f"The model {path} cannot be read: {error}.") from error
        if version != ngrams.VERSION or model.weights.shape != (1 << ngrams.BUCKET_BITS, len(heads)):
            raise _unusable("outdated", f"The model {path} was made for other features.")
        if missing := sorted(set(needs) - set(heads)):
            raise _unusable("outdated", f"The model {path} has no {', '.join(missing)}.")
        return model

    def save(self, path: Path) -> None:
        """Write the model to `path`; the same model gives the same bytes."""
        np.savez_compressed(
            path,
            version=np.array(ngrams.VERSION),
            heads=np.array(self.heads),
            rarity=self.rarity,
            weights=self.weights,
            scales=self.scales,
            biases=self.biases,
        )

    def score(self, texts: Sequence[str]) -> Scored:
        """Return the probabilities of `texts`."""
        occurrences = ngrams.find_occurrences(texts)
        counts = ngrams.count_buckets(occurrences)
        roots = self.weights[counts.bucket].T.astype(np.float64)
        parts = roots * np.abs(roots) * self.scales[:, None] * weigh(counts, self.rarity)
        sums = np.stack([np.bincount(counts.text, part, minlength=len(texts)) for part in parts], axis=1)
        return Scored(1 / (1 + np.exp(-sums - self.biases)), occurrences, counts, parts)


def contributions(scored: Scored, *, text: int, length: int, heads: Sequence[int]) -> FloatArray:
    """Return what each character of one text of `length` characters added to the sum of each of `heads`.

    Every n-gram's part of the sum is spread evenly over its characters.
    """
    own = np.flatnonzero(scored.occurrences.text == text)
    group = scored.counts.group[own]
    begin = np.maximum(scored.occurrences.begin[own], 0)
    end = np.minimum(scored.occurrences.end[own], length)
    spread = 1 / (scored.counts.count[group] * (end - begin))
    added = np.empty((len(heads), length))
    for row, head in zip(added, heads, strict=True):
        parts = scored.parts[head, group] * spread
        row[:] = np.cumsum(np.bincount(begin, parts, length + 1) - np.bincount(end, parts, length + 1))[:length]
    return added


def weigh(counts: Counts, rarity: npt.NDArray[np.uint8]) -> FloatArray:
    """Return the value of each element of `counts`: log count times rarity, scaled to a length near 1 by text."""
    values = (1 + np.log(counts.count)) * (rarity[counts.bucket] * RARITY_STEP)
    lengths = np.sqrt(np.bincount(counts.text, values * values) + DAMPING)
    return np.asarray(values / lengths[counts.text])


def _unusable(kind: str, message: str) -> ConfigurationError:
    remedy = "Reinstall evenhand, or make the model with `evenhand train-text`."
    return ConfigurationError(f"model.{kind}", message, field="text.toxicity", remedy=remedy)
