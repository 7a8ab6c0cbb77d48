"""Print how often the matches of the word lists were right, by severity, on labelled texts in a CSV file.

`python tools/lexicon_precision.py data.csv --truth obscene --category profanity` reads the columns `text` and
`obscene`, and 1 in the latter says that the text is one. The figures in docs/lexicons.md were made with it.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from evenhand.content.text import Text
from evenhand.core.taxonomy import Label
from evenhand.detectors.text.lexicon import CATEGORIES, SCORES, LexiconDetector


def precision_by_severity(
    texts: Iterable[tuple[str, bool]], categories: frozenset[Label]
) -> dict[int, tuple[int, float]]:
    """Return, for each severity that is the highest in some text, how many such texts there are and the share right."""
    detector = LexiconDetector()
    seen: Counter[int] = Counter()
    right: Counter[int] = Counter()
    for text, is_right in texts:
        matches = detector.matches(Text(text))
        severity = max((match.entry.severity for match in matches if categories & set(match.entry.labels)), default=0)
        seen[severity] += 1
        right[severity] += is_right
    return {severity: (seen[severity], right[severity] / seen[severity]) for severity in sorted(seen)}


def main() -> None:
    """Read the arguments and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", default="text", help="column of the texts")
    parser.add_argument("--truth", required=True, help="column that holds 1 where the text is one")
    parser.add_argument("--category", required=True, action="append", choices=[str(label) for label in CATEGORIES])
    arguments = parser.parse_args()
    csv.field_size_limit(2**30)
    with arguments.file.open(encoding="utf-8", newline="") as file:
        texts = [(row[arguments.text], row[arguments.truth] == "1") for row in csv.DictReader(file)]
    sys.stdout.write("severity  score  texts  right\n")
    for severity, (count, share) in precision_by_severity(texts, frozenset(map(Label, arguments.category))).items():
        sys.stdout.write(f"{severity or '-':>8}  {SCORES.get(severity, 0):5.2f}  {count:5}  {share:5.2f}\n")


if __name__ == "__main__":
    main()
