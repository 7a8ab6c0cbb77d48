"""The desk where jobs are accepted and asked for. What it accepts is kept in the store before anybody hears of it."""

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from evenhand.core.content import ClipFile
from evenhand.core.decision import Decision
from evenhand.core.errors import InputError, NotFoundError
from evenhand.core.facts import FactValue, check_metadata
from evenhand.core.ids import new_id
from evenhand.core.job import Job, JobStatus
from evenhand.core.timeline import Utterance
from evenhand.jobs.spool import Incoming, Spool
from evenhand.service.moderate import Keep, unknown_policy
from evenhand.store.store import Store

#: The priorities: 1 is the most urgent.
PRIORITIES: Final = range(1, 11)
DEFAULT_PRIORITY: Final = 5


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for with a clip.

    Args:
        key_id: API key that it came with; empty: the operator's own.
        door: Which door it came through.
        content_id: The caller's own name for the clip.
        policy: Name of the policy that decides; empty: the default one.
        keep: When to store what was found.
        languages: What the caller says is spoken (BCP-47).
        priority: One of `PRIORITIES`.
        author_id: The caller's own name for whoever posted the clip; empty when the caller says nothing.
        metadata: What the caller says of it, for conditions of policies.
    """

    key_id: str = ""
    door: str = "library"
    content_id: str = ""
    policy: str = ""
    keep: Keep = Keep.REVIEW
    languages: tuple[str, ...] = ()
    priority: int = DEFAULT_PRIORITY
    author_id: str = ""
    metadata: Mapping[str, FactValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobReport:
    """A job, with what came of it.

    Args:
        job: The job.
        decision: The decision, once there is one; its timeline has reasons where the content is kept.
        transcript: What was said; empty where the content is not kept.
    """

    job: Job
    decision: Decision | None = None
    transcript: tuple[Utterance, ...] = ()


class JobDesk:
    """Accepts jobs and tells about them. Safe to use from several threads.

    Args:
        store: Keeps the jobs.
        spool: Where clips lie that come in bytes.
        policies: Names of the policies that there are.
        most_open: Jobs of one key that may wait or run.
        on_accept: Called when there is work: after a job was accepted.
    """

    def __init__(
        self,
        store: Store,
        spool: Spool,
        policies: Collection[str],
        *,
        most_open: int = 100,
        on_accept: Callable[[], object] = lambda: None,
    ) -> None:
        self._store = store
        self._spool = spool
        self._policies = policies
        self._most_open = most_open
        self._on_accept = on_accept

    def check(self, order: Order) -> None:
        """Refuse an order that cannot be accepted, before its clip has come.

        Raises:
            NotFoundError: `policy.not_found`.
            InputError: `priority.invalid`, `jobs.too_many`, or as `core.facts.check_metadata`.
            StoreError: The database did not answer.
        """
        if order.policy and order.policy not in self._policies:
            raise unknown_policy(order.policy, self._policies)
        if order.priority not in PRIORITIES:
            raise InputError(
                "priority.invalid",
                f"The priority {order.priority} is not 1 to 10.",
                field="priority",
                remedy="Give 1 for the most urgent to 10 for the least.",
            )
        check_metadata(order.metadata)
        if self._store.jobs.count_open(order.key_id) >= self._most_open:
            raise InputError(
                "jobs.too_many",
                f"This key has {self._most_open} jobs that are not over.",
                remedy="Wait until some are, or ask the operator to raise jobs_per_key.",
            )

    def receive(self, *, field: str = "clip") -> Incoming:
        """Return where to write the bytes of a clip that comes in."""
        return self._spool.receive(f"clip_{secrets.token_hex(16)}", field=field)

    def accept(self, order: Order, clip: ClipFile | str) -> Job:
        """Keep a job and return it. From here on it is not lost.

        Args:
            order: What is asked for; `check` has passed it.
            clip: A file that stays where it is until the job is over, or an address to fetch it from.

        Raises:
            StoreError: It was not kept.
        """
        file, url = (clip, "") if isinstance(clip, ClipFile) else (None, clip)
        job = Job(
            id=new_id("job"),
            key_id=order.key_id,
            door=order.door,
            content_id=order.content_id,
            path=str(file.path.absolute()) if file else "",
            url=url,
            media_type=file.media_type if file else "",
            policy=order.policy,
            keep=order.keep,
            languages=order.languages,
            priority=order.priority,
            status=JobStatus.WAITING,
            created_at=datetime.now(UTC),
            author_id=order.author_id,
            metadata=order.metadata,
        )
        self._store.jobs.accept(job)
        self._on_accept()
        return job

    def report(self, job_id: str, *, key_id: str | None = None) -> JobReport:
        """Return what there is to know of a job.

        Args:
            job_id: The job.
            key_id: Whose jobs may be seen; none: everybody's.

        Raises:
            NotFoundError: `job.not_found`: there is none, or not of this key.
        """
        job = self.job(job_id, key_id=key_id)
        if not job.decision_id:
            return JobReport(job)
        try:
            decision = self._store.decisions.get(job.decision_id).decision
        except NotFoundError:
            return JobReport(job)  # its retention is over
        try:
            notes = self._store.contents.get(job.decision_id).clip
        except NotFoundError:
            notes = None
        return (
            JobReport(job, replace(decision, timeline=notes.timeline), notes.transcript)
            if notes
            else JobReport(job, decision)
        )

    def newest(self, *, key_id: str | None = None, limit: int = 100) -> list[Job]:
        """Return the newest jobs, newest first; of one key, or of everybody."""
        return self._store.jobs.newest(key_id=key_id, limit=limit)

    def has_open(self) -> bool:
        """Return whether any job waits or runs."""
        return self._store.jobs.count_open() > 0

    def job(self, job_id: str, *, key_id: str | None = None) -> Job:
        """Return a job alone; arguments and errors as for `report`."""
        job = self._store.jobs.get(job_id)
        if key_id is not None and job.key_id != key_id:
            raise NotFoundError("job.not_found", "There is no job with this id.", field="id")
        return job

    def thumbnail(self, job: Job, milliseconds: int) -> bytes:
        """Return a picture of the job's timeline, as JPEG.

        Raises:
            NotFoundError: `thumbnail.not_found`: there is none of this time, or it is not kept.
        """
        return self._store.contents.thumbnail(job.decision_id, milliseconds)

    def cancel(self, job: Job) -> None:
        """Ask that a job end: at once if it waits, or else after the stretch at hand."""
        self._store.jobs.ask_cancel(job, datetime.now(UTC))
        ended = self._store.jobs.get(job.id)
        if ended.status is JobStatus.CANCELLED:
            self._spool.remove(Path(ended.path))
