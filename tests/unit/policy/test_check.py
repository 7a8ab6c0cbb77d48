"""Each error text is kept in tests/golden/policy; `pytest --rewrite-golden` writes them anew."""

from pathlib import Path

import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.policy.load import parse_policy

GOLDEN = Path(__file__).parents[2] / "golden" / "policy"

WRONG = {
    "empty": "",
    "not_a_mapping": "- name\n- thresholds\n",
    "unknown_field": "name: p\nthreshold: {}\n",
    "no_name": "thresholds: {}\n",
    "no_thresholds": "name: p\n",
    "bad_name": "name: My Policy!\nthresholds: {}\n",
    "name_is_a_list": "name: [p]\nthresholds: {}\n",
    "unknown_label": "name: p\nthresholds:\n  harrassment: {review: 0.5}\n",
    "unknown_word": "name: p\nthresholds:\n  zzz: {review: 0.5}\n",
    "personal_attribute": "name: p\nthresholds:\n  ethnicity: {review: 0.5}\n",
    "personal_attribute_in_disguise": "name: p\nthresholds:\n  speaker/skinTone: {block: 0.5}\n",
    "unknown_step": "name: p\nthresholds:\n  hate: {blok: 0.5}\n",
    "allow_is_no_step": "name: p\nthresholds:\n  hate: {allow: 0.5}\n",
    "thresholds_of_a_label_are_a_number": "name: p\nthresholds:\n  hate: 0.5\n",
    "threshold_not_a_number": "name: p\nthresholds:\n  hate: {review: high}\n",
    "threshold_too_high": "name: p\nthresholds:\n  hate: {review: 1.5}\n",
    "threshold_zero": "name: p\nthresholds:\n  hate: {review: 0}\n",
    "threshold_nan": "name: p\nthresholds:\n  hate: {review: .nan}\n",
    "blocks_before_review": "name: p\nthresholds:\n  hate: {review: 0.9, block: 0.5}\n",
    "twice": "name: p\nthresholds:\n  hate: {review: 0.9}\n  hate: {review: 0.8}\n",
    "bad_on_failure": "name: p\non_failure: alow\nthresholds: {}\n",
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_policy_is_pointed_at(case, request):
    with pytest.raises(ConfigurationError) as caught:
        parse_policy(WRONG[case], name="policy.yaml")
    assert caught.value.code == "policy.invalid"
    golden = GOLDEN / f"{case}.txt"
    if request.config.getoption("--rewrite-golden"):
        golden.write_text(f"{caught.value}\n")
    assert f"{caught.value}\n" == golden.read_text()


def test_no_golden_file_is_left_over():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(WRONG)


def test_a_policy_may_leave_out_what_has_a_default():
    policy = parse_policy("name: p\nthresholds:\n  hate: {block: 0.5}\n")
    assert [rule.id for rule in policy.rules] == ["hate.block"]
    assert policy.on_failure == "review"
    assert policy.description == ""
