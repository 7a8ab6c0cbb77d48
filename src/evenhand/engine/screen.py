"""Screen contents: every detector over every text and image, then the policy over the signals. Batch first.

Words that stand in an image are read first, and then go through all detectors of texts, beside the texts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from evenhand.content.prepared import Prepared
from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.decision import Verdict
from evenhand.core.errors import ConfigurationError
from evenhand.core.facts import Facts
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import AnyDetector, Detector
from evenhand.engine.admit import admit, admit_image, admit_passages
from evenhand.engine.panel import Panel
from evenhand.engine.reading import Reading, readings_of, strongest
from evenhand.engine.runner import Runner
from evenhand.policy.evaluate import evaluate
from evenhand.policy.policy import Policy

#: Contents handed to a detector at once; its declared time limit is for this many texts.
BATCH_SIZE: Final = 32
#: Characters handed over at once, or one longer text: a model's time grows with them, and a limit must hold for all.
BATCH_CHARACTERS: Final = 40_000
#: What an image counts for: eight of them fill a batch.
IMAGE_CHARACTERS: Final = BATCH_CHARACTERS // 8


def _size(content: Prepared) -> int:
    return (len(content.text.original) if content.text else 0) + IMAGE_CHARACTERS * len(content.images)


def _batches(contents: Sequence[Prepared]) -> Iterator[slice]:
    """Yield where to cut `contents` so that no part is larger than a batch."""
    start = characters = 0
    for place, content in enumerate(contents):
        size = _size(content)
        if place > start and (place - start == BATCH_SIZE or characters + size > BATCH_CHARACTERS):
            yield slice(start, place)
            start, characters = place, 0
        characters += size
    if start < len(contents):
        yield slice(start, len(contents))


@dataclass(frozen=True, slots=True)
class Screening:
    """What came of one content.

    Args:
        signals: Everything that the detectors said, strongest first.
        failures: Detectors that gave no answer.
        verdict: What the policy made of both.
        covered: Labels that were looked for.
        detectors: Version of each detector that looked, by id.
        languages: What the caller said that the text is written in, or else what it seems to be written in.
        notices: Stable codes of things to know, such as `language.not_covered:text.toxicity`.
        facts: What the conditions of the policy read beside the scores; none where it has none.
    """

    signals: tuple[Signal, ...]
    failures: tuple[DetectorFailure, ...]
    verdict: Verdict
    covered: frozenset[Label]
    detectors: Mapping[str, str]
    languages: tuple[str, ...]
    notices: tuple[str, ...]
    facts: Facts | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """A text to go through the detectors of texts: a content's own, or the words of one of its images."""

    place: int
    text: Text
    reading: Reading | None = None


class _Found:
    """What was said of one content so far."""

    def __init__(self) -> None:
        self.own: list[Signal] = []
        self.read: list[Signal] = []
        self.failures: dict[str, DetectorFailure] = {}
        self.languages: list[str] = []
        self.texts: list[Text] = []

    def take(self, answers: Iterable[Any], reading: Reading | None = None) -> None:
        """Take what detectors said; a detector that failed once has failed."""
        for answer in answers:
            if isinstance(answer, DetectorFailure):
                self.failures.setdefault(answer.detector, answer)
            elif reading is None:
                self.own += answer
            else:
                self.read += map(reading.shown, answer)


