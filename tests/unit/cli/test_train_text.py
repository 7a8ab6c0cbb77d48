import subprocess
import sys

import pytest
from click.testing import CliRunner

from evenhand.cli.train_text import command
from evenhand.core.errors import ConfigurationError


def code_of(*options):
    with pytest.raises(ConfigurationError) as raised:
        CliRunner().invoke(command, options, catch_exceptions=False)
    return raised.value


def test_missing_data_is_a_named_error_and_nothing_is_written(tmp_path):
    pytest.importorskip("torch", reason="torch is not installed; see `make .venv/train`")
    error = code_of(
        "--data", str(tmp_path / "none"), "--model", str(tmp_path / "model"), "--card", str(tmp_path / "card")
    )
    assert error.code == "data.missing"
    assert not list(tmp_path.iterdir())


def test_a_missing_extra_is_named_with_what_to_install():
    # In a process of its own: modules that are loaded anew would not be those that other tests know.
    code = """
import sys
sys.modules["scipy.optimize"] = None
from evenhand.cli.train_text import command
try:
    command.main([], standalone_mode=False)
except Exception as error:
    print(error.code, error.remedy)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith("train.extra ")
    assert "pip install 'evenhand[train]'" in said
