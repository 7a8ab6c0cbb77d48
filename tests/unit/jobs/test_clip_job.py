import itertools

import pytest

from evenhand.core.content import ClipFile
from evenhand.core.decision import Action, ClipFacts
from evenhand.core.errors import InputError, StoreError
from evenhand.core.job import JobStatus
from evenhand.engine.clips import Seen, Thumbnail
from evenhand.engine.screen import Engine
from evenhand.jobs.clip_job import MOST_ATTEMPTS, ClipJob
from evenhand.jobs.desk import JobDesk, Order
from evenhand.policy.load import load_policy
from evenhand.service.clips import Examined, StretchFound
from evenhand.service.moderate import Keep, Moderation
from fakes.detectors import ScriptedDetector
from samples import NOON, clip_record_of


class ScriptedClips:
    """Three stretches; `faults` are raised in turn by whatever is called next, none where nothing is to happen."""

    def __init__(self, faults=()):
        self.moderation = Moderation(Engine([ScriptedDetector()]), [load_policy()])
        self.faults = iter(faults)
        self.calls = []
        self.said = []

    def _call(self, name):
        self.calls.append(name)
        fault = next(self.faults, None)
        if fault is not None:
            raise fault

    def examine(self, file):
        self._call("examine")
        assert file.path.read_bytes() == b"clip"
        return Examined(ClipFacts("mp4", 90.0, 320, 180, has_sound=True, is_partial=False), "0" * 32, "0" * 64)

    def stretch(self, file, examined, policy, *, after, language):
        begin = after.end if after else 0.0
        self._call(f"stretch {begin:g}")
        found = StretchFound(begin + 30, begin == 60, False, begin + 30, Seen(looked_at=(0,)), ())
        return found, [Thumbnail(round(begin * 1000), b"jpeg")]

    def conclude(self, examined, stretches, policy, *, content_id, author_id, metadata, door):
        self._call("conclude")
        self.said.append((content_id, author_id, metadata, door))
        assert [stretch.end for stretch in stretches] == [30, 60, 90]
        record, notes = clip_record_of(Keep.ALWAYS)
        return record.decision, notes


class Killed(BaseException):
    """The process is gone: nothing of ours may catch it."""


class Steps:
    """Keeps what steps returned, as DBOS does, and may be killed before or after any of them."""

    def __init__(self, kill_at=None):
        self.kept = {}
        self.kill_at = kill_at
        self.count = itertools.count()

    def __call__(self, name, work):
        if name not in self.kept:
            self._maybe_die()
            text = work()
            self._maybe_die()
            self.kept[name] = text
        return self.kept[name]

    def _maybe_die(self):
        if next(self.count) == self.kill_at:
            raise Killed


@pytest.fixture
def desk(store, spool):
    return JobDesk(store, spool, ["default"])


@pytest.fixture
def accepted(desk):
    with desk.receive() as incoming:
        incoming.write(b"clip")
        incoming.keep()
    order = Order(
        door="native", content_id="c", keep=Keep.ALWAYS, author_id="u-17", metadata={"board": "market", "price": 2}
    )
    return desk.accept(order, ClipFile(incoming.path))


#: What the policy is to hear of the clip that is accepted, whatever became of its workers.
SAID = ("c", "u-17", {"board": "market", "price": 2}, "native")


def run(store, spool, job, clips, steps=None, **more):
    ClipJob(store.jobs, clips, spool, run_step=steps or Steps(), **more).run(job.id)
    return store.jobs.get(job.id)


def files(spool):
    return sorted(path.name for path in spool.folder.iterdir()) if spool.folder.exists() else []


def test_a_clip_is_screened_stretch_by_stretch_and_then_it_is_gone(store, spool, accepted):
    clips = ScriptedClips()
    ended = run(store, spool, accepted, clips)
    assert clips.calls == ["examine", "stretch 0", "stretch 30", "stretch 60", "conclude"]
    assert (ended.status, ended.seconds, ended.progress) == (JobStatus.DONE, 90.0, 1.0)
    assert store.decisions.get(ended.decision_id).decision.action is Action.REVIEW
    assert [image.frame for image in store.contents.get(ended.decision_id).images] == [0, 30_000, 60_000]
    assert files(spool) == []
    assert clips.said == [SAID]
    assert store.erasure.of_author("u-17") == [ended.decision_id]


