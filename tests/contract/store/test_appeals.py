import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from evenhand.core.appeal import MAX_AUTHOR_MESSAGES, AppealStatus, Sender
from evenhand.core.case import CaseKind
from evenhand.core.decision import Action
from evenhand.core.errors import InputError, NotFoundError
from evenhand.store.appeals import AUTHOR, close_appeal
from evenhand.store.cases import Claimant
from evenhand.store.rulings import NewRuling
from samples import NOON, keep, record, to_review

ANN, BEN = Claimant(1), Claimant(2)
WHY = "I quoted it to report it."


@pytest.fixture
def blocked(store):
    (decision_id,) = keep(store, record(action=Action.BLOCK, key_id="k1"))
    return decision_id


@pytest.fixture
def appeal(store, blocked):
    return open_one(store, blocked)[0]


@pytest.fixture
def told(store, engine):
    """Return what webhooks are told of appeals."""
    store.webhooks.create(name="all", url="https://example.org/")

    def told():
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT kind, key_id, document FROM events ORDER BY id").all()
        return [(row.kind, row.key_id, json.loads(row.document)) for row in rows if row.kind.startswith("appeal.")]

    return told


def open_one(store, decision_id, text=WHY, **options):
    return store.appeals.open(decision_id, text, NOON, **({"key_id": "k1"} | options))


def close(store, appeal, outcome="It is a quote.", *, is_reversed=True):
    with store._database.write() as connection:
        return close_appeal(connection, appeal.case_id, outcome, NOON, reviewer_id=2, is_reversed=is_reversed)


def code_of(call, *arguments, **options):
    with pytest.raises((InputError, NotFoundError)) as caught:
        call(*arguments, **options)
    return caught.value.code


def test_an_appeal_is_a_case_of_its_decision(store, blocked, appeal):
    case = store.cases.claim(ANN, queue="default", now=NOON)
    assert (case.id, case.kind, case.decision_id) == (appeal.case_id, CaseKind.APPEAL, blocked)
    assert store.appeals.get(appeal.id) == store.appeals.of_case(case.id) == appeal
    assert (appeal.status, appeal.outcome, appeal.closed_at) == (AppealStatus.OPEN, "", None)
    assert (appeal.created_at, appeal.decision_id, appeal.key_id) == (NOON, blocked, "k1")
    ((sender, body),) = [(message.sender, message.body) for message in appeal.messages]
    assert (sender, body) == (Sender.AUTHOR, WHY)


def test_whoever_ruled_last_does_not_answer(store):
    (decision_id,) = keep(store, to_review(key_id="k1"))
    case = store.cases.claim(ANN, queue="default", now=NOON)
    store.rulings.rule(case.id, ANN.reviewer_id, NewRuling(Action.BLOCK, "harassment"), NOON)
    appeal, _ = open_one(store, decision_id)
    assert store.cases.claim(ANN, queue="default", now=NOON) is None
    assert store.cases.claim(BEN, queue="default", now=NOON).id == appeal.case_id


def test_the_token_is_the_authors_alone(store, blocked, engine):
    appeal, token = open_one(store, blocked)
    assert store.appeals.is_token(appeal.id, token)
    (other,) = keep(store, record(action=Action.BLOCK, key_id="k1"))
    _, others = open_one(store, other)
    for wrong in ("", others, token[:-1], f"{token} ", "é", "\ud800"):
        assert not store.appeals.is_token(appeal.id, wrong)
    assert not store.appeals.is_token("app_0", token)
    with engine.connect() as connection:
        assert token not in repr(connection.exec_driver_sql("SELECT * FROM appeals").all())
    assert token not in repr(store.audit.list())


def test_there_is_no_appeal_against_what_is_not_there_or_not_yours(store, blocked):
    assert code_of(open_one, store, "dec_0") == "decision.not_found"
    assert code_of(open_one, store, blocked, key_id="k2") == "decision.not_found"
    appeal, _ = open_one(store, blocked, key_id="k2", sees_all=True)
    assert appeal.key_id == "k2"


