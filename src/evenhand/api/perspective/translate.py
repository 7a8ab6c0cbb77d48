"""Between Comment Analyzer's words and evenhand's own nouns."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import UNSET

from evenhand.api.perspective.attributes import ATTRIBUTE_LABELS, Attribute
from evenhand.api.perspective.errors import CommentAnalyzerError, language_error
from evenhand.api.perspective.schema import (
    AnalyzeRequest,
    AnalyzeResponse,
    AttributeParameters,
    AttributeScores,
    Context,
    Score,
    SpanScore,
    SuggestedScores,
    SuggestRequest,
    SuggestResponse,
    TextEntry,
)
from evenhand.api.perspective.spans import Place
from evenhand.content.text import Text
from evenhand.core.content import Content
from evenhand.core.decision import Action, Decision
from evenhand.core.errors import EvenhandError, InputError
from evenhand.core.ids import new_id
from evenhand.store.records import Feedback

#: Letters from which on a detected language is trusted enough to refuse a text for it.
_ENOUGH_LETTERS: Final = 60
#: BCP-47's word for a language that nobody knows; clients read the first language without asking whether there is one.
_UNDETERMINED: Final = ("und",)
_TEXT_TYPES: Final = ("PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED")
_SCORE_TYPES: Final = ("PROBABILITY", "SCORE_TYPE_UNSPECIFIED")
_NO_PARAMETERS: Final = AttributeParameters()


def comment_text(comment: TextEntry | None) -> str:
    """Return the text of `comment`.

    Raises:
        CommentAnalyzerError: `COMMENT_EMPTY`, or `INVALID_REQUEST` for a type that is not plain text.
    """
    if comment is None or not comment.text or comment.text.isspace():
        raise CommentAnalyzerError("COMMENT_EMPTY", "Comment must be non-empty.")
    if comment.type == "HTML":
        raise CommentAnalyzerError("INVALID_REQUEST", "Currently, only 'PLAIN_TEXT' comments are supported")
    if comment.type is not None and comment.type not in _TEXT_TYPES:
        raise CommentAnalyzerError("INVALID_REQUEST", "Unknown text type")
    return comment.text


def content_from(request: AnalyzeRequest) -> Content:
    """Return what `request` wants analyzed.

    Raises:
        CommentAnalyzerError: The comment, the context or the attributes cannot be taken.
    """
    text = comment_text(request.comment)
    return Content(
        text, id=_content_id(request), context=_context(request.context), languages=tuple(request.languages or ())
    )


def _content_id(request: AnalyzeRequest) -> str:
    # The client's token is its own name for the comment; one that could not be a name is only echoed.
    token = request.clientToken or ""
    return token if token.isprintable() and len(token) <= 200 else ""  # noqa: PLR2004 -- as in the native dialect


def _context(context: Context | None) -> tuple[str, ...]:
    if context is None:
        return ()
    if context.entries and context.articleAndParentComment:
        raise CommentAnalyzerError(
            "INVALID_REQUEST",
            "Context can have either entries or article_and_parent_comment, but both fields were populated.",
        )
    around = context.articleAndParentComment
    entries = [around.article, around.parentComment] if around else (context.entries or [])
    return tuple(entry.text for entry in entries if entry and entry.text)


def requested_attributes(request: AnalyzeRequest, served: Mapping[str, Attribute]) -> list[Attribute]:
    """Return the attributes that `request` asks for.

    Raises:
        CommentAnalyzerError: `NO_REQUESTED_ATTRIBUTES`, or `INVALID_REQUEST` for an attribute that is not `served`.
    """
    if not request.requestedAttributes:
        raise CommentAnalyzerError("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes")
    for name, parameters in request.requestedAttributes.items():
        if name not in served:
            raise _unknown_attribute(name)
        score_type = (parameters or _NO_PARAMETERS).scoreType
        if score_type is not None and score_type not in _SCORE_TYPES:
            raise CommentAnalyzerError(
                "INVALID_REQUEST", f"Requested score type {score_type[:100]} is not supported by attribute {name}"
            )
    return [served[name] for name in request.requestedAttributes]


def supported_attributes(request: AnalyzeRequest, attributes: Iterable[Attribute], text: Text) -> list[Attribute]:
    """Return those of `attributes` that were measured in the languages that the client names or the text surely has.

    Raises:
        CommentAnalyzerError: `LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE`, unless `request` wants others to be left out.
    """
    languages = text.stated_languages
    # A short text's language is a guess, and nobody's comment should be refused for a guess.
    if not languages and sum(map(str.isalpha, text.original)) >= _ENOUGH_LETTERS:
        languages = text.detected_languages[:1]
    supported = []
    for attribute in attributes:
        if all(map(attribute.supports, languages)):
            supported.append(attribute)
        elif not request.dropUnsupportedAttributes:
            raise language_error(attribute.name, languages, is_requested=bool(text.stated_languages))
    return supported


def analyze_response(
    request: AnalyzeRequest,
    attributes: Iterable[Attribute],
    text: Text,
    decision: Decision,
    spans: Sequence[tuple[Place, Decision]],
    *,
    on_failure: Action,
) -> AnalyzeResponse:
    """Return the scores that were asked for.

    Args:
        request: What was asked.
        attributes: The attributes in it.
        text: The comment.
        decision: The decision on the whole comment.
        spans: Each place in UTF-16 code units that gets a score, with the decision on it.
        on_failure: What the policy does when a detector fails.

    Raises:
        EvenhandError: `decision.degraded`: a detector that an attribute is scored by failed, and the policy does not
            fail open. What the others say would read as a low score.
    """
    decisions = (decision, *(part for _, part in spans))
    failed = {failure.detector for made in decisions for failure in made.failures}
    scores = {}
    for attribute in attributes:
        if not failed.isdisjoint(attribute.detectors):
            if on_failure is Action.ALLOW:
                continue
            raise EvenhandError(
                "decision.degraded", f"Attribute {attribute.name} could not be scored.", remedy="Try again in a moment."
            )
        value = decision.scores[attribute.label]
        if value >= _threshold(request, attribute.name):
            places = [SpanScore(*place, Score(part.scores[attribute.label])) for place, part in spans]
            scores[attribute.name] = AttributeScores(places, Score(value))
    return AnalyzeResponse(
        scores or UNSET,
        languages=list(text.languages or _UNDETERMINED),
        detectedLanguages=list(text.detected_languages or _UNDETERMINED),
        clientToken=request.clientToken or UNSET,
    )


def _threshold(request: AnalyzeRequest, name: str) -> float:
    parameters = (request.requestedAttributes or {})[name] or _NO_PARAMETERS
    return parameters.scoreThreshold or 0.0


def feedback_from(request: SuggestRequest, *, key_id: str) -> Feedback:
    """Return what `request` suggests.

    Raises:
        CommentAnalyzerError: The comment is empty, or no score is suggested.
        InputError: `field.invalid` for a score outside 0..1 or a span without its ends.
    """
    comment = comment_text(request.comment)
    suggestions = {name: scores or SuggestedScores() for name, scores in (request.attributeScores or {}).items()}
    if not suggestions:
        raise CommentAnalyzerError("INVALID_REQUEST", "Missing attribute_scores")
    _context(request.context)
    for name, scores in suggestions.items():
        _check_suggestion(name, scores)
    return Feedback(
        id=new_id("fb"),
        created_at=datetime.now(UTC),
        key_id=key_id,
        comment=comment,
        suggested={
            name: scores.summaryScore.value or 0.0 for name, scores in suggestions.items() if scores.summaryScore
        },
        spans={
            name: msgspec.to_builtins(scores.spanScores) for name, scores in suggestions.items() if scores.spanScores
        },
        languages=tuple(request.languages or ()),
        context=msgspec.to_builtins(request.context) if request.context else None,
        community_id=request.communityId or "",
        client_token=request.clientToken or "",
        session_id=request.sessionId or "",
    )


def suggest_response(request: SuggestRequest, text: Text) -> SuggestResponse:
    """Return the answer to a suggestion that was kept."""
    return SuggestResponse(
        clientToken=request.clientToken or "",
        detectedLanguages=list(text.detected_languages or _UNDETERMINED),
        requestedLanguages=request.languages or [],
    )


def _check_suggestion(name: str, scores: SuggestedScores) -> None:
    if name not in ATTRIBUTE_LABELS:
        raise _unknown_attribute(name)
    spans = scores.spanScores or []
    given = [scores.summaryScore, *(span.score for span in spans)]
    if any(score is not None and not 0 <= (score.value or 0.0) <= 1 for score in given):
        raise _invalid(f"attributeScores.{name}", "A score must be from 0 to 1.")
    if any(span.begin is None or span.end is None for span in spans):
        raise _invalid(f"attributeScores.{name}.spanScores", "A span needs begin and end.")


def _unknown_attribute(name: str) -> CommentAnalyzerError:
    return CommentAnalyzerError("INVALID_REQUEST", f"Unknown requested attribute: {name[:100]}")


def _invalid(field: str, message: str) -> InputError:
    return InputError("field.invalid", message, field=field)
