"""Kill the server and its workers again and again while they screen clips, and print whether anything was lost.

`python tools/kill_workers.py --kills 100` sends drawn clips to a server on SQLite, or on the database that
--database-url names, and kills it, or its worker alone, with signal 9 at random moments. At the end every accepted job
must be done with the decision that the same clip gets undisturbed, and a webhook must have been told of each, always
under the same event id. It ends with 1 if not. The moments come from --seed; what is under way then does not.
"""

import argparse
import contextlib
import http.server
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evenhand.service.screener import Screener
from evenhand.store.store import open_store

#: Seconds that the rest of the jobs may take after the last kill.
_PATIENCE = 3_600.0
#: Clips of different lengths and words, so that kills meet every step.
_CLIPS = (("you are an idiot", 4.0), ("hello and welcome", 12.0), ("call now 020 7946 0000", 40.0))


def draw(path: Path, words: str, seconds: float) -> Path:
    """Write a small video that shows `words`, and changes its picture every five seconds."""
    import av
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(28)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=5, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        for number in range(round(seconds * 5)):
            picture = Image.new("RGB", (480, 270), (40 + number // 25 * 60 % 200, 90, 140))
            ImageDraw.Draw(picture).text((30, 100), words, fill="#fff", font=font)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")))
        container.mux(stream.encode())
    return path


class Receiver(http.server.ThreadingHTTPServer):
    """Remembers which events came for which job."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events: defaultdict[str, Counter[str]] = defaultdict(Counter)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["type"].startswith("job."):
            self.server.events[body["data"]["id"]][self.headers["webhook-id"]] += 1
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server:
    """`evenhand serve` with one worker, in a session of its own so that both can be killed at once."""

    def __init__(self, folder: Path, database_url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._environment = {
            **os.environ,
            "EVENHAND_DATA_FOLDER": str(folder),
            "EVENHAND_PORT": str(self.port),
            "EVENHAND_WEBHOOK_HOSTS": "127.0.0.1",
            "EVENHAND_WORKER_DEAD_SECONDS": "3",
            "EVENHAND_JOBS_PER_KEY": "10000",
            "EVENHAND_LOG_LEVEL": "error",
            **({"EVENHAND_DATABASE_URL": database_url} if database_url else {}),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> str:
        """Return what an `evenhand` command prints."""
        run = [sys.executable, "-P", "-m", "evenhand", *arguments]
        return subprocess.run(run, env=self._environment, check=True, capture_output=True, text=True).stdout  # noqa: S603

    def start(self) -> None:
        """Start it, and return once it answers."""
        run = [sys.executable, "-P", "-m", "evenhand", "serve"]
        self.process = subprocess.Popen(  # noqa: S603
            run, env=self._environment, start_new_session=True, stdout=subprocess.DEVNULL
        )
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise RuntimeError("the server did not start")

    def kill(self, *, worker_only: bool) -> None:
        """Kill the worker, or the server and the worker."""
        if self.process is None:
            return
        if worker_only:
            for process_id in children(self.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process_id, signal.SIGKILL)
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def send(self, clip: Path, name: str, key: str) -> str | None:
        """Return the id of the job that was accepted for a clip; nothing if there was no answer."""
        border = uuid.uuid4().hex
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="id"\r\n\r\n{name}\r\n'.encode(),
            f'--{border}\r\nContent-Disposition: form-data; name="clip"; filename="a.mp4"\r\n\r\n'.encode(),
            clip.read_bytes(),
            f"\r\n--{border}--\r\n".encode(),
        ]
        headers = {"Authorization": f"Bearer {key}", "Content-Type": f"multipart/form-data; boundary={border}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/jobs", b"".join(parts), headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return str(json.load(answer)["id"])
        except (OSError, urllib.error.URLError, ValueError):
            return None


def children(process_id: int) -> list[int]:
    """Return the ids of the processes that `process_id` started, and of theirs."""
    found = []
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{process_id}/task/{process_id}/children").read_text(encoding="ascii")
        found = list(map(int, text.split()))
        for task in Path(f"/proc/{process_id}/task").iterdir():
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    found = list(dict.fromkeys(found))
    return found + [each for one in found for each in children(one)]


def outcome(decision: Any) -> tuple[Any, ...]:
    """Return what must be the same, however often a worker died."""
    scores = tuple(sorted((label, round(score, 6)) for label, score in decision.scores.items()))
    spans = tuple((span.begin, span.end, span.label, round(span.score, 6)) for span in decision.timeline)
    return decision.action, scores, spans, decision.notices


def disturbed(
    server: Server, clips: list[Path], kills: int, source: random.Random, key: str
) -> Iterator[tuple[str, int]]:
    """Yield each job that was accepted with the number of its clip, while the server is killed `kills` times."""
    server.start()
    for number in range(kills):
        place = source.randrange(len(clips))
        if (job_id := server.send(clips[place], str(place), key)) is not None:
            yield job_id, place
        time.sleep(source.uniform(0.0, 8.0))
        worker_only = source.random() < 0.5  # noqa: PLR2004 -- a coin
        server.kill(worker_only=worker_only)
        if not worker_only:
            server.start()
        print(f"\r{number + 1} kills", end="", file=sys.stderr, flush=True)


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url", default=os.environ.get("EVENHAND_TEST_POSTGRES", ""))
    given = parser.parse_args()
    source = random.Random(given.seed)  # noqa: S311 -- reproducible, not secret
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips = [draw(folder / f"{place}.mp4", *clip) for place, clip in enumerate(_CLIPS)]
        with Screener() as screener:
            undisturbed = [outcome(screener.screen_clip(clip)) for clip in clips]
        receiver = Receiver()
        server = Server(folder / "data", given.database_url)
        key = server.command("keys", "create", "kills", "--json")
        server.command("webhooks", "create", f"http://127.0.0.1:{receiver.server_port}/", "--name", "kills")
        sent = dict(disturbed(server, clips, given.kills, source, json.loads(key)["key"]))
        store = open_store(given.database_url or f"sqlite:///{folder / 'data' / 'evenhand.sqlite'}")
        faults = list(found_faults(store, sent, undisturbed, receiver))
        server.kill(worker_only=False)
        store.close()
    print(f"\nkills {given.kills}, jobs accepted {len(sent)}, faults {len(faults)}")
    print("\n".join(faults))
    return 1 if faults else 0


def found_faults(store: Any, sent: dict[str, int], undisturbed: list[Any], receiver: Receiver) -> Iterator[str]:
    """Yield what went wrong, once all jobs are over or time is up."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and (store.jobs.count_open() or any(job not in receiver.events for job in sent)):
        time.sleep(0.5)
    for job_id, place in sent.items():
        job = store.jobs.get(job_id)
        if job.status.value != "done":
            yield f"{job_id} is {job.status}: {job.error}"
        elif outcome(store.decisions.get(job.decision_id).decision) != undisturbed[place]:
            yield f"{job_id} was decided differently from the same clip undisturbed"
        if len(receiver.events[job_id]) != 1:
            yield f"{job_id} was told of under {len(receiver.events[job_id])} event ids"


if __name__ == "__main__":
    sys.exit(main())
