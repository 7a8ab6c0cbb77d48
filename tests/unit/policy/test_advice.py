from evenhand.core.taxonomy import Label
from evenhand.policy.advice import advice_on
from evenhand.policy.load import load_policy, parse_policy


def advice(text, covered=tuple(Label), detectors=("text.links",)):
    return advice_on(parse_policy(text), covered=covered, detectors=detectors)


def rules(*entries):
    return "name: p\nrules:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)


def test_there_is_nothing_to_say_of_a_good_policy():
    assert advice_on(load_policy(), covered=tuple(Label), detectors=()) == []
    assert advice(rules("id: a, when: 'detectors[\"text.links\"] > 0.5', action: review")) == []


def test_labels_that_nothing_covers_and_detectors_that_are_not_there():
    text = "name: p\nthresholds: {hate: {review: 0.5}}\n" + rules(
        "id: a, when: 'scores.spam > 0.5 && detectors[\"x\"] > 0.5', action: block"
    ).removeprefix("name: p\n")
    assert advice(text, covered=[]) == [
        "label hate: no detector covers it",
        "label spam: no detector covers it",
        "detector x: there is none of this id",
    ]


def test_a_review_that_always_blocks():
    (said,) = advice("name: p\nthresholds: {hate: {review: 0.5, block: 0.5}, spam: {review: 0.5, block: 0.6}}\n")
    assert said == "rule hate.review: never decides, because hate blocks from the same score on"


def test_a_rule_that_never_holds():
    (said,) = advice(rules("id: a, when: scores.hate > 1.0, action: review"))
    assert said.startswith("rule a: never holds")


def test_of_two_rules_with_one_condition_the_milder_never_decides():
    review, block = "when: scores.hate > 0.5, action: review", "when: scores.hate > 0.5, action: block"
    assert advice(rules(f"id: a, {review}", f"id: b, {block}")) == [
        "rule a: never decides, because b has the same condition"
    ]
    assert advice(rules(f"id: a, {block}", f"id: b, {review}")) == [
        "rule b: never decides, because a has the same condition"
    ]
    tags = "when: scores.hate > 0.5, action: label, tags: [rude]"
    assert advice(rules(f"id: a, {tags}", f"id: b, {review}")) == []
    assert advice(rules(f"id: a, {review}", f"id: b, {tags}")) == []


def test_a_list_that_no_rule_asks_for_and_what_may_be_wrong():
    said = advice(
        "name: p\nlists: {a: {kind: words, entries: [casino]}, b: {kind: words, entries: [poker]}}\n"
        "rules: [{id: one, when: 'lists.a.hits > 0 && scores.hate < 0.5', action: review}]\n"
    )
    assert said == [
        "rule one: holds when a score is low, so a higher score can soften the decision",
        "list b: no rule asks for it",
    ]
