import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from evenhand.core.bank import Algorithm, BankKind, Entry
from evenhand.core.errors import InputError, NotFoundError, StoreError
from evenhand.core.taxonomy import Label
from evenhand.store import banks as banks_module
from evenhand.store.banks import ImportReport

NOW = datetime.now(UTC)
NAMES = ["id", "algorithm", "hash", "is_live"]


def create(store, name="logos", kind=BankKind.BLOCK, label=Label.HATE, distance=31):
    return store.banks.create(name=name, owner="trust team", kind=kind, label=label, distance=distance)


def entry(number, algorithm=Algorithm.PDQ, **options):
    return Entry(algorithm, number.to_bytes(algorithm.length, "big"), **options)


def entries(count, **options):
    return [entry(number, **options) for number in range(1, count + 1)]


def live(store, bank, after=0, now=NOW):
    """The numbers of the entries that count, as a server sees them that follows the changes after `after`."""
    seen = {}
    for page in store.banks.changes(bank.id, after=after, now=now):
        for row in page:
            seen[row.id] = row
    return sorted(int.from_bytes(row.hash, "big") for row in seen.values() if row.is_live)


def acts(store):
    return [(row.act, row.details) for row in store.audit.list(limit=1000)]


def test_a_new_bank_is_listed_and_found(store):
    bank = create(store)
    other = create(store, "false-alarms", BankKind.ALLOW, None, 8)
    assert store.banks.list() == [bank, other]
    assert store.banks.get("logos") == bank
    assert (bank.owner, bank.kind, bank.label, bank.distance) == ("trust team", BankKind.BLOCK, Label.HATE, 31)
    assert bank.is_enabled
    assert other.label is None
    assert acts(store)[0] == (
        "bank.created",
        {"name": "logos", "owner": "trust team", "kind": "block", "label": "hate", "distance": 31},
    )
    assert acts(store)[1][1]["label"] == ""


def test_a_name_is_taken_once(store):
    create(store)
    with pytest.raises(InputError) as caught:
        create(store)
    assert caught.value.code == "bank.exists"
    assert len(acts(store)) == 1


def test_what_no_bank_can_be_is_refused(store):
    with pytest.raises(InputError) as caught:
        create(store, distance=32)
    assert caught.value.code == "bank.distance"
    assert store.banks.list() == []


@pytest.mark.parametrize(
    "act",
    [
        lambda banks: banks.get("none"),
        lambda banks: banks.set_enabled("none", is_enabled=True),
        lambda banks: banks.put("none", [], source="x"),
        lambda banks: banks.take_out("none", [1]),
        lambda banks: banks.remove("none"),
    ],
)
def test_a_bank_that_is_not_there_is_not_found(store, act):
    with pytest.raises(NotFoundError) as caught:
        act(store.banks)
    assert caught.value.code == "bank.not_found"
    assert acts(store) == []


def test_a_bank_can_be_disabled_and_enabled_and_each_is_audited_once(store):
    bank = create(store)
    off = store.banks.set_enabled("logos", is_enabled=False)
    assert (off.is_enabled, off.change) == (False, bank.change + 1)
    assert store.banks.set_enabled("logos", is_enabled=False) == off
    assert store.banks.set_enabled("logos", is_enabled=True).is_enabled
    assert [act for act, _ in acts(store)] == ["bank.created", "bank.switched_off", "bank.switched_on"]


def test_entries_are_kept_and_counted(store):
    bank = create(store)
    given = [*entries(3), entry(4, Algorithm.MD5), entry(5, Algorithm.SHA256)]
    assert store.banks.put("logos", given, source="list.csv") == ImportReport(added=5)
    assert store.banks.sizes(NOW) == {bank.id: {Algorithm.PDQ: 3, Algorithm.MD5: 1, Algorithm.SHA256: 1}}
    assert live(store, bank) == [1, 2, 3, 4, 5]
    assert acts(store)[-1] == ("bank.changed", {"added": 5, "updated": 0, "removed": 0})


def test_the_same_bytes_are_different_entries_by_algorithm_and_by_bank(store):
    create(store)
    create(store, "memes")
    for name in ("logos", "memes"):
        assert store.banks.put(name, [entry(7), entry(7, Algorithm.SHA256)], source="x").added == 2


