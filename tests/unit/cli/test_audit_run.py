import json

import pytest

from evenhand.cli.audit import command
from fakes.scripted_server import scripted_server


def said(is_flagged):
    return {"flagged": is_flagged, "category_scores": {}}


def openai(body):
    return {"results": [{"flagged": "trash" in text, "category_scores": {"hate": 0.5}} for text in body["input"]]}


GOOD = (200, {}, openai)


@pytest.fixture
def audit(run, tmp_path):
    return lambda *arguments, **options: run(command, "run", *arguments, "--out", str(tmp_path / "out"), **options)


def test_the_engine_is_audited_and_its_answers_are_kept(audit, tmp_path):
    ended = audit("local", "--sentences", "30", "--processes", "1", "--language", "en")
    assert ended.exit_code == 0, ended.output
    assert "30 sentences" in ended.stderr
    assert "nothing is sent" in ended.stderr
    assert "must be" in ended.stdout
    assert len((tmp_path / "out" / "answers.jsonl").read_bytes().splitlines()) == 31
    assert json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["measures"]["sentences"] == 30
    assert "<html" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    again = audit("local", "--sentences", "30", "--processes", "1", "--language", "en")
    assert "30 are answered already" in again.stderr
    assert again.stdout == ended.stdout
    assert "Even-handedness audit of evenhand (default)" in again.stdout


def test_a_service_is_audited_and_the_plan_comes_first(audit):
    with scripted_server(GOOD) as server:
        ended = audit(server.url, "--dialect", "openai", "--sentences", "64", "--language", "en", "--json")
    assert ended.exit_code == 0, ended.output
    assert "3 requests" in ended.stderr
    found = json.loads(ended.stdout)
    assert (found["sentences"], found["failed"], found["repeated"], found["changed"]) == (64, 0, 20, 0)
    assert sum(family["rows"] for family in found["families"]) == 64
    assert found["measures"]["failures"] == {}


def test_a_rate_is_told_with_its_interval(audit):
    with scripted_server(GOOD) as server:
        ended = audit(server.url, "--dialect", "openai", "--sentences", "2000", "--language", "en")
    assert "harmful, let through: " in ended.stdout
    assert "95 % interval" in ended.stdout


def test_a_service_with_a_price_is_not_asked_before_someone_agrees(audit):
    given = ("--dialect", "openai", "--sentences", "64", "--price-per-request", "0.5", "--repeat", "0")
    with scripted_server(GOOD) as server:
        declined = audit(server.url, *given, input="n\n")
        assert (declined.exit_code, server.requests) == (1, [])
        assert "cost: 1.00" in declined.stderr
        assert audit(server.url, *given, "--yes").exit_code == 0
        assert len(server.requests) == 2


def test_a_budget_that_is_used_up_ends_with_an_error_and_names_what_has_failed(audit):
    with scripted_server(GOOD) as server:
        given = ("--dialect", "openai", "--sentences", "96", "--price-per-request", "0.1", "--max-cost", "0.2", "--yes")
        ended = audit(server.url, *given)
        assert ended.exception.code == "endpoint.budget"
        assert "32 sentences have no answer" in ended.stdout
        assert len(server.requests) == 2


def test_answers_that_change_are_told(audit):
    flags = iter([False] * 32 + [True] * 4)
    with scripted_server((200, {}, lambda body: {"results": [said(next(flags)) for _ in body["input"]]})) as server:
        ended = audit(server.url, "--dialect", "openai", "--sentences", "32", "--repeat", "4")
    assert ended.exit_code == 0
    assert "4 of 4 sentences got another action" in ended.stdout
