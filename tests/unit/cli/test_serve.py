import json
import re
import shutil
import sys

import pytest

from evenhand.cli.serve import command
from evenhand.core.access import Scope
from evenhand.core.errors import ConfigurationError
from evenhand.store.store import open_store

CALL = ("--setting", "detectors", "text.lexicon")


@pytest.fixture
def served(monkeypatch):
    """What would be served; uvicorn itself runs in tests/functional/test_cli.py."""
    calls = []
    monkeypatch.setattr("evenhand.server.run.run", lambda app, settings: calls.append(settings))
    monkeypatch.setattr("evenhand.server.logs.configure_logs", lambda **_: None)
    return calls


@pytest.fixture
def folder(tmp_path):
    return ("--data-folder", str(tmp_path / "data"))


def test_the_first_start_shows_a_key_once_and_how_to_use_it(run, served, folder, tmp_path):
    shown = run(command, *CALL, *folder).output
    (secret,) = set(re.findall(r"eh_[\w-]+", shown))
    program = "evenhand" if shutil.which("evenhand") else sys.argv[0]
    assert [line.split()[0] for line in shown.splitlines() if line.startswith("  ")] == ["curl", "python", program]
    assert f"http://127.0.0.1:8000/#key={secret}" in shown
    store = open_store(f"sqlite:///{tmp_path}/data/evenhand.sqlite")
    (api_key,) = store.keys.list()
    assert api_key.scopes == frozenset(Scope)
    store.close()


def test_a_second_start_shows_no_key(run, served, folder):
    run(command, *CALL, *folder)
    shown = run(command, *CALL, *folder).output
    assert shown == "evenhand listens on http://127.0.0.1:8000 (its home page is there too)\n"
    assert len(served) == 2


def test_host_and_port_are_taken_from_the_options(run, served, folder):
    shown = run(command, *CALL, *folder, "--host", "::1", "--port", "9001").output
    assert "http://[::1]:9001/v1/screen" in shown
    assert (served[0].host, served[0].port) == ("::1", 9001)


def test_a_public_address_is_shown_instead(run, served, folder):
    assert (
        "https://example.org/v1"
        in run(command, *CALL, *folder, "--setting", "public_url", "https://example.org").output
    )


def test_the_allowance_of_the_first_key_is_the_setting(run, served, folder, tmp_path):
    run(command, *CALL, *folder, "--setting", "requests_per_minute", "7")
    store = open_store(f"sqlite:///{tmp_path}/data/evenhand.sqlite")
    assert [api_key.requests_per_minute for api_key in store.keys.list()] == [7]
    store.close()


def test_the_lines_to_try_hold_json_that_is_json(run, served, folder):
    shown = run(command, *CALL, *folder).output
    (body,) = re.findall(r"-d '(.*)'", shown)
    assert json.loads(body) == {"text": "you are an idiot"}


def test_what_cannot_be_served_is_not_served_and_makes_no_key(run, served, folder):
    called = run(command, *folder, "--setting", "detectors", "text.nothing")
    assert isinstance(called.exception, ConfigurationError)
    assert served == []
    assert "eh_" not in called.output
