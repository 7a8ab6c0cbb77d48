"""Find what is repeated to fill a page, and what is no language at all: floods, copied lines, keys struck at random.

Only counts matter, never shares, so harmless text around a flood does not hide it. Enthusiasm is let be: laughter,
drawn out words and a few exclamation marks too many are no spam.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import ClassVar, Final

from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Example, Limits
from evenhand.detectors.findings import Finding, Sign, signals_of

SIGNS: Final = MappingProxyType(
    {
        "words": Sign("The same words over and over: 4 times or more, and 12 words or more.", {Label.SPAM: 0.35}),
        "word_flood": Sign("The same words over and over: 8 times or more, and 40 words or more.", {Label.SPAM: 0.65}),
        "lines": Sign("The same line of three words or more for the third time.", {Label.SPAM: 0.35}),
        "line_flood": Sign("The same line of three words or more for the sixth time.", {Label.SPAM: 0.6}),
        "block": Sign("The same twelve words in a row for the third time.", {Label.SPAM: 0.45}),
        "run": Sign("One letter, `!` or `?` 30 times in a row.", {Label.SPAM: 0.3}),
        "run_flood": Sign("One letter, `!` or `?` 100 times in a row; the next 100 count anew.", {Label.SPAM: 0.45}),
        "emoji": Sign("15 emoji in a row.", {Label.SPAM: 0.3}),
        "emoji_flood": Sign("40 emoji in a row; the next 40 count anew.", {Label.SPAM: 0.45}),
        "gibberish": Sign("A long word of keys struck at random.", {Label.SPAM: 0.55}),
    }
)
#: From how many times and how many words on words come over and over, and flood.
OVER_AND_OVER: Final = (4, 12)
FLOOD: Final = (8, 40)
LONGEST_PHRASE: Final = 8
#: At which time a line counts, and floods; how many words it must have; likewise for a block of words.
LINE_TIMES: Final = 3
LINE_FLOOD_TIMES: Final = 6
WORDS_OF_A_LINE: Final = 3
BLOCK_TIMES: Final = 3
WORDS_OF_A_BLOCK: Final = 12
RUN_FLOOD: Final = 100
EMOJI_FLOOD: Final = 40

_WORD: Final = re.compile(r"[^\W_]{1,400}+")
_RUN: Final = re.compile(r"([^\W\d_]|[!?])\1{29,99}+", re.IGNORECASE)
_EMOJI: Final = "\u2600-\u27bf\u2b50\u2b55\U0001f300-\U0001f3fa\U0001f400-\U0001faff"
_EMOJI_RUN: Final = re.compile(rf"(?:[{_EMOJI}][\ufe0f\u200d\U0001f3fb-\U0001f3ff ]{{0,4}}+){{15,40}}+")

#: A word of Latin letters that stands by itself: no part of an address, a path, a name in code or a code.
_LONG_WORD: Final = re.compile(r"(?<![\w./\\:@#=&?%+$<-])[A-Za-z]{9,60}+(?![\w/\\:@#=&%+$>(-]|\.\w)")
_KEY_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
#: How many neighbouring keys, struck one after the other, are a stroke along the keyboard.
_STROKE: Final = 6
_STROKES: Final = tuple(
    keys[at : at + _STROKE] for row in _KEY_ROWS for keys in (row, row[::-1]) for at in range(len(row) - _STROKE + 1)
)
#: The letters that laughter is written with in many languages, from `hahaha` to `kkkk` and `ajsjskajs`.
_LAUGHTER: Final = frozenset("aehijksux")
_VOWELS: Final = frozenset("aeiouy")
_HOME_ROW: Final = frozenset(_KEY_ROWS[1])
#: Pairs of consonants that words of languages in Latin letters have inside them; a seam of two words may have others.
_USUAL_PAIRS: Final = frozenset(
    """
    bb bd bj bl bn br bs bt bw cc ch ck cl cm cn cr cs ct cz db dd dg dh dj dl dm dn dr ds dt dv dw dz fb ff
    fl fr fs ft gb gd gg gh gl gm gn gr gs gt gw hb hd hh hk hl hm hn hr hs ht hw jd jj js kd kh kk kl km kn
    kr ks kt kv kw lb lc ld lf lg lh lj lk ll lm ln lp lr ls lt lv lw lz mb mc mf ml mm mn mp mr ms mt mw nb
    nc nd nf ng nh nj nk nl nm nn np nq nr ns nt nv nw nx nz pb pd pf ph pk pl pm pn pp pr ps pt pw qw rb rc
    rd rf rg rh rj rk rl rm rn rp rq rr rs rt rv rw rz sb sc sd sf sg sh sj sk sl sm sn sp sq sr ss st sv sw
    sz tb tc td tf tg th tj tk tl tm tn tp tr ts tt tv tw tz vl vn vr wb wd wf wh wk wl wm wn wr ws wt xc xp
    xt zb zd zh zk zl zm zn zr zw zz
    """.split()  # noqa: SIM905 - a list of pairs reads best as words
)
#: How many unusual pairs, and which share of all pairs, make a word that nobody speaks.
UNUSUAL_PAIRS: Final = 4
UNUSUAL_SHARE: Final = 0.35
#: A word of the middle row alone has fewer vowels than this when it is none.
VOWEL_SHARE: Final = 0.3


class RepetitionDetector:
    """Finds words, lines, letters and emoji that are repeated to fill the page, and keys struck at random."""

    id: ClassVar[str] = "text.repetition"
    modality: ClassVar[Modality] = Modality.TEXT
    labels: ClassVar[frozenset[Label]] = frozenset({Label.SPAM})
    limits: ClassVar[Limits] = Limits(seconds=0.5, megabytes=20)
    examples: ClassVar[tuple[Example, ...]] = (
        Example("buy now " * 20, Label.SPAM, is_hit=True),
        Example("first! " * 60, Label.SPAM, is_hit=True),
        Example("!" * 400, Label.SPAM, is_hit=True),
        Example("\U0001f525" * 120, Label.SPAM, is_hit=True),
        Example("dfkjghsdkfjhg skdjfhgksdjfhg", Label.SPAM, is_hit=True),
        Example("asdfghjkl", Label.SPAM, is_hit=True),
        Example("ha ha ha ha ha, that was very, very good!!!", Label.SPAM, is_hit=False),
        Example("Noooooooooooooo way!", Label.SPAM, is_hit=False),
        Example("The Rechtsschutzversicherung pays for the borscht in Szczebrzeszyn.", Label.SPAM, is_hit=False),
        Example("It is at commit 9f86d081884c7d65, in aGVsbG8gd29ybGQgYWdhaW4.", Label.SPAM, is_hit=False),
        Example("I loved it \U0001f600\U0001f600\U0001f600", Label.SPAM, is_hit=False),
    )
    version = "1"

    def detect(self, texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
        """Return a signal if something is repeated or meaningless."""
        return [signals_of(self, list(findings_in(text.original)), SIGNS) for text in texts]


def findings_in(text: str) -> Iterator[Finding]:
    """Yield every sign in `text`."""
    for match in _RUN.finditer(text):
        yield Finding(*match.span(), "run_flood" if len(match[0]) >= RUN_FLOOD else "run")
    if not text.isascii():
        for match in _EMOJI_RUN.finditer(text):
            count = sum(sign not in " \ufe0f\u200d" and not "\U0001f3fb" <= sign <= "\U0001f3ff" for sign in match[0])
            yield Finding(*match.span(), "emoji_flood" if count >= EMOJI_FLOOD else "emoji")
    for match in _LONG_WORD.finditer(text):
        if is_gibberish(match[0]):
            yield Finding(*match.span(), "gibberish")
    words = _WORD.findall(text.lower())
    repeated = len(words) - len(set(words))
    if repeated >= WORDS_OF_A_LINE * (LINE_TIMES - 1):
        yield from _repeated_words(text)
        yield from _repeated_lines(text)
    if repeated >= WORDS_OF_A_BLOCK * (BLOCK_TIMES - 1):
        yield from _repeated_blocks(text)


def is_gibberish(word: str) -> bool:
    """Whether `word`, of Latin letters, looks like keys struck at random; names and codes do not."""
    letters = word.lower()
    if not (word[1:].islower() or word.isupper()) or _LAUGHTER.issuperset(letters):
        return False
    pairs = [first + second for first, second in pairwise(letters)]
    if sum(pair[0] <= pair[1] for pair in pairs) == len(pairs):
        return False  # the alphabet, or a stretch of it
    # A letter twice may be a word drawn out.
    unusual = sum(_VOWELS.isdisjoint(pair) and pair not in _USUAL_PAIRS and pair[0] != pair[1] for pair in pairs)
    if unusual >= UNUSUAL_PAIRS and unusual >= UNUSUAL_SHARE * len(pairs):
        return True
    if any(stroke in letters for stroke in _STROKES):
        return True
    return _HOME_ROW.issuperset(letters) and sum(letter in _VOWELS for letter in letters) < VOWEL_SHARE * len(letters)


def _words_of(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    matches = list(_WORD.finditer(text))
    return [match[0].lower() for match in matches], [match.span() for match in matches]


def _repeated_words(text: str) -> Iterator[Finding]:
    """Yield the stretches in which up to `LONGEST_PHRASE` words come over and over, each once."""
    words, spans = _words_of(text)
    covered = bytearray(len(words))
    for period in range(1, LONGEST_PHRASE + 1):
        for begin, end in _stretches(words, period):
            times, length = (end - begin) // period, end - begin
            # A stretch of the same word is one of the same two words too.
            if times < OVER_AND_OVER[0] or length < OVER_AND_OVER[1] or covered[(begin + end) // 2]:
                continue
            covered[begin:end] = b"\1" * length
            is_flood = times >= FLOOD[0] and length >= FLOOD[1]
            yield Finding(spans[begin][0], spans[end - 1][1], "word_flood" if is_flood else "words")


def _stretches(words: Sequence[str], period: int) -> Iterator[tuple[int, int]]:
    """Yield the longest stretches of `words` in which each word is the one `period` places before it."""
    begin = 0
    for at in range(period, len(words) + 1):
        if at == len(words) or words[at] != words[at - period]:
            if at - begin > period:
                yield begin, at
            begin = at - period + 1


def _repeated_blocks(text: str) -> Iterator[Finding]:
    """Yield the blocks of words that were there often enough before; blocks do not overlap."""
    words, spans = _words_of(text)
    seen: dict[tuple[str, ...], tuple[int, int]] = {}
    free_from = 0
    for begin in range(len(words) - WORDS_OF_A_BLOCK + 1):
        end = begin + WORDS_OF_A_BLOCK
        block = tuple(words[begin:end])
        times, last_end = seen.get(block, (0, 0))
        if times and begin < last_end:
            continue
        seen[block] = (times + 1, end)
        # Fewer different words are a phrase over and over, which is another sign.
        if times + 1 >= BLOCK_TIMES and begin >= free_from and len(set(block)) > LONGEST_PHRASE:
            free_from = end
            yield Finding(spans[begin][0], spans[end - 1][1], "block")


def _repeated_lines(text: str) -> Iterator[Finding]:
    """Yield the lines that were there often enough before."""
    times: Counter[str] = Counter()
    begin = 0
    for line in text.split("\n"):
        written = line.strip().lower()
        times[written] += 1
        if times[written] >= LINE_TIMES and len(_WORD.findall(written)) >= WORDS_OF_A_LINE:
            sign = "line_flood" if times[written] >= LINE_FLOOD_TIMES else "lines"
            yield Finding(begin, begin + len(line), sign)
        begin += len(line) + 1
