"""How often the watch is right, on passages that were labelled by hand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from evenhand.audit.watch.judging import findings_in, strength
from evenhand.core.share import Share

#: Files of passages, by name, and what they may be used for.
SETS: Final = {
    "frozen": "written before the words and rules, by the same author, and not tuned on",
    "build": "the words and rules were tuned on these",
}
_FOLDER: Final = Path(__file__).with_name("passages")
_HEAD: Final = re.compile(r"^%% (classifies|states|nothing) ([a-z]+)(?: ([a-z]+))?$", re.MULTILINE)
_PROSE: Final = frozenset({"md", "html", "txt"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage with its label.

    Args:
        label: What somebody said that it is.
        suffix: The kind of file that it could stand in, such as `md`.
        attribute: Which attribute it is about; empty if about none.
        text: One or more lines.
    """

    label: Literal["classifies", "states", "nothing"]
    suffix: str
    attribute: str
    text: str

    @property
    def found(self) -> str:
        """What the watch says that it is."""
        findings = findings_in(self.text, named=self.suffix not in _PROSE)
        return min(findings, key=strength).concern if findings else "nothing"

    @property
    def found_attributes(self) -> frozenset[str]:
        """Which attributes the watch says that software tells there."""
        findings = findings_in(self.text, named=self.suffix not in _PROSE)
        return frozenset(finding.attribute for finding in findings if finding.concern == "classifies")

    @property
    def is_chinese(self) -> bool:
        """Whether it has Chinese characters."""
        return bool(re.search("[\u3400-\u9fff]", self.text))


def passages_of(name: str) -> list[Passage]:
    """Return the passages of one of `SETS`."""
    return list(_read((_FOLDER / f"{name}.txt").read_text(encoding="utf-8")))


def table(name: str) -> list[tuple[str, Share]]:
    """Return what is measured on one of `SETS`: how often the watch is right, each with of how many.

    Precision and recall are about `classifies`: that software tells who people are.
    """
    passages = passages_of(name)
    found = [(passage, passage.found) for passage in passages]
    named = [passage for passage, said in found if said == "classifies"]
    meant = [passage for passage in passages if passage.label == "classifies"]
    both = [passage for passage in named if passage.label == "classifies"]
    rows = [("precision", Share(len(both), len(named)))]
    for title, chosen in (
        ("recall", meant),
        ("recall, English", [passage for passage in meant if not passage.is_chinese]),
        ("recall, Chinese", [passage for passage in meant if passage.is_chinese]),
    ):
        rows.append((title, Share(sum(passage in both for passage in chosen), len(chosen))))
    attribute = sum(passage.attribute in passage.found_attributes for passage in both)
    rows.append(("the attribute is the right one", Share(attribute, len(both))))
    for label, title in (("states", "stated ones, said so"), ("nothing", "look-alikes, passed over")):
        of = [said for passage, said in found if passage.label == label]
        rows.append((title, Share(of.count(label), len(of))))
    return rows


def as_text() -> str:
    """Return the tables of all sets, with intervals that hold the truth 95 times in a hundred (Wilson)."""
    lines: list[str] = []
    for name, what in SETS.items():
        lines.append(f"{name}: {len(passages_of(name))} passages, {what}")
        for title, share in table(name):
            low, high = share.interval
            value = "-" if share.value is None else f"{share.value:.1%}"
            lines.append(f"  {title:32}{share.count:4} of {share.of:3}  {value:>6}  ({low:.1%} to {high:.1%})")
    return "\n".join(lines)


def _read(text: str) -> Iterator[Passage]:
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        label: Literal["classifies", "states", "nothing"] = head[1]  # type: ignore[assignment]
        yield Passage(label, head[2], head[3] or "", text[head.end() : end].strip("\n"))
