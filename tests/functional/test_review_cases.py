"""The pages of cases over real HTTP: what they show, and what they refuse."""

import dataclasses
import itertools
import re
from datetime import UTC, datetime

import httpx
import pytest

from drawings import encoded, landscape
from evenhand.core.case import Role
from evenhand.core.decision import Action, ImageFacts
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import ClipNotes, Utterance
from evenhand.review.accounts import Accounts
from evenhand.service.moderate import Keep
from evenhand.store.records import StoredImage
from live import live_server
from samples import clip_record_of, keep, to_review

PASSWORD = "correct horse battery"
HOSTILE = "<script>alert(1)</script> you idiot {{ 7 * 7 }} \u202e"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with live_server(tmp_path_factory.mktemp("review"), review_second_step="none") as running:
        yield running


class Desk:
    """A reviewer's browser, without a script, at a queue of its own."""

    def __init__(self, server, role, queue):
        self.name = name = f"{role}{next(_numbers)}"
        self.reviewer, _ = Accounts(server.store.reviewers).create(name, Role(role), password=PASSWORD)
        self.store = server.store
        self.queue = queue
        self.http = httpx.Client(base_url=f"{server.url}/review/", follow_redirects=True)
        self.page = self.http.post("sign-in", data={"name": name, "password": PASSWORD})
        self.csrf = re.search(r'name="csrf" value="([^"]+)"', self.page.text)[1]

    @property
    def text(self):
        return self.page.text

    @property
    def case(self):
        return self.page.url.path.rpartition("/")[2]

    def get(self, path):
        self.page = self.http.get(path)
        return self

    def post(self, path, **fields):
        self.page = self.http.post(path, data={"csrf": self.csrf, "queue": self.queue, **fields})
        return self

    def next(self):
        return self.post("next")

    def rule(self, action, **fields):
        return self.post(f"cases/{self.case}/ruling", action=action, **fields)


@pytest.fixture
def queue():
    return f"queue{next(_numbers)}"


@pytest.fixture
def desk(server, queue):
    made = []

    def make(role="reviewer"):
        made.append(Desk(server, role, queue))
        return made[-1]

    yield make
    for one in made:
        one.http.close()


def test_a_day_without_a_script(server, desk, queue):
    keep(server.store, *(to_review(Label.HATE, body=f"words {number}", queue=queue) for number in range(3)))
    ann = desk().get("./")
    assert queue in ann.text
    ann.next().rule("block", reason_block="hate", note="clear")
    assert "Your ruling is kept." in ann.text
    ann.rule("allow", reason_allow="quoted")
    ann.post(f"cases/{ann.case}/skip")
    assert "You do not get that case again for a while." in ann.text
    assert ann.next().text.count("There is no case for you in that queue.") == 1
    assert server.store.rulings.count_by(ann.reviewer.id) == 2


def test_a_text_sent_to_the_api_becomes_a_case_with_its_evidence(server, desk):
    sent = {"text": "you are an idiot", "author_id": "u-17", "context": ["The match is off."], "id": "post-1"}
    answer = httpx.post(f"{server.url}/v1/screen", headers=server.headers, json=sent).json()
    assert answer["action"] == "review"
    ann = desk()
    ann.queue = "default"
    ann.next()
    assert answer["id"] in ann.text
    assert '<mark class="review"' in ann.text
    assert "The match is off." in ann.text
    assert "u-17" in ann.text
    ann.rule("block", reason_block="harassment")


def test_nothing_that_somebody_wrote_becomes_part_of_the_page(server, desk, queue):
    hostile = "<b onmouseover=alert(1)>"
    keep(server.store, to_review(Label.HATE, body=HOSTILE, context=(hostile,), author_id=hostile, queue=queue))
    ann = desk().next()
    assert "<script>alert" not in ann.text
    assert hostile not in ann.text
    assert "49" not in re.sub(r"case_[0-9a-f]+|dec_[0-9a-f]+|value=\"[^\"]*\"|[0-9]{2}:[0-9]{2}", "", ann.text)
    assert "&lt;script&gt;" in ann.text
    ann.rule("review", refer="second_review", note=hostile)
    ben = desk().next()
    assert hostile not in ben.text
    assert "&lt;b onmouseover" in ben.text


