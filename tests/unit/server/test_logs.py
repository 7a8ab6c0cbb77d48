import json
import logging

import pytest

from evenhand.server.logs import configure_logs, request_id


@pytest.fixture(autouse=True)
def _restore_logs():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False


def test_json_logs_are_one_object_a_line(capsys):
    configure_logs(level="info", form="json")
    token = request_id.set("req_1")
    logging.getLogger("evenhand.test").info("done", extra={"status": 200})
    request_id.reset(token)
    logging.getLogger("evenhand.test").debug("not shown")
    (line,) = capsys.readouterr().err.splitlines()
    logged = json.loads(line)
    assert {
        "level": "INFO",
        "logger": "evenhand.test",
        "message": "done",
        "request_id": "req_1",
        "status": 200,
    }.items() <= logged.items()
    assert "time" in logged


def test_plain_logs_are_for_people(capsys):
    configure_logs(level="warning", form="plain")
    logging.getLogger("evenhand.test").warning("careful")
    assert "WARNING evenhand.test careful" in capsys.readouterr().err


def test_colours_meant_for_terminals_stay_out(capsys):
    configure_logs(level="info", form="json")
    logging.getLogger("uvicorn.error").info("started", extra={"color_message": "\x1b[36mstarted"})
    assert "color_message" not in json.loads(capsys.readouterr().err)
