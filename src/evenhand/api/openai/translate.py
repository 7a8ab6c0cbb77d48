"""Between the OpenAI moderation API's words and evenhand's own nouns."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from evenhand.api.images import Fetch, image_from_url
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
from evenhand.core.content import Content, ImageFile
from evenhand.core.decision import Action, Decision, RuleHit
from evenhand.core.errors import EvenhandError, InputError, NotFoundError, TooLargeError, http_status
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import Engine
from evenhand.service.moderate import MAX_IMAGES, Moderation, Submission, too_many_images

#: Labels that are looked for, by kind of input.
InputTypes = Mapping[Literal["text", "image"], frozenset[Label]]

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
    request: ModerationRequest, moderation: Moderation, *, key_id: str, max_items: int, fetch: Fetch | None = None
) -> list[Submission]:
    """Return what `request` asks for: one for a string or for parts, and one for each string of an array.

    Raises:
        InputError: The input is empty or mixed, or an image cannot be accepted.
        TooLargeError: `items.too_many`, `images.too_many`, `text.too_long`, or an image is too large.
    """
    return [
        moderation.submission(content, field=field, image_fields=_image_fields(request), key_id=key_id, door="openai")
        for field, content in _contents(request.input, max_items, fetch)
    ]


def count_images(request: ModerationRequest) -> int:
    """Return how many images `request` has, which must be decoded and perhaps fetched."""
    return sum(isinstance(part, ImagePart) for part in request.input)


def _image_fields(request: ModerationRequest) -> list[str]:
    return [f"input[{number}]" for number, part in enumerate(request.input) if isinstance(part, ImagePart)]


def _contents(
    given: str | list[str | TextPart | ImagePart], max_items: int, fetch: Fetch | None
) -> list[tuple[str, Content]]:
    """Return the field and the content of each thing to judge in `given`."""
    if isinstance(given, str):
        return [("input", Content(given))]
    if not given:
        raise InputError("items.none", "The array is empty.", field="input", remedy="Send at least one text.")
    texts = [part for part in given if isinstance(part, str)]
    if not texts:
        return [("input", _joined(given, fetch))]
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
    return [(f"input[{number}]", Content(text)) for number, text in enumerate(texts)]


def _joined(parts: Sequence[str | TextPart | ImagePart], fetch: Fetch | None) -> Content:
    """Return the parts as one content: the text parts as one text, and the images."""
    texts = [part.text for part in parts if isinstance(part, TextPart)]
    places = [(number, part) for number, part in enumerate(parts) if isinstance(part, ImagePart)]
    if len(places) > MAX_IMAGES:
        raise too_many_images(len(places), field="input")
    images: list[ImageFile] = [
        image_from_url(part.image_url.url, field=f"input[{number}].image_url.url", fetch=fetch)
        for number, part in places
    ]
    return Content("\n".join(texts), images=tuple(images))


def input_types(submission: Submission, engine: Engine) -> InputTypes:
    """Return what `engine` looks for in each kind of input that `submission` has."""
    return {
        "text": engine.covered_in_texts if submission.prepared.text else frozenset(),
        "image": engine.covered_in_images if submission.prepared.images else frozenset(),
    }


def moderation_answer(
    decisions: Sequence[Decision], types: Sequence[InputTypes], *, model: str, on_failure: Action
) -> ModerationAnswer:
    """Return `decisions` as the results of one request.

    Args:
        decisions: At least one.
        types: For each, what was looked for in which kind of input.
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
    is_legacy = model.startswith("text-moderation-")
    return ModerationAnswer(
        id=f"modr-{decisions[0].id.removeprefix('dec_')}",
        model=model,
        results=[
            _result(decision, LEGACY_CATEGORIES) if is_legacy else _omni_result(decision, looked)
            for decision, looked in zip(decisions, types, strict=True)
        ],
    )


def _result(decision: Decision, labels: Sequence[Label]) -> ModerationResult:
    scores = decision.scores
    hits = {hit.label for hit in decision.verdict.rules}
    categories = {label: label in hits for label in labels}
    return ModerationResult(
        flagged=any(categories.values()) or any(_is_of_condition(hit) for hit in decision.verdict.rules),
        categories=categories,
        category_scores={label: scores.get(label, 0.0) for label in labels},
    )


def _is_of_condition(hit: RuleHit) -> bool:
    """Return whether a rule of the policy that is about no category asks for review or block; no failure is one."""
    return hit.label is None and hit.action is not Action.ALLOW and hit.rule != "on_failure"


def _omni_result(decision: Decision, types: InputTypes) -> ModerationResult:
    result = _result(decision, CATEGORIES)
    result.category_applied_input_types = {
        label: [kind for kind, covered in types.items() if label in covered and label in decision.scores]
        for label in CATEGORIES
    }
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
