"""Prepare a text: check its limits, clean it, and keep the way back to the original.

Detectors read `Text.clean`; what they find is given back in offsets of `Text.original` through `Text.original_span`.
"""

from dataclasses import dataclass
from functools import cached_property

from evenhand.content.cleaning import Cleaned, clean
from evenhand.content.language import detect_languages
from evenhand.core.content import Content
from evenhand.core.errors import InputError, TooLargeError

#: The Perspective API's limit for a comment, kept so that its users meet no new error.
MAX_TEXT_BYTES = 20_480


@dataclass(frozen=True)
class Text:
    """A text ready for detectors.

    Args:
        original: The text as the caller sent it.
        stated_languages: BCP-47 tags that the caller vouches for.
    """

    original: str
    stated_languages: tuple[str, ...] = ()

    @cached_property
    def cleaned(self) -> Cleaned:
        """The cleaned text with its offset map; made once, at first use."""
        return clean(self.original)

    @property
    def clean(self) -> str:
        """The text with disguises undone, lower-cased: what detectors read."""
        return self.cleaned.text

    @cached_property
    def detected_languages(self) -> tuple[str, ...]:
        """BCP-47 tags by likelihood, most likely first; empty when there is too little to tell by."""
        return detect_languages(self.original)

    @property
    def languages(self) -> tuple[str, ...]:
        """What the caller vouches for, or else the most likely language, or else nothing."""
        return self.stated_languages or self.detected_languages[:1]

    def original_span(self, begin: int, end: int) -> tuple[int, int]:
        """Return the (begin, end) in `original` of the non-empty stretch `begin:end` of `clean`."""
        return self.cleaned.original_span(begin, end)


def prepare(content: Content, *, field: str = "text", max_bytes: int = MAX_TEXT_BYTES) -> Text:
    """Check `content` and return it ready for detectors.

    Raises:
        InputError: `text.empty` for nothing but white space, `text.lone_surrogate` for a text, id or context that is
            not Unicode.
        TooLargeError: `text.too_long` over `max_bytes` of UTF-8.
    """
    if not content.text or content.text.isspace():
        raise InputError("text.empty", "The text is empty.", field=field, remedy="Send at least one visible character.")
    size = _size(content.text, field)
    check_surroundings(content)
    if size > max_bytes:
        raise TooLargeError(
            "text.too_long",
            f"The text has {size} bytes of UTF-8; at most {max_bytes} are accepted.",
            field=field,
            remedy="Split it, or raise the setting max_text_bytes.",
        )
    return Text(content.text, content.languages)


def check_surroundings(content: Content) -> None:
    """Check what comes with a text or an image.

    Raises:
        InputError: `text.lone_surrogate` for an id, author or context that is not Unicode.
    """
    for name, values in (("id", (content.id,)), ("author_id", (content.author_id,)), ("context", content.context)):
        for value in values:
            _size(value, name)


def _size(value: str, field: str) -> int:
    """Return the bytes of UTF-8 that `value` takes; nothing that has none may go further."""
    try:
        return len(value.encode())
    except UnicodeEncodeError:
        raise InputError(
            "text.lone_surrogate",
            "The text has half of a surrogate pair, so it is not Unicode.",
            field=field,
            remedy="Send well-formed Unicode; replace lone surrogates by U+FFFD.",
        ) from None
