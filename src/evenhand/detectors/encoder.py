"""Run a text encoder on one thread: a score for each head, made of a part for each piece of the text.

A head's sum is the log-sum-exp of what each piece says, so the pieces' shares of it are exact and cost nothing. A long
text is read in windows that overlap, and the strongest window counts. It knows nothing of what heads mean.

Each window is run alone and unpadded: int8 ranges are taken from what is run together, so the score of a text in a
batch would otherwise depend on its neighbours.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import numpy as np
import numpy.typing as npt

from evenhand.core.errors import ConfigurationError
from evenhand.detectors.wordpiece import Pieces, WordPiece

#: Names of the files of a model.
NETWORK: Final = "network.onnx"
VOCABULARY: Final = "vocabulary.txt"
DESCRIPTION: Final = "model.json"

#: Pieces in one window, the marks for begin and end not counted; training cuts texts there.
WINDOW: Final = 94
#: Pieces that neighbouring windows share, so that nothing is cut apart in both.
OVERLAP: Final = 24

FloatArray = npt.NDArray[np.floating[Any]]


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the description of a model holds.

    Args:
        heads: Names of the heads, in the order of the network's outputs.
        factors: What each head's sum is multiplied by to be log odds.
        offsets: What is then added.
        sha256: Hash of the network's file.
    """

    heads: tuple[str, ...]
    factors: tuple[float, ...]
    offsets: tuple[float, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the encoder makes of one text.

    Args:
        scores: Probability by head, 0..1.
        sums: What the scores were calibrated from, by head.
        pieces: The text in pieces.
        starts: By head, the first piece of the window that counts; empty for a text without pieces.
        shares: By head, the share of the sum that each piece of that window has; adds up to 1.
    """

    scores: Sequence[float]
    sums: FloatArray
    pieces: Pieces
    starts: Sequence[int]
    shares: Sequence[FloatArray]


class Encoder:
    """A network with its vocabulary and calibration. Safe to use from several threads.

    Args:
        session: The network.
        cutter: Cuts texts into pieces.
        description: Heads and calibration.
    """

    def __init__(self, session: Any, cutter: WordPiece, description: Description) -> None:
        self._session = session
        self.cutter = cutter
        self._factors = np.array(description.factors)
        self._offsets = np.array(description.offsets)
        self.heads = description.heads
        self.digest = description.sha256

    @classmethod
    def load(cls, folder: Path, *, needs: Collection[str] = ()) -> Self:
        """Read the model in `folder`, which must have the heads that the caller `needs`.

        Raises:
            ConfigurationError: `model.missing`, `model.damaged` or `model.outdated`.
        """
        try:
            network = (folder / NETWORK).read_bytes()
            description = msgspec.json.decode((folder / DESCRIPTION).read_bytes(), type=Description)
        except FileNotFoundError as error:
            raise _unusable("missing", f"There is no file {error.filename}.") from None
        except (OSError, msgspec.MsgspecError) as error:
            raise _unusable("damaged", f"The model in {folder} cannot be read: {error}") from error
        if hashlib.sha256(network).hexdigest() != description.sha256:
            raise _unusable("damaged", f"{folder / NETWORK} is not the file that {DESCRIPTION} describes.")
        if missing := sorted(set(needs) - set(description.heads)):
            raise _unusable("outdated", f"The model in {folder} has no {', '.join(missing)}.")
        return cls(_session(network, folder), WordPiece.load(folder / VOCABULARY), description)

    def read(self, text: str) -> Reading:
        """Return the scores of `text`, and which pieces of it they come from; a text without pieces scores 0."""
        pieces = self.cutter.pieces(text)
        starts = list(_windows(len(pieces.ids)))
        sums = np.full((len(starts), len(self.heads)), -np.inf)
        shares = []
        read: dict[tuple[int, ...], FloatArray] = {}
        for place, start in enumerate(starts):
            window = tuple(pieces.ids[start : start + WINDOW])
            # What repeats itself ten thousand times has few different windows, and each is read once.
            if window not in read:
                read[window] = self.parts(window)
            parts = read[window]
            powers = np.exp(parts - parts.max(axis=0))
            sums[place] = np.log(powers.sum(axis=0)) + parts.max(axis=0)
            shares.append(powers / powers.sum(axis=0))
        highest = sums.max(axis=0, initial=-np.inf)
        odds = highest * self._factors + self._offsets
        strongest = [int(place) for place in sums.argmax(axis=0)] if starts else []
        return Reading(
            scores=(1 / (1 + np.exp(-odds))).tolist(),
            sums=highest,
            pieces=pieces,
            starts=[starts[place] for place in strongest],
            shares=[shares[place][:, head] for head, place in enumerate(strongest)],
        )

    def parts(self, ids: Sequence[int]) -> FloatArray:
        """Return what each piece of one window says, by piece and head; the marks at its ends have no say."""
        marked = np.array([[self.cutter.begin, *ids, self.cutter.end]], np.int64)
        (parts,) = self._session.run(None, {"ids": marked})
        return np.asarray(parts[0, 1:-1], np.float32)


def _windows(length: int) -> Iterator[int]:
    """Yield where windows start so that they cover `length` pieces; none for none."""
    start = 0
    while start == 0 < length or start + OVERLAP < length:
        yield start
        start += WINDOW - OVERLAP


def _session(network: bytes, folder: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has an exception of its own for each kind of damage
        raise _unusable("damaged", f"{folder / NETWORK} cannot be run: {type(error).__name__}.") from error


def _unusable(kind: str, message: str) -> ConfigurationError:
    remedy = "Reinstall evenhand, or make the model with `evenhand train-text`."
    return ConfigurationError(f"model.{kind}", message, field="text.toxicity", remedy=remedy)
