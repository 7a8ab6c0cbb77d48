"""A worker: DBOS runs the jobs' steps and keeps what they return; this hands jobs over to it and looks after the dead.

DBOS resumes what a dead process left behind only in a process that calls itself the same. So each worker has an id of
its own, says in the store that it lives, and takes over the jobs of those that went silent.
"""

import logging
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from evenhand.core.job import Job
from evenhand.jobs.clip_job import ClipJob
from evenhand.jobs.spool import Spool
from evenhand.store.jobs import Jobs

_log = logging.getLogger(__name__)

_QUEUE: Final = "clips"
_WORKFLOW: Final = "screen_clip"
#: Steps are named and typed here and not by their code, so a newer evenhand goes on with what an older one began.
_VERSION: Final = "1"
#: A step that fails for a reason of this side is tried so often, after one second, two, four and so on.
_TRIES: Final = 5
_SWEEP_SECONDS: Final = 600.0


class Worker:
    """Runs jobs until it is closed. One for each process: DBOS knows no other way.

    Args:
        jobs: Where the jobs are.
        spool: Where clips lie.
        make_job: Returns what does the work, given what runs its steps.
        database_url: Where DBOS keeps what steps returned: SQLite or PostgreSQL.
        at_once: Jobs that this worker runs at once.
        at_once_per_key: Jobs of one key that all workers together run at once.
        dead_seconds: Silence after which a worker counts as dead.
        poll_seconds: How often the store is asked for news.
    """

    def __init__(
        self,
        jobs: Jobs,
        spool: Spool,
        make_job: Callable[[Callable[[str, Callable[[], str]], str]], ClipJob],
        database_url: str,
        *,
        at_once: int = 1,
        at_once_per_key: int = 2,
        dead_seconds: float = 15.0,
        poll_seconds: float = 0.5,
    ) -> None:
        self.id = f"{socket.gethostname()[:64]}-{secrets.token_hex(6)}"
        self._jobs = jobs
        self._spool = spool
        self._dead_seconds = dead_seconds
        self._closed = threading.Event()
        # Before anything is begun: who dies unheard of is never taken over from.
        self._beat()
        self._dbos = _launched(self.id, database_url, make_job(_run_step).run)
        self._dbos.register_queue(
            _QUEUE,
            worker_concurrency=at_once,
            partition_concurrency=at_once_per_key,
            polling_interval_sec=poll_seconds,
        )
        acts = ((self._beat, dead_seconds / 5), (self._tend, poll_seconds), (self._sweep, _SWEEP_SECONDS))
        self._threads = [threading.Thread(target=self._repeat, args=pair, name="jobs", daemon=True) for pair in acts]
        for thread in self._threads:
            thread.start()

    def close(self, *, patience_seconds: int = 0) -> None:
        """Stop; a job that is not over within `patience_seconds` goes on in another worker, or in the next one."""
        self._closed.set()
        for thread in self._threads:
            thread.join()
        self._dbos.destroy(destroy_registry=True, workflow_completion_timeout_sec=patience_seconds)
        # What it was at is taken over at once, and not only after the silence has been long enough.
        self._jobs.retire(self.id)

    def _repeat(self, act: Callable[[], None], seconds: float) -> None:
        while not self._closed.wait(seconds):
            try:
                act()
            except Exception as error:  # noqa: BLE001 -- a database that is away now may be back the next time
                _log.error("jobs not tended", extra={"act": act.__name__, "error_type": type(error).__name__})

    def _beat(self) -> None:
        self._jobs.beat(self.id, socket.gethostname()[:64], _now())

    def _tend(self) -> None:
        """Hand over what was accepted, take over from the dead, and forget what is over."""
        for job in self._jobs.to_hand_over():
            self._hand_over(job)
        for worker_id in self._jobs.silent(_now(), seconds=self._dead_seconds):
            if worker_id != self.id:
                # Several workers may do so at once: a job is handed on only if the dead one still has it.
                self._dbos._recover_pending_workflows([worker_id])  # noqa: SLF001 -- there is no public way
                self._jobs.forget(worker_id)
        self._forget_ended()

    def _hand_over(self, job: Job) -> None:
        options = {
            "workflow_name": _WORKFLOW,
            "queue_name": _QUEUE,
            # To hand a job over again changes nothing, because this is known already.
            "workflow_id": f"{job.id}.{job.run}",
            "app_version": _VERSION,
            "priority": job.priority,
            "queue_partition_key": job.key_id or "operator",
        }
        self._dbos.enqueue_workflow_with_options(options, job.id)
        self._jobs.handed_over(job.id)

    def _forget_ended(self) -> None:
        """Delete what steps returned, which repeats what was said, as soon as their job is over."""
        ended = self._dbos.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"], limit=100, load_input=False, load_output=False
        )
        if ended:
            self._dbos.delete_workflows([workflow.workflow_id for workflow in ended])

    def _sweep(self) -> None:
        """Delete clips that no job needs any more: a crash may have left some."""
        swept = self._spool.sweep(self._jobs.wanted())
        if swept:
            _log.info("clips swept", extra={"count": swept})


def _launched(executor_id: str, database_url: str, run: Callable[[str], None]) -> Any:
    """Return DBOS, ready to run jobs by `run`."""
    from dbos import DBOS
    from dbos._serialization import DBOSPortableJSONSerializer

    class Texts(DBOSPortableJSONSerializer):
        """JSON and nothing else: what is read back from the database must not be able to run."""

    DBOS(
        config={
            "name": "evenhand",
            "system_database_url": database_url,
            "executor_id": executor_id,
            "application_version": _VERSION,
            "log_level": "ERROR",
            "enable_otlp": False,
            "serializer": Texts(),
            "notification_listener_polling_interval_sec": 1.0,
        }
    )

    @DBOS.workflow(name=_WORKFLOW)
    def screen_clip(job_id: str) -> None:
        run(job_id)

    DBOS.launch()
    return DBOS


def _run_step(name: str, work: Callable[[], str]) -> str:
    from dbos import DBOS

    return DBOS.run_step({"name": name, "retries_allowed": True, "max_attempts": _TRIES, "interval_seconds": 1.0}, work)


def _now() -> datetime:
    return datetime.now(UTC)
