"""Clients of another language, run for real by Node.js against the live server."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[1] / "clients"

pytestmark = [
    pytest.mark.client,
    pytest.mark.skipif(
        not shutil.which("node") or not (CLIENTS / "node_modules").exists(),
        reason="needs Node.js and `npm ci` in tests/clients",
    ),
]


def run(script, server, text, key=None):
    command = ["node", script, server.url, key or server.key, text]
    done = subprocess.run(command, cwd=CLIENTS, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_perspective_api_client_gets_scores(server):
    scores = run("perspective.js", server, "you are a stupid idiot 😀")["answer"]["attributeScores"]
    assert set(scores) == {"TOXICITY", "INSULT"}
    assert scores["INSULT"]["summaryScore"]["value"] > 0.5
    assert scores["TOXICITY"]["spanScores"][0] == {
        "begin": 0,
        "end": len("you are a stupid idiot ") + 2,
        "score": scores["TOXICITY"]["summaryScore"],
    }


def test_perspective_api_client_reads_the_error(server):
    failed = run("perspective.js", server, "x", key="wrong")
    assert failed == {"name": "ResponseError", "message": "API key not valid. Please pass a valid API key."}


def test_openai_node_gets_a_result(server):
    (result,) = run("moderations.mjs", server, "you are a stupid idiot")["answer"]["results"]
    assert len(result["categories"]) == 13
    assert result["category_scores"]["harassment"] > 0.5


def test_openai_node_reads_the_error(server):
    assert run("moderations.mjs", server, "x", key="wrong")["name"] == "AuthenticationError"
