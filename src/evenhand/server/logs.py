"""Structured logs: one JSON object a line, with the request id. Never a text, never a key."""

import logging
from contextvars import ContextVar

#: Id of the request at hand; empty outside of one.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class _RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        record.__dict__.pop("color_message", None)  # uvicorn's, for terminals
        return True


def configure_logs(*, level: str, form: str) -> None:
    """Send all logs to standard error as `form`: json or plain."""
    handler = logging.StreamHandler()
    handler.addFilter(_RequestIdFilter())
    if form == "json":
        from pythonjsonlogger.json import JsonFormatter

        formatter: logging.Formatter = JsonFormatter(
            "{asctime}{levelname}{name}{message}{request_id}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )
    else:
        formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s [%(request_id)s]")
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # The server writes its own line for each request, without the query, where the Perspective dialect has its key.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
