"""Jobs: accepted, begun, ended. What ends a job is written together with its decision and its event, or not at all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from evenhand.core.alert import EventKind
from evenhand.core.errors import InputError, NotFoundError
from evenhand.core.job import Job, JobError, JobStatus
from evenhand.store.audit import SYSTEM, audit_row, write_audit
from evenhand.store.database import Database
from evenhand.store.decisions import write_decisions
from evenhand.store.events import write_events
from evenhand.store.records import DecisionRecord, EventRecord, StoredImage
from evenhand.store.tables import job_stills, jobs, workers

_OPEN: Final = (JobStatus.WAITING.value, JobStatus.RUNNING.value)
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
#: What a job that is over forgets: an address may hold a key, and the decision keeps what is to be known of the rest.
_FORGOTTEN: Final = {"url": b"", "author_id": None, "metadata": None}
_STILLS: Final = (
    select(job_stills.c.milliseconds, job_stills.c.data)
    .where(job_stills.c.job_id == bindparam("id"))
    .order_by(job_stills.c.milliseconds)
)
_DELETE_STILLS: Final = delete(job_stills).where(job_stills.c.job_id == bindparam("id"))


class Jobs:
    """The jobs of one store, and the workers that are at them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(self, job: Job) -> None:
        """Keep a new job. From here on it is not lost.

        Raises:
            StoreError: It was not kept.
        """
        row = {
            "id": job.id,
            "key_id": job.key_id,
            "door": job.door,
            "content_id": job.content_id,
            "path": job.path.encode(),
            "url": job.url.encode(),
            "media_type": job.media_type,
            "policy": job.policy,
            "keep": job.keep,
            "languages": ",".join(job.languages),
            "priority": job.priority,
            "status": job.status.value,
            "created_at": job.created_at,
            "seconds_done": 0.0,
            "seconds": 0.0,
            "attempts": 0,
            "run": 1,
            "is_cancel_asked": False,
            "is_handed_over": False,
            "decision_id": "",
            "author_id": job.author_id or None,
            "metadata": msgspec.json.encode(job.metadata) if job.metadata else None,
        }
        with self._database.write() as connection:
            connection.execute(insert(jobs), row)
            write_audit(connection, [_audit(job, "accepted", job.created_at, {"door": job.door})])

    def get(self, job_id: str) -> Job:
        """Return the job with this id.

        Raises:
            NotFoundError: `job.not_found`.
        """
        with self._database.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise NotFoundError(
                "job.not_found",
                "There is no job with this id.",
                field="id",
                remedy="Check the id; jobs are deleted with their decisions.",
            )
        return _job(row)

    def newest(self, *, status: JobStatus | None = None, key_id: str | None = None, limit: int = 100) -> list[Job]:
        """Return the newest jobs, newest first."""
        query = select(jobs).order_by(jobs.c.id.desc()).limit(limit)
        if status is not None:
            query = query.where(jobs.c.status == status.value)
        if key_id is not None:
            query = query.where(jobs.c.key_id == key_id)
        with self._database.read() as connection:
            return [_job(row) for row in connection.execute(query)]

    def count_open(self, key_id: str | None = None) -> int:
        """Return how many jobs are not over: of this key, or of everybody."""
        query = select(func.count()).where(jobs.c.status.in_(_OPEN))
        if key_id is not None:
            query = query.where(jobs.c.key_id == key_id)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def to_hand_over(self, limit: int = 100) -> list[Job]:
        """Return waiting jobs that are in no queue yet, oldest first."""
        query = (
            select(jobs)
            .where(jobs.c.status == JobStatus.WAITING.value, jobs.c.is_handed_over.is_(False))
            .order_by(jobs.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_job(row) for row in connection.execute(query)]

    def handed_over(self, job_id: str) -> None:
        """Remember that the job is in the queue."""
        with self._database.write() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(is_handed_over=True))

    def begin(self, job_id: str, now: datetime) -> Job | None:
        """Mark the job as begun once more and return it; nothing where it is over, or to be cancelled."""
        is_wanted = (jobs.c.id == job_id) & jobs.c.status.in_(_OPEN) & jobs.c.is_cancel_asked.is_(False)
        values = {
            "status": JobStatus.RUNNING.value,
            "started_at": func.coalesce(jobs.c.started_at, now),
            "attempts": jobs.c.attempts + 1,
        }
        with self._database.write() as connection:
            if not connection.execute(update(jobs).where(is_wanted).values(values)).rowcount:
                return None
            return _job(connection.execute(select(jobs).where(jobs.c.id == job_id)).one())

    def advance(self, job_id: str, *, seconds_done: float, seconds: float, stills: Sequence[StoredImage] = ()) -> bool:
        """Keep how far the job is and its stills; to do so again changes nothing. Return whether to go on."""
        is_open = (jobs.c.id == job_id) & (jobs.c.status == JobStatus.RUNNING.value)
        with self._database.write() as connection:
            # Who gets on is not what kills workers.
            values = {"seconds_done": seconds_done, "seconds": seconds, "attempts": 1}
            if not connection.execute(update(jobs).where(is_open).values(values)).rowcount:
                return False
            if stills:
                times = [still.frame for still in stills]
                connection.execute(
                    delete(job_stills).where(job_stills.c.job_id == job_id, job_stills.c.milliseconds.in_(times))
                )
                rows = [{"job_id": job_id, "milliseconds": still.frame, "data": still.data} for still in stills]
                connection.execute(insert(job_stills), rows)
            return not connection.execute(select(jobs.c.is_cancel_asked).where(jobs.c.id == job_id)).scalar_one()

    def finish(self, job: Job, record: DecisionRecord, now: datetime) -> bool:
        """End the job with its decision, unless it is over already; return whether this ended it.

        The stills that were kept on the way become the content's, if the content is kept.
        """
        values = {"decision_id": record.decision.id, "seconds_done": jobs.c.seconds}
        with self._database.write() as connection:
            if not _end(connection, job, JobStatus.DONE, now, values):
                return False
            stills = connection.execute(_STILLS, {"id": job.id}).all()
            record = replace(record, images=tuple(StoredImage(0, *still) for still in stills))
            write_decisions(connection, [record])
            connection.execute(_DELETE_STILLS, {"id": job.id})
            _announce(connection, job, JobStatus.DONE, now, decision=record)
        return True

    def fail(self, job: Job, status: JobStatus, error: JobError | None, now: datetime) -> bool:
        """End the job without a decision, unless it is over already; return whether this ended it."""
        with self._database.write() as connection:
            if not _end(connection, job, status, now, {"error": msgspec.json.encode(error) if error else None}):
                return False
            connection.execute(_DELETE_STILLS, {"id": job.id})
            _announce(connection, job, status, now, error=error)
        return True

    def ask_cancel(self, job: Job, now: datetime) -> None:
        """Ask that the job end: at once if it waits, or else after the stretch at hand. One that is over stays so."""
        is_waiting = (jobs.c.id == job.id) & (jobs.c.status == JobStatus.WAITING.value)
        is_running = (jobs.c.id == job.id) & (jobs.c.status == JobStatus.RUNNING.value)
        ended = {"status": JobStatus.CANCELLED.value, "ended_at": now, **_FORGOTTEN}
        with self._database.write() as connection:
            if connection.execute(update(jobs).where(is_waiting).values(ended)).rowcount:
                _announce(connection, job, JobStatus.CANCELLED, now)
            else:
                connection.execute(update(jobs).where(is_running).values(is_cancel_asked=True))

    def retry(self, job_id: str, now: datetime) -> None:
        """Have a dead job begun anew.

        Raises:
            NotFoundError: `job.not_found`.
            InputError: `job.not_dead`.
        """
        is_dead = (jobs.c.id == job_id) & (jobs.c.status == JobStatus.DEAD.value)
        values = {
            "status": JobStatus.WAITING.value,
            "is_handed_over": False,
            "is_cancel_asked": False,
            "error": None,
            "ended_at": None,
            "seconds_done": 0.0,
            "attempts": 0,
            "run": jobs.c.run + 1,
        }
        with self._database.write() as connection:
            is_retried = connection.execute(update(jobs).where(is_dead).values(values)).rowcount
            if is_retried:
                write_audit(connection, [audit_row(now, SYSTEM, "job.retried", job_id, {})])
        if not is_retried:
            status = self.get(job_id).status
            raise InputError(
                "job.not_dead", f"The job is {status}.", field="id", remedy="Only dead jobs can be retried."
            )

    def beat(self, worker_id: str, host: str, now: datetime) -> None:
        """Say that this worker lives."""
        with self._database.write() as connection:
            lives = update(workers).where(workers.c.id == worker_id).values(seen_at=now)
            if not connection.execute(lives).rowcount:
                row = {"id": worker_id, "host": host, "started_at": now, "seen_at": now}
                connection.execute(insert(workers), row)

    def silent(self, now: datetime, *, seconds: float) -> list[str]:
        """Return the ids of workers that said nothing for so long."""
        query = select(workers.c.id).where(workers.c.seen_at < now - timedelta(seconds=seconds))
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def retire(self, worker_id: str) -> None:
        """Have a worker count as silent from now on."""
        with self._database.write() as connection:
            connection.execute(update(workers).where(workers.c.id == worker_id).values(seen_at=_LONG_AGO))

    def forget(self, worker_id: str) -> None:
        """Take a worker off the list, because its jobs were taken over."""
        with self._database.write() as connection:
            connection.execute(delete(workers).where(workers.c.id == worker_id))

    def wanted(self) -> set[str]:
        """Return the names of the files that open and dead jobs still need; no other clip is needed any more."""
        query = select(jobs.c.path, jobs.c.id).where(jobs.c.status.in_((*_OPEN, JobStatus.DEAD.value)))
        with self._database.read() as connection:
            return {PurePath(row.path.decode()).name or row.id for row in connection.execute(query)}


