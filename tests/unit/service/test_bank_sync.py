import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest

from databases import store_in
from evenhand.core.bank import Algorithm, BankKind, Entry
from evenhand.core.errors import StoreError
from evenhand.core.taxonomy import Label
from evenhand.detectors.image.hash_bank import LiveBanks
from evenhand.service.bank_sync import BankSync

NOW = datetime.now(UTC)


@pytest.fixture
def stored(tmp_path):
    store = store_in(tmp_path)
    yield store.banks
    store.close()


@pytest.fixture
def sync(stored):
    """A sync that asks only when it is told to, and whose time is the test's."""
    time = {"now": NOW}
    live = LiveBanks()
    running = BankSync(stored, live, seconds=0, clock=lambda: time["now"])
    running.time, running.live = time, live
    yield running
    running.close()


def entry(number, algorithm=Algorithm.PDQ, **options):
    return Entry(algorithm, number.to_bytes(algorithm.length, "big"), **options)


def create(stored, name="memes", distance=0):
    return stored.create(name=name, owner="", kind=BankKind.BLOCK, label=Label.SCAM, distance=distance)


def found(live, *numbers, algorithm=Algorithm.PDQ):
    """The banks in which each number is found, in order."""
    hashes = [entry(number, algorithm).hash for number in numbers]
    return [(query, bank.name) for query, bank, _, _ in live.nearest(algorithm, hashes)]


def test_all_that_is_there_is_loaded_at_once(stored):
    create(stored)
    create(stored, "adverts")
    stored.put("memes", [entry(1), entry(2, Algorithm.MD5), entry(3, is_removed=True)], source="x")
    stored.put("adverts", [entry(1), entry(4, Algorithm.SHA256)], source="x")
    live = LiveBanks()
    sync = BankSync(stored, live, seconds=0)
    assert found(live, 1) == [(0, "memes"), (0, "adverts")]
    assert found(live, 2, algorithm=Algorithm.MD5) == [(0, "memes")]
    assert found(live, 4, algorithm=Algorithm.SHA256) == [(0, "adverts")]
    assert len(live) == 4
    assert live.version
    sync.close()


def test_without_banks_there_is_nothing_to_load(sync):
    assert (len(sync.live), sync.live.version) == (0, "")
    assert not sync.refresh()


def test_what_changed_is_taken_over_and_nothing_else_is_read(sync, stored, monkeypatch):
    create(stored)
    create(stored, "adverts")
    stored.put("memes", [entry(number) for number in range(10)], source="x")
    assert sync.refresh()
    assert not sync.refresh()
    asked, read = [], stored.changes
    monkeypatch.setattr(stored, "changes", lambda bank_id, **options: asked.append(bank_id) or read(bank_id, **options))
    stored.put("adverts", [entry(77)], source="x")
    assert sync.refresh()
    assert asked == [stored.get("adverts").id]
    assert found(sync.live, 3, 77) == [(0, "memes"), (1, "adverts")]


def test_entries_that_are_taken_out_and_put_back_follow(sync, stored):
    create(stored)
    stored.put("memes", [entry(1), entry(2)], source="x")
    sync.refresh()
    stored.put("memes", [entry(1, is_removed=True)], source="x")
    sync.refresh()
    assert found(sync.live, 1, 2) == [(1, "memes")]
    stored.put("memes", [entry(1)], source="x")
    sync.refresh()
    assert found(sync.live, 1, 2) == [(0, "memes"), (1, "memes")]
    assert len(sync.live) == 2


def test_a_bank_that_is_disabled_and_enabled_follows(sync, stored):
    create(stored)
    stored.put("memes", [entry(1)], source="x")
    stored.set_enabled("memes", is_enabled=False)
    assert sync.refresh()
    assert found(sync.live, 1) == []
    stored.set_enabled("memes", is_enabled=True)
    assert sync.refresh()
    assert found(sync.live, 1) == [(0, "memes")]


def test_a_bank_that_is_removed_goes_with_its_entries(sync, stored):
    create(stored)
    create(stored, "adverts")
    for name in ("memes", "adverts"):
        stored.put(name, [entry(1)], source="x")
    sync.refresh()
    stored.remove("memes")
    assert sync.refresh()
    assert found(sync.live, 1) == [(0, "adverts")]
    assert len(sync.live) == 1
    assert not sync.refresh()


def test_entries_end_when_they_expire_and_begin_again_when_they_are_renewed(sync, stored):
    create(stored)
    soon = NOW + timedelta(seconds=30)
    stored.put("memes", [entry(1, expires_at=soon), entry(2)], source="x")
    sync.refresh()
    version = sync.live.version
    assert found(sync.live, 1, 2) == [(0, "memes"), (1, "memes")]
    sync.time["now"] = soon - timedelta(seconds=1)
    assert not sync.refresh()
    sync.time["now"] = soon
    assert sync.refresh()
    assert found(sync.live, 1, 2) == [(1, "memes")]
    assert sync.live.version != version
    assert not sync.refresh()
    stored.put("memes", [entry(1, expires_at=soon + timedelta(days=1))], source="x")
    assert sync.refresh()
    assert found(sync.live, 1) == [(0, "memes")]


def test_entries_that_expired_before_are_not_loaded(stored):
    create(stored)
    stored.put("memes", [entry(1, expires_at=NOW - timedelta(days=1)), entry(2)], source="x")
    live = LiveBanks()
    BankSync(stored, live, seconds=0).close()
    assert len(live) == 1


def test_several_servers_on_one_store_say_the_same(stored):
    create(stored)
    lives = [LiveBanks(), LiveBanks()]
    syncs = [BankSync(stored, live, seconds=0) for live in lives]
    stored.put("memes", [entry(1)], source="x")
    stored.put("memes", [entry(2)], source="x")
    syncs[0].refresh()
    stored.put("memes", [entry(1, is_removed=True)], source="x")
    for sync in syncs:
        sync.refresh()
        sync.close()
    assert lives[0].version == lives[1].version != ""
    assert found(lives[0], 1, 2) == found(lives[1], 1, 2) == [(1, "memes")]


def test_a_running_sync_sees_a_change_within_seconds(stored):
    create(stored)
    live = LiveBanks()
    sync = BankSync(stored, live, seconds=0.01)
    is_there = threading.Event()
    set_banks = live.set_banks
    live.set_banks = lambda banks: (set_banks(banks), is_there.set())
    stored.put("memes", [entry(1)], source="x")
    assert is_there.wait(10)
    assert found(live, 1) == [(0, "memes")]
    sync.close()
    assert not sync._thread.is_alive()


def test_a_store_that_is_away_is_asked_again(stored, monkeypatch, caplog):
    asked = threading.Semaphore(0)
    sync = BankSync(stored, LiveBanks(), seconds=0.01)

    def away():
        asked.release()
        raise StoreError("store.unavailable", "The database did not answer.")

    with caplog.at_level(logging.ERROR):
        monkeypatch.setattr(stored, "list", away)
        assert asked.acquire(timeout=10)
        assert asked.acquire(timeout=10)
        sync.close()
    assert {record.message for record in caplog.records} == {"banks not refreshed"}
    assert caplog.records[0].error_type == "StoreError"


def test_at_the_start_and_when_asked_for_an_error_is_the_caller_s(sync, stored, monkeypatch):
    def away():
        raise StoreError("store.unavailable", "The database did not answer.")

    monkeypatch.setattr(stored, "list", away)
    with pytest.raises(StoreError):
        sync.refresh()
    with pytest.raises(StoreError):
        BankSync(stored, LiveBanks())
