from datetime import UTC, datetime, timedelta

import pytest

from evenhand.core.case import Role
from evenhand.store.sessions import LASTS, LASTS_UNUSED

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


@pytest.fixture
def ada(store):
    return store.reviewers.create("ada", Role.LEAD, "a hash")


@pytest.fixture
def begin(store, ada):
    def begin(name="ada", now=NOW, *, instead_of=""):
        found = store.reviewers.credentials(name)
        return store.reviewers.sign_in(found, now, step=None, new_hash="", instead_of=instead_of)

    return begin


def test_a_session_is_found_by_its_cookie_alone(store, ada, begin, engine):
    token = begin()
    found = store.sessions.find(token, NOW)
    assert found.reviewer == ada
    assert len(found.csrf_token) == len(token) == 43
    with engine.connect() as connection:
        kept = repr(connection.exec_driver_sql("SELECT * FROM sessions").all())
    assert found.csrf_token in kept
    assert token not in kept


@pytest.mark.parametrize("forged", ["", "x", "A" * 43, "é" * 10, "\0\ud800", "x" * 100_000])
def test_a_forged_cookie_finds_nothing(store, begin, forged):
    begin()
    assert store.sessions.find(forged, NOW) is None


def test_the_digest_that_is_kept_is_no_cookie(store, begin, engine):
    begin()
    with engine.connect() as connection:
        digest = connection.exec_driver_sql("SELECT token_sha256 FROM sessions").scalar_one()
    assert store.sessions.find(digest, NOW) is None


def test_every_session_has_a_cookie_and_a_token_of_its_own(store, begin):
    tokens = [begin() for _ in range(3)]
    assert len({*tokens, *(store.sessions.find(token, NOW).csrf_token for token in tokens)}) == 6


def test_a_session_ends_when_it_is_not_used(store, begin):
    token = begin()
    assert store.sessions.find(token, NOW + LASTS_UNUSED - MOMENT)
    later = NOW + 2 * LASTS_UNUSED - 2 * MOMENT
    assert store.sessions.find(token, later)
    assert store.sessions.find(token, later + LASTS_UNUSED) is None


def test_a_session_in_use_ends_all_the_same(store, begin):
    token = begin()
    now = NOW
    while now < NOW + LASTS:
        assert store.sessions.find(token, now)
        now += LASTS_UNUSED / 2
    assert store.sessions.find(token, NOW + LASTS) is None


def test_a_look_a_moment_later_writes_nothing(store, begin, engine):
    token = begin()

    def seen():
        with engine.connect() as connection:
            return str(connection.exec_driver_sql("SELECT seen_at FROM sessions").scalar_one())

    first = seen()
    store.sessions.find(token, NOW + timedelta(seconds=59))
    assert seen() == first
    store.sessions.find(token, NOW + timedelta(seconds=60))
    assert seen() != first


def test_signing_in_anew_ends_the_session_before(store, begin):
    first, other = begin(), begin()
    second = begin(instead_of=first)
    assert [bool(store.sessions.find(token, NOW)) for token in (first, other, second)] == [False, True, True]


def test_signing_out_ends_all_sessions_of_one_reviewer(store, begin):
    store.reviewers.create("bob", Role.REVIEWER, "hash")
    tokens, bobs = [begin(), begin()], begin("bob")
    store.sessions.sign_out(tokens[0], NOW)
    assert [store.sessions.find(token, NOW) for token in tokens] == [None, None]
    assert store.sessions.find(bobs, NOW)
    row = store.audit.list()[-1]
    assert (row.act, row.actor, row.subject) == ("reviewer.signed_out", "reviewer:1", "1")
    assert row.details == {"sessions": 2}


def test_signing_out_of_nothing_is_no_act(store, begin):
    token = begin()
    before = store.audit.list()
    store.sessions.sign_out("unknown", NOW)
    assert store.audit.list() == before
    assert store.sessions.find(token, NOW)


@pytest.mark.parametrize(
    "change",
    [
        lambda store, ada: store.reviewers.set_password(ada.id, "other", actor=ada.actor),
        lambda store, ada: store.reviewers.reset(ada.id, "other"),
        lambda store, ada: store.reviewers.set_enabled(ada.id, is_enabled=False),
    ],
    ids=["password", "reset", "disabled"],
)
def test_a_change_ends_all_sessions_for_good(store, ada, begin, change):
    tokens = [begin(), begin()]
    change(store, ada)
    store.reviewers.set_enabled(ada.id, is_enabled=True)
    assert [store.sessions.find(token, NOW) for token in tokens] == [None, None]


def test_a_session_knows_what_its_reviewer_is_now(store, ada, begin):
    token = begin()
    store.reviewers.set_role(ada.id, Role.AUDITOR)
    assert store.sessions.find(token, NOW).reviewer.role is Role.AUDITOR


def test_sessions_that_ended_are_deleted_when_somebody_signs_in(store, begin, engine):
    begin()
    begin(now=NOW + LASTS_UNUSED - MOMENT)
    begin(now=NOW + LASTS_UNUSED)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar_one() == 2
