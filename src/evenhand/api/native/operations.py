"""The native routes described, with examples, for the OpenAPI document. Tests send and decode every example."""

from collections.abc import Callable
from typing import Any, Final

from starlette.responses import Response

from evenhand.api.native.schema import (
    DecisionAnswer,
    DecisionList,
    DetectorList,
    ErrorAnswer,
    Health,
    Readiness,
    ScreenMany,
    ScreenOne,
    Taxonomy,
)
from evenhand.api.operation import KEY_ERRORS, Operation, body_errors, screen_errors
from evenhand.core.errors import EvenhandError, InputError, NotFoundError, TooLargeError
from evenhand.store.decisions import decision_not_found

Refuse = Callable[[EvenhandError], Response]

_TAG: Final = "evenhand"
_DECISION_ID: Final = "dec_0199c1a2b3c4d5e6f708192a3b4c5d6e"

_DECISION: Final[dict[str, Any]] = {
    "id": _DECISION_ID,
    "content_id": "post-17",
    "created_at": "2026-11-23T10:00:00.123456Z",
    "action": "review",
    "degraded": False,
    "policy": {"name": "default", "version": "1f3b5d7a9c2e"},
    "rules": [
        {
            "rule": "harassment.review",
            "action": "review",
            "label": "harassment",
            "detector": "text.lexicon",
            "score": 0.9,
            "threshold": 0.8,
        }
    ],
    "scores": {"harassment": 0.9, "profanity": 0.0},
    "signals": [
        {
            "detector": "text.lexicon",
            "version": "1+4b2c6d8e0f1a",
            "label": "harassment",
            "score": 0.9,
            "evidence": [{"begin": 11, "end": 16, "weight": 1.0, "source": "lexicon:insults:2"}],
        }
    ],
    "failures": [],
    "detectors": {"text.lexicon": "1+4b2c6d8e0f1a"},
    "languages": ["en"],
    "notices": [],
}

_SCREEN_ERRORS: Final = (
    InputError(
        "language.invalid",
        "The languages are not BCP-47 tags.",
        field="languages",
        remedy="Use at most 10 tags such as `en` or `pt-BR`, or leave them out.",
    ),
    InputError(
        "id.invalid",
        "The id is over 200 characters or has invisible ones.",
        field="items[0].id",
        remedy="Use at most 200 printable characters.",
    ),
    TooLargeError(
        "context.too_long",
        "The context is over 20 texts or 65536 bytes of UTF-8.",
        field="context",
        remedy="Send the nearest texts only.",
    ),
    InputError(
        "image.format",
        "The file is not an image of a format that is accepted.",
        field="images[0]",
        remedy="Send one of: AVIF, BMP, GIF, JPEG, PNG, TIFF, WEBP.",
    ),
    TooLargeError(
        "images.too_many",
        "There are 9 images; at most 8 are accepted with one content.",
        field="images[8]",
        remedy="Send them in parts.",
    ),
    NotFoundError("policy.not_found", "There is no policy 'strict'.", field="policy", remedy="Use one of: default."),
)


def screen(refuse: Refuse) -> Operation:
    """Describe `POST /v1/screen`."""
    return Operation(
        name="screen",
        tag=_TAG,
        summary="Screen one text or many",
        description=(
            "Returns a decision for a text, or a list of decisions for `items`. With `items`, all are decided or none: "
            "an error names the item by its path. The text is never repeated in the answer; evidence gives offsets in "
            "Unicode code points, and regions give boxes in images. Needs a key with the scope `screen`. The content "
            "type need not be set. A form with files (`multipart/form-data`) may stand for a single item: the same "
            "fields, and `images` as files.\n\n"
            "The decision is always kept. Text, context and copies of images are kept for a while if `store_content` "
            "is `true`, or if it is left out and the decision is `review`. With `false` they are never kept, not even "
            "for review."
        ),
        keys=("bearer",),
        body=(ScreenOne, ScreenMany),
        body_examples={
            "One": {"text": "you are an idiot", "id": "post-17"},
            "Many": {
                "items": [{"text": "you are an idiot", "id": "post-17"}, {"text": "Good morning", "languages": ["en"]}],
                "store_content": False,
            },
            "With context": {
                "text": "So what?",
                "context": ["The match is off.", "That is sad."],
                "languages": ["en"],
                "policy": "default",
                "store_content": True,
            },
        },
        answer=(DecisionAnswer, DecisionList),
        answer_examples={"One": _DECISION, "Many": {"decisions": [_DECISION]}},
        errors=(
            *body_errors("text"),
            *screen_errors("text", "items[2].text", "items"),
            *_SCREEN_ERRORS,
            *KEY_ERRORS,
        ),
        refuse=refuse,
        refusal=ErrorAnswer,
    )


