"""Retention runs inside the server; when it fails, the server says so and goes on."""

import logging
import sqlite3
import time

import httpx
import pytest

from live import live_server


def wait_for(caplog, message):
    deadline = time.monotonic() + 20
    while message not in caplog.messages and time.monotonic() < deadline:
        time.sleep(0.02)
    return [record for record in caplog.records if record.message == message]


@pytest.fixture(autouse=True)
def logs(caplog):
    caplog.set_level(logging.INFO, "evenhand.server.app")


def test_it_is_enforced_at_the_start(tmp_path, caplog):
    with live_server(tmp_path, detectors="text.links"):
        assert wait_for(caplog, "retention enforced")


def test_a_failure_is_logged_and_leaves_the_server_serving(tmp_path, caplog):
    with live_server(tmp_path, detectors="text.links"):
        wait_for(caplog, "retention enforced")
    with sqlite3.connect(tmp_path / "evenhand.sqlite") as database:
        database.execute("ALTER TABLE contents RENAME TO gone")
    with live_server(tmp_path, detectors="text.links") as server:
        (failure,) = wait_for(caplog, "retention failed")
        assert failure.error_type == "StoreError"
        assert httpx.get(f"{server.url}/healthz").status_code == 200
