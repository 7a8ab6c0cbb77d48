from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from evenhand.core.decision import Action, Decision, PolicyVersion, Verdict
from evenhand.core.errors import InputError, NotFoundError
from evenhand.core.ids import new_id
from evenhand.core.job import Job, JobError, JobStatus
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import ClipNotes, Span, Track, Utterance
from evenhand.store.records import DecisionRecord, StoredImage

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
#: What callers may say: every kind of value, and what PostgreSQL takes in no text.
SAID = {"board": "mar\x00ket", "is_new": True, "price": 1.0, "count": -(2**63), "place": "caf\u00e9 \U0001f600"}
BROKEN = JobError("clip.corrupt", "The clip is damaged.", "clip", "Send another one.")


def job(**more):
    values = {
        "id": new_id("job"),
        "key_id": "key",
        "door": "native",
        "content_id": "clip-1",
        "path": "/spool/clip_1",
        "url": "",
        "media_type": "video/mp4",
        "policy": "default",
        "keep": "review",
        "languages": ("en", "de"),
        "priority": 5,
        "status": JobStatus.WAITING,
        "created_at": NOW,
        "author_id": "u-17",
        "metadata": SAID,
    }
    return Job(**values | more)


@pytest.fixture
def accepted(store):
    made = job()
    store.jobs.accept(made)
    return made


@pytest.fixture
def begun(store, accepted):
    return store.jobs.begin(accepted.id, NOW)


def record(*, is_kept):
    span = Span(1.0, 2.0, Track.PICTURE, Label.SEXUAL, 0.9, "image.safety", "why", 1000)
    decision = Decision(
        new_id("dec"),
        "clip-1",
        NOW,
        Verdict(Action.REVIEW, (), {Label.SEXUAL: 0.9}, is_degraded=False),
        (),
        (),
        PolicyVersion("default", "1"),
        {},
        timeline=(replace(span, reason=""),),
    )
    notes = ClipNotes((Utterance(0.0, 1.0, "Hello.", "en", 0.9, is_clear=True),), (span,))
    return DecisionRecord(
        decision, "key", "native", body="Hello." if is_kept else None, clip=notes if is_kept else None
    )


def count(engine, table):
    with engine.connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()


def test_a_job_is_as_it_was_accepted(store, accepted):
    assert store.jobs.get(accepted.id) == accepted
    assert store.jobs.newest() == [accepted]
    assert store.audit.list()[-1].act == "job.accepted"


def test_what_the_caller_says_comes_back_in_kind(store, accepted):
    found = store.jobs.get(accepted.id).metadata
    assert {key: type(value) for key, value in found.items()} == {key: type(value) for key, value in SAID.items()}


def test_a_caller_may_say_nothing(store):
    made = job(author_id="", metadata={})
    store.jobs.accept(made)
    assert store.jobs.get(made.id) == made


def test_there_is_no_job_of_another_id(store):
    with pytest.raises(NotFoundError) as refused:
        store.jobs.get("job_0")
    assert refused.value.code == "job.not_found"


def test_jobs_are_listed_newest_first_by_status_and_key(store):
    jobs = [job(id=f"job_{number}", key_id=key) for number, key in enumerate("aab")]
    for each in jobs:
        store.jobs.accept(each)
    store.jobs.begin("job_1", NOW)
    assert [found.id for found in store.jobs.newest()] == ["job_2", "job_1", "job_0"]
    assert [found.id for found in store.jobs.newest(limit=1)] == ["job_2"]
    assert [found.id for found in store.jobs.newest(key_id="a")] == ["job_1", "job_0"]
    assert [found.id for found in store.jobs.newest(status=JobStatus.RUNNING)] == ["job_1"]
    assert (store.jobs.count_open("a"), store.jobs.count_open("b"), store.jobs.count_open()) == (2, 1, 3)


def test_a_job_is_handed_over_once(store, accepted):
    assert store.jobs.to_hand_over() == [accepted]
    store.jobs.handed_over(accepted.id)
    assert store.jobs.to_hand_over() == []


