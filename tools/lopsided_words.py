"""Print the words that stand (nearly) only in the harmful ones of evenhand's own sentences, most lopsided first.

`python tools/lopsided_words.py --data FOLDER` reads the training's own sentences; FOLDER holds the data sets, whose
words fill some of them. A model takes such a word for a sign of harm, so what is missing is harmless sentences with it.
Each line has how many harmful and harmless rows hold the word, or the pair of words. `--head THREAT --head violence`
looks at these harms, and not at toxicity.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from evenhand.core.taxonomy import Label
from evenhand.learn.compose import compose_rows
from evenhand.learn.corpora import HEADS, TOXICITY, Row
from evenhand.learn.dev_sets import words_of
from evenhand.learn.recipe import read_recipe

#: Letters of a word that is counted on its own; shorter ones say nothing.
_SHORTEST = 3


def lopsided(
    rows: Iterable[Row], *, heads: Collection[Label] = (TOXICITY,), at_least: int, in_sets: int, times: float
) -> Iterator[tuple[str, int, int]]:
    """Yield words and pairs of words with their numbers of harmful and harmless rows, most lopsided first.

    Args:
        rows: Own sentences; those that say nothing of any of `heads` are left out.
        heads: What harm is looked at: a row is harmful when more say yes than no to one of them.
        at_least: In how many harmful rows a word must stand.
        in_sets: In the harmful rows of how many sets.
        times: How many times as often as in harmless rows, share against share.
    """
    found: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    totals: Counter[bool] = Counter()
    sets = defaultdict(set)
    for row in rows:
        if not (shares := [row.targets[head] for head in heads if head in row.targets]):
            continue
        words = words_of(row.text)
        held = {*(word for word in words if len(word) >= _SHORTEST), *map(" ".join, pairwise(words))}
        is_harmful = max(shares) >= 0.5  # noqa: PLR2004 -- more say yes than no
        totals[is_harmful] += 1
        found[is_harmful].update(held)
        if is_harmful:
            for word in held:
                sets[word].add(row.source)

    def ratio(word: str) -> float:
        harmful, harmless = (found[kind][word] + 0.5 for kind in (True, False))
        return harmful / harmless * totals[False] / max(1, totals[True])

    often = (word for word, count in found[True].items() if count >= at_least and len(sets[word]) >= in_sets)
    kept = {word: share for word in often if (share := ratio(word)) >= times}
    for word in sorted(kept, key=kept.__getitem__, reverse=True):
        yield word, found[True][word], found[False][word]


def main() -> None:
    """Read the arguments and print the words."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--head", action="append", type=Label, choices=HEADS, help="harm looked at; may be repeated")
    parser.add_argument("--at-least", type=int, default=25, help="harmful rows that a word must stand in")
    parser.add_argument("--in-sets", type=int, default=3, help="sets of sentences that these rows must be of")
    parser.add_argument("--times", type=float, default=4.0, help="how many times as often as in harmless rows")
    given = parser.parse_args()
    heads = given.head or [TOXICITY]
    limits = {"at_least": given.at_least, "in_sets": given.in_sets, "times": given.times}
    rows = compose_rows(given.data, seed=read_recipe().seed)
    for word, harmful, harmless in lopsided(rows, heads=heads, **limits):
        print(f"{word}\t{harmful}\t{harmless}")


if __name__ == "__main__":
    main()
