import json

import pytest

from evenhand.cli import EXIT_INPUT
from evenhand.cli.audit import command
from evenhand.core.errors import ConfigurationError, InputError

LINE = "face_ethnicity: string\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sdk").mkdir()
    (tmp_path / "sdk" / "api.yaml").write_text(LINE, encoding="utf-8")
    return tmp_path


def test_a_folder_is_read_and_what_was_found_is_printed(run, folder):
    result = run(command, "docs", str(folder / "sdk"))
    assert result.exit_code == 0
    assert result.output.startswith("api.yaml  sha256 ")
    assert "1: classifies ethnicity (high: " in result.output
    assert result.output.endswith("1 findings that tell who people are, 0 of lower concern\n")


def test_a_later_run_shows_a_deletion(run, folder):
    manifest = folder / "manifest.json"
    manifest.write_text(run(command, "docs", str(folder / "sdk"), "--json").output, encoding="utf-8")
    (folder / "sdk" / "api.yaml").write_text("nothing\n", encoding="utf-8")
    page = folder / "watch.html"
    result = run(command, "docs", str(folder / "sdk"), "--against", str(manifest), "--html", str(page))
    assert result.exit_code == 0
    assert "  vanished: api.yaml (sha256 " in result.output
    assert "Vanished: 1" in page.read_text(encoding="utf-8")
    changed = run(command, "docs", str(folder / "sdk"), "--against", str(manifest), "--json").output
    assert len(json.loads(changed)["changes"]["vanished"]) == 1


def test_what_could_not_be_read_ends_with_3(run, folder):
    (folder / "sdk" / "b.md").write_bytes(b"\0")
    result = run(command, "docs", str(folder / "sdk"), "--keep", str(folder / "kept"))
    assert result.exit_code == EXIT_INPUT
    assert "not read: b.md" in result.output
    assert len([*(folder / "kept").iterdir()]) == 1


def test_addresses_are_read_from_a_list_and_private_ones_refused(run, folder):
    (folder / "urls.txt").write_text("http://127.0.0.1/api.yaml\n", encoding="utf-8")
    result = run(command, "docs", "--urls", str(folder / "urls.txt"))
    assert result.exit_code == EXIT_INPUT
    assert "not read: http://127.0.0.1/api.yaml" in result.output
    assert "[url.private_address]" in result.output


def test_the_figures_are_printed(run):
    result = run(command, "docs", "--evaluate")
    assert result.exit_code == 0
    assert "recall, Chinese" in result.output


def test_a_call_that_names_nothing_is_wrong(run):
    assert run(command, "docs").exit_code == 2


def test_what_is_not_there_and_what_is_no_manifest_is_refused(run, folder):
    assert isinstance(run(command, "docs", str(folder / "no")).exception, InputError)
    sdk = str(folder / "sdk")
    assert isinstance(run(command, "docs", sdk, "--against", str(folder / "sdk/api.yaml")).exception, InputError)


def test_a_page_that_cannot_be_written_is_an_error_with_a_way_out(run, folder):
    result = run(command, "docs", str(folder / "sdk"), "--html", str(folder))
    assert isinstance(result.exception, ConfigurationError)
    assert (result.exception.code, result.exception.field) == ("watch.unwritable", str(folder))
