"""The installed command as people and scripts call it: a process of its own."""

import contextlib
import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

LEXICON = ("--detectors", "text.lexicon")
RUDE = "you are an idiot"
COMMAND = (sys.executable, "-m", "evenhand")


@pytest.fixture
def environment(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EVENHAND_")}
    return kept | {"XDG_DATA_HOME": str(tmp_path / "home"), "PYTHONWARNINGS": "error"}


@pytest.fixture
def call(tmp_path, environment):
    def call(*arguments, stdin=None):
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env=environment,
            timeout=100,
            check=False,
        )

    return call


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\nthresholds:\n  harassment: {block: 0.5}\n  profanity: {review: 0.5}\n", encoding="utf-8"
    )
    return path


def actions(output):
    lines = [json.loads(line) for line in output.splitlines()]
    return [line.get("action") or line["error"]["code"] for line in lines]


def test_the_script_is_installed_beside_python():
    script = os.path.join(os.path.dirname(sys.executable), "evenhand")  # noqa: PTH118, PTH120 -- the link itself counts
    shown = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("evenhand, version ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("good",), 0),
        (("what the fuck",), 10),
        (("what the fuck", RUDE), 11),
        (("",), 3),
        (("--policy", "none.yaml", "good"), 4),
        (("--setting", "prot", "1", "good"), 4),
        (("--detectors", "text.nothing", "good"), 4),
        (("--nonsense",), 2),
    ],
)
def test_scripts_can_tell_outcomes_apart_by_exit_code(call, policy, arguments, code):
    ended = call("screen", *LEXICON, "--policy", policy, "--exit-code", *arguments)
    assert ended.returncode == code
    assert b"Traceback" not in ended.stderr


def test_a_store_that_cannot_be_opened_has_an_exit_code_of_its_own(call, tmp_path):
    (tmp_path / "file").touch()
    ended = call("keys", "list", "--data-folder", tmp_path / "file")
    assert ended.returncode in {4, 5}
    assert b"Traceback" not in ended.stderr
    assert ended.stderr.startswith(b"evenhand: ")


def test_json_is_alone_on_standard_output(call, policy):
    ended = call("screen", "--policy", policy, "--json", RUDE, "good")
    assert actions(ended.stdout) == ["block", "allow"]
    assert ended.stderr == b""


def test_all_built_in_detectors_run_unless_others_are_named(call):
    (line,) = call("screen", "--json", RUDE).stdout.splitlines()
    detectors = {signal["detector"] for signal in json.loads(line)["signals"]}
    assert detectors == {"text.lexicon", "text.toxicity"}


def test_lines_are_answered_in_order_whatever_bytes_they_are(call):
    ended = call("screen", *LEXICON, "--json", stdin=b"good\r\nrapid\xe9\n\x00\nrapid\xc3\xa9\n\n")
    assert actions(ended.stdout) == ["allow", "text.lone_surrogate", "allow", "allow", "text.empty"]
    assert ended.returncode == 3
    assert b"Traceback" not in ended.stderr


def test_a_reader_that_leaves_ends_the_command_quietly(tmp_path, environment):
    (tmp_path / "in.txt").write_text("good\n" * 5_000, encoding="utf-8")
    line = f"'{sys.executable}' -m evenhand screen --detectors text.lexicon --json < in.txt | head -n 1"
    ended = subprocess.run(
        ["sh", "-c", line], capture_output=True, cwd=tmp_path, env=environment, timeout=100, check=True
    )
    assert len(ended.stdout.splitlines()) == 1
    assert ended.stderr == b""


def test_a_run_that_is_killed_and_continued_gives_exactly_the_same_bytes(call, tmp_path, environment):
    source, output, whole = (tmp_path / name for name in ("in.jsonl", "out.jsonl", "whole.jsonl"))
    rows = ({"text": f"{RUDE if number % 7 else 'good'} {number}"} for number in range(20_000))
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert call("screen", *LEXICON, "--input", source, "--output", whole).returncode == 0
    arguments = ["screen", *LEXICON, "--input", str(source), "--output", str(output)]
    with subprocess.Popen([*COMMAND, *arguments], env=environment, stderr=subprocess.DEVNULL) as process:
        while not (output.exists() and output.stat().st_size):
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    at_kill = output.stat().st_size
    assert 0 < at_kill < whole.stat().st_size
    with output.open("r+b") as file:
        file.truncate(at_kill - 10)  # a kill may also cut a line short
    ended = call(*arguments, "--json")
    assert output.read_bytes() == whole.read_bytes()
    assert sum(json.loads(ended.stdout).values()) == 20_000


def test_csv_from_a_spreadsheet_is_screened_row_by_row(call, tmp_path):
    path = tmp_path / "in.csv"
    head = b"\xef\xbb\xbfbody,n\r\n"
    path.write_bytes(head + b'"said ""hi"",\r\nthen left",1\r\nrapid\xe9,2\r\nnot "closed,3\r\n"rapid\xc3\xa9",4\r\n')
    files = ("--input", path, "--output", tmp_path / "out.jsonl")
    ended = call("screen", *LEXICON, *files, "--text-field", "body", "--id-field", "n")
    assert ended.stderr == b"Screened: 3 allow, 1 error.\n"
    assert ended.returncode == 3
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert [(line["row"], line["id"], line.get("action")) for line in lines] == [
        (0, "1", "allow"),
        (1, "", None),
        (2, "3", "allow"),
        (3, "4", "allow"),
    ]


def test_the_same_rows_give_the_same_decisions_from_every_format(call, tmp_path):
    parquet, pyarrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    texts = ["good", RUDE, 'a "quoted", word', "two\nlines"]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": text}) + "\r\n" for text in texts), encoding="utf-8")
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in texts)])
    parquet.write_table(pyarrow.table({"text": texts}), tmp_path / "in.parquet")
    outputs = set()
    for kind in ("jsonl", "csv", "parquet"):
        output = tmp_path / f"{kind}.jsonl"
        assert call("screen", *LEXICON, "--input", f"in.{kind}", "--output", output).returncode == 0
        outputs.add(output.read_bytes())
    assert len(outputs) == 1


@contextlib.contextmanager
def serving(environment, tmp_path, port):
    """Run `evenhand serve` and yield where its output goes; at the end interrupt it as Ctrl-C does."""
    said = tmp_path / f"said-{time.monotonic_ns()}"
    arguments = [*COMMAND, "serve", "--port", str(port), "--setting", "detectors", "text.lexicon"]
    with said.open("wb") as file, subprocess.Popen(arguments, env=environment, stdout=file, stderr=file) as process:
        try:
            while b"Uvicorn running on" not in said.read_bytes():
                assert process.poll() is None, said.read_text(encoding="utf-8")
                time.sleep(0.05)
            yield said
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
    assert process.returncode in {0, 130}
    assert b"Traceback" not in said.read_bytes()
    assert b"shutdown complete" in said.read_bytes()


def test_a_first_start_shows_a_key_that_works_and_a_second_start_shows_none(environment, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with serving(environment, tmp_path, port) as said:
        shown = said.read_text(encoding="utf-8")
        (secret,) = set(re.findall(r"eh_[\w-]+", shown))
        assert shown.count("shown only now") == 1
        assert len([line for line in shown.splitlines() if line.startswith("  ")]) == 3
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/screen",
            json.dumps({"text": RUDE}).encode(),
            {"Authorization": f"Bearer {secret}"},
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
    with serving(environment, tmp_path, port) as said:
        shown = said.read_text(encoding="utf-8")
        assert f"evenhand listens on http://127.0.0.1:{port} " in shown
        assert "eh_" not in shown
