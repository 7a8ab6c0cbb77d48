import pytest

from evenhand.core.content import ClipFile
from evenhand.core.errors import InputError, NotFoundError, TooLargeError
from evenhand.core.job import JobStatus
from evenhand.jobs.desk import JobDesk, Order
from evenhand.service.moderate import Keep
from samples import clip_record_of


@pytest.fixture
def calls():
    return []


@pytest.fixture
def desk(store, spool, calls):
    return JobDesk(store, spool, ["default"], most_open=2, on_accept=lambda: calls.append("accepted"))


def received(desk):
    with desk.receive() as incoming:
        incoming.write(b"clip")
        incoming.keep()
    return ClipFile(incoming.path, "video/mp4")


def test_what_is_accepted_is_kept_and_there_is_work(desk, store, calls):
    clip = received(desk)
    order = Order(
        key_id="key",
        door="native",
        content_id="c",
        languages=("en",),
        priority=2,
        author_id="u-17",
        metadata={"board": "market"},
    )
    desk.check(order)
    job = desk.accept(order, clip)
    assert store.jobs.get(job.id) == job
    assert (job.status, job.path, job.media_type, job.url) == (JobStatus.WAITING, str(clip.path), "video/mp4", "")
    assert (job.author_id, job.metadata) == ("u-17", {"board": "market"})
    assert calls == ["accepted"]
    assert desk.has_open()


def test_an_address_is_kept_for_the_worker(desk, store):
    job = desk.accept(Order(), "https://example.org/clip.mp4")
    assert (store.jobs.get(job.id).url, job.path) == ("https://example.org/clip.mp4", "")


@pytest.mark.parametrize(
    ("order", "code", "field"),
    [
        (Order(policy="strict"), "policy.not_found", "policy"),
        (Order(priority=0), "priority.invalid", "priority"),
        (Order(priority=11), "priority.invalid", "priority"),
        (Order(metadata={"religion": "x"}), "metadata.personal", "metadata.religion"),
        (Order(metadata={"": "x"}), "metadata.invalid", "metadata."),
    ],
)
def test_an_order_that_cannot_be_is_refused(desk, order, code, field):
    with pytest.raises(InputError) as refused:
        desk.check(order)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_what_is_said_of_a_clip_has_the_limits_that_it_has_of_a_text(desk):
    with pytest.raises(TooLargeError) as refused:
        desk.check(Order(metadata={f"key{number}": number for number in range(21)}))
    assert (refused.value.code, refused.value.field) == ("metadata.too_large", "metadata")


def test_one_key_cannot_fill_the_queue(desk):
    for _ in range(2):
        desk.check(Order(key_id="a"))
        desk.accept(Order(key_id="a"), "https://example.org/clip")
    with pytest.raises(InputError) as refused:
        desk.check(Order(key_id="a"))
    assert refused.value.code == "jobs.too_many"
    desk.check(Order(key_id="b"))


def test_a_key_sees_its_own_jobs_only(desk):
    job = desk.accept(Order(key_id="a"), "https://example.org/clip")
    assert desk.report(job.id, key_id="a").job == desk.report(job.id).job == job
    assert (desk.newest(key_id="a"), desk.newest(key_id="b"), desk.newest()) == ([job], [], [job])
    with pytest.raises(NotFoundError) as refused:
        desk.report(job.id, key_id="b")
    assert refused.value.code == "job.not_found"


@pytest.mark.parametrize("keep", [Keep.ALWAYS, Keep.NEVER])
def test_a_report_has_reasons_and_transcript_where_the_content_is_kept(desk, store, keep):
    job = desk.accept(Order(key_id="a", keep=keep), "https://example.org/clip")
    record, notes = clip_record_of(keep)
    store.jobs.finish(store.jobs.begin(job.id, job.created_at), record, job.created_at)
    report = desk.report(job.id)
    assert report.job.status is JobStatus.DONE
    assert report.decision.id == record.decision.id
    assert report.decision.timeline[0].reason == ("why" if keep is Keep.ALWAYS else "")
    assert report.transcript == (notes.transcript if keep is Keep.ALWAYS else ())


def test_a_report_outlives_its_decision(desk, store, monkeypatch):
    job = desk.accept(Order(), "https://example.org/clip")
    record, _ = clip_record_of(Keep.NEVER)
    store.jobs.finish(store.jobs.begin(job.id, job.created_at), record, job.created_at)
    monkeypatch.setattr(store.decisions, "get", _gone)
    assert desk.report(job.id).decision is None


def _gone(_):
    raise NotFoundError("decision.not_found", "Its retention is over.")


def test_a_waiting_job_that_is_cancelled_leaves_no_clip(desk, store):
    clip = received(desk)
    job = desk.accept(Order(), clip)
    desk.cancel(job)
    assert store.jobs.get(job.id).status is JobStatus.CANCELLED
    assert not clip.path.exists()


def test_the_clip_of_a_running_job_stays_until_its_worker_lets_go(desk, store):
    clip = received(desk)
    job = desk.accept(Order(), clip)
    store.jobs.begin(job.id, job.created_at)
    desk.cancel(job)
    assert store.jobs.get(job.id).is_cancel_asked
    assert clip.path.exists()
