import re

import pytest

from evenhand.core.case import CaseKind, Role
from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.store.cases import Claimant
from evenhand.store.rulings import NewRuling
from samples import NOON, keep, to_review

BLOCK = NewRuling(Action.BLOCK, "hate")


@pytest.fixture
def lead(console):
    return console.person("lea", Role.LEAD)


@pytest.fixture
def golden(console, lead):
    """A decision that is a golden case of the lead's."""
    (decision_id,) = keep(console.store, to_review(Label.HATE, body="words"))
    case = console.store.cases.claim(Claimant(lead.id), queue="default", now=NOON)
    console.store.rulings.rule(case.id, lead.id, BLOCK, NOON)
    console.store.golden.add(decision_id, action=Action.BLOCK, reason="hate", reviewer_id=lead.id, now=NOON)
    return decision_id


def answer(console, person_id, ruling):
    case = console.store.golden.open_for(person_id, "default", NOON)
    console.store.cases.claim_one(Claimant(person_id), case.id, now=NOON)
    console.store.rulings.rule(case.id, person_id, ruling, NOON)


def words(page):
    return " ".join(re.sub(r"<[^>]*>", " ", page.text).split())


def test_where_there_is_none_the_page_says_so(console, lead):
    assert "There is none." in words(console.get("golden", lead))


def test_it_says_what_is_right_and_who_ruled_how(console, lead, golden):
    assert "Nobody has ruled on it yet." in words(console.get("golden", lead))
    ann = console.person("ann", Role.REVIEWER)
    answer(console, ann.id, BLOCK)
    answer(console, 77, NewRuling(Action.ALLOW, "quoted"))
    answer(console, 78, NewRuling(Action.REVIEW, "", refer=CaseKind.SECOND_REVIEW))
    shown = words(console.get("golden", lead))
    assert f"block: hate So said lea on 2026-11-23 12:00 UTC of {golden} See the content" in shown
    assert "1 of 3 ruled so" in shown
    assert "ann: block: hate 2026" in shown
    assert "reviewer 77: allow: quoted, not what is right" in shown
    assert "reviewer 78: cannot tell, not what is right" in shown


def test_its_content_can_be_seen_from_there(console, lead, golden):
    (address,) = re.findall(r'href="(cases/[^"]*)"', console.get("golden", lead).text)
    page = console.get(address, lead)
    assert (page.status_code, "words" in page.text) == (200, True)


def test_one_that_is_retired_is_gone(console, lead, golden):
    sent = console.post("golden/retire", lead, {"decision": golden})
    assert (sent.status_code, sent.headers["location"]) == (303, "../golden?after=retired")
    shown = words(console.get("golden?after=retired", lead))
    assert "The golden case is retired" in shown
    assert golden not in shown


def test_one_that_another_retired_meanwhile_is_refused_with_the_page(console, lead, code_in, golden):
    sent = console.post("golden/retire", lead, {"decision": "dec_0"})
    assert (sent.status_code, code_in(sent)) == (404, "golden_case.not_found")
    assert golden in sent.text
