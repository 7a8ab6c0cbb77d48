import json
import time

import pytest
from click.testing import CliRunner

from databases import store_in
from evenhand.cli.jobs import command
from evenhand.core.content import ClipFile
from evenhand.core.errors import InputError, NotFoundError
from evenhand.core.job import JobError, JobStatus
from evenhand.jobs.desk import JobDesk, Order
from evenhand.jobs.spool import Spool
from samples import NOON


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def jobs(store, tmp_path):
    """One that waits, one that runs and one that is dead."""
    desk = JobDesk(store, Spool(tmp_path / "clips", max_bytes=10), ["default"])
    made = []
    for name in ("waits", "runs", "died"):
        made.append(desk.accept(Order(content_id=name), ClipFile(tmp_path / name)))
        time.sleep(0.002)  # jobs of one millisecond have no order
    store.jobs.begin(made[1].id, NOON)
    store.jobs.advance(made[1].id, seconds_done=30, seconds=60)
    store.jobs.fail(made[2], JobStatus.DEAD, JobError("internal", "It failed."), NOON)
    return made


def run(tmp_path, *arguments):
    result = CliRunner().invoke(command, [*arguments, "--data-folder", str(tmp_path)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_jobs_are_listed_with_how_far_they_are_and_why_they_are_not(tmp_path, jobs):
    died, runs, waits = run(tmp_path, "list").splitlines()
    assert f"{jobs[2].id}  dead" in died
    assert died.endswith("died  internal: It failed.")
    assert " 50% of 60 s" in runs
    assert "waiting" in waits


def test_the_dead_can_be_listed_alone_and_for_programs(tmp_path, jobs):
    (line,) = run(tmp_path, "list", "--status", "dead", "--json").splitlines()
    assert json.loads(line)["error"] == {"code": "internal", "message": "It failed."}


def test_one_job_is_shown_with_everything(tmp_path, jobs):
    shown = json.loads(run(tmp_path, "show", jobs[1].id))
    assert (shown["status"], shown["progress"], shown["started_at"]) == ("running", 0.5, NOON.isoformat())
    assert (shown["ended_at"], shown["decision_id"], shown["error"]) == (None, None, None)


def test_a_job_is_cancelled(tmp_path, jobs):
    assert "cancelled" in run(tmp_path, "cancel", jobs[0].id)
    assert "to be cancelled" in run(tmp_path, "cancel", jobs[1].id)


def test_a_dead_job_is_retried_and_others_are_not(tmp_path, jobs):
    assert "waiting" in run(tmp_path, "retry", jobs[2].id)
    with pytest.raises(InputError) as refused:
        run(tmp_path, "retry", jobs[1].id)
    assert refused.value.code == "job.not_dead"


def test_there_is_no_other_job(tmp_path, jobs):
    with pytest.raises(NotFoundError):
        run(tmp_path, "show", "job_0")