def test_severe_text_is_folded_and_pictures_are_veiled_until_asked(server, desk, queue):
    picture = encoded(landscape(), "JPEG")
    made = to_review(Label.VIOLENCE_GRAPHIC, body="gory words", queue=queue)
    decision = dataclasses.replace(made.decision, images=(ImageFacts("JPEG", 640, 480, 1),))
    keep(server.store, dataclasses.replace(made, decision=decision, images=(StoredImage(0, 0, picture),)))
    ann = desk().next()
    assert '<details class="folded">' in ann.text
    assert 'class="frame blurred grey"' in ann.text
    address = re.search(r'<img src="([^"]+)"', ann.text)[1]
    answer = ann.http.get(f"cases/{address}")
    assert (answer.content, answer.headers["content-type"]) == (picture, "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert desk().http.get(f"cases/{address}").status_code == 403
    assert ann.http.get(f"cases/{address}7").status_code == 404


def test_preferences_are_followed(server, desk, queue):
    keep(server.store, to_review(Label.VIOLENCE_GRAPHIC, body="gory words", queue=queue))
    ann = desk()
    ann.post("account/preferences", break_after="1").next()
    assert "gory words" in ann.text
    assert "folded" not in ann.text
    assert "It is time for the break that you asked for." in ann.text


def test_a_clip_is_read_before_it_is_seen_and_makes_no_sound(server, desk, queue):
    made, _ = clip_record_of(Keep.REVIEW)
    verdict = dataclasses.replace(made.decision.verdict, queue=queue)
    unclear = Utterance(61.0, 62.0, "Mumbling.", "", 0.2, is_clear=False)
    notes = ClipNotes((*made.clip.transcript, unclear), ())
    decision = dataclasses.replace(made.decision, verdict=verdict)
    keep(
        server.store,
        dataclasses.replace(made, decision=decision, clip=notes, images=(StoredImage(0, 61_000, b"jpeg"),)),
    )
    ann = desk().next()
    assert ann.text.index("Hello.") < ann.text.index("Still at 1:01")
    assert "not understood well" in ann.text
    assert "<audio" not in ann.text
    assert "<video" not in ann.text


def test_a_second_opinion_and_a_disagreement_come_to_a_lead(server, desk, queue):
    (decision_id,) = keep(server.store, to_review(Label.HATE, body="words", queue=queue))
    ann, ben, lea = desk(), desk(), desk("lead")
    ann.next().rule("block", reason_block="hate", refer="second_review", note="I am not sure")
    assert queue not in ann.next().text or "There is no case for you" in ann.text
    ben.next()
    assert "another reviewer asks for a second opinion" in ben.text
    assert "I am not sure" in ben.text
    ben.rule("allow", reason_allow="quoted")
    lea.next()
    assert "it was brought to a lead" in lea.text
    lea.rule("block", reason_block="hate", golden="on")
    assert server.store.rulings.stands(decision_id) is Action.BLOCK
    assert server.store.golden.open_for(ann.reviewer.id, queue, datetime.now(UTC)).decision_id == decision_id


def test_one_ruling_for_what_is_alike(server, desk, queue):
    keep(server.store, *(to_review(Label.SPAM, body=f"buy {queue}", queue=queue) for _ in range(3)))
    ann = desk().next()
    assert "The 2 with the same text too" in ann.text
    ann.rule("block", reason_block="spam", alike="text")
    assert "for the cases that are alike too" in ann.text
    assert server.store.rulings.count_by(ann.reviewer.id) == 3


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"action": "ban"}, "field.invalid"),
        ({"action": "block", "reason_block": "ugly"}, "ruling.reason"),
        ({"action": "allow", "reason_block": "hate"}, "ruling.reason"),
        ({"action": "review"}, "ruling.incomplete"),
        ({"action": "review", "refer": "golden"}, "field.invalid"),
        ({"action": "block", "reason_block": "hate", "alike": "all"}, "field.invalid"),
        ({"action": "block", "reason_block": "hate", "note": "n" * 2_001}, "ruling.note"),
        ({"action": "block", "reason_block": "hate", "golden": "on"}, "role.not_allowed"),
    ],
)
def test_a_form_that_is_not_ours_is_refused_with_a_page(server, desk, queue, fields, code):
    (decision_id,) = keep(server.store, to_review(Label.HATE, body="words", queue=queue))
    ann = desk().next()
    ann.post(f"cases/{ann.case}/ruling", **fields)
    assert ann.page.status_code in {400, 403}
    assert ann.page.headers["content-type"].startswith("text/html")
    assert code in ann.text
    assert server.store.rulings.stands(decision_id) is Action.REVIEW, "nothing was kept"


def test_a_case_that_another_took_meanwhile_is_told_and_the_next_one_comes(server, desk, queue):
    first, second = keep(server.store, to_review(queue=queue, priority=1, body="a"), to_review(queue=queue, body="b"))
    ann, ben = desk().next(), desk()
    server.store.cases.release(ann.case, ann.reviewer.id)
    ben.next().rule("allow", reason_allow="quoted")
    ann.rule("block", reason_block="hate")
    assert "somebody else had it by then" in ann.text
    assert server.store.rulings.stands(first) is Action.ALLOW
    assert server.store.rulings.stands(second) is Action.REVIEW