def test_a_job_can_be_begun_again_and_keeps_when_it_was_first(store, begun):
    assert (begun.status, begun.started_at, begun.attempts) == (JobStatus.RUNNING, NOW, 1)
    again = store.jobs.begin(begun.id, NOW + timedelta(minutes=1))
    assert (again.started_at, again.attempts) == (NOW, 2)
    # A worker that takes over decides by what the caller said.
    assert (again.author_id, again.metadata) == ("u-17", SAID)


def test_progress_and_stills_are_kept_and_to_keep_them_again_changes_nothing(store, engine, begun):
    for data in (b"first", b"second"):
        still = StoredImage(0, 1000, data)
        assert store.jobs.advance(begun.id, seconds_done=30, seconds=60, stills=[still])
    found = store.jobs.get(begun.id)
    assert (found.seconds_done, found.seconds, found.progress) == (30, 60, 0.5)
    assert count(engine, "job_stills") == 1


def test_the_end_comes_with_the_decision_the_stills_and_what_was_said(store, engine, begun):
    store.jobs.advance(begun.id, seconds_done=30, seconds=60, stills=[StoredImage(0, 1000, b"jpeg")])
    made = record(is_kept=True)
    assert store.jobs.finish(begun, made, NOW)
    found = store.jobs.get(begun.id)
    assert (found.status, found.ended_at, found.decision_id, found.progress) == (
        JobStatus.DONE,
        NOW,
        made.decision.id,
        1.0,
    )
    assert store.decisions.get(made.decision.id).decision == made.decision
    content = store.contents.get(made.decision.id)
    assert (content.body, content.clip) == ("Hello.", made.clip)
    assert store.contents.thumbnail(made.decision.id, 1000) == b"jpeg"
    assert count(engine, "job_stills") == 0
    assert [row.act for row in store.audit.list()][-2:] == ["decision.made", "job.done"]


@pytest.mark.parametrize("milliseconds", [0, 2**31 - 1, 2**31, 2**63, 10**30])
def test_a_time_that_no_clip_has_is_not_found(store, milliseconds):
    with pytest.raises(NotFoundError) as refused:
        store.contents.thumbnail("dec_1", milliseconds)
    assert refused.value.code == "thumbnail.not_found"


def test_without_content_no_still_is_kept(store, engine, begun):
    store.jobs.advance(begun.id, seconds_done=30, seconds=60, stills=[StoredImage(0, 1000, b"jpeg")])
    made = record(is_kept=False)
    store.jobs.finish(begun, made, NOW)
    with pytest.raises(NotFoundError) as refused:
        store.contents.thumbnail(made.decision.id, 1000)
    assert refused.value.code == "thumbnail.not_found"
    assert count(engine, "job_stills") == count(engine, "content_images") == 0


def test_a_job_ends_once_whatever_two_workers_do(store, begun):
    first, second = record(is_kept=False), record(is_kept=False)
    assert store.jobs.finish(begun, first, NOW)
    assert not store.jobs.finish(begun, second, NOW)
    assert not store.jobs.fail(begun, JobStatus.DEAD, BROKEN, NOW)
    assert not store.jobs.advance(begun.id, seconds_done=60, seconds=60)
    assert store.jobs.begin(begun.id, NOW) is None
    assert store.jobs.get(begun.id).decision_id == first.decision.id
    with pytest.raises(NotFoundError):
        store.decisions.get(second.decision.id)


def test_a_failed_job_says_why_and_forgets_its_address(store, engine):
    made = job(path="", url="https://example.org/clip?key=secret")
    store.jobs.accept(made)
    begun = store.jobs.begin(made.id, NOW)
    store.jobs.advance(made.id, seconds_done=30, seconds=60, stills=[StoredImage(0, 1000, b"jpeg")])
    assert store.jobs.fail(begun, JobStatus.FAILED, BROKEN, NOW)
    found = store.jobs.get(made.id)
    assert (found.status, found.error, found.url, found.progress) == (JobStatus.FAILED, BROKEN, "", 0.5)
    assert count(engine, "job_stills") == 0


