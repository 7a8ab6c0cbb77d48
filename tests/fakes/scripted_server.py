"""A server on 127.0.0.1 that answers what it was told, in order; the faults of other servers are made with it."""

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Scripted:
    """What came in, and what goes out.

    Args:
        url: Where it listens.
        answers: Status, headers and body for each request; the last one also for all that follow. A body that can be
            called makes the body from what came in.
    """

    url: str
    answers: list[tuple[int, dict[str, str], Any]]
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)


@contextlib.contextmanager
def scripted_server(*answers: tuple[int, dict[str, str], Any]) -> Iterator[Scripted]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            scripted.requests.append((self.path, dict(self.headers), body))
            status, headers, answer = scripted.answers.pop(0) if len(scripted.answers) > 1 else scripted.answers[0]
            answer = answer(body) if callable(answer) else answer
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        scripted = Scripted(f"http://127.0.0.1:{server.server_port}", list(answers))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield scripted
        finally:
            server.shutdown()
            thread.join()
