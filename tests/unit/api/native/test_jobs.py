import asyncio
import json

import httpx
import pytest

from evenhand.core.access import Scope
from evenhand.core.errors import StoreError
from evenhand.core.job import JobError, JobStatus
from evenhand.jobs.spool import Spool
from evenhand.service.moderate import Keep
from fakes.detectors import ScriptedDetector
from samples import NOON, clip_record_of

CLIP = b"\x00" * 300_000  # over the limit of other bodies
UNKNOWN = f"job_{'0' * 32}"
#: What is no JSON object of texts, numbers and booleans.
NO_METADATA = (
    "",
    "board",
    "[]",
    "null",
    '"x"',
    '{"a": [1]}',
    '{"a": null}',
    '{"a": 1',
    '{"a": "\\ud800"}',
    "[" * 5_000,
)


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "clips", max_bytes=400_000)


@pytest.fixture
def doors(make_doors, spool):
    return make_doors(ScriptedDetector(), clips=spool)


def send(doors, data=None, *, clip=CLIP, field="clip", **options):
    files = {field: ("clip.mp4", clip, "video/mp4")} if clip is not None else {"id": (None, "a")}
    return doors.send("POST", "/v1/jobs", files=files, data=data or {}, **options)


def refusal(response):
    error = response.json()["error"]
    return response.status_code, error["code"], error["field"]


def files(spool):
    return list(spool.folder.iterdir()) if spool.folder.exists() else []


def test_a_clip_is_accepted_and_lies_on_the_disk(doors, spool):
    data = {"id": "clip-1", "priority": "3", "languages": ["en", "de"], "store_content": "false", "policy": "test"}
    data |= {"author_id": "u-17", "metadata": '{"board": "market", "price": 2, "code": "2", "is_new": true}'}
    response = send(doors, data)
    answer = response.json()
    assert response.status_code == 202
    assert response.headers["location"] == f"/v1/jobs/{answer['id']}"
    assert (answer["status"], answer["content_id"], answer["progress"]) == ("waiting", "clip-1", 0)
    job = doors.store.jobs.get(answer["id"])
    assert (job.priority, job.languages, job.keep, job.policy) == (3, ("en", "de"), Keep.NEVER, "test")
    assert (job.door, job.media_type) == ("native", "video/mp4")
    assert job.author_id == "u-17"
    # A text that looks like a number stays one.
    assert job.metadata == {"board": "market", "price": 2, "code": "2", "is_new": True}
    (path,) = files(spool)
    assert job.path == str(path)
    assert path.read_bytes() == CLIP


def test_an_address_is_accepted_for_the_worker_to_fetch(doors):
    body = {"url": "https://example.org/clip.mp4", "id": "a", "author_id": "u-17", "metadata": {"board": "market"}}
    response = doors.post("/v1/jobs", body)
    assert response.status_code == 202
    job = doors.store.jobs.get(response.json()["id"])
    assert (job.url, job.author_id, job.metadata) == (body["url"], "u-17", {"board": "market"})
    assert not {"author_id", "metadata"} & set(response.json())