def end_by_decision(store, made):
    store.jobs.finish(store.jobs.begin(made.id, NOW), record(is_kept=False), NOW)


def end_by_failure(store, made):
    store.jobs.fail(store.jobs.begin(made.id, NOW), JobStatus.FAILED, BROKEN, NOW)


def end_at_once(store, made):
    store.jobs.ask_cancel(made, NOW)


@pytest.mark.parametrize("end", [end_by_decision, end_by_failure, end_at_once])
def test_a_job_that_is_over_forgets_its_author_and_what_was_said_of_it(store, engine, accepted, end):
    end(store, accepted)
    found = store.jobs.get(accepted.id)
    assert found.status.is_final
    assert (found.author_id, found.metadata) == ("", {})
    with engine.connect() as connection:
        assert connection.execute(text("SELECT author_id, metadata FROM jobs")).all() == [(None, None)]


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked(store, accepted):
    store.jobs.ask_cancel(accepted, NOW)
    assert store.jobs.get(accepted.id).status is JobStatus.CANCELLED
    store.jobs.ask_cancel(accepted, NOW)
    other = job()
    store.jobs.accept(other)
    store.jobs.begin(other.id, NOW)
    store.jobs.ask_cancel(other, NOW)
    found = store.jobs.get(other.id)
    assert (found.status, found.is_cancel_asked) == (JobStatus.RUNNING, True)
    assert not store.jobs.advance(other.id, seconds_done=30, seconds=60)
    assert store.jobs.begin(other.id, NOW) is None
    assert store.jobs.fail(found, JobStatus.CANCELLED, None, NOW)
    assert store.jobs.get(other.id).error is None


def test_a_dead_job_can_be_retried_and_nothing_else_can(store, begun):
    with pytest.raises(InputError) as refused:
        store.jobs.retry(begun.id, NOW)
    assert refused.value.code == "job.not_dead"
    store.jobs.handed_over(begun.id)
    store.jobs.fail(begun, JobStatus.DEAD, BROKEN, NOW)
    store.jobs.retry(begun.id, NOW)
    found = store.jobs.get(begun.id)
    assert (found.status, found.run, found.attempts, found.error, found.ended_at) == (
        JobStatus.WAITING,
        2,
        0,
        None,
        None,
    )
    assert store.jobs.to_hand_over() == [found]
    assert (found.author_id, found.metadata) == ("u-17", SAID)
    with pytest.raises(NotFoundError):
        store.jobs.retry("job_0", NOW)


def test_jobs_that_are_over_go_with_their_decisions(store, begun):
    waiting = job()
    store.jobs.accept(waiting)
    store.jobs.finish(begun, record(is_kept=False), NOW)
    report = store.enforce_retention(
        NOW + timedelta(days=400), content_days=None, decision_days=365, feedback_days=None
    )
    assert report.jobs == 1
    assert [found.id for found in store.jobs.newest()] == [waiting.id]
    assert store.enforce_retention(NOW, content_days=None, decision_days=None, feedback_days=None).jobs == 0


def test_workers_that_say_nothing_are_found(store):
    store.jobs.beat("a", "host", NOW)
    store.jobs.beat("b", "host", NOW)
    store.jobs.beat("b", "host", NOW + timedelta(seconds=20))
    assert store.jobs.silent(NOW + timedelta(seconds=21), seconds=15) == ["a"]
    store.jobs.forget("a")
    store.jobs.retire("b")
    assert store.jobs.silent(NOW, seconds=15) == ["b"]


def test_files_of_open_and_dead_jobs_are_wanted(store):
    waiting, dead, failed = job(path="/spool/a"), job(path="/spool/b"), job(path="/spool/c")
    fetched = job(path="", url="https://example.org/clip")
    for each in (waiting, dead, failed, fetched):
        store.jobs.accept(each)
    store.jobs.fail(dead, JobStatus.DEAD, BROKEN, NOW)
    store.jobs.fail(failed, JobStatus.FAILED, BROKEN, NOW)
    assert store.jobs.wanted() == {"a", "b", fetched.id}
