from datetime import UTC, datetime

import pytest

from evenhand.core.checkpoint import read_checkpoint
from evenhand.core.errors import ConfigurationError
from evenhand.server.checkpoints import audit_key, keep_checkpoint
from evenhand.settings import read_settings
from evenhand.store.store import open_store
from samples import record

NOVEMBER = datetime(2026, 11, 30, 12, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "key").write_text("k" * 32 + "\n")
    values = {"data_folder": str(tmp_path), "audit_key_file": str(tmp_path / "key")}
    return read_settings({}, values)


def test_each_month_has_one_checkpoint(settings):
    store = open_store(settings.store_url)
    store.decisions.record([record(), record()])
    first = keep_checkpoint(settings, store, NOVEMBER)
    assert first.name == "audit-2026-11.json"
    point = read_checkpoint(first.read_text(), audit_key(settings))
    assert (point.at, point.sequence) == (NOVEMBER, 2)
    assert store.audit.goes_through(point)
    store.decisions.record([record()])
    assert keep_checkpoint(settings, store, NOVEMBER) is None
    assert keep_checkpoint(settings, store, DECEMBER).name == "audit-2026-12.json"
    assert read_checkpoint(first.read_text(), audit_key(settings)) == point
    store.close()


def test_without_a_key_there_is_none(tmp_path):
    settings = read_settings({}, {"data_folder": str(tmp_path)})
    assert keep_checkpoint(settings, None, NOVEMBER) is None
    with pytest.raises(ConfigurationError) as caught:
        audit_key(settings)
    assert caught.value.code == "audit.key"


def test_a_key_that_cannot_be_read_is_said(tmp_path):
    settings = read_settings({}, {"audit_key_file": str(tmp_path / "none")})
    with pytest.raises(ConfigurationError) as caught:
        audit_key(settings)
    assert caught.value.code == "audit.key"
