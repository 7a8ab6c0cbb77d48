"""`evenhand worker`: screen the clips that the server accepted."""

import logging
import os
import signal
import sys
import threading

import click

from evenhand.cli.options import data_folder_option, setting_option, settings_from


@click.command
@data_folder_option
@click.option("--until-input-ends", is_flag=True, help="End when standard input does: for who starts it as a child.")
@setting_option
def command(*, data_folder: str | None, until_input_ends: bool, setting: tuple[tuple[str, str], ...]) -> None:
    """Screen the clips that the server accepted, until interrupted.

    The server starts one itself; run more of them, on the same or other machines, with the same PostgreSQL database and
    a data folder that all of them see.

    Example: evenhand worker --setting database_url postgresql://...
    """
    settings = settings_from(setting, data_folder=data_folder)

    from evenhand.server.clips import running_worker
    from evenhand.server.logs import configure_logs

    configure_logs(level=settings.log_level, form=settings.log_format)
    is_over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: is_over.set())
    if until_input_ends:
        threading.Thread(target=_wait_for_end_of_input, args=[is_over], name="input", daemon=True).start()
    with running_worker(settings) as worker:
        logging.getLogger(__name__).info("worker waits for jobs", extra={"worker": worker.id})
        is_over.wait()
    # A stretch that is being screened would hold the process up, and is begun anew by whoever takes over.
    sys.stdout.flush()
    os._exit(0)


def _wait_for_end_of_input(is_over: threading.Event) -> None:
    while sys.stdin.buffer.read(1):
        pass
    is_over.set()
