import json

import pytest

from evenhand.api.perspective.errors import language_error, refuse
from evenhand.core.errors import (
    AuthenticationError,
    EvenhandError,
    InputError,
    NotFoundError,
    OverloadError,
    RateLimitError,
    ScopeError,
    StoreError,
    TooLargeError,
)


def said(error):
    response = refuse(error)
    body = json.loads(response.body)["error"]
    assert body["code"] == response.status_code
    assert response.headers["content-type"] == "application/json; charset=UTF-8"
    return body, response


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (AuthenticationError("key.missing", "m"), 403, "PERMISSION_DENIED"),
        (AuthenticationError("key.invalid", "m"), 400, "INVALID_ARGUMENT"),
        (ScopeError("key.scope", "m"), 403, "PERMISSION_DENIED"),
        (NotFoundError("route.not_found", "m"), 404, "NOT_FOUND"),
        (InputError("json.invalid", "m"), 400, "INVALID_ARGUMENT"),
        (InputError("body.timeout", "m"), 408, "INVALID_ARGUMENT"),
        (TooLargeError("text.too_long", "m"), 400, "INVALID_ARGUMENT"),
        (TooLargeError("body.too_large", "m"), 413, "INVALID_ARGUMENT"),
        (OverloadError(retry_after=1), 503, "UNAVAILABLE"),
        (StoreError("store.unavailable", "m"), 503, "UNAVAILABLE"),
        (EvenhandError("decision.degraded", "m"), 503, "UNAVAILABLE"),
        (EvenhandError("internal", "m"), 500, "INTERNAL"),
    ],
)
def test_each_error_has_googles_code_and_status(error, code, status):
    body, _ = said(error)
    assert (body["code"], body["status"]) == (code, status)


def test_a_quota_error_says_when_to_come_again():
    body, response = said(RateLimitError(retry_after=2.5, limit=60))
    assert body["status"] == "RESOURCE_EXHAUSTED"
    assert body["message"].startswith("Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)'")
    info, retry = body["details"]
    assert (info["reason"], info["domain"], info["metadata"]["quota_limit_value"]) == (
        "RATE_LIMIT_EXCEEDED",
        "googleapis.com",
        "60",
    )
    assert retry["retryDelay"] == "3s"
    assert response.headers["retry-after"] == "3"


def test_a_wrong_way_in_is_told_the_right_one():
    for error in (NotFoundError("route.not_found", "m"), InputError("route.method_not_allowed", "m")):
        assert "POST to /v1alpha1/comments:analyze" in said(error)[0]["message"]


def test_fields_that_cannot_be_expanded_are_named():
    body, _ = said(InputError("fields.invalid", "Error expanding 'fields' parameter.", field="fields"))
    assert body["message"] == "Error expanding 'fields' parameter."
    assert body["details"][0]["fieldViolations"][0]["field"] == "fields"


def test_an_unknown_field_is_said_with_its_place():
    body, _ = said(InputError("field.unknown", "m", field="comment.colour"))
    assert body["message"] == (
        "Invalid JSON payload received. Unknown name \"colour\" at 'comment': Cannot find field."
    )
    assert body["details"][0]["fieldViolations"][0]["field"] == "comment"


def test_a_field_of_the_wrong_type_is_named():
    body, _ = said(InputError("field.invalid", "Expected `bool`, got `int`.", field="doNotStore"))
    assert body["message"] == "Invalid value at 'doNotStore'. Expected `bool`, got `int`."
    assert body["details"][0]["fieldViolations"][0]["field"] == "doNotStore"


def test_detected_languages_are_told_from_requested_ones():
    body, _ = said(language_error("INSULT", ["ja"], is_requested=False))
    assert body["message"] == "Attribute INSULT does not support request languages: ja"
    assert body["details"][0]["languageNotSupportedByAttributeError"] == {
        "detectedLanguages": ["ja"],
        "attribute": "INSULT",
    }
