"""Signatures, checked against the reference package of Standard Webhooks in both directions."""

import base64
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from evenhand import ConfigurationError, EvenhandError, SignatureError, verify_event
from evenhand.core.alert import Event
from evenhand.core.signing import event_body, new_secret, sign

#: Not a new one each time: several processes must collect the same tests.
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = new_secret()
AT = datetime.now(UTC)
EVENT = Event("evt_1", "decision.made", AT, {"id": "dec_1", "content_id": "é\0😀", "labels": {"hate": 0.7}})
BODY = event_body(EVENT)


def signed(*secrets, at=None, body=BODY):
    return sign("evt_1", body, secrets or (SECRET,), at=at or datetime.now(UTC))


def refusal(body=BODY, headers=None, secrets=SECRET, **options):
    with pytest.raises(EvenhandError) as caught:
        verify_event(body, signed() if headers is None else headers, secrets, **options)
    assert caught.value.remedy
    assert isinstance(caught.value, ConfigurationError) is (caught.value.code == "signature.secret")
    assert isinstance(caught.value, SignatureError) is not isinstance(caught.value, ConfigurationError)
    return caught.value.code


def test_what_is_signed_comes_back():
    assert verify_event(BODY, signed(), SECRET) == EVENT


def test_the_body_says_everything_in_json():
    assert json.loads(BODY) == {
        "id": "evt_1",
        "type": "decision.made",
        "timestamp": AT.isoformat(),
        "data": EVENT.data,
    }


def test_the_reference_package_verifies_ours():
    assert Webhook(SECRET).verify(BODY, signed()) == json.loads(BODY)
    both = signed(SECRET, OTHER)
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(BODY, both)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(BODY, signed())


@given(st.dictionaries(st.text(), st.text() | st.floats(allow_nan=False, allow_infinity=False)))
def test_ours_verifies_the_reference_package(data):
    body = event_body(Event("msg_1", "job.done", AT, data))
    signature = Webhook(SECRET).sign("msg_1", AT, body.decode())
    headers = {
        "Webhook-Id": "msg_1",
        "WEBHOOK-TIMESTAMP": str(int(AT.timestamp())),
        "webhook-signature": f"v1a,abc {signature} v1,?",
    }
    assert verify_event(body, headers, SECRET, now=AT.timestamp()) == Event("msg_1", "job.done", AT, data)


def test_the_example_of_the_standard_has_the_signature_that_it_says():
    headers = sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        at=datetime.fromtimestamp(1614265330, UTC),
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_one_of_several_secrets_is_enough_on_either_side():
    assert verify_event(BODY, signed(OTHER, SECRET), SECRET) == EVENT
    assert verify_event(BODY, signed(SECRET), [OTHER, SECRET]) == EVENT
    assert refusal(headers=signed(OTHER)) == "signature.wrong"


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_without_a_header_it_is_refused(missing):
    for empty in ({}, {missing: ""}):
        headers = {name: value for name, value in signed().items() if name != missing} | empty
        assert refusal(headers=headers) == "signature.missing"


@pytest.mark.parametrize(
    ("header", "tampered"),
    [
        ("webhook-id", lambda _: "evt_2"),
        ("webhook-id", lambda _: "evt_1\ud800"),
        ("webhook-timestamp", lambda seconds: str(int(seconds) + 1)),
        ("webhook-signature", lambda _: "v1,"),
        ("webhook-signature", lambda _: "v1"),
        ("webhook-signature", lambda _: "v1,\ud800é"),
        ("webhook-signature", lambda signature: signature.replace("v1,", "v2,")),
        ("webhook-signature", lambda signature: signature.removeprefix("v1,")),
        ("webhook-signature", lambda signature: signature[:-1]),
        ("webhook-signature", lambda signature: signature.replace(",", ", ")),
    ],
)
def test_a_header_that_was_changed_is_noticed(header, tampered):
    headers = signed()
    assert refusal(headers=headers | {header: tampered(headers[header])}) == "signature.wrong"


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY.replace(b"0.7", b"0.8"), b"\xff"])
def test_a_body_that_was_changed_is_noticed(body):
    assert refusal(body) == "signature.wrong"


@pytest.mark.parametrize("timestamp", ["", "abc", "-1", "1e9", " 1", "1.5", "9" * 13, "\u0661" * 10])
def test_a_time_that_is_none_is_refused(timestamp):
    code = "signature.timestamp" if timestamp else "signature.missing"
    assert refusal(headers=signed() | {"webhook-timestamp": timestamp}) == code


@pytest.mark.parametrize("seconds", [-301, 301])
def test_what_is_sent_again_later_or_comes_from_the_future_is_refused(seconds):
    now = int(AT.timestamp())
    headers = signed(at=AT)
    assert refusal(headers=headers, now=now + seconds) == "signature.timestamp"
    assert verify_event(BODY, headers, SECRET, now=now + seconds * 300 // 301) == EVENT
    assert verify_event(BODY, headers, SECRET, now=now + seconds, tolerance_seconds=600) == EVENT


def test_by_default_it_is_now():
    old = datetime.fromtimestamp(time.time() - 400, UTC)
    assert refusal(headers=signed(at=old)) == "signature.timestamp"


@pytest.mark.parametrize(
    "secret",
    [
        *["", "whsec_", "secret", "whsec_?", "whsec_é", SECRET.removeprefix("whsec_"), SECRET[:-1]],
        *["whsec_" + base64.b64encode(b"x" * length).decode() for length in (23, 65)],
    ],
)
def test_what_is_no_secret_is_the_receiver_s_mistake(secret):
    assert refusal(secrets=secret) == refusal(secrets=[SECRET, secret]) == "signature.secret"
    with pytest.raises(ConfigurationError):
        signed(secret)


def test_without_a_secret_nothing_is_right():
    assert refusal(secrets=[]) == "signature.secret"


@pytest.mark.parametrize(
    "body",
    [
        *[b"", b"1", b"[]", b"null", b"{}", b"\xff", b'{"type": "x", "timestamp": "now", "data": {}}', b"[" * 100_000],
        *[b'{"type": "x", "timestamp": 1, "data": {}}', b'{"type": "x", "timestamp": "2026-01-01", "data": []}'],
    ],
)
def test_what_is_signed_and_no_event_is_refused(body):
    assert refusal(body, signed(body=body)) == "signature.body"


def test_new_secrets_have_256_bits_and_differ():
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(base64.b64decode(SECRET.removeprefix("whsec_"))) == 32
