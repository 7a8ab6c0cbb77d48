"""The two Perspective methods described, with examples, for the OpenAPI document; tests send every example."""

from typing import Any, Final

from evenhand.api.operation import KEY_ERRORS, Operation, body_errors, screen_errors
from evenhand.api.perspective.errors import CommentAnalyzerError, language_error, refuse
from evenhand.api.perspective.schema import (
    AnalyzeRequest,
    AnalyzeResponse,
    GoogleError,
    SuggestRequest,
    SuggestResponse,
)
from evenhand.core.errors import EvenhandError

_TAG: Final = "Perspective"

_FIELDS: Final = (
    {
        "name": "fields",
        "in": "query",
        "description": (
            "The part of the answer that is wanted, such as `attributeScores/TOXICITY/summaryScore` or "
            "`attributeScores(TOXICITY,INSULT)`. Left out, it is all of it."
        ),
        "schema": {"type": "string"},
    },
)
_COMMENT: Final[dict[str, Any]] = {"text": "you are an idiot"}
_SCORE: Final[dict[str, Any]] = {"value": 0.9, "type": "PROBABILITY"}

_ERRORS: Final[tuple[EvenhandError, ...]] = (
    *(error for error in body_errors("comment") if error.code != "field.missing"),
    *(error for error in screen_errors("comment.text", "comment.text", "comment") if error.code != "items.too_many"),
    *KEY_ERRORS,
)


def analyze() -> Operation:
    """Describe `POST /v1alpha1/comments:analyze`."""
    return Operation(
        name="analyze",
        tag=_TAG,
        summary="Score a comment as the Perspective API does",
        description=(
            "Spans count UTF-16 code units. An attribute below its `scoreThreshold` is left out. With `doNotStore` "
            "the comment is never kept; without it, only for review. Needs a key with the scope `screen`, in the "
            "query as the Perspective API's clients send it, or in a header."
        ),
        keys=("query", "bearer"),
        parameters=_FIELDS,
        body=(AnalyzeRequest,),
        body_examples={
            "Short": {"comment": _COMMENT, "requestedAttributes": {"TOXICITY": {}}, "languages": ["en"]},
            "With spans": {
                "comment": _COMMENT,
                "requestedAttributes": {"TOXICITY": {}, "INSULT": {"scoreThreshold": 0.5}},
                "languages": ["en"],
                "spanAnnotations": True,
                "doNotStore": True,
                "clientToken": "comment-17",
            },
        },
        answer=(AnalyzeResponse,),
        answer_examples={
            "Scores": {
                "attributeScores": {
                    "TOXICITY": {
                        "spanScores": [{"begin": 0, "end": 16, "score": _SCORE}],
                        "summaryScore": _SCORE,
                    }
                },
                "languages": ["en"],
                "detectedLanguages": ["en"],
            }
        },
        errors=(
            CommentAnalyzerError("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes"),
            language_error("INSULT", ["ja"], is_requested=False),
            *_ERRORS,
        ),
        refuse=refuse,
        refusal=GoogleError,
    )


def suggest() -> Operation:
    """Describe `POST /v1alpha1/comments:suggestscore`."""
    return Operation(
        name="suggestscore",
        tag=_TAG,
        summary="Say what the scores of a comment should be",
        description=(
            "Kept as feedback for whoever tunes the thresholds; it changes no score by itself. Needs a key with the "
            "scope `screen`, in the query or in a header."
        ),
        keys=("query", "bearer"),
        parameters=_FIELDS,
        body=(SuggestRequest,),
        body_examples={
            "Not toxic": {
                "comment": {"text": "What a match!"},
                "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0.0}}},
                "languages": ["en"],
                "clientToken": "comment-17",
            }
        },
        answer=(SuggestResponse,),
        answer_examples={
            "Kept": {"clientToken": "comment-17", "detectedLanguages": ["en"], "requestedLanguages": ["en"]}
        },
        errors=tuple(error for error in _ERRORS if error.code != "queue.full"),
        refuse=refuse,
        refusal=GoogleError,
    )