def test_an_auditor_sees_and_rules_on_nothing(server, desk, queue):
    keep(server.store, to_review(Label.HATE, body="secret words", queue=queue))
    ann, audra = desk().next(), desk("auditor")
    assert "Take the next case" not in audra.get("./").text
    assert audra.next().page.status_code == 403
    audra.get(f"cases/{ann.case}")
    assert "secret words" in audra.text
    assert 'id="ruling"' not in audra.text
    audra.get("audit")
    assert f"reviewer:{audra.reviewer.id}" in audra.text
    audra.post("audit/verify")
    assert "none is missing" in audra.text


def test_undo_is_shown_first_and_then_done(server, desk, queue):
    decisions = keep(server.store, *(to_review(Label.EXTREMISM, body="words", queue=queue) for _ in range(3)))
    lea = desk("lead").get("undo")
    lea.post("undo/preview", decision=decisions[0])
    assert "<strong>1</strong> that wait for a person" in lea.text
    lea.post("undo/preview", rule="extremism.review", since="2026-11-01", note="a bad rule")
    assert "<strong>3</strong> that wait for a person" in lea.text
    assert server.store.rulings.stands(decisions[0]) is Action.REVIEW
    until = re.search(r'name="until" value="([^"]+)"', lea.text)[1]
    lea.post("undo/carry-out", rule="extremism.review", since="2026-11-01", until=until, note="a bad rule")
    assert "3 decisions were taken back." in lea.text
    assert {server.store.rulings.stands(decision) for decision in decisions} == {Action.ALLOW}
    lea.post("undo/preview", decision=decisions[0])
    assert "There is nothing to take back" in lea.text


@pytest.mark.parametrize(
    ("fields", "code", "status"),
    [
        ({}, "undo.what", 400),
        ({"decision": "dec_1", "rule": "hate.review"}, "undo.what", 400),
        ({"decision": "dec_1"}, "decision.not_found", 404),
        ({"rule": "hate.review", "since": "yesterday"}, "undo.time", 400),
        ({"decision": "dec_1", "note": "n" * 2_001}, "ruling.note", 400),
    ],
)
def test_an_undo_that_makes_no_sense_is_refused(desk, fields, code, status):
    lea = desk("lead").post("undo/preview", **fields)
    assert (lea.page.status_code, code in lea.text) == (status, True)
    lea.post("undo/carry-out", **fields)
    assert (lea.page.status_code, code in lea.text) == (status, True)


def test_a_broken_audit_is_said_where(tmp_path):
    import sqlite3

    with live_server(tmp_path, review_second_step="none") as server:
        keep(server.store, *(to_review() for _ in range(3)))
        audra = Desk(server, "auditor", "default")
        with sqlite3.connect(tmp_path / "evenhand.sqlite") as connection:
            connection.execute("UPDATE audit SET act = 'decision.unmade' WHERE sequence = 2")
        audra.post("audit/verify")
        assert "The audit is not as it was written." in audra.text
        assert "rows 2 to 2: changed" in audra.text
        audra.http.close()


def test_numbers_are_shown_and_downloaded(server, desk, queue):
    keep(server.store, *(to_review(Label.HATE, at=datetime.now(UTC), queue=queue) for _ in range(2)))
    ann, audra = desk(), desk("auditor")
    ann.next().rule("block", reason_block="hate")
    audra.get("numbers?days=7")
    assert "Decisions by day" in audra.text
    assert queue in audra.text
    assert '<rect class="review"' in audra.text
    answer = audra.http.get("numbers/rulings.csv?days=7")
    assert answer.headers["content-type"].startswith("text/csv")
    assert f"{datetime.now(UTC):%Y-%m-%d},{ann.name}," in answer.text
    for path, code, status in (
        ("numbers?days=8", "numbers.days", 400),
        ("numbers/secrets.csv", "table.not_found", 404),
        ("transparency?from=soon", "numbers.day", 400),
        ("transparency?from=2026-02-02&to=2026-01-01", "numbers.period", 400),
    ):
        assert (audra.get(path).page.status_code, code in audra.text) == (status, True), path
    assert ann.get("numbers").page.status_code == 403


def test_the_transparency_report_is_a_page_and_a_file(desk):
    audra = desk("auditor").get("transparency?from=2026-11-01&to=2026-11-30")
    assert "Decisions by policies" in audra.text
    file = audra.http.get("transparency?from=2026-11-01&to=2026-11-30&file=html")
    assert file.headers["content-disposition"] == 'attachment; filename="transparency-2026-11-01-2026-11-30.html"'
    assert "<h1>Transparency report, 2026-11-01 to 2026-11-30</h1>" in file.text
