"""What docs/alerts.md tells receivers to do works: its examples are run, and its tables say what the code says."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evenhand.core.alert import Event, EventKind
from evenhand.core.signing import event_body, new_secret, sign
from evenhand.service.delivery import DELAYS, JITTER

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "tests" / "clients"
PAGE = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
SECRET = new_secret()
EVENT = Event("evt_1", "decision.made", datetime.now(UTC), {"id": "dec_1 é"})
BODY = event_body(EVENT)


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def headers():
    return sign(EVENT.id, BODY, [SECRET], at=datetime.now(UTC))


@pytest.mark.parametrize("number", [0, 1])
def test_the_examples_in_python_take_what_is_signed_and_nothing_else(number, capsys):
    examples = blocks("python")
    assert len(examples) == 2
    names = {}
    exec(examples[number], names)
    assert names["receive"](BODY, headers(), SECRET) == 204
    assert capsys.readouterr().out == "evt_1 decision.made dec_1 é\n"
    assert names["receive"](BODY, headers(), new_secret()) == 400
    assert names["receive"](BODY.replace(b"dec_1", b"dec_2"), headers(), SECRET) == 400


def status_of(url, body, given):
    request = urllib.request.Request(url, body, given | {"Content-Type": "application/json"})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.client
@pytest.mark.skipif(
    not shutil.which("node") or not (CLIENTS / "node_modules" / "standardwebhooks").exists(),
    reason="needs Node.js and `npm ci` in tests/clients",
)
def test_the_example_in_node_takes_what_is_signed_and_nothing_else():
    (example,) = blocks("js")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    with subprocess.Popen(
        ["node", "-e", example], cwd=CLIENTS, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            deadline = time.monotonic() + 30
            while True:
                try:
                    assert status_of(f"http://127.0.0.1:{port}/", BODY, headers()) == 204
                    break
                except urllib.error.URLError:
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            assert process.stdout.readline() == "evt_1 decision.made dec_1 é\n"
            assert status_of(f"http://127.0.0.1:{port}/", BODY + b" ", headers()) == 400
            assert status_of(f"http://127.0.0.1:{port}/", BODY, {}) == 400
        finally:
            process.kill()


def test_the_example_of_a_body_has_the_fields_of_one():
    (example,) = map(json.loads, blocks("json"))
    assert list(example) == list(json.loads(BODY))
    assert len(example["id"]) == len(example["data"]["id"]) == 36


def test_every_kind_of_event_is_in_the_table():
    assert set(re.findall(r"^\| `([a-z]+\.[a-z]+)` \| [a-z]+ .* \|$", PAGE, re.MULTILINE)) >= set(EventKind)


def test_the_schedule_is_the_one_that_is_kept():
    (row,) = re.findall(r"^\| the next one is \| (.*) \|$", PAGE, re.MULTILINE)
    units = {"s": 1, "min": 60, "h": 3600}
    said = [int(number) * units[unit] for number, unit in re.findall(r"(\d+) (s|min|h)\b", row)]
    assert tuple(said) == DELAYS
    assert JITTER == 1 / 5
    assert "a fifth" in PAGE
