import json

from evenhand.cli import bench_backtest as module
from evenhand.cli.bench import command


def test_every_decision_is_judged_by_each_way_and_a_part_by_the_plain_one(run, monkeypatch):
    monkeypatch.setattr(module, "_BATCH", 7)
    monkeypatch.setattr(module, "_PLAIN", 20)
    monkeypatch.setattr(module, "PAGE", 15)
    report = json.loads(run(command, "backtest", "--decisions", "50", "--processes", "1", "--json").output)
    assert report["decisions"] == 50
    assert [(row["name"], row["decisions"]) for row in report["timings"]] == [
        ("thresholds, 1 processes", 50),
        ("thresholds, 1 processes", 50),
        ("conditions on scores", 50),
        ("conditions on facts", 50),
        ("the plain way", 30),
    ]


def test_the_table_has_a_row_for_each_way(run):
    lines = run(command, "backtest", "--decisions", "3", "--processes", "1").output.splitlines()
    assert lines[0].startswith("3 decisions, ")
    assert lines[1].split() == ["seconds", "decisions/s"]
    assert [line.split()[0] for line in lines[2:]] == ["thresholds,", "thresholds,", "conditions", "conditions", "the"]
