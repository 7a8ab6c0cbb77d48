"""Between the native dialect's words and evenhand's own nouns."""

import re
from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from evenhand.api.images import Fetch, image_from_base64, image_from_url
from evenhand.api.native.schema import (
    ID_PATTERN,
    LANGUAGE_PATTERN,
    MAX_CONTEXT,
    MAX_CONTEXT_BYTES,
    MAX_ID,
    MAX_LANGUAGES,
    Counterparts,
    DecisionAnswer,
    DetectorEntry,
    ErrorAnswer,
    ErrorBody,
    ImageInput,
    Item,
    ScreenMany,
    ScreenOne,
    TaxonomyEntry,
)
from evenhand.core.content import Content, ImageFile
from evenhand.core.decision import Decision
from evenhand.core.errors import EvenhandError, InputError, TooLargeError
from evenhand.core.facts import check_metadata
from evenhand.core.taxonomy import Label, LabelEntry
from evenhand.detectors.base import AnyDetector
from evenhand.service.moderate import MAX_IMAGES, Keep, Moderation, Submission, too_many_images

_ID = re.compile(ID_PATTERN.removesuffix("$"))
_LANGUAGE = re.compile(LANGUAGE_PATTERN.removesuffix("$"))


def submissions_from(
    request: ScreenOne | ScreenMany,
    moderation: Moderation,
    *,
    key_id: str,
    max_items: int,
    files: Sequence[ImageFile] = (),
    fetch: Fetch | None = None,
) -> list[Submission]:
    """Return what `request` asks for, in order.

    Args:
        request: What was asked.
        moderation: Knows the limits.
        key_id: The API key that it came with.
        max_items: Most items.
        files: Images that came beside a request for one decision.
        fetch: Fetches images from addresses, where that is allowed.

    Raises:
        InputError: An item cannot be accepted; the field says which.
        TooLargeError: `items.too_many`, `text.too_long` or `context.too_long`.
        NotFoundError: `policy.not_found`.
    """
    if isinstance(request, ScreenOne):
        return [_submission(request, request, moderation, key_id=key_id, files=files, fetch=fetch)]
    if len(request.items) > max_items:
        raise TooLargeError(
            "items.too_many",
            f"There are {len(request.items)} items; at most {max_items} are accepted.",
            field="items",
            remedy="Send them in parts.",
        )
    return [
        _submission(item, request, moderation, key_id=key_id, fetch=fetch, place=f"items[{number}].")
        for number, item in enumerate(request.items)
    ]


def count_images(request: ScreenOne | ScreenMany) -> int:
    """Return how many images `request` has, which must be decoded and perhaps fetched."""
    return sum(len(item.images) for item in (request.items if isinstance(request, ScreenMany) else (request,)))


def _submission(
    item: Item,
    request: ScreenOne | ScreenMany,
    moderation: Moderation,
    *,
    key_id: str,
    fetch: Fetch | None,
    files: Sequence[ImageFile] = (),
    place: str = "",
) -> Submission:
    return moderation.submission(
        content_from(item, place, files=files, fetch=fetch),
        field=f"{place}text",
        image_fields=[f"{place}images[{number}]" for number in range(len(item.images) + len(files))],
        policy=request.policy,
        keep=keep_of(request.store_content if item.store_content is UNSET else item.store_content),
        key_id=key_id,
        door="native",
    )


def keep_of(store_content: bool | UnsetType) -> Keep:  # noqa: FBT001 -- it is the caller's own yes or no
    """Return what `store_content` asks for."""
    if store_content is UNSET:
        return Keep.REVIEW
    return Keep.ALWAYS if store_content else Keep.NEVER


def checked_identity(content_id: str, languages: Sequence[str], place: str = "") -> None:
    """Refuse an id or languages that cannot be accepted; `place` is the path before them, such as `items[3].`.

    Raises:
        InputError: `id.invalid` or `language.invalid`.
    """
    _checked_id(content_id, f"{place}id", code="id.invalid")
    if len(languages) > MAX_LANGUAGES or not all(map(_LANGUAGE.fullmatch, languages)):
        raise InputError(
            "language.invalid",
            "The languages are not BCP-47 tags.",
            field=f"{place}languages",
            remedy=f"Use at most {MAX_LANGUAGES} tags such as `en` or `pt-BR`, or leave them out.",
        )


