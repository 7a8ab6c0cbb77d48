"""The job of screening one clip, in steps: what a step returned is kept, so that none is done again after a crash.

A step may be cut off anywhere and is then begun anew, so what it writes is written over and never added. The last step
writes decision, event and the job's end in one transaction.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from evenhand.core.content import ClipFile
from evenhand.core.errors import EvenhandError, InputError
from evenhand.core.job import Job, JobError, JobStatus
from evenhand.jobs.spool import Spool
from evenhand.service.clips import ClipScreener, Examined, StretchFound, clip_record
from evenhand.service.moderate import Keep
from evenhand.store.jobs import Jobs
from evenhand.store.records import StoredImage

_log = logging.getLogger(__name__)

#: How often a job may be begun without getting on. One that takes its worker with it every time must end as well.
MOST_ATTEMPTS: Final = 20

#: Runs a step by its name, keeps the text that it returns, and after a crash returns that text instead.
RunStep = Callable[[str, Callable[[], str]], str]


class _Step(msgspec.Struct, forbid_unknown_fields=True):
    """What a step came to: one of these, or nothing when the job is over."""

    examined: Examined | None = None
    stretch: StretchFound | None = None
    error: JobError | None = None


class ClipJob:
    """Screens the clip of a job.

    Args:
        jobs: Where the jobs are.
        clips: What screens.
        spool: Where clips lie.
        run_step: Runs a step, and keeps what it returned.
        fetch: Fetches what is at an address into a file; none: addresses are refused.
    """

    def __init__(
        self,
        jobs: Jobs,
        clips: ClipScreener,
        spool: Spool,
        *,
        run_step: RunStep,
        fetch: Callable[[str, Path], object] | None = None,
    ) -> None:
        self._jobs = jobs
        self._clips = clips
        self._spool = spool
        self._run_step = run_step
        self._fetch = fetch

    def run(self, job_id: str) -> None:
        """Screen the clip of this job to the end, or to where somebody cancelled it.

        Never raises for what a clip does. What fails on this side again and again leaves the job dead.
        """
        job = self._jobs.begin(job_id, _now())
        if job is None:
            self._stop(self._jobs.get(job_id))
        elif job.attempts > MOST_ATTEMPTS:
            error = JobError("job.attempts", f"{MOST_ATTEMPTS} workers died with this job.", remedy="See their logs.")
            self._fail(job, JobStatus.DEAD, error)
        else:
            self._run(job)

    def _run(self, job: Job) -> None:
        try:
            self._screen(job)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the job must not be left open
            # The message may quote the content, so only the type is told.
            _log.error("job died", extra={"job": job.id, "error_type": type(error).__name__})
            code = error.code if isinstance(error, EvenhandError) else "internal"
            message = f"A step failed again and again: {type(error).__name__}."
            self._fail(job, JobStatus.DEAD, JobError(code, message, remedy="Mend the cause, then retry the job."))

    def _screen(self, job: Job) -> None:
        first = self._step("examine", lambda: self._examine(job))
        if first.examined is None:
            self._end_early(job, first.error)
            return
        examined, stretches = first.examined, list[StretchFound]()
        while not stretches or not stretches[-1].is_last:
            step = self._step(f"stretch {len(stretches)}", lambda: self._stretch(job, examined, stretches[-1:]))
            if step.stretch is None:
                self._end_early(job, step.error)
                return
            stretches.append(step.stretch)
        last = self._step("conclude", lambda: self._conclude(job, examined, stretches))
        if last.error is not None:
            self._end_early(job, last.error)
        self._spool.remove(self._path(job))

    def _examine(self, job: Job) -> _Step:
        if job.url:
            if self._fetch is None:
                raise InputError(
                    "url.refused",
                    "This server fetches nothing from addresses.",
                    field="url",
                    remedy="Send the clip itself, or ask the operator to set clip_urls.",
                )
            self._fetch(job.url, self._path(job))
        examined = self._clips.examine(self._file(job))
        self._jobs.advance(job.id, seconds_done=0.0, seconds=examined.facts.seconds)
        return _Step(examined=examined)

    def _stretch(self, job: Job, examined: Examined, before: list[StretchFound]) -> _Step:
        found, thumbnails = self._clips.stretch(
            self._file(job),
            examined,
            self._clips.moderation.policy(job.policy),
            after=before[0] if before else None,
            language=next(iter(job.languages), ""),
        )
        stills = [StoredImage(0, thumbnail.milliseconds, thumbnail.data) for thumbnail in thumbnails]
        goes_on = self._jobs.advance(
            job.id,
            seconds_done=found.end,
            seconds=max(found.end, examined.facts.seconds),
            stills=stills if job.keep != Keep.NEVER else (),
        )
        return _Step(stretch=found) if goes_on else _Step()

    def _conclude(self, job: Job, examined: Examined, stretches: list[StretchFound]) -> _Step:
        policy = self._clips.moderation.policy(job.policy)
        decision, notes = self._clips.conclude(
            examined,
            stretches,
            policy,
            content_id=job.content_id,
            author_id=job.author_id,
            metadata=job.metadata,
            door=job.door,
        )
        shadow = self._clips.moderation.shadow
        shadows = shadow.verdicts(decision, policy) if shadow else ()
        record = clip_record(
            decision,
            notes,
            keep=Keep(job.keep),
            key_id=job.key_id,
            door=job.door,
            author_id=job.author_id,
            shadows=shadows,
        )
        self._jobs.finish(job, record, _now())
        return _Step()

    def _step(self, name: str, work: Callable[[], _Step]) -> _Step:
        """Return what `work` came to, or came to before a crash; what is wrong with the clip is an answer too."""

        def text() -> str:
            try:
                return msgspec.json.encode(work()).decode()
            except InputError as error:
                wrong = JobError(error.code, error.message, error.field or "", error.remedy)
                return msgspec.json.encode(_Step(error=wrong)).decode()

        return msgspec.json.decode(self._run_step(name, text), type=_Step)

    def _end_early(self, job: Job, error: JobError | None) -> None:
        if error is not None:
            self._fail(job, JobStatus.FAILED, error)
        else:
            self._stop(job)

    def _stop(self, job: Job) -> None:
        """End a job that somebody cancelled; one that is over stays as it is."""
        self._fail(job, JobStatus.CANCELLED, None)

    def _fail(self, job: Job, status: JobStatus, error: JobError | None) -> None:
        self._jobs.fail(job, status, error, _now())
        if status is not JobStatus.DEAD:
            self._spool.remove(self._path(job))

    def _path(self, job: Job) -> Path:
        """Return where the clip lies: where the job says, or else where it is put when it is fetched."""
        return Path(job.path) if job.path else self._spool.folder / job.id

    def _file(self, job: Job) -> ClipFile:
        return ClipFile(self._path(job), job.media_type)


def _now() -> datetime:
    return datetime.now(UTC)
