import re

import pytest

from evenhand.core.access import Scope
from evenhand.core.errors import StoreError
from evenhand.core.job import JobError, JobStatus
from evenhand.service.moderate import Keep
from samples import NOON, clip_record_of

UNKNOWN = f"job_{'0' * 32}"


def sent(pages, **options):
    """Return the job of a clip that was sent, and the answer."""
    answer = pages.send_clip(**options)
    return pages.store.jobs.newest()[0], answer


def look(pages, job_id, **options):
    return pages.post("/job", {"job": job_id}, **options)


def test_the_form_has_a_field_for_a_clip_only_where_clips_are_screened(make_pages):
    assert 'accept="video/*,audio/*"' in make_pages().post("/try", {"text": ""}).text
    assert 'name="clip"' not in make_pages(has_desk=False).post("/try", {"text": ""}).text


def test_a_page_may_play_what_the_browser_has_and_nothing_else_is_loosened(pages):
    policy = pages.post("/try", {"text": "a"}).headers["content-security-policy"]
    assert policy == "default-src 'self'; media-src blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def test_without_htmx_the_page_shows_the_job_and_a_form_to_look_again(pages):
    job, answer = sent(pages)
    assert "The clip waits to be screened" in answer.text
    assert f'name="job" value="{job.id}"' in answer.text
    assert 'action="job"' in answer.text
    assert 'id="key-again"' in answer.text
    assert "hx-trigger" not in answer.text
    assert pages.key not in answer.text


def test_with_htmx_the_job_asks_for_itself_with_the_key_of_the_form_above(pages):
    job, answer = sent(pages, htmx=True)
    assert 'hx-trigger="submit, every 1s"' in answer.text
    assert 'hx-include="#key"' in answer.text
    assert "key-again" not in answer.text
    assert "<html" not in answer.text
    again = look(pages, job.id, htmx=True)
    assert again.text.count('hx-post="job"') == 1


def test_a_job_that_is_under_way_shows_how_far_it_is(pages):
    job, _ = sent(pages)
    pages.store.jobs.begin(job.id, NOON)
    pages.store.jobs.advance(job.id, seconds_done=30.0, seconds=120.0)
    answer = look(pages, job.id)
    assert re.search(r'<progress [^>]*value="25"', answer.text)
    assert "0:30 of 2:00" in answer.text


@pytest.mark.parametrize("htmx", [True, False])
def test_a_job_that_is_done_shows_its_decision_and_timeline(pages, htmx):
    job, _ = sent(pages)
    pages.store.jobs.finish(pages.store.jobs.begin(job.id, NOON), clip_record_of(Keep.NEVER)[0], NOON)
    answer = look(pages, job.id, htmx=htmx)
    assert 'data-seek="1.000"' in answer.text
    assert "0:01 to 0:02" in answer.text
    assert "picture: sexual 0.90, from image.safety" in answer.text
    assert 'hx-post="job"' not in answer.text


def test_a_job_that_failed_says_why(pages, code_in):
    job, _ = sent(pages)
    pages.store.jobs.fail(job, JobStatus.FAILED, JobError("clip.corrupt", "Damaged.", "clip", "Send another."), NOON)
    answer = look(pages, job.id, htmx=True)
    assert (answer.status_code, code_in(answer)) == (200, "clip.corrupt")
    assert "look-again" not in answer.text


def test_a_key_sees_its_own_jobs_alone(pages, code_in):
    job, _ = sent(pages)
    other = pages.make_key("other")
    for key, job_id in (
        (other, job.id),
        (pages.key, UNKNOWN),
        (pages.key, "job_1"),
        (pages.key, "\0"),
        (pages.key, ""),
    ):
        answer = look(pages, job_id, key=key)
        assert (answer.status_code, code_in(answer)) == (404, "job.not_found")
        assert "look-again" not in answer.text


def test_where_nothing_screens_clips_there_are_no_jobs(make_pages, code_in):
    assert code_in(look(make_pages(has_desk=False), UNKNOWN)) == "job.not_found"


def test_with_a_wrong_key_a_person_can_look_again(pages, code_in):
    job, _ = sent(pages)
    for key, code in (
        ("eh_wrong", "key.invalid"),
        ("", "key.missing"),
        (pages.make_key("r", Scope.REVIEW), "key.scope"),
    ):
        answer = look(pages, job.id, key=key, htmx=True)
        assert code_in(answer) == code
        assert 'hx-trigger="submit"' in answer.text
        assert "look-again" in answer.text
    assert "key-again" in look(pages, job.id, key="eh_wrong").text


def test_what_is_no_job_is_not_repeated(pages):
    answer = look(pages, "no job", key="eh_wrong")
    assert (answer.status_code, "no job" in answer.text) == (401, False)


def test_a_key_that_used_up_its_allowance_waits_and_goes_on(pages):
    job, _ = sent(pages)
    slow = pages.make_key("slow", per_minute=1)
    look(pages, job.id, key=slow, htmx=True)
    answer = look(pages, job.id, key=slow, htmx=True)
    pause = int(re.search(r"every (\d+)s", answer.text)[1])
    assert answer.status_code == 429
    assert 1 <= pause <= 60


def test_a_database_that_does_not_answer_is_asked_again(pages, monkeypatch):
    job, _ = sent(pages)

    def fail(*_):
        raise StoreError("store.unavailable", "The database did not answer.")

    monkeypatch.setattr(pages.store.jobs, "get", fail)
    answer = look(pages, job.id, htmx=True)
    assert answer.status_code == 503
    assert "every 5s" in answer.text


def test_a_text_is_answered_at_once(pages):
    answer = pages.post("/try", {"text": "hello"}, htmx=True)
    assert 'id="decision"' in answer.text
    assert "<form" not in answer.text