def checked_author(author_id: str, place: str = "") -> None:
    """Refuse a name for an author that cannot be accepted; `place` is as for `checked_identity`.

    Raises:
        InputError: `author.invalid`.
    """
    _checked_id(author_id, f"{place}author_id", code="author.invalid")


def _checked_id(name: str, field: str, *, code: str) -> None:
    if len(name) > MAX_ID or not _ID.fullmatch(name):
        raise InputError(
            code,
            f"The id is over {MAX_ID} characters or has invisible ones.",
            field=field,
            remedy=f"Use at most {MAX_ID} printable characters.",
        )


def content_from(
    item: Item, place: str = "", *, files: Sequence[ImageFile] = (), fetch: Fetch | None = None
) -> Content:
    """Return `item` as a content, once its ids, languages and context hold; `place` is its path, as `items[3].`."""
    checked_identity(item.id, item.languages, place)
    checked_author(item.author_id, place)
    if len(item.context) > MAX_CONTEXT or sum(len(text.encode()) for text in item.context) > MAX_CONTEXT_BYTES:
        raise TooLargeError(
            "context.too_long",
            f"The context is over {MAX_CONTEXT} texts or {MAX_CONTEXT_BYTES} bytes of UTF-8.",
            field=f"{place}context",
            remedy="Send the nearest texts only.",
        )
    if item.text is UNSET and not item.images:
        raise InputError(
            "field.missing", "This field is required.", field=f"{place}text", remedy="Add it, or an image."
        )
    count = len(item.images) + len(files)
    if count > MAX_IMAGES:
        # Before any of them is decoded or fetched.
        raise too_many_images(count, field=f"{place}images[{MAX_IMAGES}]")
    images = tuple(_image(image, f"{place}images[{number}]", fetch) for number, image in enumerate(item.images))
    text = "" if item.text is UNSET else item.text
    check_metadata(item.metadata, field=f"{place}metadata")
    return Content(
        text, item.id, tuple(item.context), tuple(item.languages), (*images, *files), item.author_id, item.metadata
    )


def _image(image: ImageInput, field: str, fetch: Fetch | None) -> ImageFile:
    if bool(image.data) == bool(image.url):
        raise InputError(
            "image.source", "An image has either `data` or `url`.", field=field, remedy="Send one of the two."
        )
    if image.data:
        return image_from_base64(image.data, field=f"{field}.data")
    return image_from_url(image.url, field=f"{field}.url", fetch=fetch)


def decision_answer(decision: Decision) -> DecisionAnswer:
    """Return `decision` in the native dialect."""
    scores = decision.scores
    return DecisionAnswer(
        id=decision.id,
        content_id=decision.content_id,
        created_at=decision.created_at,
        action=decision.action,
        degraded=decision.is_degraded,
        policy=decision.policy,
        rules=decision.verdict.rules,
        scores={label: scores[label] for label in Label if label in scores},
        signals=decision.signals,
        failures=(*decision.failures, *decision.verdict.failures),
        detectors=dict(decision.detectors),
        languages=decision.languages,
        notices=decision.notices,
        images=decision.images,
        clip=decision.clip,
        timeline=decision.timeline,
        tags=decision.verdict.tags,
        queue=decision.verdict.queue,
        priority=decision.verdict.priority,
    )


def detector_entry(detector: AnyDetector) -> DetectorEntry:
    """Return what `detector` declares."""
    return DetectorEntry(
        id=detector.id,
        version=detector.version,
        modality=detector.modality,
        labels=[label for label in Label if label in detector.labels],
        languages=detector.limits.languages,
        seconds=detector.limits.seconds,
        megabytes=detector.limits.megabytes,
        examples=len(getattr(detector, "examples", ())),
    )


def taxonomy_entry(entry: LabelEntry, covered_by: list[str]) -> TaxonomyEntry:
    """Return `entry` with the ids of the detectors that cover it."""
    return TaxonomyEntry(
        label=entry.label,
        definition=entry.definition,
        not_meant=entry.not_meant,
        counterparts=Counterparts(entry.openai, entry.perspective, entry.aws, entry.ailuminate),
        detectors=covered_by,
    )


def error_answer(error: EvenhandError) -> ErrorAnswer:
    """Return `error` in the native dialect."""
    return ErrorAnswer(ErrorBody(error.code, error.message, error.field, error.remedy))
