import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from evenhand.core.case import Role
from evenhand.core.errors import InputError, NotFoundError
from evenhand.core.reviewer import Preferences
from evenhand.store.reviewers import FAILURES_AT_MOST, LOCKED_FOR

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


@pytest.fixture
def ada(store):
    return store.reviewers.create("ada", Role.LEAD, "a hash")


def sign_in(store, name="ada", now=NOW, *, step=None, new_hash="", instead_of="", proven=None):
    proven = proven or store.reviewers.credentials(name)
    return store.reviewers.sign_in(proven, now, step=step, new_hash=new_hash, instead_of=instead_of)


def acts(store):
    return [(row.act.removeprefix("reviewer."), row.actor) for row in store.audit.list()]


def last_details(store):
    return store.audit.list()[-1].details


def test_a_new_account_is_found_by_name_and_id(store, ada):
    assert store.reviewers.get("ada") == store.reviewers.find(ada.id) == ada
    assert store.reviewers.credentials("ada").reviewer == ada
    assert (ada.role, ada.is_enabled, ada.has_authenticator, ada.severe_per_day) == (Role.LEAD, True, False, 0)
    assert ada.preferences == Preferences()


def test_an_unknown_account_is_not_found(store):
    assert store.reviewers.credentials("ada") is store.reviewers.find(1) is None
    with pytest.raises(NotFoundError) as caught:
        store.reviewers.get("ada")
    assert caught.value.code == "reviewer.not_found"


def test_a_name_is_given_once(store, ada):
    with pytest.raises(InputError) as caught:
        store.reviewers.create("ada", Role.ADMIN, "another")
    assert caught.value.code == "reviewer.exists"
    assert store.reviewers.list() == [ada]
    assert acts(store) == [("created", "system")]


def test_accounts_are_listed_oldest_first(store):
    made = [store.reviewers.create(name, Role.REVIEWER, "") for name in ("b", "a", "c")]
    assert store.reviewers.list() == made


def test_the_audit_says_who_did_what_and_no_secret(store, ada):
    by = ada.actor
    store.reviewers.create("bob", Role.REVIEWER, "hash of bob", actor=by)
    store.reviewers.set_role(2, Role.AUDITOR, actor=by)
    store.reviewers.set_severe_per_day(2, 30, actor=by)
    store.reviewers.set_enabled(2, is_enabled=False, actor=by)
    store.reviewers.set_enabled(2, is_enabled=True, actor=by)
    store.reviewers.set_password(2, "new hash", actor="reviewer:2")
    store.reviewers.set_authenticator(2, "NEWSECRET", 7, actor="reviewer:2")
    store.reviewers.set_preferences(2, Preferences(blur_pictures=False), actor="reviewer:2")
    store.reviewers.reset(2, "newest hash", actor=by)
    rows = store.audit.list()[1:]
    assert [(row.act, row.actor) for row in rows] == [
        ("reviewer.created", by),
        ("reviewer.changed", by),
        ("reviewer.changed", by),
        ("reviewer.switched_off", by),
        ("reviewer.switched_on", by),
        ("reviewer.changed", "reviewer:2"),
        ("reviewer.changed", "reviewer:2"),
        ("reviewer.changed", "reviewer:2"),
        ("reviewer.reset", by),
    ]
    assert {row.subject for row in rows} == {"2"}
    assert "hash" not in repr(rows)
    assert "NEWSECRET" not in repr(rows)
    assert rows[1].details == {"role": "auditor"}
    assert rows[7].details == {"changed": "preferences"}
    assert store.audit.verify().faults == ()


def test_what_was_changed_is_read_again(store, ada):
    store.reviewers.set_role(ada.id, Role.ADMIN)
    store.reviewers.set_severe_per_day(ada.id, 30)
    wanted = Preferences(blur_pictures=False, mute_sound=False, break_after=25)
    store.reviewers.set_preferences(ada.id, wanted, actor=ada.actor)
    store.reviewers.set_authenticator(ada.id, "SECRET", 7, actor=ada.actor)
    store.reviewers.set_enabled(ada.id, is_enabled=False)
    found = store.reviewers.credentials("ada")
    changed = found.reviewer
    assert (changed.role, changed.severe_per_day, changed.preferences) == (Role.ADMIN, 30, wanted)
    assert (changed.has_authenticator, changed.is_enabled) == (True, False)
    assert (found.totp_secret, found.totp_step) == ("SECRET", 7)
    assert "SECRET" not in repr(found)
    assert "hash" not in repr(found).replace("password_hash", "")


@pytest.mark.parametrize("count", [-1, 10_001, 2**70])
def test_a_limit_that_is_none_is_refused(store, ada, count):
    with pytest.raises(InputError) as caught:
        store.reviewers.set_severe_per_day(ada.id, count)
    assert caught.value.code == "reviewer.severe_per_day"
    assert store.reviewers.find(ada.id).severe_per_day == 0


def test_nothing_is_changed_of_an_unknown_account(store):
    for change in (
        lambda: store.reviewers.set_role(9, Role.ADMIN),
        lambda: store.reviewers.set_enabled(9, is_enabled=True),
        lambda: store.reviewers.reset(9, "hash"),
    ):
        with pytest.raises(NotFoundError):
            change()
    assert acts(store) == []


