"""Screener: evenhand as a library. No server, and nothing is kept.

No network unless it is given a second look; no database unless it is given one with hash banks, which is read once.
"""

import asyncio
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from evenhand.content.clip_decoding import MAX_CLIP_BYTES, MAX_CLIP_SECONDS
from evenhand.content.decoding import Decoder
from evenhand.content.text import MAX_TEXT_BYTES
from evenhand.core.content import ClipFile, Content, ImageFile
from evenhand.core.decision import Decision
from evenhand.core.errors import ConfigurationError, InputError
from evenhand.detectors.image.hash_bank import HashBankDetector, LiveBanks
from evenhand.detectors.registry import load_detectors
from evenhand.engine.screen import Engine
from evenhand.policy.load import load_policy
from evenhand.policy.policy import Policy
from evenhand.second_look.look import SecondLook
from evenhand.service.moderate import Moderation

if TYPE_CHECKING:
    from evenhand.service.clips import ClipScreener


class Screener:
    """Decides on texts, images and clips by the same engine and policies as the server; keeps nothing.

    Safe to use from several threads. Loading takes a moment, so make one and keep it.

    Args:
        policy: A policy or the path of a policy file; by default the one that evenhand carries.
        detectors: Ids of the detectors to run; by default all built-in ones.
        plugins: Import paths `module:Class` of further detectors.
        lexicon_folders: Folders with word lists of your own.
        max_text_bytes: Longest text in bytes of UTF-8.
        decoder: Decodes images, with limits of your own; by default with its own. Closed with the screener.
        second_look: Whom to ask about uncertain scores, by default nobody; closed with the screener.
        precise_words: Whether words in images are read with the larger networks: fewer mistakes, more time.
        store_url: A database whose hash banks images are looked up in, as `evenhand.store.store.open_store` takes it;
            by default there are no banks. It is read now, and what changes later is not seen.
        max_clip_bytes: Largest sound or video file.
        max_clip_seconds: Longest sound or video.
        speech_model: Folder of a faster-whisper model; by default the one of `evenhand[speech]`, if that is installed.

    Raises:
        ConfigurationError: The policy, a detector, a list or the database cannot be used.
        StoreError: The database did not answer.
    """

    def __init__(
        self,
        policy: Policy | Path | str | None = None,
        *,
        detectors: Collection[str] | None = None,
        plugins: Sequence[str] = (),
        lexicon_folders: Sequence[Path | str] = (),
        max_text_bytes: int = MAX_TEXT_BYTES,
        decoder: Decoder | None = None,
        second_look: SecondLook | None = None,
        precise_words: bool = False,
        store_url: str = "",
        max_clip_bytes: int = MAX_CLIP_BYTES,
        max_clip_seconds: float = MAX_CLIP_SECONDS,
        speech_model: str = "",
    ) -> None:
        if not isinstance(policy, Policy):
            policy = load_policy() if policy is None else load_policy(Path(policy))
        banks = LiveBanks()
        options: dict[str, dict[str, object]] = {
            "text.lexicon": {"folders": tuple(map(Path, lexicon_folders))},
            "image.words": {"precise": precise_words},
            "image.hash_bank": {"banks": banks},
        }
        engine = Engine(load_detectors(detectors, extra=plugins, options=options))
        if store_url and any(isinstance(detector, HashBankDetector) for detector in engine.detectors):
            _fill(banks, store_url)
        if decoder is None and engine.sees_images:
            decoder = Decoder()
        self._moderation = Moderation(
            engine, [policy], max_text_bytes=max_text_bytes, second_look=second_look, decoder=decoder
        )
        self._clip_options: dict[str, Any] = {
            "max_bytes": max_clip_bytes,
            "max_seconds": max_clip_seconds,
            "speech_model": speech_model,
        }
        self._loading = threading.Lock()
        self._clips: ClipScreener | None = None

    def screen(self, text: str = "", *, images: Iterable[bytes | Path] = ()) -> Decision:
        """Return the decision on `text` and `images` together.

        Args:
            text: May be empty beside images.
            images: Image files, or their paths; at most 8.

        Raises:
            InputError: The text is empty, too long or not Unicode, or an image cannot be accepted.
            OSError: A path cannot be read.
        """
        files = tuple(ImageFile(image if isinstance(image, bytes) else image.read_bytes()) for image in images)
        submission = self._moderation.submission(Content(text, images=files))
        return self._moderation.moderate([submission])[0]

    def screen_clip(
        self,
        path: Path,
        *,
        language: str = "",
        advance: Callable[[float, float], object] = lambda _done, _seconds: None,
    ) -> Decision:
        """Return the decision on the sound or video file at `path`, with its timeline.

        Args:
            path: The file.
            language: What is spoken in it (BCP-47), if you know.
            advance: Called with the seconds that are screened, and how many there are, again and again.

        Raises:
            InputError: The clip cannot be screened; see `docs/clips.md`.
            ConfigurationError: `clip.not_installed`, or the speech model cannot be used.
            OSError: The file cannot be read.
        """
        return self._clip_screener().screen(ClipFile(path), language=language, advance=advance)[0]

    async def screen_clip_async(
        self,
        path: Path,
        *,
        language: str = "",
        advance: Callable[[float, float], object] = lambda _done, _seconds: None,
    ) -> Decision:
        """Do as `screen_clip`, in a thread, so that the event loop goes on."""
        return await asyncio.to_thread(self.screen_clip, path, language=language, advance=advance)

    def screen_many(self, texts: Iterable[str | Content]) -> list[Decision]:
        """Return a decision for each of `texts`, in order; faster than one by one.

        Raises:
            InputError: As `screen`, naming the text as `texts[3]`.
        """
        contents = [Content(text) if isinstance(text, str) else text for text in texts]
        return self._moderation.moderate(
            [self._moderation.submission(content, field=f"texts[{number}]") for number, content in enumerate(contents)]
        )

    def try_many(self, texts: Iterable[str | Content]) -> list[Decision | InputError]:
        """Return, for each of `texts`, the decision, or what is wrong with a text that cannot be screened."""
        submissions = []
        answers: list[Decision | InputError | None] = []
        for text in texts:
            try:
                submissions.append(self._moderation.submission(Content(text) if isinstance(text, str) else text))
                answers.append(None)
            except InputError as error:
                answers.append(error)
        decisions = iter(self._moderation.moderate(submissions))
        return [answer or next(decisions) for answer in answers]

    @property
    def engine(self) -> Engine:
        """The detectors at work."""
        return self._moderation.engine

    @property
    def versions(self) -> Mapping[str, str]:
        """The version of everything that scores, by id."""
        return self._moderation.versions

    @property
    def policy(self) -> Policy:
        """The policy that decides."""
        return self._moderation.default_policy

    def close(self) -> None:
        """Let its threads and processes end."""
        if self._clips is not None:
            self._clips.close()
        self._moderation.close()

    def _clip_screener(self) -> "ClipScreener":
        """Return what screens clips, made with the first one: its models are large."""
        from evenhand.service.clips import make_clip_screener

        with self._loading:
            if self._clips is None:
                self._clips = make_clip_screener(self._moderation, **self._clip_options)
            return self._clips

    def __enter__(self) -> Self:
        """Use it in a `with` block, which closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def _fill(banks: LiveBanks, store_url: str) -> None:
    """Take over the banks of the store as they are now."""
    from evenhand.service.bank_sync import BankSync
    from evenhand.store.address import is_sqlite, read_address
    from evenhand.store.store import open_store

    address = read_address(store_url)
    if is_sqlite(address) and not Path(address.database or "").exists():
        # An empty one would be made, and what the caller has banks for would not be looked for.
        raise ConfigurationError(
            "store.missing",
            f"There is no database file {address.database}.",
            field="store_url",
            remedy="Name the file that has the banks; `evenhand banks create` makes one.",
        )
    store = open_store(store_url)
    try:
        BankSync(store.banks, banks, seconds=0).close()
    finally:
        store.close()