@pytest.mark.parametrize(
    ("data", "more", "expected"),
    [
        ({}, {"clip": None}, (400, "clip.missing", "clip")),
        ({}, {"clip": b""}, (400, "clip.missing", "clip")),
        ({}, {"field": "file"}, (400, "field.unknown", "file")),
        ({}, {"clip": b"x" * 500_000}, (413, "clip.too_large", "clip")),
        ({"other": "1"}, {}, (400, "field.unknown", "other")),
        ({"policy": "strict"}, {}, (404, "policy.not_found", "policy")),
        ({"priority": "0"}, {}, (400, "priority.invalid", "priority")),
        ({"priority": "high"}, {}, (400, "field.invalid", "priority")),
        ({"id": ["a", "b"]}, {}, (400, "field.invalid", "id")),
        ({"id": "a\x00"}, {}, (400, "id.invalid", "id")),
        ({"languages": ["!"]}, {}, (400, "language.invalid", "languages")),
        ({"author_id": "a\x00"}, {}, (400, "author.invalid", "author_id")),
        ({"author_id": "a" * 201}, {}, (400, "author.invalid", "author_id")),
        ({"metadata": '{"religion": "x"}'}, {}, (400, "metadata.personal", "metadata.religion")),
        ({"metadata": '{"": "x"}'}, {}, (400, "metadata.invalid", "metadata.")),
        ({"metadata": json.dumps({"key": "x" * 201})}, {}, (413, "metadata.too_large", "metadata.key")),
        ({"metadata": ["{}", "{}"]}, {}, (400, "field.invalid", "metadata")),
        *(({"metadata": said}, {}, (400, "metadata.invalid", "metadata")) for said in NO_METADATA),
        ({"id": "a" * 100_000}, {}, (400, "form.invalid", None)),
        ({}, {"key": "wrong"}, (401, "key.invalid", None)),
        ({}, {"key": "none"}, (401, "key.missing", None)),
    ],
)
def test_a_form_that_cannot_be_accepted_says_why_and_leaves_nothing(doors, spool, data, more, expected):
    assert refusal(send(doors, data, **more)) == expected
    assert files(spool) == []
    assert doors.store.jobs.newest() == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "field.missing", "url")),
        ({"url": ""}, (400, "clip.missing", "url")),
        ({"url": "https://example.org", "clip": "abc"}, (400, "field.unknown", "clip")),
        ({"url": 3}, (400, "field.invalid", "url")),
        ({"url": "https://example.org", "author_id": "a\n"}, (400, "author.invalid", "author_id")),
        ({"url": "https://example.org", "metadata": {"gender": 1}}, (400, "metadata.personal", "metadata.gender")),
        ({"url": "https://example.org", "metadata": {"a": [1]}}, (400, "field.invalid", "metadata[...]")),
        ({"url": "https://example.org/" + "a" * 70_000}, (413, "body.too_large", None)),
    ],
)
def test_json_that_cannot_be_accepted_says_why(doors, body, expected):
    assert refusal(doors.post("/v1/jobs", body)) == expected


def test_a_wrong_method_is_told_which_there_are(doors):
    response = doors.send("PUT", "/v1/jobs")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


