"""Banks from the command line to a match: commands in processes of their own, while a detector runs beside them."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from drawings import encoded
from evenhand.cli.bench_hashes import draw
from evenhand.content.decoding import Decoder
from evenhand.core.content import ImageFile
from evenhand.core.taxonomy import Label
from evenhand.detectors.image.hash_bank import HashBankDetector, LiveBanks
from evenhand.service.bank_sync import BankSync
from evenhand.store.store import open_store


@pytest.fixture
def call(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EVENHAND_")}

    def call(*arguments, stdin=b""):
        return subprocess.run(
            [sys.executable, "-m", "evenhand", "banks", *map(str, arguments), "--data-folder", str(tmp_path / "data")],
            input=stdin,
            capture_output=True,
            env=kept | {"PYTHONWARNINGS": "error"},
            timeout=100,
            check=False,
        )

    return call


@pytest.fixture
def running(tmp_path):
    """A detector whose banks follow the store's, as in a server."""
    store = open_store(f"sqlite:///{tmp_path / 'data' / 'evenhand.sqlite'}")
    live = LiveBanks()
    sync = BankSync(store.banks, live, seconds=0.1)
    yield HashBankDetector(banks=live)
    sync.close()
    store.close()


@pytest.fixture(scope="module")
def decode():
    with Decoder(workers=1) as decoder:
        yield lambda data: decoder.decode(ImageFile(data))


def eventually(say, expected):
    """Wait for what a running server takes seconds to see."""
    deadline = time.monotonic() + 20
    while (said := say()) != expected and time.monotonic() < deadline:
        time.sleep(0.05)
    assert said == expected


def test_an_advert_is_added_found_altered_allowed_and_removed_while_a_detector_runs(call, running, decode, tmp_path):
    (tmp_path / "advert.png").write_bytes(encoded(draw(4)))
    altered = draw(4).transpose(Image.Transpose.FLIP_LEFT_RIGHT).resize((420, 300))
    images = [
        decode(data) for data in (encoded(draw(4)), encoded(altered, "JPEG", quality=40), encoded(draw(4).rotate(40)))
    ]

    def scores():
        return [[(signal.label, signal.score >= 0.99) for signal in signals] for signals in running.detect(images)]

    assert scores() == [[], [], []]
    assert call("create", "adverts", "--label", "advertising", "--owner", "ads team").returncode == 0
    added = call("add", "adverts", tmp_path / "advert.png")
    assert added.stdout.splitlines()[-1] == b"2 added, 0 updated, 0 removed, 0 there already."
    eventually(scores, [[(Label.ADVERTISING, True)]] * 2 + [[]])
    ((known,), (like_it,), _) = running.detect(images)
    assert known.score == 1.0 > like_it.score
    assert ", mirrored: distance " in like_it.reason

    (tmp_path / "harmless.jpg").write_bytes(encoded(altered, "JPEG", quality=40))
    assert call("create", "harmless", "--kind", "allow").returncode == 0
    assert call("add", "harmless", tmp_path / "harmless.jpg").returncode == 0
    eventually(scores, [[(Label.ADVERTISING, True)], [], []])
    assert call("disable", "harmless").returncode == 0
    eventually(scores, [[(Label.ADVERTISING, True)]] * 2 + [[]])
    assert call("remove", "adverts", "--yes").returncode == 0
    eventually(scores, [[], [], []])


def test_a_list_of_thousands_is_imported_twice_and_live(call, running, decode, tmp_path):
    call("create", "terror-media", "--label", "extremism")
    image = decode(encoded(draw(4)))
    chooser = np.random.default_rng(1)
    digests = [image.sha256, *(chooser.bytes(32).hex() for _ in range(12_000))]
    path = tmp_path / "list.jsonl"
    rows = [{"hash_digest": digest, "algorithm": "SHA256", "id": number} for number, digest in enumerate(digests)]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"hash_digest": "?"}]), encoding="utf-8")
    first = call("import", "terror-media", path, "--json")
    assert first.returncode == 3
    told = json.loads(first.stdout)
    assert (told["added"], [row["row"] for row in told["rejected"]]) == (12_001, [12_002])
    eventually(lambda: len(running.banks), 12_001)
    eventually(lambda: [signal.label for signal in running.detect([image])[0]], [Label.EXTREMISM])
    time.sleep(0.5)  # it looks for changes every tenth of a second
    version = running.version
    again = json.loads(call("import", "terror-media", path, "--json").stdout)
    assert (again["added"], again["updated"], again["unchanged"]) == (0, 0, 12_001)
    time.sleep(0.5)
    assert running.version == version


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("create", "faces", "--label", "hate"), 3),
        (("import", "none", "none.csv"), 3),
        (("add", "none", "none.png"), 3),
        (("create", "memes", "--label", "nothing"), 2),
    ],
)
def test_what_cannot_be_done_ends_with_a_code_and_without_a_traceback(call, arguments, code):
    ended = call(*arguments)
    assert ended.returncode == code
    assert b"Traceback" not in ended.stderr
    assert ended.stderr


def test_nobody_is_asked_twice_and_without_an_answer_nothing_goes(call):
    call("create", "memes", "--label", "spam")
    assert call("remove", "memes").returncode == 1
    assert b"memes" in call("list").stdout
    assert call("remove", "memes", stdin=b"y\n").returncode == 0
    assert call("list").stdout == b""
