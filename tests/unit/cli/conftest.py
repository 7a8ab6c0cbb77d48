"""The command line called in this process, away from the user's own folders and settings."""

import pytest
from click.testing import CliRunner


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return lambda command, *arguments, **options: CliRunner().invoke(command, arguments, **options)
