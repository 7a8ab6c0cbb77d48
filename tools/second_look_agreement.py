"""Print how far a chat endpoint's second look agrees with 40 hand-written borderline texts, and how often it answers.

`python tools/second_look_agreement.py http://127.0.0.1:11434/v1 MODEL` sends the texts in second_look_sample.tsv there.
A figure of 40 texts is good for telling a model that is of no use from one that may be; choose by texts of your own.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from evenhand.core.taxonomy import Label
from evenhand.second_look.band import Interval
from evenhand.second_look.look import Question, Reply, SecondLook, Unavailable

SAMPLE = Path(__file__).with_name("second_look_sample.tsv")
_ANY = Interval(0.0, 1.0)


def read_sample() -> list[tuple[Question, bool]]:
    """Return each question of the sample with whether its text is harmful."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(Question(row["text"], Label(row["category"]), _ANY), row["harmful"] == "1") for row in rows]


def summary(replies: Sequence[tuple[Reply, bool]]) -> list[str]:
    """Return the lines to print about `replies`, each with what is true."""
    unavailable = Counter(str(reply.reason) for reply, _ in replies if isinstance(reply, Unavailable))
    answered = [(reply.score == _ANY.high, truth) for reply, truth in replies if not isinstance(reply, Unavailable)]
    lines = [f"answered: {len(answered)} of {len(replies)}"]
    lines += [f"  no answer, {reason}: {count}" for reason, count in unavailable.most_common()]
    for truth, word in ((True, "harmful"), (False, "harmless")):
        said = [answer for answer, own in answered if own is truth]
        lines.append(f"{word} texts that got an answer: {len(said)}, of them said to be so: {said.count(truth)}")
    agreed = sum(answer is truth for answer, truth in answered)
    lines.append(f"agreed: {agreed} of {len(answered)} answers, {agreed} of {len(replies)} texts")
    return lines


def main() -> None:
    """Read the arguments, ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="as in the setting second_look_url")
    parser.add_argument("model", help="as in the setting second_look_model")
    parser.add_argument("--key-file", type=Path, help="file that holds the key")
    parser.add_argument("--seconds", type=float, default=30.0, help="longest time for an answer")
    given = parser.parse_args()
    key = given.key_file.read_text(encoding="utf-8").strip() if given.key_file else ""
    look = SecondLook(given.url, model=given.model, key=key, timeout_seconds=given.seconds, concurrent_calls=1)
    sample = read_sample()
    try:
        replies = [(look.ask(question).result(), truth) for question, truth in sample]
    finally:
        look.close()
    sys.stdout.write("\n".join(summary(replies)) + "\n")


if __name__ == "__main__":
    main()
