"""A real server on a free port of 127.0.0.1, with a real database, for tests that speak HTTP."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from evenhand.core.access import Scope
from evenhand.server.app import build_app
from evenhand.settings import read_settings
from evenhand.store.store import Store, open_store


@dataclass(frozen=True)
class LiveServer:
    """A server that runs: where it is, a key with every scope, and its store."""

    url: str
    key: str
    store: Store

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@contextlib.contextmanager
def live_server(folder: Path, **settings: str) -> Iterator[LiveServer]:
    """Run a server with its database in `folder` until the block ends."""
    values = {"data_folder": str(folder), "requests_per_minute": "1000000", "key_cache_seconds": "0"} | settings
    read = read_settings({}, values)
    store = open_store(read.store_url)
    _, key = store.keys.create(name="test", scopes=frozenset(Scope), requests_per_minute=read.requests_per_minute)
    app = build_app(read, store)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.01)
        try:
            yield LiveServer(f"http://127.0.0.1:{listener.getsockname()[1]}", key, store)
        finally:
            server.should_exit = True
            thread.join(timeout=30)
