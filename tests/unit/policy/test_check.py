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
    "rule_unknown_field": "name: p\nrules:\n  - {id: a, wen: door == 'a', action: block}\n",
    "rule_without_id": "name: p\nrules:\n  - {when: door == 'a', action: block}\n",
    "rule_without_action": "name: p\nrules:\n  - {id: a, when: door == 'a'}\n",
    "rule_allows": "name: p\nrules:\n  - {id: a, when: door == 'a', action: allow}\n",
    "rule_without_condition": "name: p\nrules:\n  - {id: a, action: block}\n",
    "rule_with_list_and_condition": "name: p\nrules:\n  - {id: a, list: b, when: door == 'a', action: block}\n",
    "rule_twice": "name: p\nrules:\n" + "  - {id: a, when: door == 'a', action: block}\n" * 2,
    "rule_takes_a_name": "name: p\nrules:\n  - {id: on_failure, when: door == 'a', action: block}\n",
    "rule_with_bad_id": "name: p\nrules:\n  - {id: A rule, when: door == 'a', action: block}\n",
    "rule_blocks_into_a_queue": "name: p\nrules:\n  - {id: a, when: door == 'a', action: block, queue: b}\n",
    "rule_with_bad_priority": "name: p\nrules:\n  - {id: a, when: door == 'a', action: review, priority: 11}\n",
    "rule_with_priority_in_words": "name: p\nrules:\n  - {id: a, when: door == 'a', action: review, priority: high}\n",
    "rule_labels_nothing": "name: p\nrules:\n  - {id: a, when: door == 'a', action: label}\n",
    "rule_labels_with_no_tags": "name: p\nrules:\n  - {id: a, when: door == 'a', action: label, tags: []}\n",
    "rule_blocks_with_tags": "name: p\nrules:\n  - {id: a, when: door == 'a', action: block, tags: [b]}\n",
    "rule_off_without_parent": "name: p\nrules:\n  - {id: a, action: off}\n",
    "rules_are_a_mapping": "name: p\nrules: {a: b}\n",
    "not_unicode": 'name: p\ndescription: "\\ud800"\nthresholds: {}\n',
    "extends_nothing": "name: p\nextends:\n",
    "off_without_parent": "name: p\nthresholds:\n  hate: off\n",
    "condition_half": "name: p\nrules:\n  - {id: a, when: scores.hate >, action: block}\n",
    "condition_misspelt": "name: p\nrules:\n  - id: a\n    when: door == 'a' && scoers.hate > 0.5\n    action: block\n",
    "condition_quoted": "name: p\nrules:\n  - {id: a, when: \"scores.hate > 0.5 && dor == 'a'\", action: block}\n",
    "condition_in_a_block": (
        "name: p\nrules:\n  - id: a\n    when: |\n      scores.hate > 0.5\n"
        "        && scores.harasment > 0.5\n    action: block\n"
    ),
    "condition_folded": (
        'name: p\nrules:\n  - id: a\n    when: "scores.hate > 0.5\n      && dor == 1"\n    action: block\n'
    ),
    "queue_unknown_field": "name: p\nthresholds: {}\nqueues:\n  hate: {queu: a}\n",
    "list_without_kind": "name: p\nthresholds: {}\nlists:\n  a: {entries: [b]}\n",
    "list_of_unknown_kind": "name: p\nthresholds: {}\nlists:\n  a: {kind: word, entries: [b]}\n",
    "list_without_entries": "name: p\nthresholds: {}\nlists:\n  a: {kind: words}\n",
    "list_with_bad_entry": "name: p\nthresholds: {}\nlists:\n  a: {kind: hashes, entries: [b]}\n",
    "list_with_bad_name": "name: p\nthresholds: {}\nlists:\n  a-b: {kind: words, entries: [b]}\n",
    "list_in_a_file_without_folder": "name: p\nthresholds: {}\nlists:\n  a: {kind: words, file: b}\n",
    "list_that_is_empty": "name: p\nthresholds: {}\nlists:\n  a: {kind: words, entries: []}\n",
    "too_many_lists": "name: p\nthresholds: {}\nlists:\n"
    + "".join(f"  a{number}: {{kind: words, entries: [b]}}\n" for number in range(51)),
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