def test_a_second_import_changes_nothing(store):
    bank = create(store)
    given = [*entries(3, external_id="a\0\ud800", expires_at=NOW + timedelta(days=1)), entry(9, is_removed=True)]
    store.banks.put("logos", given, source="list.csv")
    before = store.banks.get("logos")
    assert store.banks.put("logos", given, source="list.csv") == ImportReport(unchanged=3)
    assert store.banks.get("logos") == before
    assert live(store, bank, after=before.change) == []
    assert len(acts(store)) == 2


def test_a_later_list_renews_source_id_and_expiry_and_the_entry_stays_the_same(store, engine):
    bank = create(store)
    store.banks.put("logos", entries(2), source="first")
    (page,) = store.banks.changes(bank.id, after=0, now=NOW)
    later = NOW + timedelta(days=9)
    renewed = [entry(1, external_id="b", expires_at=later), entry(2)]
    assert store.banks.put("logos", renewed, source="first") == ImportReport(updated=1, unchanged=1)
    assert store.banks.put("logos", renewed, source="second") == ImportReport(updated=2)
    (again,) = store.banks.changes(bank.id, after=0, now=NOW)
    assert sorted(again) == sorted(page)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT source, external_id FROM bank_entries ORDER BY id").all()
    assert [tuple(row) for row in rows] == [("second", "b"), ("second", "")]
    assert live(store, bank, now=later) == [2]


def test_a_list_may_name_a_hash_twice_and_the_last_counts(store, engine):
    create(store)
    twice = [entry(1, external_id="first"), entry(1, external_id="last")]
    assert store.banks.put("logos", twice, source="x") == ImportReport(added=1, unchanged=1)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT external_id FROM bank_entries").scalars().all() == ["last"]


def test_a_list_takes_entries_back_by_hash_or_by_its_own_id(store):
    bank = create(store)
    store.banks.put("logos", [*entries(4, external_id="7-1"), entry(5, external_id="7-2")], source="x")
    back = [entry(1, is_removed=True), Entry(None, b"", external_id="7-2", is_removed=True)]
    assert store.banks.put("logos", back, source="x") == ImportReport(removed=2)
    assert live(store, bank) == [2, 3, 4]
    assert store.banks.put("logos", back, source="x") == ImportReport()
    assert acts(store)[-1] == ("bank.changed", {"added": 0, "updated": 0, "removed": 2})


def test_what_was_taken_out_comes_back_with_a_later_list(store):
    bank = create(store)
    store.banks.put("logos", entries(1), source="x")
    store.banks.put("logos", [entry(1, is_removed=True)], source="x")
    assert live(store, bank) == []
    assert store.banks.put("logos", entries(1), source="x") == ImportReport(updated=1)
    assert live(store, bank) == [1]


def test_single_entries_can_be_taken_out(store):
    bank = create(store)
    create(store, "memes")
    store.banks.put("logos", entries(3), source="x")
    store.banks.put("memes", entries(1), source="x")
    ids = [row.id for page in store.banks.changes(bank.id, after=0, now=NOW) for row in page]
    assert store.banks.take_out("logos", [*ids[:2], 999_999]) == 2
    assert live(store, bank) == [3]
    assert store.banks.take_out("memes", ids) == 0
    assert acts(store)[-1] == ("bank.changed", {"added": 0, "updated": 0, "removed": 2})


def test_many_entries_go_in_batches_and_come_in_pages(store, monkeypatch):
    monkeypatch.setattr(banks_module, "_BATCH", 10)
    monkeypatch.setattr(banks_module, "_PAGE", 7)
    bank = create(store)
    assert store.banks.put("logos", iter(entries(35)), source="x") == ImportReport(added=35)
    assert [details for act, details in acts(store) if act == "bank.changed"] == [
        {"added": count, "updated": 0, "removed": 0} for count in (10, 10, 10, 5)
    ]
    pages = list(store.banks.changes(bank.id, after=0, now=NOW))
    assert [len(page) for page in pages] == [7] * 5
    assert len({row.id for page in pages for row in page}) == 35
    after = store.banks.get("logos").change - 1
    assert live(store, bank, after=after) == [31, 32, 33, 34, 35]
    ids = [row.id for page in pages for row in page]
    assert store.banks.take_out("logos", ids) == 35


