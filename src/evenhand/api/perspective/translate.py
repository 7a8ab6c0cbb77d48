"""Between Comment Analyzer's words and evenhand's own nouns."""

import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from evenhand.api.perspective.attributes import ATTRIBUTE_LABELS, is_supported, supported_languages
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
    TextEntry,
)
from evenhand.api.perspective.spans import Utf16
from evenhand.content.text import Text
from evenhand.core.content import Content
from evenhand.core.decision import Action, Decision
from evenhand.core.errors import EvenhandError, InputError
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import Engine
from evenhand.store.records import Feedback

#: Letters from which on a detected language is trusted enough to refuse a text for it.
_ENOUGH_LETTERS: Final = 60
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


def requested_labels(request: AnalyzeRequest, engine: Engine) -> dict[str, Label]:
    """Return the label for each attribute that `request` asks for.

    Raises:
        CommentAnalyzerError: `NO_REQUESTED_ATTRIBUTES`, or `INVALID_REQUEST` for an attribute that no detector covers.
    """
    if not request.requestedAttributes:
        raise CommentAnalyzerError("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes")
    labels = {}
    for name, parameters in request.requestedAttributes.items():
        label = ATTRIBUTE_LABELS.get(name)
        if label is None or label not in engine.covered:
            raise CommentAnalyzerError("INVALID_REQUEST", f"Unknown requested attribute: {name[:100]}")
        score_type = (parameters or _NO_PARAMETERS).scoreType
        if score_type is not None and score_type not in _SCORE_TYPES:
            raise CommentAnalyzerError(
                "INVALID_REQUEST", f"Requested score type {score_type[:100]} is not supported by attribute {name}"
            )
        labels[name] = label
    return labels


def check_languages(labels: dict[str, Label], text: Text, engine: Engine) -> None:
    """Refuse an attribute that was not measured in the languages that the client gave, or in which the text surely is.

    Raises:
        CommentAnalyzerError: `LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE`.
    """
    is_requested = bool(text.stated_languages)
    is_long = sum(map(str.isalpha, text.original)) >= _ENOUGH_LETTERS
    # A short text's language is a guess, and nobody's comment should be refused for a guess.
    languages = text.stated_languages or (text.detected_languages[:1] if is_long else ())
    for name, label in labels.items():
        supported = supported_languages(label, engine.detectors)
        if not all(is_supported(language, supported) for language in languages):
            raise language_error(name, languages, is_requested=is_requested)


def analyze_response(
    request: AnalyzeRequest,
    labels: dict[str, Label],
    text: Text,
    decision: Decision,
    parts: Sequence[tuple[tuple[int, int], Decision]],
    *,
    on_failure: Action,
) -> AnalyzeResponse:
    """Return the scores that were asked for.

    Args:
        request: What was asked.
        labels: The label for each attribute.
        text: The comment.
        decision: The decision on the whole comment.
        parts: Begin and end of each sentence in code points, with a decision of its own; none: one span for all.
        on_failure: What the policy does when a detector fails.

    Raises:
        EvenhandError: `decision.degraded`: an attribute could not be scored, and the policy does not fail open. An
            absent score would read as a low one.
    """
    spans = parts or [((0, len(text.original)), decision)]
    utf16 = Utf16(text.original)
    scores = {}
    for name, label in labels.items():
        parameters = (request.requestedAttributes or {})[name] or _NO_PARAMETERS
        if any(label not in scored.scores for _, scored in (*spans, (None, decision))):
            if on_failure is Action.ALLOW:
                continue
            raise EvenhandError(
                "decision.degraded", f"Attribute {name} could not be scored.", remedy="Try again in a moment."
            )
        value = decision.scores[label]
        if parameters.scoreThreshold is None or value >= parameters.scoreThreshold:
            scores[name] = AttributeScores(
                [
                    SpanScore(utf16.offset(begin), utf16.offset(end), Score(scored.scores[label]))
                    for (begin, end), scored in spans
                ],
                Score(value),
            )
    return AnalyzeResponse(
        scores,
        languages=list(text.languages),
        detectedLanguages=list(text.detected_languages),
        clientToken=request.clientToken or "",
    )


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
        id=f"fb_{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}",
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


def _check_suggestion(name: str, scores: SuggestedScores) -> None:
    if name not in ATTRIBUTE_LABELS:
        raise CommentAnalyzerError("INVALID_REQUEST", f"Unknown requested attribute: {name[:100]}")
    spans = scores.spanScores or []
    given = [scores.summaryScore, *(span.score for span in spans)]
    if any(score is not None and not 0 <= (score.value or 0.0) <= 1 for score in given):
        raise _invalid(f"attributeScores.{name}", "A score must be from 0 to 1.")
    if any(span.begin is None or span.end is None for span in spans):
        raise _invalid(f"attributeScores.{name}.spanScores", "A span needs begin and end.")


def _invalid(field: str, message: str) -> InputError:
    return InputError("field.invalid", message, field=field)
