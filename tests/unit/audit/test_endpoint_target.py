"""Servers that are slow, lie, limit, change their minds or fail half-way: what they did not answer is never a pass."""

import pytest

from evenhand.audit.endpoint_target import described_endpoint, named_endpoint
from evenhand.audit.targets import JUDGE, Judge
from evenhand.core.errors import EndpointError
from evenhand.scorers.endpoints import Endpoint, Manner
from fakes.scripted_server import scripted_server

BUSY = (503, {}, {})
LIMITED = (429, {"Retry-After": "7"}, {})
LIES = (200, {}, b"<html>All is well.</html>")
TOO_FEW = (200, {}, {"results": []})
BEYOND = (200, {}, {"results": [{"flagged": False, "category_scores": {"hate": 7.0}}] * 32})


def openai(body):
    return {"results": [{"flagged": False, "category_scores": {"hate": 0.1}} for _ in body["input"]]}


GOOD = (200, {}, openai)


@pytest.fixture
def target(clock):
    def target(server, dialect="openai", *, key="", judge=JUDGE, **options):
        return named_endpoint(Endpoint(server.url, dialect, key), judge=judge, manner=Manner(clock=clock), **options)

    return target


def asked(target, sentences):
    return [answer for some in target.ask(sentences) for answer in some]


def test_a_service_is_asked_in_batches_and_taken_at_its_word(target, make):
    with scripted_server(GOOD) as server:
        own = target(server, key="k")
        answers = asked(own, make(40))
    assert {(answer.score, answer.action, answer.error) for answer in answers} == {(0.1, "allow", "")}
    assert (own.requests, own.texts_per_request) == (2, 32)
    assert server.requests[0][1]["Authorization"] == "Bearer k"
    assert "k" not in str(own.about.values())


def test_who_asks_to_wait_is_waited_for(target, make, time):
    with scripted_server(LIMITED, BUSY, GOOD) as server:
        answers = asked(target(server), make(4))
    assert {answer.action for answer in answers} == {"allow"}
    assert time.slept == [7.0, 2.0]


@pytest.mark.parametrize("bad", [LIES, TOO_FEW], ids=["html", "too few"])
def test_an_answer_that_cannot_be_read_is_no_pass_and_the_next_is_asked(target, make, bad):
    with scripted_server(GOOD, bad, GOOD) as server:
        answers = asked(target(server), make(96))
    errors = [answer.error for answer in answers]
    assert errors == [""] * 32 + ["endpoint.answer"] * 32 + [""] * 32
    assert {answer.action for answer in answers[32:64]} == {None}


def test_who_lies_again_and_again_ends_the_run(target, make):
    with scripted_server(GOOD, LIES) as server:
        found = []
        with pytest.raises(EndpointError) as raised:
            found.extend(target(server).ask(make(400)))
    assert raised.value.code == "endpoint.answer"
    assert len(server.requests) == 1 + 3


def test_scores_that_are_none_are_no_pass(target, make):
    with scripted_server(BEYOND) as server:
        answers = asked(target(server), make(32))
    assert {(answer.action, answer.error) for answer in answers} == {(None, "endpoint.score")}


def test_what_is_refused_is_no_pass(target, make):
    refused = (400, {}, {"error": "no"})
    with scripted_server(refused, GOOD, refused) as server:
        answers = asked(target(server), make(2))
    assert [answer.error for answer in answers] == ["", "endpoint.rejected"]


def test_a_server_that_fails_half_way_keeps_what_it_said(target, make):
    found = []
    with scripted_server(GOOD, BUSY) as server, pytest.raises(EndpointError) as raised:
        found.extend(target(server).ask(make(400)))
    assert raised.value.code == "endpoint.unavailable"
    assert [answer.error for answer in found[0]] == [""] * 32
    assert [{answer.error for answer in some} for some in found[1:]] == [{"endpoint.unavailable"}] * 2


