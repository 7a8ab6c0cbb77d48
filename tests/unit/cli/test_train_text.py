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


def test_a_missing_extra_is_named_with_what_to_install(monkeypatch):
    for module in [name for name in sys.modules if name.startswith(("scipy", "evenhand.learn"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    error = code_of()
    assert error.code == "train.extra"
    assert "pip install 'evenhand[train]'" in error.remedy
