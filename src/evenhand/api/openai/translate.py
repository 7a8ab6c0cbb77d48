"""Between the OpenAI moderation API's words and evenhand's own nouns."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import UNSET

from evenhand.api.openai.schema import (
    CATEGORIES,
    DEFAULT_MODEL,
    LEGACY_CATEGORIES,
    MODELS,
    ImagePart,
    ModerationAnswer,
    ModerationRequest,
    ModerationResult,
    OpenAIErrorAnswer,
    OpenAIErrorBody,
    TextPart,
)
from evenhand.core.content import Content
from evenhand.core.decision import Action, Decision
from evenhand.core.errors import EvenhandError, InputError, NotFoundError, TooLargeError, http_status
from evenhand.core.taxonomy import Label
from evenhand.service.moderate import Moderation, Submission

#: OpenAI's own codes; any other code is evenhand's, with the dot as an underscore.
_CODES: Final = {
    "field.unknown": "unknown_parameter",
    "field.missing": "missing_required_parameter",
    "field.invalid": "invalid_type",
    "items.none": "empty_array",
    "items.too_many": "array_above_max_length",
    "text.too_long": "string_above_max_length",
    "key.missing": "invalid_api_key",
    "key.invalid": "invalid_api_key",
    "key.scope": "insufficient_permissions",
    "rate.limited": "rate_limit_exceeded",
    "route.not_found": "unknown_url",
    "route.method_not_allowed": "method_not_supported",
}


def model_named(name: str | None) -> str:
    """Return the model that `name` asks for.

    Raises:
        NotFoundError: `model.not_found`.
    """
    model = DEFAULT_MODEL if name is None else name
    if model not in MODELS:
        raise NotFoundError(
            "model.not_found", f"The model `{model[:100]}` does not exist.", field="model", remedy="See /v1/models."
        )
    return model


def submissions_from(
    request: ModerationRequest, moderation: Moderation, *, key_id: str, max_items: int
) -> list[Submission]:
    """Return what `request` asks for: one for a string or for parts, and one for each string of an array.

    Raises:
        InputError: The input is empty, mixed, or has an image.
        TooLargeError: `items.too_many` or `text.too_long`.
    """
    return [
        moderation.submission(Content(text), field=field, key_id=key_id, door="openai")
        for field, text in _texts(request.input, max_items)
    ]


def _texts(given: str | list[str | TextPart | ImagePart], max_items: int) -> list[tuple[str, str]]:
    """Return the field and the text of each content in `given`."""
    if isinstance(given, str):
        return [("input", given)]
    if not given:
        raise InputError("items.none", "The array is empty.", field="input", remedy="Send at least one text.")
    texts = [part for part in given if isinstance(part, str)]
    if not texts:
        return [("input", _joined(given))]
    if len(texts) < len(given):
        raise InputError(
            "input.mixed",
            "The array mixes strings and parts.",
            field="input",
            remedy="Send either the one or the other.",
        )
    if len(texts) > max_items:
        raise TooLargeError(
            "items.too_many",
            f"There are {len(texts)} inputs; at most {max_items} are accepted.",
            field="input",
            remedy="Send them in parts.",
        )
    return [(f"input[{number}]", text) for number, text in enumerate(texts)]


def _joined(parts: Sequence[str | TextPart | ImagePart]) -> str:
    """Return the text parts as one text, because they are one content."""
    texts = [part.text for part in parts if isinstance(part, TextPart)]
    if len(texts) < len(parts):
        raise InputError(
            "image_input.not_supported",
            "This server screens text only, so nothing in this request was screened.",
            field="input",
            remedy="Send the text parts alone.",
        )
    return "\n".join(texts)


def moderation_answer(decisions: Sequence[Decision], *, model: str, on_failure: Action) -> ModerationAnswer:
    """Return `decisions` as the results of one request.

    Args:
        decisions: At least one.
        model: The name that was asked for; the text-moderation names get their own, smaller shape.
        on_failure: What the policy does when a detector fails.

    Raises:
        EvenhandError: `decision.degraded`: a detector failed and the policy does not fail open. OpenAI's answer has no
            place to say so, and a category that nobody looked at must not read as clean.
    """
    if on_failure is not Action.ALLOW and any(decision.is_degraded for decision in decisions):
        raise EvenhandError(
            "decision.degraded",
            "A detector gave no answer, so the input cannot be judged in full.",
            remedy="Try again; if it stays, treat the input as not screened.",
        )
    result = _legacy_result if model.startswith("text-moderation-") else _result
    return ModerationAnswer(
        id=f"modr-{decisions[0].id.removeprefix('dec_')}",
        model=model,
        results=[result(decision) for decision in decisions],
    )


def _result(decision: Decision, labels: Sequence[Label] = CATEGORIES) -> ModerationResult:
    scores = decision.scores
    hits = {hit.label for hit in decision.verdict.rules}
    categories = {label: label in hits for label in labels}
    return ModerationResult(
        flagged=any(categories.values()),
        categories=categories,
        category_scores={label: scores.get(label, 0.0) for label in labels},
        category_applied_input_types={label: ["text"] if label in scores else [] for label in labels},
    )


def _legacy_result(decision: Decision) -> ModerationResult:
    result = _result(decision, LEGACY_CATEGORIES)
    result.category_applied_input_types = UNSET
    return result


def error_status(error: EvenhandError) -> int:
    """Return the HTTP status: as everywhere, but 400 for a text or an array over its limit, which clients expect."""
    status = http_status(error)
    return 400 if status == 413 and error.field else status  # noqa: PLR2004 -- too large


def error_answer(error: EvenhandError) -> OpenAIErrorAnswer:
    """Return `error` in OpenAI's shape."""
    code = _CODES.get(error.code, error.code.replace(".", "_"))
    return OpenAIErrorAnswer(OpenAIErrorBody(_message(error), _type(http_status(error)), error.field, code))


def _message(error: EvenhandError) -> str:
    match error.code:
        case "field.unknown":
            return f"Unrecognized request argument supplied: {error.field}"
        case "field.missing":
            return f"Missing required parameter: '{error.field}'."
        case "key.missing":
            return f"You didn't provide an API key. {error.remedy}"
        case "key.invalid":
            return f"Incorrect API key provided. {error.remedy}"
        case _:
            return f"{error.message} {error.remedy}".strip()


def _type(status: int) -> Literal["invalid_request_error", "requests", "server_error"]:
    if status == 429:  # noqa: PLR2004 -- too many requests
        return "requests"
    return "server_error" if status >= 500 else "invalid_request_error"  # noqa: PLR2004 -- the server's fault
