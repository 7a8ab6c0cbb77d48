"""Real clips through a real server and its worker, the command line and the package."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import clips
from evenhand import Screener
from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.service.replay import again, changes, kept_policy
from evenhand.store.cases import Claimant
from live import live_server

SECONDS = 120.0


def picture(words):
    drawn = Image.new("RGB", (320, 180), (60, 90, 140))
    ImageDraw.Draw(drawn).text((20, 70), words, fill="#fff", font=ImageFont.load_default(24))
    return np.asarray(drawn)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Four seconds of a harmless picture, then three of an insult, without sound."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    frames = [picture("hello and welcome")] * 40 + [picture("you are an idiot")] * 30
    clips.write(path, frames=frames, rate=10)
    return path


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with live_server(tmp_path_factory.mktemp("server"), image_urls="refuse") as server:
        yield server


def send(server, path, **fields):
    with path.open("rb") as file:
        files = {"clip": (path.name, file, "video/mp4")}
        return httpx.post(f"{server.url}/v1/jobs", headers=server.headers, files=files, data=fields, timeout=60)


def get(server, path):
    return httpx.get(f"{server.url}{path}", headers=server.headers, timeout=60)


def ended(server, job_id):
    deadline = time.monotonic() + SECONDS
    while True:
        job = get(server, f"/v1/jobs/{job_id}").json()
        if job["status"] not in {"waiting", "running"}:
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.2)


@pytest.fixture(scope="module")
def done(running, clip):
    response = send(running, clip, id="clip-1", store_content="true")
    assert response.status_code == 202
    return ended(running, response.json()["id"])


def test_a_clip_comes_to_a_decision_with_a_timeline(done):
    assert (done["status"], done["progress"], done["content_id"]) == ("done", 1, "clip-1")
    decision = done["decision"]
    assert decision["action"] == "review"
    assert decision["clip"]["container"] == "mp4"
    assert decision["clip"]["seconds"] == pytest.approx(7.0, abs=0.2)
    span = next(span for span in decision["timeline"] if span["label"] == "harassment")
    assert span["begin"] == pytest.approx(4.0, abs=0.5)
    assert span["end"] == pytest.approx(7.0, abs=0.2)
    assert "you are an idiot" in span["reason"]


def test_a_span_has_a_thumbnail(running, done):
    (milliseconds,) = {span["thumbnail"] for span in done["decision"]["timeline"]}
    response = get(running, f"/v1/jobs/{done['id']}/thumbnails/{milliseconds}")
    assert response.headers["content-type"] == "image/jpeg"
    assert response.content[:2] == b"\xff\xd8"


def test_the_decision_is_kept_without_its_reasons(running, done):
    kept = get(running, f"/v1/decisions/{done['decision']['id']}").json()
    assert {span["reason"] for span in kept["timeline"]} == {""}
    assert [span["score"] for span in kept["timeline"]] == [span["score"] for span in done["decision"]["timeline"]]


def test_nothing_of_the_clip_is_left_on_the_disk(running, done):
    database = Path(running.store._database._engine.url.database)
    assert list((database.parent / "clips").iterdir()) == []


def test_progress_is_told_as_it_happens(running, clip):
    job_id = send(running, clip).json()["id"]
    url = f"{running.url}/v1/jobs/{job_id}/progress"
    with httpx.stream("GET", url, headers=running.headers, timeout=SECONDS) as response:
        lines = [line for line in response.iter_lines() if line]
    assert lines[-2] == "event: end"
    assert json.loads(lines[-1].removeprefix("data: "))["status"] == "done"


def test_what_is_no_clip_fails_with_a_code(running, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    job = ended(running, send(running, path).json()["id"])
    assert (job["status"], job["error"]["code"], job["error"]["field"]) == ("failed", "clip.format", "clip")


def test_an_address_is_refused_where_the_operator_has_not_allowed_it(running):
    body = {"url": "https://example.org/clip.mp4"}
    job_id = httpx.post(f"{running.url}/v1/jobs", headers=running.headers, json=body).json()["id"]
    job = ended(running, job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "url.refused")


def test_a_clip_is_not_kept_where_nobody_asked(running, clip):
    job = ended(running, send(running, clip, store_content="false").json()["id"])
    assert (job["status"], job["transcript"]) == ("done", [])
    assert {span["reason"] for span in job["decision"]["timeline"]} == {""}
    thumbnail = job["decision"]["timeline"][0]["thumbnail"]
    assert get(running, f"/v1/jobs/{job['id']}/thumbnails/{thumbnail}").status_code == 404


POLICY = """
name: authors
rules:
  - {id: market, when: has(metadata.board) && metadata.board == "market", action: review}
  - {id: often, when: author.decisions_30d >= 2, action: block}