def decision(refuse: Refuse) -> Operation:
    """Describe `GET /v1/decisions/{id}`."""
    return Operation(
        name="decision",
        tag=_TAG,
        summary="Read a decision again",
        description=(
            "As `/v1/screen` answered it. A key with the scope `review` sees every decision; a key with the scope "
            "`screen` sees what it asked for itself, and for any other decision gets the same 404 as for none."
        ),
        keys=("bearer",),
        parameters=(
            {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "A decision's `id`.",
                "schema": {"type": "string", "pattern": "^dec_[0-9a-f]{32}$"},
                "example": _DECISION_ID,
            },
        ),
        answer=(DecisionAnswer,),
        answer_examples={"Decision": _DECISION},
        errors=(
            decision_not_found(),
            *KEY_ERRORS,
        ),
        refuse=refuse,
        refusal=ErrorAnswer,
    )


def detectors(refuse: Refuse) -> Operation:
    """Describe `GET /v1/detectors`."""
    entry = {
        "id": "text.lexicon",
        "version": "1+4b2c6d8e0f1a",
        "modality": "text",
        "labels": ["harassment", "profanity"],
        "languages": ["en"],
        "seconds": 1.0,
        "megabytes": 60,
        "examples": 24,
    }
    return Operation(
        name="detectors",
        tag=_TAG,
        summary="List the detectors that run here",
        description="Any good key may read it. It needs one because it tells about this server: its lists and plugins.",
        keys=("bearer",),
        answer=(DetectorList,),
        answer_examples={"Detectors": {"detectors": [entry]}},
        errors=KEY_ERRORS,
        refuse=refuse,
        refusal=ErrorAnswer,
    )


def taxonomy() -> Operation:
    """Describe `GET /v1/taxonomy`."""
    entry = {
        "label": "harassment",
        "definition": "Insults, demeans, bullies or sets others upon a person, without the ground being a group.",
        "not_meant": "Criticism of an act, a work or a public office, friendly banter.",
        "counterparts": {
            "openai": ["harassment"],
            "perspective": ["TOXICITY", "INSULT"],
            "aws": ["Rude Gestures"],
            "ailuminate": [],
        },
        "detectors": ["text.lexicon"],
    }
    return Operation(
        name="taxonomy",
        tag=_TAG,
        summary="List every label with its meaning",
        description="Needs no key: whoever is judged may know by what.",
        answer=(Taxonomy,),
        answer_examples={"Taxonomy": {"labels": [entry]}},
    )


def health() -> Operation:
    """Describe `GET /healthz`."""
    return Operation(
        name="healthz",
        tag="operations",
        summary="Is the process alive?",
        description="Needs no key, so that a load balancer can ask. Touches nothing.",
        answer=(Health,),
        answer_examples={"Alive": {"status": "alive"}},
    )


def readiness() -> Operation:
    """Describe `GET /readyz`."""
    return Operation(
        name="readyz",
        tag="operations",
        summary="Can requests be served now?",
        description="Needs no key, so that a load balancer can ask. Asks the database, and whether a detector is free.",
        answer=(Readiness,),
        answer_examples={"Ready": {"status": "ready", "reasons": []}},
        other_answers={503: "Not now: `store.unavailable`, or `detectors.busy` when all of them overran their time."},
    )


def metrics() -> Operation:
    """Describe `GET /metrics`."""
    return Operation(
        name="metrics",
        tag="operations",
        summary="Counts and times for Prometheus",
        description="Needs no key, as Prometheus expects; holds no text, no key and nothing about a person.",
        answer=(str,),
        answer_examples={"Page": 'evenhand_requests_total{door="native",status="200"} 1.0\n'},
        answer_media="text/plain",
    )


def openapi() -> Operation:
    """Describe `GET /openapi.json`."""
    return Operation(
        name="openapi",
        tag="operations",
        summary="This document",
        description="Needs no key: it is the same on every server of this version.",
        answer=(dict[str, Any],),
        answer_examples={"Start": {"openapi": "3.1.0"}},
    )
