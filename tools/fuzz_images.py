"""Decode many broken image files and print what became of them.

`python tools/fuzz_images.py --files 100000 --seed 1` breaks real files of every format, as tests/mutations.py does, and
feeds them to two workers. It ends with 1 if a file was answered with anything but a picture or an error with a code.
File N of a seed is always the same; `--only N` decodes that one alone.
"""

import argparse
import importlib
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from pathlib import Path

from evenhand.content.decoding import Decoder
from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError

WORKERS = 2
#: Share of the files that are said to be PNG, whatever they are.
_STATED = 0.05
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))


class Fuzz:
    """Broken files by number, and what becomes of them."""

    def __init__(self, decoder: Decoder, seed: int) -> None:
        self._decoder = decoder
        self._seed = seed
        self._mutated = importlib.import_module("mutations").mutated
        self.surprises: list[str] = []
        self.memory = 0
        self.memory_limit = 0

    def file(self, number: int) -> ImageFile:
        """Return file `number` of the seed, with a media type that may be wrong."""
        source = random.Random(f"{self._seed}:{number}")  # noqa: S311 -- reproducible, not secret
        data = self._mutated(source)
        return ImageFile(data, "image/png" if source.random() < _STATED else "")

    def decode(self, number: int) -> tuple[str, float, int]:
        """Decode file `number` and return what became of it, and in which time."""
        file = self.file(number)
        begin = time.perf_counter()
        try:
            self._decoder.decode(file)
        except InputError as error:
            outcome = error.code
        except Exception as error:  # noqa: BLE001 -- what may not happen is what is looked for
            outcome = "surprise"
            self.surprises.append(f"file {number}: {error!r}")
        else:
            outcome = "decoded"
        seconds = time.perf_counter() - begin
        self._measure()
        return outcome, seconds, number

    def _measure(self) -> None:
        for process_id in self._decoder.process_ids:
            folder = Path(f"/proc/{process_id}")
            try:
                self.memory = max(self.memory, _number(folder / "status", "VmHWM:") * 1024)
                self.memory_limit = max(self.memory_limit, _number(folder / "limits", "Max address space"))
            except (OSError, StopIteration, ValueError):
                # It has ended, or is only about to begin.
                continue


def _number(file: Path, name: str) -> int:
    line = next(line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith(name))
    return int(line.removeprefix(name).split()[0])


def report(fuzz: Fuzz, results: Sequence[tuple[str, float, int]], replaced: int) -> Iterable[str]:
    """Yield the lines to print."""
    outcomes = Counter(outcome for outcome, _, _ in results)
    _, seconds, number = max(results, key=itemgetter(1))
    yield f"files                    {len(results):>8}"
    yield f"decoded                  {outcomes['decoded']:>8}"
    for outcome, count in outcomes.most_common():
        if outcome != "decoded":
            yield f"{outcome:24} {count:>8}"
    yield f"workers replaced         {replaced:>8}"
    yield f"largest worker           {fuzz.memory >> 20:>8} MiB resident, of {fuzz.memory_limit >> 20} MiB allowed"
    yield f"longest time             {seconds:>8.2f} s, for file {number}"
    yield from fuzz.surprises


def main() -> None:
    """Read the arguments, decode and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="number of the one file to decode")
    arguments = parser.parse_args()
    numbers = range(arguments.files) if arguments.only is None else [arguments.only]
    with Decoder(workers=WORKERS) as decoder, ThreadPoolExecutor(WORKERS) as threads:
        fuzz = Fuzz(decoder, arguments.seed)
        results = list(threads.map(fuzz.decode, numbers))
        print("\n".join(report(fuzz, results, decoder.replaced)))
    sys.exit(1 if fuzz.surprises else 0)


if __name__ == "__main__":
    main()
