"""The OpenAI routes described, with examples, for the OpenAPI document. Tests send and decode every example."""

from collections.abc import Callable
from typing import Any, Final

from starlette.responses import Response

from evenhand.api.openai.schema import (
    CATEGORIES,
    DEFAULT_MODEL,
    MODELS_CREATED,
    Model,
    ModelList,
    ModerationAnswer,
    ModerationRequest,
    OpenAIErrorAnswer,
)
from evenhand.api.operation import KEY_ERRORS, Operation, body_errors, screen_errors
from evenhand.core.errors import EvenhandError, InputError, NotFoundError
from evenhand.core.taxonomy import Label

Refuse = Callable[[EvenhandError], Response]

_TAG: Final = "OpenAI moderation"

_MODEL: Final[dict[str, Any]] = {
    "id": DEFAULT_MODEL,
    "created": MODELS_CREATED,
    "object": "model",
    "owned_by": "evenhand",
}

_NO_MODEL: Final = NotFoundError(
    "model.not_found", "The model `gpt-9` does not exist.", field="model", remedy="See /v1/models."
)

_ERRORS: Final = (
    InputError("items.none", "The array is empty.", field="input", remedy="Send at least one text."),
    InputError(
        "image.not_supported",
        "This server screens text only, so nothing of this content was screened.",
        field="input",
        remedy="Send the text alone, or ask the operator to install evenhand[images].",
    ),
    InputError(
        "image.url_refused",
        "This server does not fetch images from addresses.",
        field="input[1].image_url.url",
        remedy="Send the image itself in base64, or ask the operator to set image_urls to `fetch`.",
    ),
    _NO_MODEL,
    EvenhandError(
        "decision.degraded",
        "A detector gave no answer, so the input cannot be judged in full.",
        remedy="Try again; if it stays, treat the input as not screened.",
    ),
)


def _example() -> dict[str, Any]:
    found = {Label.HARASSMENT: 0.9}
    result = {
        "flagged": True,
        "categories": {label: label in found for label in CATEGORIES},
        "category_scores": {label: found.get(label, 0.0) for label in CATEGORIES},
        "category_applied_input_types": {label: ["text"] for label in CATEGORIES},
    }
    return {"id": "modr-0199c1a2b3c4d5e6f708192a3b4c5d6e", "model": DEFAULT_MODEL, "results": [result]}


def moderations(refuse: Refuse) -> Operation:
    """Describe `POST /v1/moderations`."""
    return Operation(
        name="moderations",
        tag=_TAG,
        summary="Screen as the OpenAI moderation API does",
        description=(
            "All 13 categories are always there (11 for the text-moderation names). A category is true when the policy "
            "asks for review or block because of it, and `flagged` when any is true. A category with an empty list in "
            "`category_applied_input_types` was not looked for. When a detector fails, the answer is 503 and not a "
            "clean result, unless the policy fails open. Text and context are kept only if the decision is review. "
            "Needs a key with the scope `screen`."
        ),
        keys=("bearer",),
        body=(ModerationRequest,),
        body_examples={
            "String": {"input": "you are an idiot"},
            "Strings": {"model": DEFAULT_MODEL, "input": ["you are an idiot", "Good morning"]},
            "Parts": {"input": [{"type": "text", "text": "you are"}, {"type": "text", "text": "an idiot"}]},
        },
        answer=(ModerationAnswer,),
        answer_examples={"Flagged": _example()},
        errors=(
            *body_errors("input"),
            *screen_errors("input", "input[2]", "input"),
            *_ERRORS,
            *KEY_ERRORS,
        ),
        refuse=refuse,
        refusal=OpenAIErrorAnswer,
    )


def models(refuse: Refuse) -> Operation:
    """Describe `GET /v1/models`."""
    return Operation(
        name="models",
        tag=_TAG,
        summary="List the model names that are accepted",
        description="Needs a key with the scope `screen`, because clients try their key here.",
        keys=("bearer",),
        answer=(ModelList,),
        answer_examples={"Models": {"object": "list", "data": [_MODEL]}},
        errors=KEY_ERRORS,
        refuse=refuse,
        refusal=OpenAIErrorAnswer,
    )


def model(refuse: Refuse) -> Operation:
    """Describe `GET /v1/models/{model}`."""
    return Operation(
        name="model",
        tag=_TAG,
        summary="Look one model name up",
        description="Needs a key with the scope `screen`.",
        keys=("bearer",),
        parameters=(
            {
                "name": "model",
                "in": "path",
                "required": True,
                "description": "A name from `/v1/models`.",
                "schema": {"type": "string"},
                "example": DEFAULT_MODEL,
            },
        ),
        answer=(Model,),
        answer_examples={"Model": _MODEL},
        errors=(_NO_MODEL, *KEY_ERRORS),
        refuse=refuse,
        refusal=OpenAIErrorAnswer,
    )
