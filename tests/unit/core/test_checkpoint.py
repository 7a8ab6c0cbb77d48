import json
from datetime import UTC, datetime

import pytest

from evenhand.core.checkpoint import LEAST_KEY_BYTES, Checkpoint, read_checkpoint, write_checkpoint
from evenhand.core.errors import ConfigurationError, SignatureError

KEY = b"k" * LEAST_KEY_BYTES
POINT = Checkpoint(datetime(2026, 11, 30, tzinfo=UTC), 1234, "ab" * 32)


def test_a_checkpoint_comes_back():
    assert read_checkpoint(write_checkpoint(POINT, KEY), KEY) == POINT


@pytest.mark.parametrize(
    ("name", "value"), [("sequence", 1235), ("sha256", "cd" * 32), ("at", "2026-12-01T00:00:00+00:00")]
)
def test_one_that_was_changed_is_refused(name, value):
    changed = json.loads(write_checkpoint(POINT, KEY)) | {name: value}
    with pytest.raises(SignatureError) as caught:
        read_checkpoint(json.dumps(changed), KEY)
    assert caught.value.code == "checkpoint.signature"


def test_another_key_is_refused():
    with pytest.raises(SignatureError):
        read_checkpoint(write_checkpoint(POINT, KEY), b"l" * LEAST_KEY_BYTES)


@pytest.mark.parametrize("text", ["", "7", "[]", "{}", '{"signature": "", "at": "noon", "sequence": 1}', "[" * 100_000])
def test_what_is_none_is_refused(text):
    with pytest.raises(SignatureError) as caught:
        read_checkpoint(text, KEY)
    assert caught.value.code == "checkpoint.invalid"


def test_a_short_key_is_none():
    with pytest.raises(ConfigurationError) as caught:
        write_checkpoint(POINT, KEY[1:])
    assert caught.value.code == "audit.key"
