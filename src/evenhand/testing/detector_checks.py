"""The checks that every detector must pass, built-in or plugin. They need no test framework but something like pytest.

    class TestMyDetector(DetectorChecks):
        detector_class = MyDetector

They check promises, not quality: how well a detector detects is measured elsewhere.
"""

import functools
import inspect
import itertools
import json
import math
import time
import unittest
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, Final

from evenhand.content.text import Text
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Detector
from evenhand.testing.declaration_checks import DeclarationChecks, load_once, require, require_memory
from evenhand.testing.memory_probe import PROGRAM, STATUS

#: What a detector must bear. All of it is text that `content.prepare` lets through.
ODD_TEXTS: Final = (
    ".",
    "\u200b\u200d\ufeff",
    "nothing\x00but\x00nulls\x00",
    "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f",
    "\u202ekcuf\u202c you \u2066and\u2069 \u200f\u202b!",
    "\U0001f600" * 4_000,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f3fd" * 300,
    "Z\u0351\u036b\u0343\u036a\u0302" * 1_000,
    "a" * 20_000,
    "f*" * 5_000,
    "word " * 4_000,
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u4f60\u597d \u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "\u0130\u0131\u1e9e\ufb03\u2126\u01c4\u0149\u1f80",
    "\ufffd\ufffe\uffff\U0010ffff\ue000",
    "<b>&amp;</b> %s {0} \\ ' \" -- ; DROP TABLE",
    "\r\n\t\u2028\u2029 x \u00a0\u3000",
)
#: A text of so many characters is long.
LONG: Final = 1_000
BATCH: Final = 32
TOLERANCE: Final = 1e-6
THREADS: Final = 4