def test_no_request_is_sent_beyond_the_budget_not_even_a_further_attempt(target, make):
    with scripted_server(BUSY) as server:
        own = target(server, most_requests=3)
        with pytest.raises(EndpointError) as raised:
            asked(own, make(400))
    assert raised.value.code == "endpoint.budget"
    assert (len(server.requests), own.requests) == (3, 3)


def test_perspective_gives_scores_that_are_judged_by_the_threshold(target, make):
    answer = (200, {}, {"attributeScores": {"INSULT": {"summaryScore": {"value": 0.6}}}})
    with scripted_server(answer) as server:
        (one,) = asked(target(server, "perspective", judge=Judge(0.7)), make(1))
        (other,) = asked(target(server, "perspective", judge=Judge(0.6)), make(1))
    assert (one.action, other.action) == ("allow", "review")
    assert "IDENTITY_ATTACK" in server.requests[0][2]["requestedAttributes"]


def test_azure_and_comprehend_are_asked_in_their_forms(target, make):
    found = [{"category": "Hate", "severity": 4}, {"category": "Sexual", "severity": 0}]
    azure = (200, {}, {"categoriesAnalysis": found})
    with scripted_server(azure) as server:
        (one,) = asked(target(server, "azure", key="k"), make(1))
    path, headers, body = server.requests[0]
    assert path == "/contentsafety/text:analyze?api-version=2024-09-01"
    assert headers["Ocp-Apim-Subscription-Key"] == "k"
    assert body["text"] == "text 0"
    assert (one.score, one.action) == (4 / 7, "review")

    comprehend = (200, {}, lambda body: {"ResultList": [
        {"Toxicity": 0.2, "Labels": [{"Name": "INSULT", "Score": 0.3}]} for _ in body["TextSegments"]
    ]})  # fmt: skip
    with scripted_server(comprehend) as server:
        answers = asked(target(server, "comprehend"), make(12))
    assert [len(body["TextSegments"]) for _, _, body in server.requests] == [10, 2]
    assert server.requests[0][1]["X-Amz-Target"].endswith("DetectToxicContent")
    assert {(answer.score, answer.action) for answer in answers} == {(0.3, "allow")}


def test_a_service_of_a_form_of_its_own_is_asked_as_its_file_says(tmp_path, make, clock):
    with scripted_server((200, {}, {"risk": 80})) as server:
        path = tmp_path / "acme.toml"
        path.write_text(
            f'name = "acme"\nurl = "{server.url}/v2"\nscore = "risk"\nhighest = 100\nthreshold = 0.9\n'
            '[body]\ncontent = "{text}"\n',
            encoding="utf-8",
        )
        target = described_endpoint(path, manner=Manner(clock=clock), most_requests=5)
        (answer,) = asked(target, make(1))
        target.close()
    assert server.requests[0][0] == "/v2"
    assert server.requests[0][2] == {"content": "text 0"}
    assert (target.name, answer.score, answer.action) == ("acme", 0.8, "allow")
    path.write_text(path.read_text(encoding="utf-8").replace("0.9", "0.90"), encoding="utf-8")
    assert described_endpoint(path).about != target.about


def test_labels_that_alone_count_are_part_of_what_answers_rest_on(target):
    with scripted_server(GOOD) as server:
        about = target(server, judge=Judge(labels=frozenset({"b", "a"}))).about
    assert about["labels"] == ["a", "b"]


def test_a_service_that_gives_no_scores_at_all_is_taken_at_its_word(tmp_path, make, clock):
    with scripted_server((200, {}, {"ok": False})) as server:
        path = tmp_path / "acme.toml"
        path.write_text(f'url = "{server.url}"\naction = "ok"\n[body]\ntext = "{{text}}"\n', encoding="utf-8")
        (answer,) = asked(described_endpoint(path, manner=Manner(clock=clock)), make(1))
    assert (answer.score, answer.action, answer.error) == (None, "allow", "")
