"""Facts: what the conditions of a policy read beside the scores. Never any of a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from evenhand.core.conduct import personal_attributes_in
from evenhand.core.errors import InputError, TooLargeError
from evenhand.core.signal import Evidence

#: What a caller may say of a content.
FactValue: TypeAlias = str | int | float | bool
#: What a caller may say of one content, at most.
MAX_METADATA: Final = 20
#: Longest key or text of it, in characters.
MAX_METADATA_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class AuthorHistory:
    """What was decided on whoever wrote a content, before this. Zeros where nothing is known.

    Args:
        decisions_30d: Decisions of the last thirty days.
        reviewed_30d: Those that are review; what people ruled since counts instead.
        blocked_30d: Those that are block, likewise.
        first_seen_days: Whole days since the first decision that is still kept.
    """

    decisions_30d: int = 0
    reviewed_30d: int = 0
    blocked_30d: int = 0
    first_seen_days: int = 0


@dataclass(frozen=True, slots=True)
class ListHits:
    """What of a policy's list was found in a content.

    Args:
        hits: How many times.
        evidence: Where in the content's own text, in order; what was found in an image has no such place.
    """

    hits: int
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one content beside its scores.

    Args:
        kind: `text`, `image` or `clip`.
        characters: Of its text, in code points; of a clip, of what is said.
        languages: What it seems to be written in (BCP-47), or what the caller said.
        image_count: How many images it has.
        metadata: What the caller said of it.
        author: What was decided on its author before.
        lists: What of each list was found in it, by the list's name.
        door: Which door it came through, such as `openai`.
    """

    kind: str = "text"
    characters: int = 0
    languages: tuple[str, ...] = ()
    image_count: int = 0
    metadata: Mapping[str, FactValue] = field(default_factory=dict)
    author: AuthorHistory = AuthorHistory()
    lists: Mapping[str, ListHits] = field(default_factory=dict)
    door: str = ""


def check_metadata(metadata: Mapping[str, object], *, field: str = "metadata") -> None:
    """Check what a caller says of a content.

    Raises:
        TooLargeError: `metadata.too_large` for too many keys, or a key or text that is too long.
        InputError: `metadata.personal` for a key that asks for an attribute of a person, `metadata.invalid` for an
            empty key or a value that is no text, number or boolean.
    """
    if len(metadata) > MAX_METADATA:
        raise TooLargeError(
            "metadata.too_large",
            f"There are {len(metadata)} keys; at most {MAX_METADATA} are accepted.",
            field=field,
            remedy="Send what your policy reads.",
        )
    for key, value in metadata.items():
        _check_pair(key, value, f"{field}.{key[:MAX_METADATA_CHARACTERS]}")


def _check_pair(key: str, value: object, field: str) -> None:
    if words := personal_attributes_in(key):
        raise InputError(
            "metadata.personal",
            f"Nothing is decided by an attribute of a person (`{words[0]}`).",
            field=field,
            remedy="Leave it out: say what the content is, not who wrote it.",
        )
    if max(len(key), len(value) if isinstance(value, str) else 0) > MAX_METADATA_CHARACTERS:
        raise TooLargeError(
            "metadata.too_large",
            f"The key or its text is over {MAX_METADATA_CHARACTERS} characters.",
            field=field,
            remedy="Send a short name or number.",
        )
    is_whole_and_small = not isinstance(value, int) or -(2**63) <= value < 2**63
    if not key.strip() or not isinstance(value, str | int | float) or not is_whole_and_small:
        raise InputError(
            "metadata.invalid",
            "The key is empty, or its value is no text, number or boolean, or a number of more than 64 bits.",
            field=field,
            remedy="Send a flat object of short texts, numbers and booleans.",
        )
    try:
        f"{key}{value}".encode()
    except UnicodeEncodeError:
        raise InputError(
            "metadata.invalid",
            "The key or its text has half of a surrogate pair, so it is not Unicode.",
            field=field.encode(errors="replace").decode(),
            remedy="Send well-formed Unicode.",
        ) from None