def test_what_changed_since_is_asked_by_number(store):
    bank = create(store)
    numbers = []
    for number in (1, 2, 3):
        store.banks.put("logos", [entry(number)], source="x")
        numbers.append(store.banks.get("logos").change)
    assert numbers == sorted(set(numbers))
    assert live(store, bank, after=numbers[0]) == [2, 3]
    assert live(store, bank, after=numbers[2]) == []
    store.banks.put("logos", [entry(1, is_removed=True)], source="x")
    (page,) = store.banks.changes(bank.id, after=numbers[2], now=NOW)
    assert [tuple(row)[1:] for row in page] == [("pdq", entry(1).hash, False)]


def test_entries_count_until_they_expire(store):
    bank = create(store)
    soon, later = NOW + timedelta(seconds=10), NOW + timedelta(seconds=20)
    store.banks.put("logos", [entry(1), entry(2, expires_at=soon), entry(3, expires_at=later)], source="x")
    assert live(store, bank, now=NOW) == [1, 2, 3]
    assert live(store, bank, now=soon) == [1, 3]
    assert store.banks.sizes(later) == {bank.id: {Algorithm.PDQ: 1}}
    assert store.banks.expired(after=NOW, until=soon - timedelta(seconds=1)) == []
    assert len(store.banks.expired(after=NOW, until=soon)) == 1
    assert len(store.banks.expired(after=soon, until=later)) == 1


def test_a_removed_bank_is_gone_with_all_that_was_in_it(store, engine, monkeypatch):
    monkeypatch.setattr(banks_module, "_PAGE", 2)
    create(store)
    kept = create(store, "memes")
    for name in ("logos", "memes"):
        store.banks.put(name, entries(5), source="x")
    assert store.banks.remove("logos") == 5
    assert store.banks.list() == [store.banks.get("memes")]
    assert store.banks.sizes(NOW) == {kept.id: {Algorithm.PDQ: 5}}
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM bank_entries").scalar() == 5
    assert [(act, details) for act, details in acts(store)[-5:]] == [
        ("bank.switched_off", {}),
        ("bank.emptied", {"entries": 2}),
        ("bank.emptied", {"entries": 2}),
        ("bank.emptied", {"entries": 1}),
        ("bank.removed", {"entries": 5}),
    ]


def test_a_name_is_free_again_and_the_new_bank_has_another_id(store):
    first = create(store)
    store.banks.remove("logos")
    assert create(store).id > first.id


def test_a_bank_that_was_removed_meanwhile_takes_nothing(store, monkeypatch):
    bank = create(store)
    monkeypatch.setattr(store.banks, "get", lambda _: bank)
    store.banks.remove("logos")
    with pytest.raises(NotFoundError):
        store.banks.put("logos", entries(1), source="x")
    assert [act for act, _ in acts(store)] == ["bank.created", "bank.switched_off", "bank.removed"]


def test_several_who_import_at_once_leave_one_entry_for_each_hash(store):
    bank = create(store)
    together = threading.Barrier(4)

    def put(number):
        together.wait()
        return store.banks.put("logos", entries(50), source=f"list {number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(4)))
    assert live(store, bank) == list(range(1, 51))


def test_a_batch_that_cannot_be_kept_leaves_nothing_behind(store):
    bank = create(store)
    broken = Entry(Algorithm.PDQ, b"\1" * 32, expires_at=datetime(2030, 1, 1))  # noqa: DTZ001
    with pytest.raises(StoreError) as caught:
        store.banks.put("logos", [entry(1), broken], source="x")
    assert caught.value.code == "store.refused"
    assert store.banks.list() == [bank]
    assert len(acts(store)) == 1


def test_no_hash_stands_in_the_audit(store):
    create(store)
    secret = Entry(Algorithm.PDQ, bytes.fromhex("f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"))
    store.banks.put("logos", [secret], source="x")
    store.banks.remove("logos")
    assert secret.hash.hex()[:8] not in repr(store.audit.list())
