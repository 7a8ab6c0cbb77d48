"""The text benchmark: the same texts through every layer, from the bare model to a server in a process of its own."""

import contextlib
import dataclasses
import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from evenhand.cli.timing import BATCH, Call, Stopwatch, sample_texts
from evenhand.content.prepared import Prepared
from evenhand.content.text import Text
from evenhand.core.content import Content
from evenhand.detectors.base import Detector
from evenhand.detectors.registry import load_text_detectors
from evenhand.detectors.text.toxicity import ToxicityDetector
from evenhand.engine.screen import Engine
from evenhand.policy.load import load_policy
from evenhand.service.moderate import Moderation
from evenhand.store.store import open_store

BASELINE: Final = "alt-profanity-check (baseline)"
ENCODER: Final = "bare int8 encoder (pieces ready)"
MODEL: Final = "bare model (text.toxicity)"
DETECTORS: Final = "bare detectors, one after another"
ENGINE: Final = "engine (detectors and policy)"
SERVICE: Final = "service (engine and SQLite)"
HTTP: Final = "HTTP door (POST /v1/screen)"


def bench_text(*, seconds: float, texts: int = 256) -> dict[str, Any]:
    """Return timings of every layer and what follows from them, measured on so many `texts`."""
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder) / "server") as server:
        samples = sample_texts(texts)
        detectors = load_text_detectors()
        model = next(detector for detector in detectors if isinstance(detector, ToxicityDetector))
        engine = Engine(detectors)
        policy = load_policy()
        store = open_store(f"sqlite:///{folder}/bench.sqlite")
        service = Moderation(engine, [policy], store=store)
        calls: dict[str, Call] = {
            **_baseline(),
            ENCODER: _encoder(model, samples),
            MODEL: _bare([model]),
            DETECTORS: _bare(detectors),
            ENGINE: lambda texts: engine.screen([Prepared(Text(text)) for text in texts], [policy] * len(texts)),
            SERVICE: lambda texts: service.moderate([service.submission(Content(text)) for text in texts]),
            HTTP: server.screen,
        }
        stopwatch = Stopwatch(calls)
        stopwatch.measure(samples, seconds=seconds)
        crowd = server.crowd(seconds=min(seconds, 5.0))
        store.close()
        return {
            "timings": [dataclasses.asdict(timing) for timing in stopwatch.timings()],
            "summary": _summary(stopwatch) | crowd | server.footprint(),
        }


def _baseline() -> dict[str, Call]:
    try:
        from profanity_check import predict_prob
    except ImportError:
        return {}
    return {BASELINE: lambda texts: predict_prob(list(texts))}


def _encoder(model: ToxicityDetector, texts: Sequence[str]) -> Call:
    pieces = {text: model.encoder.cutter.pieces(Text(text).clean).ids for text in texts}

    def run(texts: Sequence[str]) -> None:
        for text in texts:
            model.encoder.parts(pieces[text])

    return run


def _bare(detectors: Sequence[Detector]) -> Call:
    def detect(texts: Sequence[str]) -> None:
        prepared = [Text(text) for text in texts]  # anew each time: cleaning is part of the work
        for detector in detectors:
            detector.detect(prepared)

    return detect


def _summary(stopwatch: Stopwatch) -> dict[str, str]:
    by_name = {timing.name: timing for timing in stopwatch.timings()}
    engine, http = by_name[ENGINE], by_name[HTTP]
    return {
        "text.toxicity p50 / bare encoder p50, single text": f"{by_name[MODEL].p50 / by_name[ENCODER].p50:.2f}x",
        f"engine over bare detectors at batch {BATCH}": f"{stopwatch.overhead(ENGINE, DETECTORS):+.0%}",
        f"engine over bare model at batch {BATCH}": f"{stopwatch.overhead(ENGINE, MODEL):+.0%}",
        "HTTP door p50 / engine p50, single text": f"{http.p50 / engine.p50:.2f}x",
    }


