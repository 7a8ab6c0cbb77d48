"""Everything that evenhand raises on purpose.

    EvenhandError               code, message, field, remedy
    ├── InputError              the caller's input cannot be accepted (400)
    │   ├── TooLargeError       it is over a stated limit (413, or 400 where a dialect says so)
    │   └── NotFoundError       it names something that is not there (404)
    ├── SignatureError          what was received is not signed with a secret that is known; for receivers of webhooks
    ├── AuthenticationError     no key, or one that is unknown or revoked (401)
    ├── ScopeError              the key is good but may not do this (403)
    ├── RateLimitError          the key used up its allowance (429)
    ├── OverloadError           the queue is full; try again later (503)
    ├── StoreError              the database did not answer (503)
    ├── EndpointError           another server, which the user named, did not answer as it should
    └── ConfigurationError      a setting, policy, model or list cannot be used; raised at start

Codes are stable: clients may match on them. Messages may be reworded.
"""

from typing import Final


class EvenhandError(Exception):
    """Base of every error that evenhand raises on purpose.

    Args:
        code: Stable, dotted, lower-case identifier, such as `text.too_long`.
        message: What is wrong, in one sentence.
        field: The path of the offending field as the caller sent it, such as `input[3].text`.
        remedy: What to do about it, in one sentence.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.remedy = remedy

    def __str__(self) -> str:
        """Read as one line: where, what, and the way out."""
        where = f"{self.field}: " if self.field else ""
        way_out = f" {self.remedy}" if self.remedy else ""
        return f"{where}{self.message}{way_out}"


class InputError(EvenhandError):
    """The caller's input cannot be accepted."""


class TooLargeError(InputError):
    """The input is over a stated limit."""


class NotFoundError(InputError):
    """The input names something that is not there."""


class SignatureError(EvenhandError):
    """What was received does not come from whom it says, or is an old one, sent again."""


class AuthenticationError(EvenhandError):
    """There is no key, or it is unknown or revoked."""


class ScopeError(EvenhandError):
    """The key is good but may not do this."""


class RateLimitError(EvenhandError):
    """The key used up its allowance.

    Args:
        retry_after: Seconds until the next request may succeed.
        limit: Requests allowed a minute.
    """

    def __init__(self, *, retry_after: float, limit: int) -> None:
        super().__init__(
            "rate.limited",
            f"This key may make {limit} requests a minute.",
            remedy=f"Wait {retry_after:.0f} s, or ask the operator to raise the key's limit.",
        )
        self.retry_after = retry_after
        self.limit = limit


class OverloadError(EvenhandError):
    """The queue is full: nothing was accepted.

    Args:
        retry_after: Seconds after which to try again.
    """

    def __init__(self, *, retry_after: float) -> None:
        super().__init__(
            "queue.full",
            "The server has as much work as it can hold; this request was not accepted.",
            remedy=f"Try again in {retry_after:.0f} s.",
        )
        self.retry_after = retry_after


class StoreError(EvenhandError):
    """The database did not answer, so nothing was accepted."""


class EndpointError(EvenhandError):
    """Another server, which the user named, did not answer as it should."""


class ConfigurationError(EvenhandError):
    """A setting, policy, model or list cannot be used."""


_STATUS: Final[dict[type[EvenhandError], int]] = {
    NotFoundError: 404,
    TooLargeError: 413,
    InputError: 400,
    AuthenticationError: 401,
    ScopeError: 403,
    RateLimitError: 429,
    OverloadError: 503,
    StoreError: 503,
}

#: Codes whose HTTP status is not that of their kind.
_STATUS_BY_CODE: Final = {
    "route.method_not_allowed": 405,
    "body.timeout": 408,
    "appeal.closed": 409,
    "appeal.exists": 409,
    "appeal.nothing_stands": 409,
    "case.not_yours": 409,
    "jobs.too_many": 429,
    "decision.degraded": 503,
    "spool.full": 507,
}


def http_status(error: EvenhandError) -> int:
    """Return the status with which every door that speaks HTTP answers `error`: 500 for one that is nobody's input."""
    if error.code in _STATUS_BY_CODE:
        return _STATUS_BY_CODE[error.code]
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)
