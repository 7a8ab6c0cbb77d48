import json

from evenhand.cli.audit import command
from evenhand.cli.eval_text import DIALECTS
from fakes.scripted_server import scripted_server


def test_the_plan_names_price_and_time_and_sends_nothing(run, tmp_path):
    given = ("--dialect", "perspective", "--sentences", "100", "--repeat", "10", "--out", str(tmp_path / "none"))
    with scripted_server((200, {}, {})) as server:
        prices = ("--price-per-request", "0.5", "--requests-per-minute", "11")
        ended = run(command, "plan", server.url, *given, *prices)
        assert server.requests == []
    assert ended.exit_code == 0, ended.output
    assert "110 requests" in ended.stdout
    assert "cost: 55.00" in ended.stdout
    assert "time: 10 minutes" in ended.stdout
    assert "en: 191 groups" in ended.stdout
    assert not (tmp_path / "none").exists()


def test_the_plan_for_programs_counts_what_is_answered_already(run, tmp_path):
    given = ("local", "--sentences", "20", "--language", "en", "--family", "news", "--processes", "1")
    given = (*given, "--out", str(tmp_path / "out"), "--json")
    assert run(command, "run", *given).exit_code == 0
    found = json.loads(run(command, "plan", *given).stdout)
    assert (found["sentences"], found["answered"], found["requests"]) == (20, 20, 0)
    assert found["families"] == ["news"]


def test_every_dialect_can_be_planned(run):
    for dialect in DIALECTS:
        assert run(command, "plan", "http://127.0.0.1:1", "--dialect", dialect, "--sentences", "5").exit_code == 0
