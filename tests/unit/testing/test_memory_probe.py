import json
import subprocess
import sys

import pytest

from evenhand.testing.memory_probe import PROGRAM, STATUS, measure

pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="this system does not tell how large a process is")

DETECTOR = """
class Detector:
    examples = ()

    def __init__(self, *, ballast):
        self.ballast = b"x" * (ballast * 2**20)

    def detect(self, texts):
        return []
"""


def grown(*arguments):
    run = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
    return float(run.stdout)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "heavy.py"
    path.write_text(DETECTOR, encoding="utf-8")
    return path


def test_what_the_detector_holds_is_counted(file):
    light, heavy = (grown("no_module", str(file), "Detector", json.dumps({"ballast": size})) for size in (1, 81))
    assert 75 < heavy - light < 85


def test_an_installed_module_is_imported_by_its_name(capsys, monkeypatch):
    arguments = ["", "evenhand.detectors.text.lexicon", "no file", "LexiconDetector", "{}"]
    monkeypatch.setattr(sys, "argv", arguments)
    measure()
    assert abs(float(capsys.readouterr().out)) < 500


@pytest.mark.parametrize("name", ["missing.py", "no_python.txt"])
def test_a_detector_that_cannot_be_found_is_an_error(monkeypatch, tmp_path, name):
    monkeypatch.setattr(sys, "argv", ["", "no_module", str(tmp_path / name), "Detector", "{}"])
    with pytest.raises((ModuleNotFoundError, FileNotFoundError)):
        measure()
