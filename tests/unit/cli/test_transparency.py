import pytest

from databases import store_in
from evenhand.cli.transparency import command
from evenhand.core.errors import ConfigurationError
from rule_hits import hit
from samples import keep


@pytest.fixture
def call(run, tmp_path):
    store = store_in(tmp_path)
    keep(store, hit("spam"), hit("hate"))
    store.close()
    return lambda *arguments: run(command, *arguments, "--data-folder", str(tmp_path))


def test_markdown_is_printed(call):
    report = call("--from", "2026-01-01").output
    assert report.startswith("# Transparency report, 2026-01-01 00:00 to ")
    assert "| review | 2 |" in report


def test_only_the_period_counts(call):
    report = call("--from", "2026-01-01", "--to", "2026-02-01").output
    assert report.startswith("# Transparency report, 2026-01-01 00:00 to 2026-02-01 00:00 UTC\n")
    assert "| review | 0 |" in report


@pytest.mark.parametrize(("name", "start"), [("r.md", "# Transparency"), ("r.html", "<!doctype html>")])
def test_a_file_is_written_by_its_name(call, tmp_path, name, start):
    result = call("--from", "2026-01-01", "--output", str(tmp_path / name))
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_another_name_or_no_stretch_of_time_is_a_wrong_call(call, tmp_path):
    assert call("--from", "2026-01-01", "--output", str(tmp_path / "r.pdf")).exit_code == 2
    assert call("--from", "2026-01-01", "--to", "2026-01-01").exit_code == 2
    assert call().exit_code == 2


def test_a_file_that_cannot_be_written_is_said_so(call, tmp_path):
    error = call("--from", "2026-01-01", "--output", str(tmp_path / "nowhere" / "r.md")).exception
    assert isinstance(error, ConfigurationError)
    assert error.code == "output.unwritable"
