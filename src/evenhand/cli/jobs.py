"""`evenhand jobs`: see the clips that were accepted; cancel, and retry what is dead."""

import json
from datetime import UTC, datetime
from typing import Any

import click

from evenhand.cli.options import data_folder_option, json_option, opened_store, setting_option, settings_from
from evenhand.core.job import Job, JobStatus


@click.group
def command() -> None:
    """See the clips that were accepted; cancel them, and retry what is dead."""


@command.command("list")
@click.option(
    "--status",
    type=click.Choice([status.value for status in JobStatus]),
    help="Only these; `dead` are those that need somebody.",
)
@click.option("--limit", default=50, show_default=True, help="The newest so many.")
@data_folder_option
@setting_option
@json_option
def list_jobs(
    *, status: str | None, limit: int, data_folder: str | None, setting: tuple[tuple[str, str], ...], as_json: bool
) -> None:
    """List the newest jobs.

    Example: evenhand jobs list --status dead
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        found = store.jobs.newest(status=JobStatus(status) if status else None, limit=limit)
    for job in found:
        click.echo(json.dumps(_facts(job)) if as_json else _line(job))


@command.command
@click.argument("job_id")
@data_folder_option
@setting_option
def show(*, job_id: str, data_folder: str | None, setting: tuple[tuple[str, str], ...]) -> None:
    """Print a job as JSON.

    Example: evenhand jobs show job_0199c1a2b3c4d5e6f708192a3b4c5d6e
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        job = store.jobs.get(job_id)
    click.echo(json.dumps(_facts(job), indent=2))


@command.command
@click.argument("job_id")
@data_folder_option
@setting_option
def cancel(*, job_id: str, data_folder: str | None, setting: tuple[tuple[str, str], ...]) -> None:
    """Cancel a job: at once if it waits, or else after the half minute of clip that it is at.

    Example: evenhand jobs cancel job_0199c1a2b3c4d5e6f708192a3b4c5d6e
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        store.jobs.ask_cancel(store.jobs.get(job_id), datetime.now(UTC))
        job = store.jobs.get(job_id)
    click.echo(_line(job))


@command.command
@click.argument("job_id")
@data_folder_option
@setting_option
def retry(*, job_id: str, data_folder: str | None, setting: tuple[tuple[str, str], ...]) -> None:
    """Have a dead job begun anew, once its cause is mended.

    Example: evenhand jobs retry job_0199c1a2b3c4d5e6f708192a3b4c5d6e
    """
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        store.jobs.retry(job_id, datetime.now(UTC))
        job = store.jobs.get(job_id)
    click.echo(_line(job))


def _line(job: Job) -> str:
    why = f"  {job.error.code}: {job.error.message}" if job.error else ""
    asked = "  to be cancelled" if job.is_cancel_asked and not job.status.is_final else ""
    when = f"{job.created_at:%Y-%m-%d %H:%M:%S}"
    return f"{job.id}  {job.status:9}  {job.progress:4.0%} of {job.seconds:.0f} s  {when}  {job.content_id}{asked}{why}"


def _facts(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "status": job.status.value,
        "content_id": job.content_id,
        "key_id": job.key_id,
        "progress": round(job.progress, 4),
        "seconds": job.seconds,
        "priority": job.priority,
        "attempts": job.attempts,
        "created_at": job.created_at.isoformat(),
        "started_at": job.started_at.isoformat() if job.started_at else None,
        "ended_at": job.ended_at.isoformat() if job.ended_at else None,
        "decision_id": job.decision_id or None,
        "error": {"code": job.error.code, "message": job.error.message} if job.error else None,
    }
