import pytest

from evenhand.core.decision import Action
from evenhand.core.errors import NotFoundError
from evenhand.store import erasure
from evenhand.store.cases import Claimant
from evenhand.store.rulings import NewRuling
from samples import NOON, keep, to_review

SECRET = "what nobody may find again"


@pytest.fixture
def everything(engine):
    """Return all that is in the database, as text."""

    def dump():
        from evenhand.store.review_tables import metadata

        with engine.connect() as connection:
            return "\n".join(
                str(row) for table in metadata.sorted_tables for row in connection.execute(table.select()).all()
            )

    return dump


def test_nothing_of_the_content_or_its_author_is_left_and_the_audit_holds(store, everything):
    (decision_id,) = keep(store, to_review(body=SECRET, context=(SECRET,), author_id="author-9", content_id="post-9"))
    case = store.cases.claim(Claimant(1), queue="default", now=NOON)
    ruling = NewRuling(Action.BLOCK, "hate", f"it says {SECRET}")
    store.rulings.rule(case.id, 1, ruling, NOON)
    store.golden.add(decision_id, action=Action.BLOCK, reason="hate", reviewer_id=1, now=NOON)
    appeal, _ = store.appeals.open(decision_id, f"I only said: {SECRET}", NOON, key_id="k" * 12)
    answer = NewRuling(Action.BLOCK, "hate", outcome=f"You said: {SECRET}")
    store.rulings.rule(store.cases.claim(Claimant(2), queue="default", now=NOON).id, 2, answer, NOON)
    digest = case.content_sha256
    assert all(words in everything() for words in (SECRET, "author-9", "post-9", digest))
    report = store.erasure.erase(
        store.erasure.of_author("author-9"), actor="system", reason="asked by the author", now=NOON
    )
    assert (report.erased, report.held) == ([decision_id], [])
    left = everything()
    assert [words for words in (SECRET, "author-9", "post-9", digest) if words in left] == []
    assert store.decisions.get(decision_id).decision.action is Action.REVIEW
    assert store.rulings.of_decision(decision_id)[0].reason == "hate"
    assert store.appeals.get(appeal.id).status.value == "upheld"
    with pytest.raises(NotFoundError):
        store.contents.get(decision_id)
    assert store.audit.list()[-1].act == "content.erased"
    assert store.audit.verify().faults == ()


def test_what_is_held_is_left_alone_and_said(store, monkeypatch):
    monkeypatch.setattr(erasure, "_BATCH", 1)
    first, held = keep(store, to_review(body="a", content_id="x"), to_review(body="b", content_id="x"))
    store.holds.place(held, actor="system", reason="court order 7", now=NOON)
    asked = store.erasure.of_content("x")
    assert sorted(asked) == sorted([first, held])
    report = store.erasure.erase([*asked, "dec_0"], actor="reviewer:1", reason="asked", now=NOON)
    assert (report.erased, report.held) == ([first], [held])
    assert store.contents.get(held).body == "b"


def test_nothing_is_erased_for_nobody(store):
    keep(store, to_review(body="a"))
    assert store.erasure.of_author("nobody") == []
    assert store.erasure.erase(["dec_0"], actor="system", reason="", now=NOON).erased == []
    assert store.audit.list()[-1].act == "decision.made"
