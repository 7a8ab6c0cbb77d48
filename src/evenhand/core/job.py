"""Job: a clip on its way to a decision, which takes longer than a caller can be kept waiting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from evenhand.core.facts import FactValue


class JobStatus(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    """Accepted; no worker has begun."""
    RUNNING = "running"
    """A worker is at it, or was until it died: then another takes over."""
    DONE = "done"
    """There is a decision."""
    FAILED = "failed"
    """The clip cannot be screened; to send the same one again would not help."""
    CANCELLED = "cancelled"
    """Somebody asked for that."""
    DEAD = "dead"
    """Something on this side failed again and again; it waits for somebody to look, and to retry it."""

    @property
    def is_final(self) -> bool:
        """Whether it stays so, unless somebody retries a dead job."""
        return self not in {JobStatus.WAITING, JobStatus.RUNNING}


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed or is dead.

    Args:
        code: Stable.
        message: For people.
        field: What the caller gave that is wrong; empty where it is nothing of that.
        remedy: The way out.
    """

    code: str
    message: str
    field: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A job.

    Args:
        id: `job_` and 32 hex digits, in order of time.
        key_id: API key that it came with; empty: the operator's own.
        door: Which door it came through.
        content_id: The caller's own name for the clip; empty: none.
        path: Where the clip lies until the job is over; empty as long as it has not been fetched.
        url: The address to fetch it from; empty where it came in bytes.
        media_type: What the caller says that it is.
        policy: Name of the policy that decides.
        keep: When to store what was found, as for every content.
        languages: BCP-47 tags that the caller vouches for.
        priority: 1 is the most urgent, 10 the least.
        status: Where it is.
        created_at: Aware, in UTC.
        started_at: When a worker first began.
        ended_at: When it came to its final status.
        seconds_done: How much of the clip was screened.
        seconds: How long the clip is; 0 as long as nobody has looked.
        attempts: How often it was begun since it last got on; more than once where workers died.
        run: Counts up with every retry.
        is_cancel_asked: Whether somebody asked to cancel it.
        decision_id: The decision, once there is one.
        error: Why there is none.
        author_id: The caller's own name for whoever posted the clip, until the job is over; empty: none.
        metadata: What the caller says of the clip, likewise; see `core.facts.check_metadata`.
    """

    id: str
    key_id: str
    door: str
    content_id: str
    path: str
    url: str
    media_type: str
    policy: str
    keep: str
    languages: tuple[str, ...]
    priority: int
    status: JobStatus
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    seconds_done: float = 0.0
    seconds: float = 0.0
    attempts: int = 0
    run: int = 1
    is_cancel_asked: bool = False
    decision_id: str = ""
    error: JobError | None = None
    author_id: str = ""
    metadata: Mapping[str, FactValue] = field(default_factory=dict)

    @property
    def progress(self) -> float:
        """Share of the clip that was screened, 0..1."""
        if self.status is JobStatus.DONE:
            return 1.0
        return min(1.0, self.seconds_done / self.seconds) if self.seconds else 0.0