class Engine:
    """A fixed set of detectors, ready to run. Safe to use from several threads."""

    def __init__(self, detectors: Sequence[AnyDetector]) -> None:
        if not detectors:
            raise ConfigurationError("engine.no_detectors", "There is no detector to run.", remedy="Name at least one.")
        self.detectors = tuple(detectors)
        self._runner = Runner()
        texts = [detector for detector in detectors if detector.modality is Modality.TEXT]
        readers = [detector for detector in detectors if hasattr(detector, "read")]
        images = [detector for detector in detectors if detector.modality is Modality.IMAGE and detector not in readers]
        self._texts = Panel(texts, self._runner, admit)
        self._images = Panel(images, self._runner, admit_image)
        self._readers = Panel([_Reading(reader) for reader in readers], self._runner, admit_passages)
        self._by_id = {detector.id: detector for detector in self.detectors}
        self.text_detectors: tuple[Detector, ...] = self._texts.detectors
        self._at_images = (*images, *(texts if readers else ()))
        #: Whether something may look at images, if not now then once hash banks are filled.
        self.sees_images = any(detector.labels for detector in self._at_images)

    @property
    def covered(self) -> frozenset[Label]:
        """Labels that are looked for now; those of hash banks come and go with them."""
        return _looked_for(self.detectors)

    @property
    def covered_in_images(self) -> frozenset[Label]:
        """Those that are looked for in images: by what looks at them, or by what reads the words in them."""
        return _looked_for(self._at_images)

    @property
    def covered_in_texts(self) -> frozenset[Label]:
        """Those that are looked for in texts."""
        return _looked_for(self._texts.detectors)

    @property
    def versions(self) -> dict[str, str]:
        """The version of each detector, by id; that of hash banks changes with them."""
        return {detector.id: detector.version for detector in self.detectors}

    @property
    def busy(self) -> frozenset[str]:
        """Ids of the detectors that still work on a batch which overran its deadline."""
        return self._runner.busy

    def screen(
        self, contents: Sequence[Prepared], policies: Sequence[Policy], known: Sequence[Facts] = ()
    ) -> list[Screening]:
        """Return a screening for each content, judged by the policy at the same place.

        Never raises for what a detector does: a detector that fails becomes a failure in the screening.

        Args:
            contents: What is screened.
            policies: One for each.
            known: What the caller knows of each beside what is in it: metadata, author, door; by default nothing.
        """
        known = known or [Facts()] * len(contents)
        screenings: list[Screening] = []
        for part in _batches(contents):
            batch = contents[part]
            found = [_Found() for _ in batch]
            sources = [_Source(place, content.text) for place, content in enumerate(batch) if content.text]
            sources += self._look(batch, found)
            answers = self._texts.ask([source.text for source in sources])
            for source, answer in zip(sources, answers, strict=True):
                found[source.place].take(answer, source.reading)
                found[source.place].languages += source.text.languages
                found[source.place].texts.append(source.text)
            screenings += map(self._judge, batch, found, policies[part], known[part])
        return screenings

    def close(self) -> None:
        """Let the detectors' thread end."""
        self._runner.close()

    def _look(self, contents: Sequence[Prepared], found: Sequence[_Found]) -> Iterator[_Source]:
        """Ask about every image of `contents`, and yield the words that stand in them."""
        places = [(place, number) for place, content in enumerate(contents) for number in range(len(content.images))]
        images = [image for content in contents for image in content.images]
        seen, read = self._images.ask(images), self._readers.ask(images)
        for (place, number), answers, passages in zip(places, seen, read, strict=True):
            found[place].take(_numbered(answer, number) for answer in answers)
            found[place].take(answer for answer in passages if isinstance(answer, DetectorFailure))
            words = chain(*(answer for answer in passages if not isinstance(answer, DetectorFailure)))
            for reading in readings_of(words, image=number):
                yield _Source(place, reading.text, reading)

    def _judge(self, content: Prepared, found: _Found, policy: Policy, known: Facts) -> Screening:
        failures = tuple(found.failures.values())
        signals = _strongest_first((*found.own, *strongest(found.read)))
        asked = self._asked(content, found.failures)
        covered = _looked_for(each for each in asked if each.id not in found.failures)
        languages = tuple(dict.fromkeys(found.languages))
        facts = _facts(content, found, policy, replace(known, languages=languages))
        verdict = evaluate(signals, policy, covered=covered, failures=failures, facts=facts)
        readers = self._readers.detectors if content.images else ()
        versions = {each.id: self._by_id[each.id].version for each in (*asked, *readers)}
        notices = self._notices(content, languages)
        return Screening(signals, failures, verdict, covered, versions, languages, notices, facts)

    def _notices(self, content: Prepared, languages: Sequence[str]) -> tuple[str, ...]:
        """Say which detectors were not measured on a language that was met: their silence is worth less there.

        And say which images have more frames than were looked at.
        """
        bases = {language.partition("-")[0].lower() for language in languages}
        return (
            *(
                f"language.not_covered:{detector.id}"
                for detector in self._texts.detectors
                if detector.limits.languages and bases - set(detector.limits.languages)
            ),
            *(
                f"image.sampled:{number}"
                for number, image in enumerate(content.images)
                if image.frame_count > len({frame.number for frame in image.frames})
            ),
        )

    def _asked(self, content: Prepared, failed: Mapping[str, object]) -> list[Any]:
        """Return the detectors that looked at `content`: those of texts at an image only if its words could be read."""
        is_read = bool(content.images) and any(reader.id not in failed for reader in self._readers.detectors)
        texts = self._texts.detectors if content.text or is_read else ()
        return [*texts, *(self._images.detectors if content.images else ())]


def _facts(content: Prepared, found: _Found, policy: Policy, known: Facts) -> Facts | None:
    """Return what the conditions of `policy` read, and of the metadata no more than that."""
    if not policy.conditions:
        return None
    hashes = [digest for image in content.images for digest in (image.md5, image.sha256)]
    return replace(
        known,
        kind="text" if content.text else "image",
        characters=len(content.text.original) if content.text else 0,
        image_count=len(content.images),
        metadata={key: value for key, value in known.metadata.items() if key in policy.metadata_keys},
        lists=policy.find_listed(found.texts, has_own=content.text is not None, hashes=hashes),
    )


def _looked_for(detectors: Iterable[Any]) -> frozenset[Label]:
    """Return the labels that `detectors` can look for now: `live_labels` where one has it, or else all of its own."""
    return frozenset(chain(*(getattr(detector, "live_labels", detector.labels) for detector in detectors)))


class _Reading:
    """A reader as the runner knows detectors."""

    def __init__(self, reader: Any) -> None:
        self.id, self.limits, self.detect = reader.id, reader.limits, reader.read


def reconsider(
    screening: Screening, policy: Policy, *, overruling: Sequence[Signal], notices: Iterable[str]
) -> Screening:
    """Return `screening` as `policy` judges it when `overruling` count instead of the others for their labels."""
    verdict = evaluate(
        screening.signals,
        policy,
        covered=screening.covered,
        failures=screening.failures,
        overruling=overruling,
        facts=screening.facts,
    )
    signals = _strongest_first((*screening.signals, *overruling))
    return replace(screening, signals=signals, verdict=verdict, notices=(*screening.notices, *notices))


def _numbered(answer: Any, image: int) -> Any:
    """Return what a detector said of an image with that image's number in its regions."""
    if isinstance(answer, DetectorFailure):
        return answer
    return [
        replace(signal, regions=tuple(replace(region, image=image) for region in signal.regions)) for signal in answer
    ]


def _strongest_first(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    return tuple(sorted(signals, key=lambda signal: (-signal.score, signal.label, signal.detector)))
