"""docs/migrate-from-perspective.md says what is so: its names, its error table, and the program in it."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

from evenhand.api.perspective.attributes import ATTRIBUTE_LABELS
from evenhand.api.perspective.errors import refuse
from evenhand.api.perspective.operations import analyze, suggest
from evenhand.api.perspective.schema import AnalyzeRequest

PAGE = (Path(__file__).parents[3] / "docs" / "migrate-from-perspective.md").read_text(encoding="utf-8")


def table(heading):
    """Return the cells of the table below `heading`."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def names(cell):
    return re.findall(r"`([A-Z_]+)`", cell)


def test_every_attribute_is_listed_and_those_without_a_counterpart_are_unknown():
    rows = table("Attributes")
    listed = {name for cell, meaning in rows if meaning != "none" for name in names(cell)} - {"_EXPERIMENTAL"}
    assert listed == set(ATTRIBUTE_LABELS)
    unknown = {name for cell, meaning in rows if meaning == "none" for name in names(cell)}
    assert len(unknown) >= 10
    assert unknown.isdisjoint(ATTRIBUTE_LABELS)


def test_every_error_that_the_methods_may_answer_is_in_the_table():
    rows = {(int(code), status): [] for _, code, status, _ in table("Errors")}
    for _, code, status, reason in table("Errors"):
        rows[int(code), status].append(reason)
    for error in (*analyze().errors, *suggest().errors):
        body = json.loads(refuse(error).body)["error"]
        detail = (body.get("details") or [{}])[0]
        assert detail.get("errorType", detail.get("reason", "")) in rows[body["code"], body["status"]]


def test_every_field_of_a_request_that_has_an_effect_is_named():
    for name in set(AnalyzeRequest.__struct_fields__) - {"comment", "sessionId", "communityId"}:
        assert name in PAGE


def test_the_program_for_thresholds_runs(tmp_path):
    with (tmp_path / "comments.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("body", "removed"), ("you are a stupid idiot", 1), ("Good morning", 0), ("you total moron", 1)]
        )
    screen = "screen --input comments.csv --text-field body --output decisions.jsonl"
    assert f"evenhand {screen}\n" in PAGE
    subprocess.run([sys.executable, "-m", "evenhand", *screen.split()], cwd=tmp_path, check=True, timeout=60)
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, check=True, timeout=60, capture_output=True, text=True
    )
    first, *_, last = done.stdout.splitlines()
    assert first == "0.50  flags 2  finds 100% of what was removed  100% of them right"
    assert last.startswith("0.99  flags ")
