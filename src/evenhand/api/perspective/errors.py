"""How Perspective says no: messages, statuses and details that its clients parse, to the letter."""

import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from starlette.responses import Response

from evenhand.api.headers import retry_headers
from evenhand.api.perspective.schema import GoogleError, GoogleErrorBody
from evenhand.core.errors import EvenhandError, InputError, RateLimitError, http_status

_TYPE: Final = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_SERVICE: Final = "commentanalyzer.googleapis.com"
MEDIA_TYPE: Final = "application/json; charset=UTF-8"

_STATUS: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}

#: Google answers these with another status than evenhand's other doors do.
_GOOGLE_STATUS: Final = {"key.missing": 403, "key.invalid": 400, "text.too_long": 400, "route.method_not_allowed": 404}

_METRIC: Final = "'Analysis requests (AnalyzeComment)'"
_QUOTA: Final = {"service": _SERVICE, "quota_limit": "AnalyzeRequestsPerMinutePerProject"}

_WAYS_IN: Final = (
    "There is nothing to be had here in this way. POST to /v1alpha1/comments:analyze or "
    "/v1alpha1/comments:suggestscore; GET /$discovery/rest?version=v1alpha1 describes both."
)

#: What Google says where evenhand's other doors have words of their own.
_MESSAGES: Final = {
    "key.missing": (
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API."
    ),
    "key.invalid": "API key not valid. Please pass a valid API key.",
    "text.empty": "Comment must be non-empty.",
    "text.too_long": "Comment text too long.",
    "rate.limited": (
        f"Quota exceeded for quota metric {_METRIC} and limit {_METRIC} per minute of service '{_SERVICE}' "
        "for consumer 'api_key'."
    ),
    "route.not_found": _WAYS_IN,
    "route.method_not_allowed": _WAYS_IN,
}

_ERROR_TYPES: Final = {"text.empty": "COMMENT_EMPTY", "text.too_long": "COMMENT_TOO_LONG"}


class CommentAnalyzerError(InputError):
    """A refusal with an `errorType` of Comment Analyzer.

    Args:
        error_type: Such as `COMMENT_EMPTY`.
        message: Google's words.
        more: Further members of the detail.
    """

    def __init__(self, error_type: str, message: str, **more: Any) -> None:
        super().__init__(f"perspective.{error_type.lower()}", message)
        self.detail = {"@type": _TYPE, "errorType": error_type, **more}


def language_error(name: str, languages: Sequence[str], *, is_requested: bool) -> CommentAnalyzerError:
    """Return the error for an attribute that was not measured in `languages`."""
    kind = "requestedLanguages" if is_requested else "detectedLanguages"
    return CommentAnalyzerError(
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        f"Attribute {name} does not support request languages: {', '.join(languages)}",
        languageNotSupportedByAttributeError={kind: list(languages), "attribute": name},
    )


def refuse(error: EvenhandError) -> Response:
    """Say `error` in Google's shape."""
    status = _GOOGLE_STATUS.get(error.code, http_status(error))
    body = GoogleErrorBody(status, _message(error), _STATUS.get(status, _other_status(status)), _details(error))
    return Response(msgspec.json.encode(GoogleError(body)), status, retry_headers(error), MEDIA_TYPE)


def _other_status(status: int) -> str:
    return "INVALID_ARGUMENT" if status < 500 else "INTERNAL"  # noqa: PLR2004 -- the server's fault


def _message(error: EvenhandError) -> str:
    if error.code in _MESSAGES:
        return _MESSAGES[error.code]
    if error.code == "field.unknown":
        return f"Invalid JSON payload received. {_unknown_name(error.field or '')}: Cannot find field."
    if error.code == "field.invalid":
        return f"Invalid value at '{error.field or ''}'. {error.message}"
    start = "Invalid JSON payload received. " if error.code.startswith("json.") else ""
    return f"{start}{error.message} {error.remedy}".strip()


def _unknown_name(field: str) -> str:
    place, _, name = field.rpartition(".")
    return f"Unknown name \"{name}\" at '{place}'" if place else f'Unknown name "{name}"'


def _details(error: EvenhandError) -> list[dict[str, Any]]:
    if isinstance(error, CommentAnalyzerError):
        return [error.detail]
    if isinstance(error, RateLimitError):
        retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{math.ceil(error.retry_after)}s"}
        return [_error_info("RATE_LIMIT_EXCEEDED", {**_QUOTA, "quota_limit_value": str(error.limit)}), retry]
    if error.code == "key.invalid":
        return [_error_info("API_KEY_INVALID", {"service": _SERVICE})]
    if error.code in _ERROR_TYPES:
        return [{"@type": _TYPE, "errorType": _ERROR_TYPES[error.code]}]
    if error.code in {"field.unknown", "field.invalid", "fields.invalid"}:
        field = error.field or ""
        violation = {
            "field": field.rpartition(".")[0] if error.code == "field.unknown" else field,
            "description": _message(error),
        }
        return [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
    return []


def _error_info(reason: str, metadata: dict[str, str]) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    }