def test_there_is_no_appeal_against_what_is_allowed(store):
    (decision_id,) = keep(store, record(action=Action.ALLOW, key_id="k1"))
    assert code_of(open_one, store, decision_id) == "appeal.nothing_stands"
    (decision_id,) = keep(store, to_review(key_id="k1"))
    case = store.cases.claim(ANN, queue="default", now=NOON)
    store.rulings.rule(case.id, ANN.reviewer_id, NewRuling(Action.ALLOW, "quoted"), NOON)
    assert code_of(open_one, store, decision_id) == "appeal.nothing_stands"


def test_one_appeal_is_open_at_a_time(store, blocked, appeal):
    assert code_of(open_one, store, blocked) == "appeal.exists"
    close(store, appeal, is_reversed=False)
    assert open_one(store, blocked)[0].id != appeal.id


def test_of_several_at_the_same_moment_one_is_opened(store, blocked):
    def attempt(_):
        try:
            return open_one(store, blocked)[0].id
        except InputError as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(attempt, range(4)))
    assert found.count("appeal.exists") == 3


def test_both_sides_write(store, appeal):
    later = NOON + timedelta(minutes=1)
    store.appeals.answer(appeal.id, "Which line is the quote?", later, reviewer_id=2)
    written = store.appeals.write(appeal.id, "The third.", later + timedelta(minutes=1), actor=AUTHOR)
    said = [(message.sender, message.body) for message in written.messages]
    assert said == [("author", WHY), ("reviewer", "Which line is the quote?"), ("author", "The third.")]
    rows = [(row.actor, row.act, row.details) for row in store.audit.list() if row.act == "appeal.written"]
    assert rows == [
        ("reviewer:2", "appeal.written", {"sender": "reviewer"}),
        ("author", "appeal.written", {"sender": "author"}),
    ]
    assert "third" not in repr(store.audit.list())


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "nul \0 in it", "😀\u202e"])
def test_words_come_back_as_they_were(store, blocked, text):
    appeal, _ = open_one(store, blocked, text)
    assert appeal.messages[0].body == text


def test_nobody_writes_where_there_is_no_appeal_or_a_closed_one(store, appeal):
    assert code_of(store.appeals.write, "app_0", WHY, NOON, actor=AUTHOR) == "appeal.not_found"
    assert code_of(store.appeals.get, "app_0") == "appeal.not_found"
    assert store.appeals.of_case("case_0") is None
    close(store, appeal)
    assert code_of(store.appeals.write, appeal.id, WHY, NOON, actor=AUTHOR) == "appeal.closed"
    assert code_of(store.appeals.answer, appeal.id, WHY, NOON, reviewer_id=2) == "appeal.closed"


def test_an_author_does_not_write_without_end(store, appeal):
    for _ in range(MAX_AUTHOR_MESSAGES - 1):
        store.appeals.write(appeal.id, "more", NOON, actor=AUTHOR)
    assert code_of(store.appeals.write, appeal.id, "more", NOON, actor=AUTHOR) == "appeal.too_many_messages"
    store.appeals.answer(appeal.id, "Thank you.", NOON, reviewer_id=2)


@pytest.mark.parametrize(("is_reversed", "status"), [(True, "reversed"), (False, "upheld")])
def test_an_outcome_closes_it_once(store, blocked, told, is_reversed, status):
    appeal, _ = open_one(store, blocked)
    assert close(store, appeal, is_reversed=is_reversed)
    assert not close(store, appeal, "something else")
    closed = store.appeals.get(appeal.id)
    assert (closed.status, closed.outcome, closed.closed_at) == (status, "It is a quote.", NOON)
    opened, ended = told()
    assert (opened[0], ended[0]) == ("appeal.opened", "appeal.closed")
    assert (ended[1], ended[2]["id"], ended[2]["status"]) == ("k1", appeal.id, status)
    assert ended[2]["decision_id"] == blocked
    assert "quote" not in repr((opened, ended))
    assert [row.act for row in store.audit.list() if row.act.startswith("appeal.")] == [
        "appeal.opened",
        "appeal.closed",
    ]


def test_a_case_that_is_no_appeal_closes_none(store):
    with store._database.write() as connection:
        assert not close_appeal(connection, "case_0", "words", NOON, reviewer_id=2, is_reversed=True)


def test_an_appeal_goes_with_its_decision(store, engine, appeal):
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.exec_driver_sql("DELETE FROM decisions")
        assert connection.exec_driver_sql("SELECT count(*) FROM appeal_messages").scalar_one() == 0
