"""Measure how many words of recorded speech are heard wrongly, clip by clip.

The words of each clip stand beside it in a file that ends in `.txt`, or all of them in one file of lines such as
`<s> words </s> (name)` or `name: words`, as Debian's pocketsphinx-testdata and asterisk-core-sounds-en have them.

    python tools/speech_words.py FOLDER [--words FILE] [--least WORDS] [--every NUMBER] [--noise DECIBELS]

A word that is left out, put in or put in place of another is one error. Case and punctuation do not count, nor whether
a number is written in digits.
"""

import argparse
import gzip
import re
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from evenhand.content.clip import SOUND_RATE, SoundArray
from evenhand.detectors.audio.speech import SpeechReader

SOUNDS = ("wav", "flac", "mp3", "ogg", "m4a", "g722")
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
#: What counts as an apostrophe.
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
#: What is written in more than one way.
ALIKE = {"mr": "mister", "mrs": "missus", "dr": "doctor", "ok": "okay"} | {
    str(n): word for n, word in enumerate(NUMBERS)
}
#: A line of a file with the words of many clips.
LINE = re.compile(r"<s> (?P<words>.*) </s> \((?P<name>.+)\)\s*|(?P<other>[^;:]+): (?P<rest>.*)")


@dataclass
class Total:
    """What came of all clips."""

    clips: int = 0
    words: int = 0
    wrong: int = 0
    unclear: int = 0
    seconds: float = 0.0
    processor: float = 0.0


def words_of(text: str) -> list[str]:
    """Return the words of `text` in the form in which they are compared."""
    bare = re.sub(r"[^\w' ]", " ", text.casefold().replace(APOSTROPHE, "'"))
    parts = [ALIKE.get(part.strip("'"), part.strip("'")) for part in bare.split()]
    # Longer numbers are compared digit by digit, since those of telephones are said so.
    return [ALIKE.get(word, word) for part in parts for word in (part if part.isdigit() else [part]) if word]


def errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return how many words must be left out, put in or replaced to make the one of the other."""
    row = list(range(len(heard) + 1))
    for place, word in enumerate(said, 1):
        before, row[0] = row[0], place
        for column, other in enumerate(heard, 1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (word != other))
    return row[-1]


def transcripts(folder: Path, listed: Path | None) -> Iterator[tuple[Path, str]]:
    """Yield each clip with what is said in it."""
    if listed is None:
        for clip in sorted(path for kind in SOUNDS for path in folder.glob(f"*.{kind}")):
            if (beside := clip.with_suffix(".txt")).is_file():
                yield clip, beside.read_text(encoding="utf-8")
        return
    data = listed.read_bytes()
    lines = (gzip.decompress(data) if listed.suffix == ".gz" else data).decode(errors="replace").splitlines()
    for found in filter(None, map(LINE.fullmatch, lines)):
        name, words = str(found["name"] or found["other"]), str(found["words"] or found["rest"])
        clip = next((path for kind in SOUNDS if (path := folder / f"{name}.{kind}").is_file()), folder / name)
        # What is in brackets is no speech.
        if clip.is_file() and not re.search(r"[\[\](){}<>]", words):
            yield clip, words


def sound_of(path: Path) -> SoundArray:
    """Return the sound of a file as it is heard."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", SOUND_RATE)
        frames = [made for frame in container.decode(audio=0) for made in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames]).astype(np.int16)


def in_noise(sound: SoundArray, decibels: float) -> SoundArray:
    """Return `sound` in white noise that is weaker by so many decibels."""
    samples = sound.astype(np.float64)
    noise = np.random.default_rng(0).standard_normal(len(sound)) * samples.std() * 10 ** (-decibels / 20)
    mixed = samples + noise
    fitting: SoundArray = (mixed * min(1.0, 32_000 / np.abs(mixed).max())).astype(np.int16)
    return fitting


def main() -> None:
    """Print the errors of each clip, and of all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=Path, help="One file with the words of all clips.")
    parser.add_argument("--least", type=int, default=1, help="Leave out clips with fewer words.")
    parser.add_argument("--every", type=int, default=1, help="Take only every so many-th clip.")
    parser.add_argument("--noise", type=float, help="Add noise that is weaker by so many decibels.")
    parser.add_argument("--model", default="", help="Folder of another model.")
    arguments = parser.parse_args()
    listener = SpeechReader(arguments.model)
    total = Total()
    chosen = [(path, text) for path, text in transcripts(arguments.folder, arguments.words)]
    chosen = [(path, text) for path, text in chosen if len(words_of(text)) >= arguments.least][:: arguments.every]
    for path, text in chosen:
        sound = sound_of(path) if arguments.noise is None else in_noise(sound_of(path), arguments.noise)
        begin = time.process_time()
        heard = listener.hear(sound, begin=0.0).utterances
        total.processor += time.process_time() - begin
        said, written = words_of(text), words_of(" ".join(utterance.text for utterance in heard))
        wrong = errors(said, written)
        is_unclear = not heard or not all(utterance.is_clear for utterance in heard)
        total.clips += 1
        total.words += len(said)
        total.wrong += wrong
        total.unclear += is_unclear
        total.seconds += len(sound) / SOUND_RATE
        mark = "unclear" if is_unclear else ""
        languages = ",".join(sorted({utterance.language or "?" for utterance in heard}))
        print(f"{wrong:3} of {len(said):3} {languages:3} {mark:8} {path.name}", flush=True)
        if wrong:
            print(f"      said  {' '.join(said)}\n      heard {' '.join(written)}", flush=True)
    if not total.clips:
        raise SystemExit("No clip has words beside it.")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{total.clips} clips, {total.words} words, {total.wrong} wrong: {total.wrong / total.words:.1%}\n"
        f"{total.unclear} clips are not clear\n"
        f"{total.seconds:.0f} s of sound in {total.processor:.0f} s of processor time: "
        f"{total.seconds / total.processor:.1f} times as fast as it is said\n"
        f"{peak:.0f} MiB at most, {listener.version}"
    )


if __name__ == "__main__":
    main()