@pytest.mark.parametrize("kill_at", range(10))
def test_who_is_killed_anywhere_loses_nothing_and_repeats_one_step(store, spool, accepted, kill_at):
    clips, steps = ScriptedClips(), Steps(kill_at)
    with pytest.raises(Killed):
        run(store, spool, accepted, clips, steps)
    ended = run(store, spool, accepted, clips, steps)
    assert ended.status is JobStatus.DONE
    assert len(clips.calls) <= 6
    assert len(store.audit.list()) == 3
    assert set(map(str, clips.said)) == {str(SAID)}
    assert store.erasure.of_author("u-17") == [ended.decision_id]


@pytest.mark.parametrize("at", range(5))
def test_what_is_wrong_with_the_clip_ends_the_job_as_failed(store, spool, accepted, at):
    broken = InputError("clip.corrupt", "Damaged.", field="clip", remedy="Send another.")
    ended = run(store, spool, accepted, ScriptedClips([None] * at + [broken]))
    assert (ended.status, ended.error.code, ended.error.field) == (JobStatus.FAILED, "clip.corrupt", "clip")
    assert files(spool) == []


def test_what_fails_on_this_side_leaves_the_job_dead_and_its_clip_there(store, spool, accepted):
    gone = StoreError("store.unavailable", "No answer.")
    ended = run(store, spool, accepted, ScriptedClips([None, gone]))
    assert (ended.status, ended.error.code) == (JobStatus.DEAD, "store.unavailable")
    assert len(files(spool)) == 1
    store.jobs.retry(ended.id, NOON)
    clips = ScriptedClips()
    assert run(store, spool, accepted, clips).status is JobStatus.DONE
    assert clips.said == [SAID]


def test_an_unknown_failure_does_not_repeat_what_it_says(store, spool, accepted):
    ended = run(store, spool, accepted, ScriptedClips([ValueError("words of the clip")]))
    assert (ended.status, ended.error.code) == (JobStatus.DEAD, "internal")
    assert "words" not in ended.error.message


def test_a_job_that_takes_its_worker_with_it_every_time_is_dead_in_the_end(store, spool, accepted):
    for _ in range(MOST_ATTEMPTS):
        store.jobs.begin(accepted.id, NOON)
    clips = ScriptedClips()
    ended = run(store, spool, accepted, clips)
    assert (ended.status, ended.error.code, clips.calls) == (JobStatus.DEAD, "job.attempts", [])


def test_a_job_that_is_cancelled_ends_after_the_stretch_at_hand(store, spool, accepted, desk):
    clips = ScriptedClips()
    screen = clips.stretch

    def cancelling(*arguments, **options):
        desk.cancel(store.jobs.get(accepted.id))
        return screen(*arguments, **options)

    clips.stretch = cancelling
    ended = run(store, spool, accepted, clips)
    assert (ended.status, ended.error, clips.calls) == (JobStatus.CANCELLED, None, ["examine", "stretch 0"])
    assert files(spool) == []


def test_a_job_that_was_cancelled_while_its_worker_was_dead_is_not_begun(store, spool, accepted, desk):
    begun = store.jobs.begin(accepted.id, NOON)
    desk.cancel(begun)
    clips = ScriptedClips()
    assert run(store, spool, accepted, clips).status is JobStatus.CANCELLED
    assert clips.calls == []


def test_a_job_that_is_over_is_left_alone(store, spool, accepted):
    done = run(store, spool, accepted, ScriptedClips())
    assert run(store, spool, accepted, ScriptedClips([ValueError()])) == done


def test_without_content_to_keep_no_still_is_written(store, spool, desk, monkeypatch):
    written = []
    monkeypatch.setattr(store.jobs, "advance", lambda *_, stills=(), **__: written.extend(stills) or True)
    with desk.receive() as incoming:
        incoming.write(b"clip")
        incoming.keep()
    job = desk.accept(Order(keep=Keep.NEVER), ClipFile(incoming.path))
    run(store, spool, job, ScriptedClips())
    assert written == []


def test_a_clip_at_an_address_is_fetched_where_that_is_allowed(store, spool, desk):
    def fetch(url, path):
        assert url == "https://example.org/clip"
        spool.folder.mkdir(exist_ok=True)
        path.write_bytes(b"clip")

    job = desk.accept(Order(), "https://example.org/clip")
    ended = run(store, spool, job, ScriptedClips(), fetch=fetch)
    assert (ended.status, ended.url) == (JobStatus.DONE, "")
    assert files(spool) == []


def test_a_clip_at_an_address_is_refused_elsewhere(store, spool, desk):
    job = desk.accept(Order(), "https://example.org/clip")
    ended = run(store, spool, job, ScriptedClips())
    assert (ended.status, ended.error.code) == (JobStatus.FAILED, "url.refused")
