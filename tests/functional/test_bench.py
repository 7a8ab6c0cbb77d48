"""The benchmark measures every layer for real; what it measures is not judged here."""

from evenhand.cli.bench_text import DETECTORS, ENGINE, HTTP, MODEL, SERVICE, bench_text


def test_every_layer_is_measured_and_summed_up():
    report = bench_text(seconds=1)
    timings = {row["name"]: row for row in report["timings"]}
    assert {MODEL, DETECTORS, ENGINE, SERVICE, HTTP} <= set(timings)
    for row in timings.values():
        assert 0 < row["p50"] <= row["p95"] <= row["p99"]
        assert row["single_per_second"] > 0
        assert row["batch_per_second"] > 0
    assert all(report["summary"].values())