class _Connection:
    """One keep-alive connection that costs the client as little as can be."""

    def __init__(self, url: str, key: str) -> None:
        self._address = urlsplit(url)
        self._key = key
        self._socket = self._connected()

    def screen(self, texts: Sequence[str]) -> None:
        """Post `texts` and read the whole answer, which must be 200."""
        many = [{"text": text} for text in texts]
        body = json.dumps({"items": many} if len(many) > 1 else many[0]).encode()
        head = (
            f"POST /v1/screen HTTP/1.1\r\nHost: {self._address.netloc}\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            self._ask(head.encode() + body)
        except ConnectionError:
            # The server hung up, since nothing was asked while the others had their turns.
            self.close()
            self._socket = self._connected()
            self._ask(head.encode() + body)

    def _connected(self) -> socket.socket:
        assert self._address.hostname  # noqa: S101 -- the server printed it
        connected = socket.create_connection((self._address.hostname, self._address.port or 80), timeout=60)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def _ask(self, request: bytes) -> None:
        self._socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._received(65_536)
        headers, _, rest = answer.partition(b"\r\n\r\n")
        if b" 200 " not in headers[:20]:
            raise RuntimeError(answer.decode(errors="replace"))
        length = re.search(rb"content-length: (\d+)", headers, re.IGNORECASE)
        assert length  # noqa: S101 -- the door always sends it
        missing = int(length[1]) - len(rest)
        while missing > 0:
            missing -= len(self._received(min(missing, 65_536)))

    def _received(self, at_most: int) -> bytes:
        found = self._socket.recv(at_most)
        if not found:
            raise ConnectionResetError
        return found

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


class _Server:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str, key: str, started_after: float) -> None:
        self._process = process
        self._url = url
        self._key = key
        self._started_after = started_after
        self._connection = _Connection(url, key)
        self.screen = self._connection.screen
        self.close = self._connection.close

    def crowd(self, *, seconds: float, clients: int = 16) -> dict[str, str]:
        """Return the throughput with many clients at once, each sending single texts."""
        done = [0] * clients
        deadline = time.perf_counter() + seconds

        def work(number: int) -> None:
            texts = sample_texts(64, seed=number)
            with contextlib.closing(_Connection(self._url, self._key)) as connection:
                while time.perf_counter() < deadline:
                    connection.screen([texts[done[number] % len(texts)]])
                    done[number] += 1

        threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {f"HTTP door with {clients} clients, single texts": f"{sum(done) / seconds:.0f} texts/s"}

    def footprint(self) -> dict[str, str]:
        """Return start-up time and memory after the load."""
        figures = {"start-up until the first answer": f"{self._started_after:.2f} s"}
        status = Path(f"/proc/{self._process.pid}/status")
        if status.exists() and (memory := re.search(r"VmRSS:\s+(\d+) kB", status.read_text())):
            figures["server memory after the load"] = f"{int(memory[1]) / 1024:.0f} MB"
        return figures


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[_Server]:
    """Start `evenhand serve` with an empty database in `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--data-folder", str(folder), "--setting", "requests_per_minute", "100000000"]
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 -- our own command
        [sys.executable, "-m", "evenhand", "serve", *options, "--setting", "log_level", "warning"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            key = _read_key(process)
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, process)
            with contextlib.closing(_Server(process, url, key, time.perf_counter() - started)) as server:
                yield server
        finally:
            process.terminate()


def _read_key(process: subprocess.Popen[str]) -> str:
    assert process.stdout  # noqa: S101 -- it was asked for
    for line in process.stdout:
        if found := re.search(r"eh_\S+", line):
            return found[0]
    raise RuntimeError("the server ended before it printed a key")


def _wait_for(url: str, process: subprocess.Popen[str]) -> None:
    address = urlsplit(url)
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((address.hostname or "", address.port or 80)):
            return
        time.sleep(0.02)
    raise RuntimeError("the server ended before it answered")