def test_signing_in_begins_a_session_and_is_audited(store, ada):
    token = sign_in(store)
    assert store.sessions.find(token, NOW).reviewer == ada
    assert acts(store)[-1] == ("signed_in", ada.actor)
    assert last_details(store) == {"second_step": False}


def test_signing_in_keeps_the_new_hash_of_an_old_password(store, ada):
    assert sign_in(store, new_hash="newer hash")
    assert store.reviewers.credentials("ada").password_hash == "newer hash"


@pytest.mark.parametrize(
    "change",
    [
        lambda store, ada: store.reviewers.set_password(ada.id, "other", actor=ada.actor),
        lambda store, ada: store.reviewers.set_enabled(ada.id, is_enabled=False),
        lambda store, ada: store.reviewers.set_authenticator(ada.id, "SECRET", 1, actor=ada.actor),
        lambda store, ada: [store.reviewers.note_failure(ada.id, NOW, because="password") for _ in range(5)],
    ],
    ids=["password", "enabled", "authenticator", "locked"],
)
def test_what_was_proven_and_changed_meanwhile_begins_no_session(store, ada, change):
    proven = store.reviewers.credentials("ada")
    change(store, ada)
    assert sign_in(store, proven=proven) is None
    assert "signed_in" not in dict(acts(store))


def test_a_code_works_once_even_at_the_same_moment(store, ada):
    store.reviewers.set_authenticator(ada.id, "SECRET", 10, actor=ada.actor)
    proven = store.reviewers.credentials("ada")
    together = threading.Barrier(4)

    def enter(_):
        together.wait()
        return sign_in(store, proven=proven, step=11)

    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(enter, range(4)))
    assert len([token for token in tokens if token]) == 1
    assert sign_in(store, step=10) is None
    assert sign_in(store, step=12)
    assert last_details(store) == {"second_step": True}


def test_failures_in_a_row_lock_the_account_and_a_while_unlocks_it(store, ada):
    for _ in range(FAILURES_AT_MOST - 1):
        store.reviewers.note_failure(ada.id, NOW, because="password")
    assert store.reviewers.credentials("ada").locked_until is None
    assert last_details(store) == {"because": "password"}
    store.reviewers.note_failure(ada.id, NOW, because="code")
    assert store.reviewers.credentials("ada").locked_until == NOW + LOCKED_FOR
    assert last_details(store) == {"because": "code", "locked_until": (NOW + LOCKED_FOR).isoformat()}
    assert acts(store)[-1] == ("sign_in_failed", "nobody")
    store.reviewers.note_failure(ada.id, NOW + MOMENT, because="locked")
    assert store.reviewers.credentials("ada").locked_until == NOW + LOCKED_FOR
    assert sign_in(store, now=NOW + LOCKED_FOR - MOMENT) is None
    assert sign_in(store, now=NOW + LOCKED_FOR)
    assert store.reviewers.credentials("ada").locked_until is None


def test_after_a_while_locked_failures_are_counted_anew(store, ada):
    for _ in range(FAILURES_AT_MOST):
        store.reviewers.note_failure(ada.id, NOW, because="password")
    for _ in range(FAILURES_AT_MOST - 1):
        store.reviewers.note_failure(ada.id, NOW + LOCKED_FOR, because="password")
    assert store.reviewers.credentials("ada").locked_until is None
    store.reviewers.note_failure(ada.id, NOW + LOCKED_FOR, because="password")
    assert store.reviewers.credentials("ada").locked_until == NOW + 2 * LOCKED_FOR


@pytest.mark.parametrize(
    "forget",
    [
        lambda store, ada: sign_in(store),
        lambda store, ada: store.reviewers.forget_failures(ada.id),
        lambda store, ada: store.reviewers.reset(ada.id, "hash"),
    ],
    ids=["signed in", "password proven", "reset"],
)
def test_failures_count_in_a_row_alone(store, ada, forget):
    for _ in range(FAILURES_AT_MOST - 1):
        store.reviewers.note_failure(ada.id, NOW, because="password")
    forget(store, ada)
    store.reviewers.note_failure(ada.id, NOW, because="password")
    assert store.reviewers.credentials("ada").locked_until is None


def test_failures_at_the_same_moment_are_all_counted(store, ada):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store.reviewers.note_failure(ada.id, NOW, because="password"), range(FAILURES_AT_MOST)))
    assert store.reviewers.credentials("ada").locked_until == NOW + LOCKED_FOR


def test_a_failure_of_nobody_is_audited_without_a_name(store, ada):
    store.reviewers.note_failure(None, NOW, because="unknown")
    row = store.audit.list()[-1]
    assert (row.actor, row.subject, row.details) == ("nobody", "", {"because": "unknown"})


def test_a_reset_unlocks_and_removes_the_authenticator(store, ada):
    store.reviewers.set_authenticator(ada.id, "SECRET", 7, actor=ada.actor)
    for _ in range(FAILURES_AT_MOST):
        store.reviewers.note_failure(ada.id, NOW, because="password")
    store.reviewers.reset(ada.id, "new hash")
    found = store.reviewers.credentials("ada")
    assert (found.password_hash, found.totp_secret, found.totp_step) == ("new hash", "", 0)
    assert found.locked_until is None
    assert sign_in(store)