"""


@pytest.fixture(scope="module")
def with_conditions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conditions")
    policy = folder / "policy.yaml"
    policy.write_text(POLICY)
    with live_server(folder / "data", policy_file=str(policy), detectors="text.lexicon") as server:
        yield server


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Half a second of a plain picture, without sound."""
    path = tmp_path_factory.mktemp("short") / "clip.mp4"
    clips.write(path, frames=[clips.plain()] * 5, rate=10)
    return path


def decided(server, path, **fields):
    response = send(server, path, **fields)
    assert response.status_code == 202, response.text
    job = ended(server, response.json()["id"])
    assert job["status"] == "done", job
    return server.store.decisions.get(job["decision"]["id"]).decision


def test_a_clip_is_decided_by_what_is_said_of_it_and_by_the_history_of_its_author(with_conditions, short):
    server = with_conditions
    text = {"text": "Good morning", "author_id": "u-17"}
    assert httpx.post(f"{server.url}/v1/screen", headers=server.headers, json=text).json()["action"] == "allow"
    first = decided(server, short, author_id="u-17", metadata=json.dumps({"board": "market", "price": 2}))
    second = decided(server, short, author_id="u-17")
    other = decided(server, short, author_id="u-18", metadata=json.dumps({"board": "lost"}))
    found = [[hit.rule for hit in decision.verdict.rules] for decision in (first, second, other)]
    assert found == [["market"], ["often"], []]
    assert [decision.facts.author.decisions_30d for decision in (first, second, other)] == [1, 2, 0]
    # Reviewers see whose it is, and every decision can be made again.
    case = server.store.cases.claim(Claimant(1), queue="default", now=datetime.now(UTC))
    assert (case.decision_id, case.author_id) == (first.id, "u-17")
    policy = kept_policy(server.store, first.policy.version)
    assert [changes(decision.verdict, again(decision, policy)) for decision in (first, second, other)] == [(), (), ()]


def test_the_package_says_the_same_and_tells_how_far_it_is(clip, done):
    steps = []
    with Screener() as screener:
        decision = asyncio.run(screener.screen_clip_async(clip, advance=lambda *step: steps.append(step)))
    assert decision.action is Action.REVIEW
    assert decision.scores[Label.HARASSMENT] == pytest.approx(done["decision"]["scores"]["harassment"])
    assert steps[-1][0] == steps[-1][1]


def command(*arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EVENHAND_")}
    program = [sys.executable, "-m", "evenhand", *map(str, arguments)]
    return subprocess.run(program, capture_output=True, text=True, env=environment, timeout=SECONDS, check=False)


def test_the_command_line_says_what_was_found_and_when(clip, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip")
    result = command("screen", "--clip", clip, "--clip", broken, "--explain", "--data-folder", tmp_path)
    assert result.returncode == 3
    assert f"{clip}: review" in result.stdout
    assert "s, picture: harassment" in result.stdout
    assert "[clip.format]" in result.stderr


def test_a_worker_of_its_own_ends_when_it_is_told_to(tmp_path):
    environment = os.environ | {"EVENHAND_DATA_FOLDER": str(tmp_path)}
    program = [sys.executable, "-m", "evenhand", "worker"]
    with subprocess.Popen(program, stderr=subprocess.PIPE, env=environment, text=True) as process:
        assert any("worker waits for jobs" in line for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