def _end(connection: Connection, job: Job, status: JobStatus, now: datetime, values: dict[str, Any]) -> bool:
    is_open = (jobs.c.id == job.id) & jobs.c.status.in_(_OPEN)
    # Who retries needs all of it again.
    gone = {} if status is JobStatus.DEAD else _FORGOTTEN
    ended = {"status": status.value, "ended_at": now, **gone, **values}
    changed = connection.execute(update(jobs).where(is_open).values(ended))
    return bool(changed.rowcount)


def _announce(
    connection: Connection,
    job: Job,
    status: JobStatus,
    now: datetime,
    *,
    decision: DecisionRecord | None = None,
    error: JobError | None = None,
) -> None:
    """Write the audit row and the event of a job's end."""
    details: dict[str, Any] = {"status": status.value}
    if decision is not None:
        details |= {"decision_id": decision.decision.id, "action": decision.decision.action.value}
    if error is not None:
        details |= {"code": error.code}
    write_audit(connection, [_audit(job, status.value, now, details)])
    document = {"id": job.id, "content_id": job.content_id, **details}
    action = decision.decision.action if decision else None
    kind = EventKind.JOB_DONE if status is JobStatus.DONE else EventKind.JOB_FAILED
    write_events(connection, [EventRecord(kind, job.id, job.key_id, document, action)])


def _audit(job: Job, act: str, now: datetime, details: dict[str, Any]) -> dict[str, Any]:
    return audit_row(now, job.key_id or SYSTEM, f"job.{act}", job.id, details)


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        key_id=row.key_id,
        door=row.door,
        content_id=row.content_id,
        path=row.path.decode(),
        url=row.url.decode(),
        media_type=row.media_type,
        policy=row.policy,
        keep=row.keep,
        languages=tuple(filter(None, row.languages.split(","))),
        priority=row.priority,
        status=JobStatus(row.status),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        seconds_done=row.seconds_done,
        seconds=row.seconds,
        attempts=row.attempts,
        run=row.run,
        is_cancel_asked=row.is_cancel_asked,
        decision_id=row.decision_id,
        error=msgspec.json.decode(row.error, type=JobError) if row.error else None,
        author_id=row.author_id or "",
        metadata=msgspec.json.decode(row.metadata) if row.metadata else {},
    )
