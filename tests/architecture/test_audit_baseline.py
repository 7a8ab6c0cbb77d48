"""The gate: the release's audit must not get worse than the committed baseline beyond its interval.

The report comes from `evenhand audit run local`; EVENHAND_TEST_AUDIT_REPORT names the file that holds it, as an audit
takes minutes. Once there is a baseline, a run of the tests without a report fails and does not skip.
"""

import json
import os
from pathlib import Path

import pytest

from evenhand.audit.baseline import BASELINE, worse_than

REPORT = "EVENHAND_TEST_AUDIT_REPORT"
PLANTED = {"flip_rate": {"value": 0.004, "low": 0.002, "high": 0.008}}


def check(baseline, report):
    """Fail with one line for each figure that got worse."""
    if worse := worse_than(json.loads(baseline), json.loads(report)):
        pytest.fail("\n".join(["The audit got worse than the baseline:", *map(str, worse)]), pytrace=False)


def gate(baseline, report):
    """Hold the file `report` against the file `baseline`."""
    if not baseline.exists():
        pytest.skip(
            "there is no baseline yet: keep a report of `evenhand audit run` as src/evenhand/audit/baseline.json"
        )
    if not report:
        pytest.fail(f"There is a baseline: name a report of `evenhand audit run local` in {REPORT}.", pytrace=False)
    check(baseline.read_text(encoding="utf-8"), Path(report).read_text(encoding="utf-8"))


def test_the_release_is_no_worse_than_the_baseline():
    gate(BASELINE, os.environ.get(REPORT, ""))


@pytest.fixture
def baseline(tmp_path):
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(PLANTED), encoding="utf-8")
    return path


def written(path, value):
    path.write_text(json.dumps({"flip_rate": {"value": value, "low": 0.0, "high": 1.0}}), encoding="utf-8")
    return str(path)


def test_a_planted_report_that_got_worse_is_caught(baseline, tmp_path):
    with pytest.raises(pytest.fail.Exception, match=r"flip_rate: 0\.009"):
        gate(baseline, written(tmp_path / "report.json", 0.009))


def test_a_report_that_is_as_good_passes(baseline, tmp_path):
    gate(baseline, written(tmp_path / "report.json", 0.008))


def test_with_a_baseline_a_missing_report_is_no_pass(baseline):
    with pytest.raises(pytest.fail.Exception, match="name a report"):
        gate(baseline, "")


def test_without_a_baseline_it_says_so(tmp_path):
    with pytest.raises(pytest.skip.Exception, match="there is no baseline yet"):
        gate(tmp_path / "baseline.json", "")