class DetectorChecks(DeclarationChecks):
    """Inherit it in a test module and set `detector_class`.

    Attributes:
        detector_class: The detector to check.
        options: Keyword arguments for its constructor; they must fit into JSON.
    """

    detector_class: ClassVar[type[Detector]]

    def require_shape(self) -> None:
        """Require labels, and the shape of a detector of texts."""
        require(bool(self.detector_class.labels), "It declares no label.")
        require(isinstance(self.detector, Detector), "An instance does not have the shape of a Detector.")

    def test_the_examples_show_both_sides(self) -> None:
        """There is an example that is found and one that is not, and all are about declared labels."""
        examples = self.detector_class.examples
        require({example.is_hit for example in examples} == {True, False}, "Give a hit and a harmless example.")
        for example in examples:
            require(example.label in self.detector_class.labels, f"{example.label} is not declared: {example.text!r}")

    def test_the_examples_come_out_as_stated(self) -> None:
        """Each example scores on the stated side of one half."""
        examples = self.detector_class.examples
        answers = self.detector.detect([Text(example.text) for example in examples])
        for example, signals in zip(examples, answers, strict=True):
            score = _scores(signals).get(example.label, 0.0)
            require((score >= 0.5) == example.is_hit, f"{example.text!r} scores {score:.3f} for {example.label}.")  # noqa: PLR2004

    def test_a_batch_is_the_same_as_one_by_one(self) -> None:
        """What stands beside a text in a batch changes nothing."""
        for text, together in self._answers():
            _require_same(self.detector.detect([text])[0], together, "alone and in a batch", text)

    def test_an_empty_batch_gives_nothing(self) -> None:
        """No texts, no answers, no error."""
        require(self.detector.detect([]) == [], "The answer to no texts is not an empty list.")

    def test_scores_lie_between_0_and_1(self) -> None:
        """Every score is a finite number in 0..1."""
        for text, signals in self._answers():
            for signal in signals:
                is_score = math.isfinite(signal.score) and 0 <= signal.score <= 1
                require(is_score, f"{signal.score} is no score, for {_shown(text)}.")

    def test_only_declared_labels_are_given(self) -> None:
        """Every signal bears the detector's id and version and a declared label, each label once."""
        for text, signals in self._answers():
            labels = [signal.label for signal in signals]
            require(set(labels) <= self.detector.labels, f"{labels} are not all declared, for {_shown(text)}.")
            require(len(labels) == len(set(labels)), f"{labels} has one twice, for {_shown(text)}.")
            for signal in signals:
                names = (signal.detector, signal.version)
                require(names == (self.detector.id, self.detector.version), f"A signal bears {names}.")

    def test_evidence_lies_inside_the_text(self) -> None:
        """Every span is a non-empty part of the original, with a weight in 0..1 and a source, strongest first."""
        for text, signals in self._answers():
            for evidence in (signal.evidence for signal in signals):
                for item in evidence:
                    is_inside = 0 <= item.begin < item.end <= len(text.original)
                    require(is_inside, f"{item} does not lie inside {_shown(text)}.")
                    require(0 <= item.weight <= 1, f"{item} has no weight in 0..1.")
                    require(bool(item.source), f"{item} has no source.")
                weights = [item.weight for item in evidence]
                require(weights == sorted(weights, reverse=True), f"Weights {weights} are not strongest first.")

    def test_two_instances_agree(self) -> None:
        """Loading it again changes neither version nor scores."""
        other = self.detector_class(**self.options)
        require(other.version == self.detector.version, "Two instances have different versions.")
        texts, expected = self._short_answers()
        for text, signals, again in zip(texts, expected, other.detect(texts), strict=True):
            _require_same(signals, again, "in two instances", text)

    def test_odd_text_is_borne(self) -> None:
        """Control characters, right-to-left marks, emoji and 20 KB of one letter raise nothing."""
        for text in map(Text, ODD_TEXTS):
            require(len(self.detector.detect([text])) == 1, f"There is not one answer for {_shown(text)}.")

    def test_threads_do_not_disturb_each_other(self) -> None:
        """Several threads that share an instance get the answers that each would get alone."""
        texts, expected = self._short_answers()
        turns = [texts[start:] + texts[:start] for start in range(THREADS)]
        with ThreadPoolExecutor(THREADS) as pool:
            for start, answers in enumerate(pool.map(self.detector.detect, turns)):
                for text, alone, beside in zip(turns[start], expected[start:] + expected[:start], answers, strict=True):
                    _require_same(alone, beside, "alone and beside other threads", text)

    def test_a_batch_keeps_within_its_time(self) -> None:
        """A batch takes no more processor time than the declared seconds."""
        examples = itertools.islice(itertools.cycle(self.detector_class.examples), BATCH)
        texts = [Text((example.text + " ") * 10) for example in examples]
        begin = time.process_time()
        self.detector.detect(texts)
        took = time.process_time() - begin
        limit = self.detector_class.limits.seconds
        require(took <= limit, f"{BATCH} texts took {took:.2f} s of processor time; it promises {limit} s.")

    def test_it_keeps_within_its_memory(self) -> None:
        """A process that loads and uses it grows by no more than the declared megabytes."""
        if not STATUS.exists():
            raise unittest.SkipTest("This system does not tell how large a process is.")
        declared = self.detector_class
        names = (declared.__module__, inspect.getfile(declared), declared.__qualname__)
        require_memory(declared, PROGRAM, *names, json.dumps(self.options))

    def _answers(self) -> tuple[tuple[Text, tuple[Signal, ...]], ...]:
        return _answer_once(self.detector_class, json.dumps(self.options))

    def _short_answers(self) -> tuple[list[Text], list[tuple[Signal, ...]]]:
        """Return the texts that are not long, and their answers; to ask again about long ones takes a model minutes."""
        short = [(text, signals) for text, signals in self._answers() if len(text.original) < LONG]
        return [text for text, _ in short], [signals for _, signals in short]


@functools.cache
def _answer_once(detector_class: type[Detector], options: str) -> tuple[tuple[Text, tuple[Signal, ...]], ...]:
    """Return the answers to all texts, which several checks look at."""
    texts = [Text(text) for text in (*(example.text for example in detector_class.examples), *ODD_TEXTS)]
    return tuple(zip(texts, load_once(detector_class, options).detect(texts), strict=True))


def _require_same(first: Sequence[Signal], second: Sequence[Signal], when: str, text: Text) -> None:
    """Require equal scores, within rounding, and the same places as evidence."""
    ours, theirs = _scores(first), _scores(second)
    for label in ours.keys() | theirs.keys():
        apart = abs(ours.get(label, 0.0) - theirs.get(label, 0.0))
        require(apart <= TOLERANCE, f"{label} differs by {apart} {when}, for {_shown(text)}.")
    require(_places(first) == _places(second), f"The evidence differs {when}, for {_shown(text)}.")


def _scores(signals: Iterable[Signal]) -> dict[Label, float]:
    return {signal.label: signal.score for signal in signals}


def _places(signals: Iterable[Signal]) -> set[tuple[Label, int, int, str]]:
    return {(signal.label, item.begin, item.end, item.source) for signal in signals for item in signal.evidence}


def _shown(text: Text) -> str:
    return ascii(text.original[:60])
