import pytest
from starlette.requests import Request

from evenhand.api.headers import bearer_key, error_headers, retry_headers
from evenhand.core.errors import (
    AuthenticationError,
    EvenhandError,
    InputError,
    OverloadError,
    RateLimitError,
    StoreError,
)


def request(*headers):
    return Request({"type": "http", "headers": list(headers)})


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (b"Bearer eh_a_b", "eh_a_b"),
        (b"bearer   eh_a_b ", "eh_a_b"),
        (b"Bearer", None),
        (b"Bearer ", None),
        (b"Basic eh_a_b", None),
        (b"eh_a_b", None),
        (b"", None),
        (b"Bearer \xff", "\xff"),
    ],
)
def test_the_key_is_what_follows_bearer(value, key):
    assert bearer_key(request((b"authorization", value))) == key


def test_no_header_is_no_key():
    assert bearer_key(request()) is None


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (RateLimitError(retry_after=2.1, limit=1), "3"),
        (OverloadError(retry_after=1.0), "1"),
        (StoreError("store.unavailable", ""), "1"),
        (EvenhandError("decision.degraded", ""), "1"),
        (InputError("x.y", ""), None),
        (EvenhandError("internal", ""), None),
    ],
)
def test_what_passes_by_itself_says_when_to_come_again(error, seconds):
    assert retry_headers(error).get("Retry-After") == seconds


def test_a_missing_key_is_told_how_to_come_in():
    assert error_headers(AuthenticationError("key.missing", "")) == {"WWW-Authenticate": "Bearer"}
    assert error_headers(OverloadError(retry_after=1)) == {"Retry-After": "1"}
    assert error_headers(InputError("x.y", "")) == {}
