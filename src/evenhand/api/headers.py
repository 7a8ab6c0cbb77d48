"""What every dialect reads from and writes to headers: the key, and when to come again."""

import math

from starlette.requests import Request

from evenhand.core.errors import EvenhandError, OverloadError, RateLimitError, http_status

#: Seconds after which a request may be sent again when nothing better is known.
_RETRY_SECONDS = 1


def bearer_key(request: Request) -> str | None:
    """Return the API key of `Authorization: Bearer KEY`, or nothing."""
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    return (presented.strip() or None) if scheme.lower() == "bearer" else None


def retry_headers(error: EvenhandError) -> dict[str, str]:
    """Return `Retry-After` in whole seconds for an error that passes by itself, and nothing for the others."""
    if isinstance(error, RateLimitError | OverloadError):
        return {"Retry-After": str(math.ceil(error.retry_after))}
    return {"Retry-After": str(_RETRY_SECONDS)} if http_status(error) == 503 else {}  # noqa: PLR2004 -- unavailable


def error_headers(error: EvenhandError) -> dict[str, str]:
    """Return the headers of an answer that says `error`, for a dialect with keys in `Authorization`."""
    challenge = {"WWW-Authenticate": "Bearer"} if http_status(error) == 401 else {}  # noqa: PLR2004 -- no good key
    return retry_headers(error) | challenge
