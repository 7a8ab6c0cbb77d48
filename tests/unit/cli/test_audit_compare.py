import json

import pytest

from evenhand.cli.audit import command
from fakes.scripted_server import scripted_server


def saying(is_flagged):
    return (200, {}, lambda body: {"results": [{"flagged": is_flagged, "category_scores": {}} for _ in body["input"]]})


@pytest.fixture
def reports(run, tmp_path):
    """Reports of a service that lets everything through, and of one that flags everything."""
    paths = []
    for is_flagged in (False, True):
        folder = tmp_path / f"{is_flagged}"
        with scripted_server(saying(is_flagged)) as server:
            given = ("--dialect", "openai", "--sentences", "1500", "--language", "en", "--repeat", "0")
            assert run(command, "run", server.url, *given, "--out", str(folder)).exit_code == 0
        paths.append(str(folder / "report.json"))
    return paths


def test_what_changed_beyond_noise_is_said_and_shown(run, reports, tmp_path):
    page = tmp_path / "page.html"
    ended = run(command, "compare", *reports, "--html", str(page))
    assert ended.exit_code == 0, ended.output
    assert "1500 sentences answered in both" in ended.stdout
    assert "false_positive_rate: 0.00% to 100.00%" in ended.stdout
    assert "<html" in page.read_text(encoding="utf-8")
    found = json.loads(run(command, "compare", *reports, "--json").stdout)
    assert found["paired"] == 1500


def test_a_report_against_itself_has_no_change(run, reports):
    assert "0 of" in run(command, "compare", reports[0], reports[0]).stdout


def test_a_file_that_is_missing_or_no_report_is_refused(run, reports, tmp_path):
    assert run(command, "compare", reports[0], str(tmp_path / "none")).exception.code == "file.unreadable"
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    assert run(command, "compare", reports[0], str(tmp_path / "x.json")).exception.code == "audit.report"
