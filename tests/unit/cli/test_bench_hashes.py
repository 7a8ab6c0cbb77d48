import json
import math
import os
import sys

import numpy as np
import pytest

from evenhand.cli import bench_hashes as module
from evenhand.cli.bench import command
from evenhand.cli.bench_hashes import CHANGES, bench_hashes, draw, robustness, tables, time_index

REPORT = {
    "timings": [
        {
            "entries": 1_000_000,
            "build_seconds": 2.25,
            "megabytes": 240.4,
            "peak_megabytes": 1_360.0,
            "per_second": 9_000.0,
            "all_cores_per_second": 17_000.0,
            "scan_per_second": 200.0,
            "scan": "faiss",
            "missed": 0,
        }
    ],
    "robustness": [{"change": "mirrored", "distance": 0.5, "found": 1.0, "found_as_is": 0.0}],
    "summary": {"cores": 2},
}


def test_an_index_is_measured_and_misses_nothing():
    timing = time_index(6_000, 0.05)
    assert (timing.entries, timing.missed) == (6_000, 0)
    for figure in (timing.build_seconds, timing.per_second, timing.all_cores_per_second, timing.scan_per_second):
        assert figure > 0
    assert timing.peak_megabytes >= 0


def test_what_is_missed_is_counted():
    index = module.HashIndex(length=32, distance=31)
    hashes = np.random.default_rng(1).integers(0, 256, (10, 32), dtype=np.uint8)
    assert module._missed(index, hashes, [0, 1, 2]) == 3


def test_without_faiss_numpy_scans_and_finds_the_same(monkeypatch):
    hashes = np.random.default_rng(1).integers(0, 256, (500, 32), dtype=np.uint8)
    kinds = [module._scan(hashes)]
    monkeypatch.setitem(sys.modules, "faiss", None)
    kinds.append(module._scan(hashes))
    assert [name for name, _ in kinds] == ["faiss", "numpy"]
    limits, _, found = kinds[0][1](hashes[:5])
    assert limits.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.tolist() == [0, 1, 2, 3, 4] == [int(places[0]) for places in kinds[1][1](hashes[:5])]


def test_a_system_that_does_not_tell_its_memory_has_none(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_STATUS", tmp_path / "none")
    assert math.isnan(module._megabytes("VmRSS"))


def test_every_change_is_measured_on_drawn_pictures():
    rows = {row.change: row for row in robustness(3)}
    assert list(rows) == list(CHANGES)
    assert (rows["none"].distance, rows["none"].found) == (0, 1)
    assert (rows["mirrored"].found, rows["mirrored"].found_as_is) == (1, 0)
    assert (rows["another picture"].found, rows["turned by 15 degrees"].found) == (0, 0)
    assert rows["JPEG quality 90"].distance < rows["JPEG quality 10"].distance


def test_a_drawn_picture_is_always_the_same():
    assert draw(1).tobytes() == draw(1).tobytes() != draw(2).tobytes()
    assert draw(1).size == (640, 480)


def test_each_index_is_measured_in_a_process_of_its_own(monkeypatch):
    monkeypatch.setattr(module, "CHANGES", {"none": CHANGES["none"]})
    report = bench_hashes(entries=[10, 20], seconds=0.01, pictures=1)
    assert [row["entries"] for row in report["timings"]] == [10, 20]
    assert report["summary"]["cores"] == os.cpu_count()
    assert json.loads(json.dumps(report)) == report
    assert len(tables(report).splitlines()) == 3 + 3 + 1 + len(report["summary"])


@pytest.fixture
def asked(monkeypatch):
    calls = []
    monkeypatch.setattr(module, "bench_hashes", lambda **options: calls.append(options) or REPORT)
    return calls


def test_the_tables_have_a_row_for_each_size_and_each_change(run, asked):
    head, row, _, changes, change, _, summary = run(command, "hashes").output.splitlines()
    assert head.split()[-4:] == ["cores", "scan/s", "ratio", "missed"]
    assert row.split() == ["1,000,000", "2.2", "240", "1,360", "9,000", "17,000", "200.0", "45x", "0"]
    assert len(row) == len(head)
    assert changes.split()[-3:] == ["distance", "found", "unturned"]
    assert change.split() == ["mirrored", "0.5", "100%", "0%"]
    assert summary == "cores: 2"
    assert asked == [{"entries": [10_000, 1_000_000, 10_000_000], "seconds": 10.0, "pictures": 100}]


def test_json_is_the_report(run, asked):
    shown = run(command, "hashes", "--json", "--entries", "5, 6", "--seconds", "3", "--pictures", "2")
    assert json.loads(shown.output) == REPORT
    assert asked == [{"entries": [5, 6], "seconds": 3.0, "pictures": 2}]


@pytest.mark.parametrize("entries", ["", "0", "1,,2", "many", "-1", "1e6"])
def test_sizes_that_are_none_are_a_wrong_call(run, asked, entries):
    assert run(command, "hashes", "--entries", entries).exit_code == 2
    assert asked == []
