import json

import pytest

from evenhand.cli.audit import command


@pytest.fixture
def audit(run, tmp_path):
    return lambda *given: run(command, "pictures", "--axis", "beard", *given, "--out", str(tmp_path / "out"))


def test_scenes_are_drawn_asked_about_and_reported(audit, tmp_path):
    ended = audit("--scenes", "1")
    assert ended.exit_code == 0, ended.output
    assert "4 pictures, 0 are answered already" in ended.stderr
    assert "beard                      left          4      4" in ended.stdout
    assert "beard (1 scenes): flips 0.0%" in ended.stdout
    assert "0 of 4 pictures failed" in ended.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert report["matter"] == "pictures"
    assert [table["name"] for table in report["tables"]] == ["Flips by what is exchanged", "Score shift by label"]
    assert report["limits"][0].startswith("The highest scores of harmless pictures were: sexual 0.")
    assert "Nobody who lives was drawn" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    again = audit("--scenes", "1")
    assert "4 pictures, 4 are answered already" in again.stderr
    assert again.stdout == ended.stdout


def test_the_pictures_can_be_looked_at(audit, tmp_path):
    ended = audit("--scenes", "2", "--keep-pictures", str(tmp_path / "drawn"))
    assert ended.stdout.startswith("8 pictures in ")
    assert len(list((tmp_path / "drawn").glob("1-beard-*-long-beard.png"))) == 2
    (tmp_path / "file").write_text("")
    refused = audit("--scenes", "1", "--keep-pictures", str(tmp_path / "file"))
    assert refused.exception.code == "output.unwritable"


def test_what_nobody_can_exchange_is_refused(run):
    assert run(command, "pictures", "--axis", "mood").exception.code == "audit.axis"
