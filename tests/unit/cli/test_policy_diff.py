import json

import pytest

from evenhand.cli.policy_diff import command
from evenhand.core.content import Content
from evenhand.core.errors import ConfigurationError, NotFoundError
from evenhand.engine.screen import Engine
from evenhand.policy.load import parse_policy
from evenhand.service.moderate import Keep, Moderation
from evenhand.store.records import StoredPolicy
from evenhand.store.store import open_store
from fakes.detectors import ScriptedDetector
from samples import NOON

LIVE = parse_policy("name: live\nthresholds:\n  harassment: {review: 0.5}\n")
STRICTER = "name: stricter\nthresholds:\n  harassment: {review: 0.3, block: 0.9}\n"
SCORES = ("0.1", "0.35", "0.6", "0.95")


@pytest.fixture
def folder(tmp_path):
    """Four decisions, of which two would be others by the stricter policy; their texts are their scores."""
    store = open_store(f"sqlite:///{tmp_path / 'evenhand.sqlite'}")
    detector = ScriptedDetector(lambda text: [detector.signal(float(text))])
    moderation = Moderation(Engine([detector]), [LIVE], store=store)
    store.policies.keep([StoredPolicy(LIVE.version.version, "live", NOON, LIVE.source)])
    moderation.moderate([moderation.submission(Content(score), keep=Keep.ALWAYS) for score in SCORES])
    moderation.close()
    store.close()
    return tmp_path


@pytest.fixture
def stricter(tmp_path):
    path = tmp_path / "stricter.yaml"
    path.write_text(STRICTER, encoding="utf-8")
    return str(path)


@pytest.fixture
def diff(run, folder):
    return lambda *arguments: run(command, *arguments, "--data-folder", str(folder), catch_exceptions=False).output


def test_it_tells_what_changes_by_action_and_category_and_what_it_costs(diff, stricter):
    lines = diff("live", stricter).splitlines()
    assert lines[0] == f"live {LIVE.version.version} -> stricter {parse_policy(STRICTER).version.version}"
    assert lines[1] == "4 judged, 2 with another action (50.00%)"
    moves = [line.split() for line in lines if "->" in line and line[-1].isdecimal()]
    assert moves[1:] == [["allow", "->", "review", "1"], ["review", "->", "block", "1"]]
    assert ["harassment", "2", "0"] in [line.split() for line in lines]
    assert "reviews: 2 before, 2 after; at 30 s each 0.0 h before, 0.0 h after (+0.0 h)" in lines


def test_texts_are_hidden_until_they_are_asked_for_and_then_it_is_audited(diff, folder, stricter):
    assert "'0.35'" not in diff("live", stricter)
    shown = diff("live", stricter, "--show-texts")
    assert "'0.35'" in shown
    assert "'0.1'" not in shown
    store = open_store(f"sqlite:///{folder / 'evenhand.sqlite'}")
    viewed = [row for row in store.audit.list() if row.act == "content.viewed"]
    store.close()
    assert sorted(row.subject for row in viewed) == sorted(
        line.split()[0] for line in shown.splitlines() if line.startswith("  dec_")
    )
    assert [row.details for row in viewed] == [{"for": "policy diff"}] * 2


def test_a_text_that_is_not_kept_is_not_shown(diff, folder, stricter):
    store = open_store(f"sqlite:///{folder / 'evenhand.sqlite'}")
    store.enforce_retention(NOON.replace(year=2200), content_days=1, decision_days=None, feedback_days=None)
    store.close()
    examples = [line for line in diff("live", stricter, "--show-texts").splitlines() if line.startswith("  dec_")]
    assert [len(line.split()) for line in examples] == [1, 1]


def test_json_has_the_same(diff, stricter):
    found = json.loads(diff(LIVE.version.version, stricter, "--json", "--seconds-per-case", "90"))
    assert (found["decisions"], found["changed"], found["unreadable"], found["unanswered"]) == (4, 2, 0, 0)
    assert {(each["before"], each["after"]): each["decisions"] for each in found["moves"]} == {
        ("allow", "allow"): 1,
        ("allow", "review"): 1,
        ("review", "block"): 1,
        ("review", "review"): 1,
    }
    assert found["categories"] == {"harassment": {"stricter": 2, "milder": 0}}
    assert found["reviewer_hours"] == {"before": 0.05, "after": 0.05}
    assert found["seconds_per_case"] == 90


def test_only_what_is_new_enough_counts(diff, stricter):
    assert json.loads(diff("live", stricter, "--json", "--since", "1h"))["decisions"] == 4
    assert json.loads(diff("live", stricter, "--json", "--since", "2200-01-01"))["decisions"] == 0
    assert "0 judged, 0 with another action (0.00%)" in diff("live", stricter, "--since", "2200-01-01")


def test_what_lacks_what_a_condition_reads_is_told(diff, tmp_path):
    path = tmp_path / "with.yaml"
    path.write_text(
        "name: with\nthresholds: {}\nrules:\n- {id: long, when: 'content.characters > 5', action: review}\n",
        encoding="utf-8",
    )
    assert "4 lack what a condition reads, and were not judged" in diff("live", str(path))


def test_what_cannot_be_read_is_told(diff, folder, stricter):
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{folder / 'evenhand.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE decisions SET document = '[]'")
    engine.dispose()
    assert "4 cannot be read, and were not judged" in diff("live", stricter)


def test_an_unknown_policy_is_not_found(run, folder):
    result = run(command, "live", "nobody", "--data-folder", str(folder))
    assert isinstance(result.exception, NotFoundError)
    assert result.exception.code == "policy.not_stored"


def test_a_policy_file_that_is_not_there_is_said_to_be_unreadable(run, folder):
    result = run(command, "live", str(folder / "nothing.yaml"), "--data-folder", str(folder))
    assert isinstance(result.exception, ConfigurationError)
    assert result.exception.code == "policy.unreadable"


WITH_LEXICON = ("--setting", "detectors", "text.lexicon")


@pytest.fixture
def comments(tmp_path):
    path = tmp_path / "comments.csv"
    path.write_text("body,about\nyou are an idiot,a\ngood,b\nyou \x1b[31m moron,a\n", encoding="utf-8")
    return str(path)


def test_a_file_is_screened_and_judged_by_both_without_a_database(run, tmp_path, comments):
    for name, threshold in (("low", 0.3), ("high", 0.99)):
        text = f"name: {name}\nthresholds:\n  harassment: {{review: {threshold}}}\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    arguments = [str(tmp_path / "high.yaml"), str(tmp_path / "low.yaml"), "--on", comments, "--text-field", "body"]
    options = ["--group-field", "about", "--show-texts", *WITH_LEXICON]
    found = run(command, *arguments, *options, catch_exceptions=False).output
    assert "3 judged, 2 with another action (66.67%)" in found
    assert [line.split() for line in found.splitlines() if line.startswith(("a ", "b "))] == [
        ["a", "2", "0", "2"],
        ["b", "0", "0", "1"],
    ]
    assert "  0  'you are an idiot'" in found
    assert "\x1b" not in found
    assert not (tmp_path / "data").exists()
    hidden = run(command, *arguments, *WITH_LEXICON, catch_exceptions=False).output
    assert "idiot" not in hidden


def test_a_file_has_no_times(run, comments):
    result = run(command, "a.yaml", "b.yaml", "--on", comments, "--since", "2h")
    assert result.exit_code == 2
