"""Time several ways of screening the same texts, so that what is compared was measured alike."""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

#: Texts in one large call; the engine's own batch size.
BATCH: Final = 32

_WORDS: Final = """
the the the a a this that my your our their some every and and you they are it's what people about game thread post
match season update bridge garden recipe train question answer photo review ticket city council street market teacher
doctor river winter morning coffee music is was looks feels seems went came made broke fixed wrote read saw heard
liked missed explained changed moved quite really barely often never again today tomorrow together slowly with without
after before because although good bad strange late early quiet loud honest boring lovely expensive useful empty
famous broken simple
"""
_BARBS: Final = ("you are an idiot", "what a stupid take", "shut up", "this is garbage and so are you")


def sample_texts(count: int, *, words: int = 33, seed: int = 20261123) -> list[str]:
    """Return `count` made-up comments of about `words` words, one in eight of them rude."""
    vocabulary = _WORDS.split()
    chooser = random.Random(seed)  # noqa: S311 -- a seed is what is wanted
    texts = []
    for number in range(count):
        made = chooser.choices(vocabulary, k=chooser.randint(words - 8, words + 8))
        if number % 8 == 0:
            made.insert(len(made) // 2, chooser.choice(_BARBS))
        texts.append(f"{' '.join(made).capitalize()}.")
    return texts


@dataclass(frozen=True, slots=True)
class Timing:
    """What was measured of one way to screen.

    Args:
        name: What was called.
        p50: Milliseconds for a single text, median.
        p95: The same, 95th percentile.
        p99: The same, 99th percentile.
        single_per_second: Texts a second, one at a time.
        batch_per_second: Texts a second, 32 at a time.
    """

    name: str
    p50: float
    p95: float
    p99: float
    single_per_second: float
    batch_per_second: float


Call = Callable[[Sequence[str]], object]


class Stopwatch:
    """Seconds that several ways of screening took for the same texts.

    They take turns, so that a slow moment hits all alike, and so that two ways can be compared turn by turn.
    """

    def __init__(self, calls: dict[str, Call]) -> None:
        self._calls = calls
        self._singles: dict[str, list[float]] = {name: [] for name in calls}
        self._batches: dict[str, list[float]] = {name: [] for name in calls}

    def measure(self, texts: Sequence[str], *, seconds: float) -> None:
        """Time every way on all of `texts` at least once, and for `seconds` at least."""
        for call in self._calls.values():
            call(texts[:BATCH])
        deadline = time.perf_counter() + seconds
        turn = 0
        while time.perf_counter() < deadline or turn * BATCH < len(texts):
            start = turn * BATCH % len(texts)
            self._take_turns(texts[start : start + BATCH])
            turn += 1

    def timings(self) -> list[Timing]:
        """Return the figures of each way."""
        return [self._timing(name) for name in self._calls]

    def overhead(self, name: str, over: str) -> float:
        """Return how much longer `name` takes for a batch than `over`, as a share: the median over the turns."""
        pairs = zip(self._batches[name], self._batches[over], strict=True)
        return statistics.median(one / other for one, other in pairs) - 1

    def _take_turns(self, batch: Sequence[str]) -> None:
        for name, call in self._calls.items():
            self._singles[name] += [_time(call, [text]) for text in batch]
        for name, call in self._calls.items():
            self._batches[name].append(_time(call, batch) / len(batch))

    def _timing(self, name: str) -> Timing:
        cuts = statistics.quantiles(self._singles[name], n=100)
        return Timing(
            name,
            p50=cuts[49] * 1000,
            p95=cuts[94] * 1000,
            p99=cuts[98] * 1000,
            single_per_second=1 / statistics.median(self._singles[name]),
            batch_per_second=1 / statistics.median(self._batches[name]),
        )


def _time(call: Call, texts: Sequence[str]) -> float:
    started = time.perf_counter()
    call(texts)
    return time.perf_counter() - started
