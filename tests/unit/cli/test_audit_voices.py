import json

import pytest

from evenhand.cli.audit import command
from speech import spoken


@pytest.fixture
def audit(run, tmp_path):
    pytest.importorskip("faster_whisper")
    spoken("one")
    return lambda *given: run(command, "voices", *given, "--out", str(tmp_path / "out"))


@pytest.mark.timeout(900)
def test_a_sentence_is_spoken_and_compared_with_the_typed_one(audit, tmp_path):
    ended = audit("--sentences", "1", "--voices", "1", "--json")
    assert ended.exit_code == 0, ended.output
    assert "2 clips, 0 are answered already" in ended.stderr
    found = json.loads(ended.stdout)
    assert found["matter"] == "clips"
    assert found["tables"][0]["lines"][0]["figures"]["decided otherwise than typed"]["value"] == 0
    assert found["measures"]["failures"] == {}
    assert (tmp_path / "out" / "report.html").exists()


def test_without_the_program_it_ends_with_an_error(run, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(command, "voices").exception.code == "audit.no_synthesiser"
