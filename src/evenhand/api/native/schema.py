"""What the native dialect reads and answers, as types.

Requests are decoded by them and answers are made of them; the OpenAPI document follows from both.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from evenhand.core.content import Modality
from evenhand.core.decision import Action, ClipFacts, ImageFacts, PolicyVersion, RuleHit
from evenhand.core.facts import MAX_METADATA, MAX_METADATA_CHARACTERS
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import Span
from evenhand.service.moderate import MAX_IMAGES

MAX_ID: Final = 200
MAX_CONTEXT: Final = 20
MAX_CONTEXT_BYTES: Final = 65_536
MAX_LANGUAGES: Final = 10

#: No control characters, line separators or invisible formatting: an id is shown in lists and logs.
ID_PATTERN: Final = r"^[^\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*$"
#: No language is registered with more than three letters: `english` is a mistake, and so is `null`.
LANGUAGE_PATTERN: Final = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"

# The constraints are written for the document only: `translate` checks them, with errors of their own.
ContentText = Annotated[str, Meta(extra_json_schema={"pattern": r"\S"})]
ContentId = Annotated[str, Meta(extra_json_schema={"maxLength": MAX_ID, "pattern": ID_PATTERN})]
Context = Annotated[list[str], Meta(extra_json_schema={"maxItems": MAX_CONTEXT})]
Language = Annotated[str, Meta(extra_json_schema={"pattern": LANGUAGE_PATTERN})]
Languages = Annotated[list[Language], Meta(extra_json_schema={"maxItems": MAX_LANGUAGES})]


class ImageInput(msgspec.Struct, forbid_unknown_fields=True):
    """An image: give one of the two.

    Args:
        data: The file in base64: JPEG, PNG, WebP, GIF, AVIF, BMP or TIFF.
        url: A `data:` URL of base64; or an address, where the operator has them fetched.
    """

    data: str = ""
    url: str = ""


Metadata = Annotated[
    dict[str, str | int | float | bool],
    Meta(
        extra_json_schema={
            "maxProperties": MAX_METADATA,
            "propertyNames": {"maxLength": MAX_METADATA_CHARACTERS, "pattern": r"\S"},
        }
    ),
]
Images = Annotated[list[ImageInput], Meta(extra_json_schema={"maxItems": MAX_IMAGES})]


class Item(msgspec.Struct, forbid_unknown_fields=True):
    """One content to be screened: a text, images, or both, which are then judged together.

    Args:
        text: At least one visible character; at most the server's limit in bytes of UTF-8. Optional beside images.
        id: Your own name for it, given back as `content_id`.
        context: Texts that stand around it, oldest first; for the people who review, not scored.
        languages: BCP-47 tags that you vouch for; left out, the language is detected.
        store_content: `true` keeps text, context and images, `false` never does; left out, only for review.
        images: Pictures that belong to it.
        author_id: Your own name for whoever wrote it, not theirs: reviewers see what else is from there.
        metadata: What you say of it, such as `{"board": "market"}`, for the policy's conditions; not of who wrote it.
    """

    text: ContentText | UnsetType = UNSET
    id: ContentId = ""
    context: Context = []
    languages: Languages = []
    store_content: bool | UnsetType = UNSET
    images: Images = []
    author_id: ContentId = ""
    metadata: Metadata = {}


class ScreenOne(Item, forbid_unknown_fields=True):
    """A request for one decision: an item, and the policy that decides.

    Args:
        text: At least one visible character; at most the server's limit in bytes of UTF-8. Optional beside images.
        id: Your own name for it, given back as `content_id`.
        context: Texts that stand around it, oldest first; for the people who review, not scored.
        languages: BCP-47 tags that you vouch for; left out, the language is detected.
        store_content: `true` keeps text, context and images, `false` never does; left out, only for review.
        images: Pictures that belong to it.
        author_id: Your own name for whoever wrote it, not theirs: reviewers see what else is from there.
        metadata: What you say of it, such as `{"board": "market"}`, for the policy's conditions; not of who wrote it.
        policy: Name of the policy; left out, the default one.
    """

    policy: str = ""


class ScreenMany(msgspec.Struct, forbid_unknown_fields=True):
    """A request for many decisions: all of them are made, or none.

    Args:
        items: What is to be screened; at most the server's limit.
        policy: Name of the policy; left out, the default one.
        store_content: For every item that does not say it itself.
    """

    items: Annotated[list[Item], Meta(min_length=1)]
    policy: str = ""
    store_content: bool | UnsetType = UNSET


class ScreenForm(msgspec.Struct):
    """Tells the two forms of a request apart: one with `items` is the one for many."""

    items: msgspec.Raw | UnsetType = UNSET


class DecisionAnswer(msgspec.Struct):
    """A decision with its reasons. The text itself is never repeated, but a reason may quote words of an image.

    Args:
        id: `dec_` and 32 hex digits; sorts by time.
        content_id: Your own name for the content; empty when it had none.
        created_at: In UTC.
        action: What to do: the strictest action of all rules that were set off.
        degraded: Whether a detector failed, so that a low score may mean nothing.
        policy: Which policy decided, and its version.
        rules: Every rule that was set off, strictest first; one that only puts tags on says `allow`.
        scores: The highest score, 0 to 1, for each label that a working detector covers.
        signals: Everything that the detectors said, strongest first. Offsets count Unicode code points.
            Boxes in images are left, top, width and height as shares of the image's own.
        failures: Detectors that gave no answer, and rules whose condition gave none, as `policy:` and the rule's id.
        detectors: Version of each detector that ran, by id.
        languages: What the text seems to be written in, or what you said (BCP-47).
        notices: Stable codes of things to know, such as `language.not_covered:text.lexicon`.
        images: What the images are, in order.
        clip: What the clip is, where the content is one.
        timeline: What was found in a clip and when, in seconds, worst first.
        tags: The community's own marks that rules put on it.
        queue: Where a case about it waits; empty: in the default queue.
        priority: Of such a case: 1 is the most urgent, 10 the least.
    """

    id: str
    content_id: str
    created_at: Annotated[datetime, Meta(tz=True)]
    action: Action
    degraded: bool
    policy: PolicyVersion
    rules: tuple[RuleHit, ...]
    scores: dict[Label, float]
    signals: tuple[Signal, ...]
    failures: tuple[DetectorFailure, ...]
    detectors: dict[str, str]
    languages: tuple[str, ...]
    notices: tuple[str, ...]
    images: tuple[ImageFacts, ...] = ()
    clip: ClipFacts | None = None
    timeline: tuple[Span, ...] = ()
    tags: tuple[str, ...] = ()
    queue: str = ""
    priority: int = 5


class DecisionList(msgspec.Struct):
    """Decisions in the order of the items.

    Args:
        decisions: One for each item.
    """

    decisions: list[DecisionAnswer]


class DetectorEntry(msgspec.Struct):
    """What a detector declares about itself.

    Args:
        id: `modality.name`.
        version: Changes whenever a score could.
        modality: What it reads.
        labels: What it looks for.
        languages: What its figures were measured on; empty when it does not depend on language.
        seconds: Longest time that it may take for 32 contents.
        megabytes: Most memory that it may take.
        examples: How many examples it carries; each is a test.
    """

    id: str
    version: str
    modality: Modality
    labels: list[Label]
    languages: tuple[str, ...]
    seconds: float
    megabytes: int
    examples: int


class DetectorList(msgspec.Struct):
    """The detectors of this server.

    Args:
        detectors: In the order in which they are configured.
    """

    detectors: list[DetectorEntry]


class Counterparts(msgspec.Struct):
    """The nearest names in other taxonomies; an empty list when there is none.

    Args:
        openai: The OpenAI moderation API.
        perspective: The Perspective API.
        aws: Amazon Rekognition moderation labels, version 7.
        ailuminate: MLCommons AILuminate 1.0 hazards.
    """

    openai: tuple[str, ...]
    perspective: tuple[str, ...]
    aws: tuple[str, ...]
    ailuminate: tuple[str, ...]


class TaxonomyEntry(msgspec.Struct):
    """One label of the closed list.

    Args:
        label: Its name.
        definition: The conduct that it means.
        not_meant: What it does not mean.
        counterparts: What others call it.
        detectors: Ids of this server's detectors that cover it; with none, it is never scored here.
    """

    label: Label
    definition: str
    not_meant: str
    counterparts: Counterparts
    detectors: list[str]


class Taxonomy(msgspec.Struct):
    """The closed list of labels.

    Args:
        labels: evenhand's categories, then the attributes of the Perspective API.
    """

    labels: list[TaxonomyEntry]


class Health(msgspec.Struct):
    """The process answers.

    Args:
        status: Always `alive`.
    """

    status: Literal["alive"]


class Readiness(msgspec.Struct):
    """Whether requests can be served now.

    Args:
        status: In a word.
        reasons: Codes of what stands in the way.
    """

    status: Literal["ready", "not ready"]
    reasons: list[str]


class ErrorBody(msgspec.Struct):
    """What is wrong.

    Args:
        code: Stable; match on this.
        message: For people; may be reworded.
        field: Path of the field as you sent it, such as `items[3].text`.
        remedy: The way out.
    """

    code: str
    message: str
    field: str | None
    remedy: str


class ErrorAnswer(msgspec.Struct):
    """Every error of the native dialect.

    Args:
        error: What is wrong.
    """

    error: ErrorBody
