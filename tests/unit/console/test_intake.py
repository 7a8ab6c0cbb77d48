import asyncio

import pytest

from evenhand.core.access import Scope
from evenhand.core.errors import EvenhandError
from evenhand.core.job import JobStatus
from evenhand.service.moderate import Keep

CLIP = b"\x00" * 300_000
PNG = ("images", ("a.png", b"PNG", "image/png"))


def test_a_clip_becomes_a_job_that_keeps_nothing(pages):
    assert pages.send_clip().status_code == 200
    (job,) = pages.store.jobs.newest()
    assert (job.door, job.keep, job.media_type, job.status) == (
        "home_page",
        Keep.NEVER,
        "video/webm",
        JobStatus.WAITING,
    )
    (path,) = pages.clips
    assert (job.path, path.read_bytes()) == (str(path), CLIP)


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"data": {"text": "and a text"}}, 400, "form.clip_alone"),
        ({"others": [PNG]}, 400, "form.clip_alone"),
        ({"clip": b""}, 400, "clip.empty"),
        ({"clip": b"x" * 500_000}, 413, "clip.too_large"),
        ({"key": "eh_wrong"}, 401, "key.invalid"),
        ({"key": ""}, 401, "key.missing"),
        ({"data": {"text": "a" * 200_000}}, 413, "body.too_large"),
        ({"others": [("clip", ("b.webm", CLIP, ""))]}, 400, "field.invalid"),
    ],
)
def test_a_clip_that_cannot_be_taken_is_refused_and_leaves_nothing(pages, code_in, options, status, code):
    answer = pages.send_clip(**options)
    assert (answer.status_code, code_in(answer)) == (status, code)
    assert (pages.clips, pages.store.jobs.newest()) == ([], [])


def test_no_byte_is_written_for_a_key_that_may_not_send_clips(pages, code_in, monkeypatch):
    monkeypatch.setattr("evenhand.jobs.spool.Incoming.write", lambda *_: pytest.fail("it was written"))
    reviewer = pages.make_key("reviewer", Scope.REVIEW)
    for key, code in (("eh_wrong", "key.invalid"), (reviewer, "key.scope")):
        assert code_in(pages.send_clip(key=key)) == code
    assert not pages.spool.folder.exists()


def test_the_key_must_come_before_the_clip(pages, code_in):
    files = [("clip", ("a.webm", CLIP, "video/webm")), ("key", (None, pages.key))]
    assert code_in(pages.post("/try", key="", files=files)) == "key.missing"


def test_who_has_too_many_jobs_is_refused(pages, code_in):
    for _ in range(2):
        assert pages.send_clip().status_code == 200
    answer = pages.send_clip()
    assert (answer.status_code, code_in(answer)) == (429, "jobs.too_many")
    assert len(pages.clips) == 2


def test_white_space_is_no_text_and_an_unused_file_field_no_image(pages):
    answer = pages.send_clip(data={"text": "\r\n "}, others=[("images", ("", b"", "application/octet-stream"))])
    assert answer.status_code == 200


def test_a_server_that_screens_no_clips_says_so(make_pages, code_in):
    pages = make_pages(has_desk=False)
    assert code_in(pages.send_clip()) == "clip.not_supported"


def test_an_unused_clip_field_is_no_clip(pages):
    files = [("clip", ("", b"", "application/octet-stream"))]
    answer = pages.post("/try", {"text": "hello"}, files=files)
    assert 'id="decision"' in answer.text


def test_what_was_not_accepted_is_gone(pages):
    from evenhand.console.intake import Intake

    async def take():
        with Intake(pages.service.gate, pages.desk) as intake:
            incoming = await intake.open({"key": [pages.key]})
            incoming.write(CLIP)
            assert len(pages.clips) == 1
            raise EvenhandError("broken", "It broke.")

    with pytest.raises(EvenhandError, match="It broke"):
        asyncio.run(take())
    assert pages.clips == []
