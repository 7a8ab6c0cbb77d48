import json

import pytest

from evenhand.cli.bench import command

REPORT = {
    "timings": [
        {"name": "engine", "p50": 1.25, "p95": 2, "p99": 3, "single_per_second": 800, "batch_per_second": 1_900.4}
    ],
    "summary": {"cores": 2},
}


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """Seconds asked for; the measuring itself is bench_text's."""
    seconds = []

    def bench_text(*, seconds: float, _asked=seconds):
        _asked.append(seconds)
        return REPORT

    monkeypatch.setattr("evenhand.cli.bench_text.bench_text", bench_text)
    return seconds


def test_the_table_has_a_row_for_each_way_and_the_summary_below(run):
    header, row, blank, summary = run(command, "text").output.splitlines()
    assert header.split() == ["p50", "ms", "p95", "ms", "p99", "ms", "texts/s", "in", "batches"]
    assert row.split() == ["engine", "1.25", "2.00", "3.00", "800", "1900"]
    assert len(row) == len(header)
    assert (blank, summary) == ("", "cores: 2")


def test_json_is_the_report(run, asked):
    assert json.loads(run(command, "text", "--json", "--seconds", "3").output) == REPORT
    assert asked == [3]
