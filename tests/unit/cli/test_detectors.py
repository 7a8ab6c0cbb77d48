import json

from evenhand.cli.detectors import command
from evenhand.detectors.registry import declarations


def test_every_built_in_detector_is_printed_with_its_labels(run):
    shown = run(command).output
    for detector in declarations():
        assert f"{detector.id}\n" in shown
        assert ", ".join(sorted(detector.labels)) in shown


def test_json_tells_the_limits(run):
    entries = {entry["id"]: entry for entry in json.loads(run(command, "--json").output)}
    for detector in declarations():
        entry = entries[detector.id]
        assert (entry["seconds"], entry["megabytes"]) == (detector.limits.seconds, detector.limits.megabytes)
        assert entry["summary"].endswith(".")


def test_a_plugin_is_printed_too(run):
    assert "text.scripted" in run(command, "--setting", "plugins", "fakes.detectors:ScriptedDetector").output
