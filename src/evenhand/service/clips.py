"""Screen clips with the engine and policies of a `Moderation`, stretch by stretch, in bounded memory."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from evenhand.content.clip import Stretch
from evenhand.content.clip_decoding import MAX_CLIP_BYTES, MAX_CLIP_SECONDS, ClipDecoder
from evenhand.core.content import ClipFile
from evenhand.core.decision import Action, ClipFacts, Decision
from evenhand.core.facts import FactValue
from evenhand.core.ids import new_id
from evenhand.core.timeline import ClipNotes, Utterance
from evenhand.detectors.audio.speech import SpeechReader
from evenhand.detectors.base import Heard, Listener
from evenhand.detectors.registry import missing_packages
from evenhand.engine.clips import Seen, Thumbnail, judge, look
from evenhand.policy.policy import Policy
from evenhand.service.moderate import Keep, Moderation, without_reasons
from evenhand.store.records import DecisionRecord, ShadowVerdict

#: Seconds of a clip that are screened at once; so much is done again when a worker dies.
STRETCH_SECONDS: Final = 30.0
#: The file broke off, or breaks, before the time that it states.
PARTIAL: Final = "clip.partial"
_PIECE: Final = 1 << 20
_NOTHING_SAID: Final[Mapping[str, FactValue]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Examined:
    """What is known of a clip before it is screened.

    Args:
        facts: What it is.
        md5: Of the file, in hex.
        sha256: Likewise.
    """

    facts: ClipFacts
    md5: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StretchFound:
    """What was found in one stretch of a clip: plain data, to be kept until the whole is judged.

    Args:
        end: Where it ends, in seconds from the start of the clip.
        is_last: Whether the clip ends here.
        is_partial: Whether the file broke off here.
        heard_until: How far the speech was listened to, so that a sentence across the end is heard once.
        seen: What was found in its pictures.
        utterances: What was said in it.
    """

    end: float
    is_last: bool
    is_partial: bool
    heard_until: float
    seen: Seen
    utterances: tuple[Utterance, ...]


class ClipScreener:
    """Screens clips. Safe to use from several threads.

    Args:
        moderation: Its engine and policies.
        decoder: Decodes clips; closed with this.
        listener: Understands speech; without one, what is said is unclear and the policy says what then happens.
        stretch_seconds: Seconds of a clip that are screened at once.
    """

    def __init__(
        self,
        moderation: Moderation,
        decoder: ClipDecoder,
        listener: Listener | None = None,
        *,
        stretch_seconds: float = STRETCH_SECONDS,
    ) -> None:
        self.moderation = moderation
        self._decoder = decoder
        self._listener = listener
        self._stretch_seconds = stretch_seconds

    def examine(self, file: ClipFile, *, field: str = "clip") -> Examined:
        """Return what `file` is.

        Raises:
            InputError: As `content.clip_decoding.ClipDecoder.probe`.
            TooLargeError: Likewise.
        """
        facts = self._decoder.probe(file, field=field)
        md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        with file.path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                md5.update(piece)
                sha256.update(piece)
        return Examined(facts, md5.hexdigest(), sha256.hexdigest())

    def stretch(
        self,
        file: ClipFile,
        examined: Examined,
        policy: Policy,
        *,
        after: StretchFound | None = None,
        language: str = "",
        field: str = "clip",
    ) -> tuple[StretchFound, list[Thumbnail]]:
        """Return what is found in the stretch that follows `after`, and the stills to show for it.

        Args:
            file: The clip.
            examined: What it is.
            policy: Says from which score on something is shown.
            after: The stretch before; none: this is the first.
            language: What the caller says is spoken (BCP-47); empty: find out.
            field: Where the caller gave the clip.

        Raises:
            InputError: As `content.clip_decoding.ClipDecoder.stretch`.
        """
        part = self.decode(file, after, field=field)
        seen, thumbnails = look(self.moderation.engine, policy, part, md5=examined.md5, sha256=examined.sha256)
        heard = self.hear(part, language=language)
        found = StretchFound(part.end, part.is_last, part.is_partial, heard.until, seen, heard.utterances)
        return found, thumbnails

    def decode(self, file: ClipFile, after: StretchFound | None, *, field: str = "clip") -> Stretch:
        """Return the stretch that follows `after`; arguments and errors as for `stretch`."""
        begin, heard_until = (after.end, after.heard_until) if after else (0.0, 0.0)
        return self._decoder.stretch(file, begin, self._stretch_seconds, sound_after=heard_until, field=field)

    def hear(self, part: Stretch, *, language: str = "") -> Heard:
        """Return what is said in `part`; nothing where there is no sound, or nobody to listen."""
        if self._listener is None or not len(part.sound):
            return Heard((), part.end)
        until = None if part.is_last else part.end
        return self._listener.hear(part.sound, begin=part.sound_begin, until=until, language=language)

    def conclude(
        self,
        examined: Examined,
        stretches: Sequence[StretchFound],
        policy: Policy,
        *,
        content_id: str = "",
        author_id: str = "",
        metadata: Mapping[str, FactValue] = _NOTHING_SAID,
        door: str = "library",
    ) -> tuple[Decision, ClipNotes]:
        """Return the decision on a clip of which all stretches were screened, and what is known beside it.

        Args:
            examined: What it is.
            stretches: What was found in each, in order.
            policy: The policy that decides.
            content_id: The caller's own name for it.
            author_id: The caller's own name for whoever posted it; empty: none. Its history is read now.
            metadata: What the caller says of it; `core.facts.check_metadata` has passed it.
            door: Which door it came through.

        Raises:
            StoreError: The author's history could not be read.
        """
        facts = examined.facts
        utterances = tuple(utterance for stretch in stretches for utterance in stretch.utterances)
        screening = judge(
            self.moderation.engine,
            policy,
            [stretch.seen for stretch in stretches],
            utterances,
            seconds=stretches[-1].end,
            is_heard=self._listener is not None or not facts.has_sound,
            known=self.moderation.known(policy, author_id=author_id, metadata=metadata, door=door),
            hashes=(examined.md5, examined.sha256),
        )
        is_partial = facts.is_partial or any(stretch.is_partial for stretch in stretches)
        decision = Decision(
            id=new_id("dec"),
            content_id=content_id,
            created_at=datetime.now(UTC),
            verdict=screening.verdict,
            signals=screening.signals,
            failures=screening.failures,
            policy=policy.version,
            detectors={**screening.detectors, **self._versions()},
            languages=screening.languages,
            notices=(*((PARTIAL,) if is_partial else ()), *screening.notices),
            clip=replace(facts, seconds=stretches[-1].end, is_partial=is_partial),
            timeline=screening.timeline,
            facts=screening.facts,
        )
        return decision, ClipNotes(utterances, screening.timeline)

    def screen(
        self,
        file: ClipFile,
        *,
        policy: str = "",
        content_id: str = "",
        language: str = "",
        advance: Callable[[float, float], object] = lambda _done, _seconds: None,
    ) -> tuple[Decision, ClipNotes]:
        """Return the decision on a whole clip, and what is known beside it; nothing is kept.

        Args:
            file: The clip.
            policy: Name of the policy that decides; empty: the default one.
            content_id: The caller's own name for it.
            language: What the caller says is spoken; empty: find out.
            advance: Called with the seconds that are screened, and how many there are, after each stretch.

        Raises:
            InputError: As `examine` and `stretch`.
            NotFoundError: `policy.not_found`.
        """
        decides = self.moderation.policy(policy)
        examined = self.examine(file)
        stretches: list[StretchFound] = []
        while not stretches or not stretches[-1].is_last:
            after = stretches[-1] if stretches else None
            found, _ = self.stretch(file, examined, decides, after=after, language=language)
            stretches.append(found)
            advance(found.end, max(found.end, examined.facts.seconds))
        return self.conclude(examined, stretches, decides, content_id=content_id)

    def close(self) -> None:
        """Let the processes that decode end; the moderation is closed by who made it."""
        self._decoder.close()

    def _versions(self) -> dict[str, str]:
        return {self._listener.id: self._listener.version} if self._listener else {}


def make_clip_screener(
    moderation: Moderation,
    *,
    max_bytes: int = MAX_CLIP_BYTES,
    max_seconds: float = MAX_CLIP_SECONDS,
    speech_model: str = "",
) -> ClipScreener:
    """Return what screens clips, with the speech model of `evenhand[speech]` where that is installed.

    Args:
        moderation: Its engine and policies.
        max_bytes: Of a clip.
        max_seconds: Likewise.
        speech_model: Folder of a faster-whisper model to use instead.

    Raises:
        ConfigurationError: `clip.not_installed`, `speech.model` or `speech.weights`.
    """
    decoder = ClipDecoder(max_bytes=max_bytes, max_seconds=max_seconds)
    is_heard = bool(speech_model) or not missing_packages(SpeechReader)
    return ClipScreener(moderation, decoder, SpeechReader(speech_model) if is_heard else None)


def clip_record(
    decision: Decision,
    notes: ClipNotes,
    *,
    keep: Keep,
    key_id: str,
    door: str,
    author_id: str = "",
    shadows: tuple[ShadowVerdict, ...] = (),
) -> DecisionRecord:
    """Return the decision on a clip as it goes into the store, with what is kept beside it."""
    is_kept = keep is Keep.ALWAYS or (keep is Keep.REVIEW and decision.action is Action.REVIEW)
    transcript = "\n".join(utterance.text for utterance in notes.transcript)
    return DecisionRecord(
        without_reasons(decision),
        key_id,
        door,
        body=transcript if is_kept else None,
        clip=notes if is_kept else None,
        author_id=author_id,
        shadows=shadows,
    )
