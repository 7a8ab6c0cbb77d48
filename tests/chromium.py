"""A real browser: Debian's chromium, driven by Playwright."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextlib.contextmanager
def chromium():
    """Give a browser until the block ends; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as running, without_real_time(CHROMIUM) as path:
        opened = running.chromium.launch(executable_path=path, args=list(OPTIONS))
        yield opened
        opened.close()


@contextlib.contextmanager
def without_real_time(program):
    """Give a program that starts `program` without the right to real-time priority, where that right can be given up.

    Started by root, pages were seen at SCHED_FIFO priority 99, where two leave hardly anything of two cores to others.
    """
    give_up = ("setpriv", "--bounding-set=-sys_nice")
    if os.geteuid() or not shutil.which("setpriv") or subprocess.run([*give_up, "true"], check=False).returncode:
        yield program
        return
    with tempfile.TemporaryDirectory() as folder:
        starter = Path(folder, "chromium")
        starter.write_text(f'#!/bin/sh\nexec {" ".join(give_up)} {program} "$@"\n', encoding="utf-8")
        starter.chmod(0o700)
        yield str(starter)


def kill_pages():
    """End the processes of all pages that this process has open: one that hangs would hold up whatever closes it."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [
        (int(pid), int(parent), words) for pid, parent, words in (line.split(None, 2) for line in listed.splitlines())
    ]
    own = {os.getpid()}
    while more := {pid for pid, parent, _ in rows if parent in own} - own:
        own |= more
    for pid, _, words in rows:
        if pid in own and "--type=renderer" in words:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


#: Ends what moves, but for what never ends: axe would see colours that are on their way.
STILL = """() => document.getAnimations()
  .filter(one => Number.isFinite(one.effect.getComputedTiming().endTime))
  .forEach(one => one.finish())"""


def axe_says(page):
    """Return what axe finds on a page; empty: nothing."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page.evaluate(STILL)
    return axe.run(page).generate_snapshot()