def test_a_form_without_a_boundary_is_no_form(doors):
    headers = {"Authorization": f"Bearer {doors.key('screen')}", "Content-Type": "multipart/form-data"}

    async def ask():
        transport = httpx.ASGITransport(app=doors.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://evenhand") as client:
            return await client.post("/v1/jobs", headers=headers, content=b"x")

    assert refusal(asyncio.run(ask())) == (400, "form.invalid", None)


def test_whoever_goes_away_in_the_middle_leaves_nothing(doors, spool):
    for content_type in ("multipart/form-data; boundary=b", "application/json"):
        assert sent_and_gone(doors, content_type) == (400, "body.incomplete")
    assert files(spool) == []


def sent_and_gone(doors, content_type):
    headers = [(b"authorization", f"Bearer {doors.key('screen')}".encode()), (b"content-type", content_type.encode())]
    scope = {"type": "http", "method": "POST", "path": "/v1/jobs", "headers": headers, "query_string": b""}
    part = b'--b\r\nContent-Disposition: form-data; name="clip"; filename="a"\r\n\r\nabc'
    messages = iter([{"type": "http.request", "body": part, "more_body": True}, {"type": "http.disconnect"}])
    sent = []

    async def receive():
        return next(messages)

    async def send(message):
        sent.append(message)

    asyncio.run(doors.app(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])["error"]["code"]


def test_who_has_too_many_jobs_hears_it_before_sending_a_clip(doors, spool):
    for _ in range(2):
        assert send(doors).status_code == 202
    assert refusal(send(doors)) == (429, "jobs.too_many", None)
    assert refusal(doors.post("/v1/jobs", {"url": "https://example.org/clip"}))[1] == "jobs.too_many"
    assert len(files(spool)) == 2


def test_a_disk_without_room_is_said_so(doors, monkeypatch):
    def full(*_):
        raise StoreError("spool.full", "There is no room on the disk for the clip.")

    monkeypatch.setattr("evenhand.jobs.spool.Incoming.write", full)
    assert refusal(send(doors)) == (507, "spool.full", None)


def test_a_server_that_screens_no_clips_says_so(make_doors):
    doors = make_doors(ScriptedDetector())
    assert refusal(send(doors)) == (400, "clip.not_supported", "clip")
    assert refusal(doors.get(f"/v1/jobs/{UNKNOWN}")) == (400, "clip.not_supported", "clip")


def begun(doors, **data):
    job_id = send(doors, data).json()["id"]
    return doors.store.jobs.begin(job_id, NOON)


def test_a_job_that_is_done_has_its_decision_timeline_and_transcript(doors):
    job = begun(doors)
    record, _ = clip_record_of(Keep.ALWAYS)
    doors.store.jobs.finish(job, record, NOON)
    answer = doors.get(f"/v1/jobs/{job.id}").json()
    assert (answer["status"], answer["progress"], answer["error"]) == ("done", 1, None)
    assert answer["decision"]["clip"]["container"] == "mp4"
    assert answer["decision"]["timeline"][0]["reason"] == "why"
    assert answer["transcript"][0]["text"] == "Hello."


def test_a_job_that_failed_says_why(doors):
    job = begun(doors)
    doors.store.jobs.fail(job, JobStatus.FAILED, JobError("clip.corrupt", "Damaged.", "clip", "Send another."), NOON)
    answer = doors.get(f"/v1/jobs/{job.id}").json()
    assert answer["error"] == {
        "code": "clip.corrupt",
        "message": "Damaged.",
        "field": "clip",
        "remedy": "Send another.",
    }


def test_a_key_sees_its_own_jobs_and_a_reviewer_all(doors):
    job = begun(doors)
    other = doors.store.keys.create(name="other", scopes=frozenset({Scope.SCREEN}), requests_per_minute=1000)[1]
    reviewer = doors.key("review")
    path = f"/v1/jobs/{job.id}"
    assert doors.get(path, key=reviewer).json()["id"] == job.id
    assert [found["id"] for found in doors.get("/v1/jobs", key=reviewer).json()["jobs"]] == [job.id]
    assert doors.get("/v1/jobs", key=other).json() == {"jobs": []}
    for each in (path, f"{path}/progress", f"{path}/thumbnails/1000", f"/v1/jobs/{UNKNOWN}", "/v1/jobs/job_1"):
        assert refusal(doors.get(each, key=other))[:2] == (404, "job.not_found")
    assert refusal(doors.send("POST", f"{path}/cancel", key=other))[:2] == (404, "job.not_found")


def test_a_thumbnail_is_a_picture(doors):
    job = begun(doors)
    doors.store.jobs.advance(job.id, seconds_done=1, seconds=2, stills=[record_still()])
    doors.store.jobs.finish(job, clip_record_of(Keep.ALWAYS)[0], NOON)
    response = doors.get(f"/v1/jobs/{job.id}/thumbnails/1000")
    assert (response.content, response.headers["content-type"]) == (b"jpeg", "image/jpeg")
    assert refusal(doors.get(f"/v1/jobs/{job.id}/thumbnails/2000"))[1] == "thumbnail.not_found"


def record_still():
    from evenhand.store.records import StoredImage

    return StoredImage(0, 1000, b"jpeg")


def test_a_job_is_cancelled(doors, spool):
    job_id = send(doors).json()["id"]
    response = doors.send("POST", f"/v1/jobs/{job_id}/cancel")
    assert (response.status_code, response.json()["status"]) == (202, "cancelled")
    assert files(spool) == []


def test_progress_is_told_until_the_job_is_over(doors, monkeypatch):
    monkeypatch.setattr("evenhand.api.native.jobs._WATCH_SECONDS", 0.01)
    monkeypatch.setattr("evenhand.api.native.jobs._ALIVE_SECONDS", 0.03)
    job = begun(doors)
    path = f"/v1/jobs/{job.id}/progress"

    async def watch():
        loop = asyncio.get_running_loop()
        loop.call_later(0.2, lambda: doors.store.jobs.advance(job.id, seconds_done=1, seconds=2))
        loop.call_later(
            0.4, lambda: doors.store.jobs.fail(job, JobStatus.DEAD, JobError("internal", "It failed."), NOON)
        )
        transport = httpx.ASGITransport(app=doors.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://evenhand") as client:
            return await client.get(path, headers={"Authorization": f"Bearer {doors.key('screen')}"})

    response = asyncio.run(watch())
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [event.splitlines() for event in response.text.split("\n\n") if event and event != ": alive"]
    assert [lines[0] for lines in events] == ["event: progress", "event: progress", "event: end"]
    assert [json.loads(lines[1].removeprefix("data: "))["progress"] for lines in events] == [0, 0.5, 0.5]
    assert ": alive" in response.text
