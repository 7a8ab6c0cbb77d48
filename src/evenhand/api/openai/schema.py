"""What the OpenAI moderation API reads and answers, as types, and the names that it uses."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from evenhand.core.taxonomy import Label

#: The 13 categories, in OpenAI's order; evenhand has each of them under the same name.
CATEGORIES: Final[tuple[Label, ...]] = (
    Label.HARASSMENT,
    Label.HARASSMENT_THREATENING,
    Label.HATE,
    Label.HATE_THREATENING,
    Label.ILLICIT,
    Label.ILLICIT_VIOLENT,
    Label.SELF_HARM,
    Label.SELF_HARM_INTENT,
    Label.SELF_HARM_INSTRUCTIONS,
    Label.SEXUAL,
    Label.SEXUAL_MINORS,
    Label.VIOLENCE,
    Label.VIOLENCE_GRAPHIC,
)

#: What the text-moderation models know: all but the two that came with omni-moderation.
LEGACY_CATEGORIES: Final = tuple(label for label in CATEGORIES if not label.startswith("illicit"))

DEFAULT_MODEL: Final = "omni-moderation-latest"

#: Accepted model names. All of them are this server's detectors; a name only chooses the shape of the answer.
MODELS: Final = (
    DEFAULT_MODEL,
    "omni-moderation-2024-09-26",
    "text-moderation-latest",
    "text-moderation-stable",
    "text-moderation-007",
    "evenhand-text",
)

#: 23 November 2026, when evenhand first answered to these names.
MODELS_CREATED: Final = 1_795_392_000


_EVERY_CATEGORY: Final = msgspec.Meta(
    extra_json_schema={"required": list(LEGACY_CATEGORIES), "propertyNames": {"enum": list(CATEGORIES)}}
)


class TextPart(msgspec.Struct, tag_field="type", tag="text", forbid_unknown_fields=True):
    """A part of one content.

    Args:
        text: The text parts of a request are one text, and judged together with its images.
    """

    text: str


class ImageUrl(msgspec.Struct):
    """Where an image is.

    Args:
        url: A `data:` URL of base64; or an address, where the operator has them fetched.
    """

    url: str


class ImagePart(msgspec.Struct, tag_field="type", tag="image_url"):
    """A part of one content.

    Args:
        image_url: The image; it is judged together with the text parts and the other images.
    """

    image_url: ImageUrl


class ModerationRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be screened.

    Args:
        input: A text; or texts, each with a result of its own; or parts of one content, with one result.
        model: One of the names in `/v1/models`; left out, `omni-moderation-latest`.
    """

    input: str | list[str | TextPart | ImagePart]
    model: str | None = None


class ModerationResult(msgspec.Struct):
    """What was found in one content.

    Args:
        flagged: Whether any category is true.
        categories: Whether a rule of the policy for that category was set off: to review or to block.
        category_scores: 0 to 1; 0 for a category that no detector covers.
        category_applied_input_types: What the category was looked for in: `text`, `image` (the picture itself or the
            words in it), both, or nothing where no working detector covers it; left out for the text-moderation models.
    """

    flagged: bool
    categories: Annotated[dict[Label, bool], _EVERY_CATEGORY]
    category_scores: Annotated[dict[Label, float], _EVERY_CATEGORY]
    category_applied_input_types: (
        Annotated[dict[Label, list[Literal["text", "image"]]], _EVERY_CATEGORY] | UnsetType
    ) = UNSET


class ModerationAnswer(msgspec.Struct):
    """The results of one request.

    Args:
        id: `modr-` and the digits of the first decision's id; the rest of the decision is at `/v1/decisions/dec_...`.
        model: As asked for.
        results: One for each content, in order.
    """

    id: str
    model: str
    results: list[ModerationResult]


class Model(msgspec.Struct):
    """A model name that is accepted.

    Args:
        id: The name.
        object: Always `model`.
        created: Seconds since 1970.
        owned_by: Always `evenhand`.
    """

    id: str
    created: int = MODELS_CREATED
    object: Literal["model"] = "model"
    owned_by: Literal["evenhand"] = "evenhand"


class ModelList(msgspec.Struct):
    """Every model name that is accepted.

    Args:
        data: The default one first.
        object: Always `list`.
    """

    data: list[Model]
    object: Literal["list"] = "list"


class OpenAIErrorBody(msgspec.Struct):
    """What is wrong, as OpenAI says it.

    Args:
        message: For people.
        type: `invalid_request_error`, `requests` (allowance used up) or `server_error`.
        param: The field that is wrong, such as `input[3]`.
        code: Stable; match on this.
    """

    message: str
    type: Literal["invalid_request_error", "requests", "server_error"]
    param: str | None
    code: Annotated[str, msgspec.Meta(pattern="^[a-z_]+$")]


class OpenAIErrorAnswer(msgspec.Struct):
    """Every error of the OpenAI dialect.

    Args:
        error: What is wrong.
    """

    error: OpenAIErrorBody
