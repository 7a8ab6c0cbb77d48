"""Measure `evenhand audit docs` on its frozen passages without the words that could have been taken from them.

Whoever wrote the word lists had written the frozen passages before. This drops every term that stands in a frozen
passage and in none of those for building, whether it was remembered or is simply common, and measures again: a lower
bound of what the watch does on documents that nobody who wrote its words has seen.
"""

import re
import tempfile
from pathlib import Path

from evenhand.audit.watch import evaluation, words


def main() -> None:
    """Print how many terms were dropped, and the table."""
    with tempfile.TemporaryDirectory() as folder:
        reduced = Path(folder) / "words.txt"
        lines, dropped = without_frozen(words._FILE.read_text(encoding="utf-8"))  # noqa: SLF001
        reduced.write_text("\n".join(lines), encoding="utf-8")
        words._FILE = reduced  # type: ignore[misc]  # noqa: SLF001
        words.words.cache_clear()
        print(f"{dropped} terms dropped")
        print(evaluation.as_text())


def without_frozen(text: str) -> tuple[list[str], int]:
    """Return the lines of words.txt without those terms, and how many they were."""
    frozen, build = read("frozen"), read("build")
    lines: list[str] = []
    dropped, section = 0, ""
    for line in text.splitlines():
        section = line if line.startswith("[") else section
        if line.startswith(("[", "#")) or section == "[folding]":
            lines.append(line)
            continue
        terms = [term for term in re.split(r",\s*", line) if term]
        kept = [term for term in terms if not stands_in(term, frozen) or stands_in(term, build)]
        dropped += len(terms) - len(kept)
        lines.append(", ".join(kept))
    return lines, dropped


def read(name: str) -> str:
    """Return the passages of a set as the watch reads them."""
    known = words.words()
    return " ; ".join(known.read(passage.text.replace("\n", " ; ")) for passage in evaluation.passages_of(name))


def stands_in(term: str, text: str) -> bool:
    """Return whether the watch would find `term` in `text`."""
    return re.search(words._pattern(term), text) is not None  # noqa: SLF001


if __name__ == "__main__":
    main()
