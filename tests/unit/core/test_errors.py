import pytest

from evenhand.core.errors import (
    AuthenticationError,
    ConfigurationError,
    EvenhandError,
    InputError,
    NotFoundError,
    OverloadError,
    RateLimitError,
    ScopeError,
    StoreError,
    TooLargeError,
    http_status,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("x.y", ""), 400),
        (AuthenticationError("x.y", ""), 401),
        (ScopeError("x.y", ""), 403),
        (NotFoundError("x.y", ""), 404),
        (InputError("route.method_not_allowed", ""), 405),
        (InputError("body.timeout", ""), 408),
        (TooLargeError("x.y", ""), 413),
        (RateLimitError(retry_after=1, limit=1), 429),
        (EvenhandError("internal", ""), 500),
        (ConfigurationError("x.y", ""), 500),
        (OverloadError(retry_after=1), 503),
        (StoreError("x.y", ""), 503),
        (EvenhandError("decision.degraded", ""), 503),
    ],
)
def test_every_kind_of_error_has_its_status(error, status):
    assert http_status(error) == status
