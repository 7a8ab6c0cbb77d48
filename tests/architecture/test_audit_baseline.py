"""The gate: the release's audit must not get worse than the committed baseline beyond its interval.

The release is asked about a sample of the audit's English sentences here, as `tools/keep_baseline.py` asked what the
baseline is of. A whole audit takes minutes and is run by hand.
"""

import json

import pytest

from evenhand.audit.baseline import BASELINE, sample_figures, worse_than

PLANTED = {"flip_rate": {"value": 0.004, "low": 0.002, "high": 0.008}}


def check(baseline, report):
    """Fail with one line for each figure that got worse."""
    if worse := worse_than(json.loads(baseline.read_text(encoding="utf-8")), report):
        pytest.fail("\n".join(["The audit got worse than the baseline:", *map(str, worse)]), pytrace=False)


@pytest.mark.timeout(600)
def test_the_release_is_no_worse_than_the_baseline():
    check(BASELINE, sample_figures())


@pytest.fixture
def baseline(tmp_path):
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(PLANTED), encoding="utf-8")
    return path


def measured(value):
    return {"flip_rate": {"value": value, "low": 0.0, "high": 1.0}}


def test_a_planted_report_that_got_worse_is_caught(baseline):
    with pytest.raises(pytest.fail.Exception, match=r"flip_rate: 0\.009"):
        check(baseline, measured(0.009))


def test_a_report_that_is_as_good_passes(baseline):
    check(baseline, measured(0.008))
