"""Screener: evenhand as a library. No server, no database, and no network unless it is given a second look."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from evenhand.content.decoding import Decoder
from evenhand.content.text import MAX_TEXT_BYTES
from evenhand.core.content import Content, ImageFile
from evenhand.core.decision import Decision
from evenhand.core.errors import InputError
from evenhand.detectors.registry import load_detectors
from evenhand.engine.screen import Engine
from evenhand.policy.load import load_policy
from evenhand.policy.policy import Policy
from evenhand.second_look.look import SecondLook
from evenhand.service.moderate import Moderation


class Screener:
    """Decides on texts and images by the same engine and policies as the server; keeps nothing.

    Safe to use from several threads. Loading takes a moment, so make one and keep it.

    Args:
        policy: A policy or the path of a policy file; by default the one that evenhand carries.
        detectors: Ids of the detectors to run; by default all built-in ones.
        plugins: Import paths `module:Class` of further detectors.
        lexicon_folders: Folders with word lists of your own.
        max_text_bytes: Longest text in bytes of UTF-8.
        decoder: Decodes images, with limits of your own; by default with its own. Closed with the screener.
        second_look: Whom to ask about uncertain scores, by default nobody; closed with the screener.

    Raises:
        ConfigurationError: The policy, a detector or a list cannot be used.
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
    ) -> None:
        if not isinstance(policy, Policy):
            policy = load_policy() if policy is None else load_policy(Path(policy))
        folders = tuple(map(Path, lexicon_folders))
        options = {"text.lexicon": {"folders": folders}} if folders else {}
        engine = Engine(load_detectors(detectors, extra=plugins, options=options))
        if decoder is None and engine.covered_in_images:
            decoder = Decoder()
        self._moderation = Moderation(
            engine, [policy], max_text_bytes=max_text_bytes, second_look=second_look, decoder=decoder
        )

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
        """Let its threads end."""
        self._moderation.close()

    def __enter__(self) -> Self:
        """Use it in a `with` block, which closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()
