"""What a line of a document says of people, and how sure that is.

A word alone says little: `age` is also how old a cache entry is, and a passenger states a nationality. What stands
beside the word decides, then what encloses the line and what stands around it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from evenhand.audit.watch.words import words

#: `classifies`: the software says it of people, or finds people by it. `states`: somebody fills it in, it is printed
#: on what is read, or nobody says where it comes from.
Concern = Literal["classifies", "states"]
Sure = Literal["high", "medium", "low"]

#: What editors count as the end of a line; Python counts more.
_NEW_LINE: Final = re.compile(r"\r\n|\r|\n")
#: Lines before and after that tell how a line is meant.
_AROUND: Final = 2
#: Enclosing lines that are looked at, and how far up they are looked for.
_ENCLOSING: Final = 6
_FAR: Final = 400
_TAB: Final = 4
#: Longer lines are read in parts, so that what stands beside a word is near it.
_LONGEST_PART: Final = 300
_MARKS: Final = (" ", ",", ">", "\u3002")
_TELLING: Final = ("model", "seen", "sought")
_WHY: Final = {
    "model": "software that judges",
    "seen": "people who are seen or heard",
    "sought": "people who are looked for",
    "stated": "what somebody fills in or a document shows",
}
_BESIDE: Final = "beside it"
_AROUND_IT: Final = "around it"
_RANK: Final = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """A line that tells an attribute of people.

    Args:
        line: Its number, from 1.
        attribute: Which attribute, as words.txt names it.
        concern: Whether the software says it, or somebody states it.
        sure: How sure that is.
        word: The word that gave it away, as it was read.
        why: What decided, in words.
        quote: The line as it stands, or the part of it that says so.
    """

    line: int
    attribute: str
    concern: Concern
    sure: Sure
    word: str
    why: str
    quote: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A line, or a part of a long one: as it stands, as it is read, and how far it is indented."""

    line: int
    quote: str
    read: str
    indent: int


@dataclass(frozen=True, slots=True)
class _Mention:
    """A word of a part that names an attribute, and whether it hardly means anything else."""

    part: _Part
    attribute: str
    word: str
    is_plain: bool


def findings_in(text: str, *, name: str = "", named: bool = True) -> list[Finding]:
    """Return what `text` tells of people, in the order of its lines, once for a line and an attribute.

    Args:
        text: A document.
        name: Its path or address, which tells what it is about.
        named: Whether a name that nothing explains counts, as in a schema or source; not so in prose.
    """
    parts = [part for number, line in enumerate(_NEW_LINE.split(text), 1) for part in _parts(number, line)]
    read_name = words().read(name)
    found: dict[tuple[int, str], Finding] = {}
    for place, part in enumerate(parts):
        mentions = list(_mentions(part)) if words().may_name(part.read) else []
        context = _context(parts, place) if mentions else ""
        for mention in mentions:
            finding = _judge(mention, context=context, name=read_name, named=named)
            if finding and _is_stronger(finding, found.get((part.line, mention.attribute))):
                found[part.line, mention.attribute] = finding
    return list(found.values())


def strength(finding: Finding) -> tuple[bool, int]:
    """Return a key that sorts the strongest first: what software says before what is stated, the surest first."""
    return finding.concern != "classifies", _RANK[finding.sure]


def _is_stronger(finding: Finding, other: Finding | None) -> bool:
    return other is None or strength(finding) < strength(other)


def _parts(number: int, line: str) -> Iterator[_Part]:
    plain = line.expandtabs(_TAB)
    indent = len(plain) - len(plain.lstrip())
    line = line.strip()
    begin = 0
    while begin < len(line):
        end = begin + _LONGEST_PART
        # A part ends where a word does, unless there is no such place.
        if end < len(line):
            end = max(line.rfind(mark, begin, end) + 1 for mark in _MARKS) or end
        part = line[begin:end]
        yield _Part(number, part.strip(), words().read(part), indent)
        begin = end


def _mentions(part: _Part) -> Iterator[_Mention]:
    """Yield each attribute that the line names, once."""
    known = words()
    for attribute in known.attributes:
        if found := known.plain[attribute].search(part.read):
            yield _Mention(part, attribute, found[0], is_plain=True)
        elif found := known.vague[attribute].search(part.read):
            yield _Mention(part, attribute, found[0], is_plain=False)


def _context(parts: Sequence[_Part], place: int) -> str:
    """Return what tells how a line is meant: the lines around it and those that enclose it, by their indentation."""
    around = (*parts[max(0, place - _AROUND) : place], *parts[place + 1 : place + 1 + _AROUND])
    enclosing: list[str] = []
    indent = parts[place].indent
    for part in reversed(parts[max(0, place - _FAR) : place]):
        if part.indent < indent:
            enclosing.append(part.read)
            indent = part.indent
        if not indent or len(enclosing) == _ENCLOSING:
            break
    return " . ".join((*(part.read for part in around), *enclosing))


def _judge(mention: _Mention, *, context: str, name: str, named: bool) -> Finding | None:
    """Return what the line says, or nothing if the word means something else there."""
    part, known = mention.part, words()
    here = _signs(part.read, mention.word)
    is_alike = known.alike[mention.attribute].search(part.read) and not ("seen" in here and mention.is_plain)
    if is_alike or _is_denied(part.read, mention.word):
        return None
    telling = [kind for kind in _TELLING if kind in here]
    if "stated" in here and "seen" not in here:
        return _finding(mention, "states", "high", "stated", where=_BESIDE)
    if telling:
        sure: Sure = "high" if mention.is_plain and ("seen" in telling or len(telling) > 1) else "medium"
        return _finding(mention, "classifies", sure, *telling, where=_BESIDE)
    return _judge_by_context(mention, context, name, named=named)


def _judge_by_context(mention: _Mention, context: str, name: str, *, named: bool) -> Finding | None:
    """Return what the line says by what stands around it."""
    there = _signs(f"{context} . {name}", "")
    nearby = [kind for kind in _TELLING if kind in there]
    # What means something else around a vague word means so here too.
    is_alike = words().alike[mention.attribute].search(context)
    if "stated" in there:
        return _finding(mention, "states", "medium", "stated", where=_AROUND_IT)
    if nearby and (mention.is_plain or ("seen" in nearby and not is_alike)):
        sure: Sure = "medium" if mention.is_plain else "low"
        return _finding(mention, "classifies", sure, *nearby, where=_AROUND_IT)
    if mention.is_plain and named:
        return _finding(mention, "states", "low", where="")
    return None


def _finding(mention: _Mention, concern: Concern, sure: Sure, *kinds: str, where: str) -> Finding:
    reasons = " and ".join(_WHY[kind] for kind in kinds)
    why = f"words for {reasons} {where}" if kinds else "nothing says where it comes from"
    part = mention.part
    return Finding(part.line, mention.attribute, concern, sure, mention.word, why, part.quote)


def _signs(read: str, word: str) -> frozenset[str]:
    """Return the kinds of signs in `read`, without the word itself and with what is stated taken out first."""
    known = words().signs
    rest = read.replace(word, " ") if word else read
    kinds = {"stated"} if known["stated"].search(rest) else set()
    rest = known["stated"].sub(" ", rest)
    return frozenset(kinds | {kind for kind in _TELLING if known[kind].search(rest)})


def _is_denied(read: str, word: str) -> bool:
    """Return whether every sentence that has the word says that it is not done."""
    sentences = [sentence for sentence in read.split(" . ") if word in sentence]
    return all(words().signs["denial"].search(sentence) for sentence in sentences)
