"""A worker, run as a program of its own, whose jobs run their first step and then hang; it is there to be killed."""

import sys
import time
from pathlib import Path

from evenhand.jobs.spool import Spool
from evenhand.jobs.worker import Worker
from evenhand.store.store import open_store


class HangingJob:
    def __init__(self, run_step, folder):
        self.run_step = run_step
        self.folder = folder

    def run(self, job_id):
        self.run_step("first", lambda: "done by the dead")
        (self.folder / job_id).touch()
        time.sleep(600)


def main():
    store_url, dbos_url, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    store = open_store(store_url)
    Worker(
        store.jobs,
        Spool(folder / "clips", max_bytes=100),
        lambda run_step: HangingJob(run_step, folder),
        dbos_url,
        dead_seconds=2.0,
        poll_seconds=0.05,
    )
    time.sleep(600)


if __name__ == "__main__":
    main()
