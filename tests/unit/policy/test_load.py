import pytest
import yaml

from evenhand.core.decision import Action
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import CATEGORIES, Label
from evenhand.policy.load import MAX_BYTES, MAX_DEPTH, load_policy, parse_policy
from evenhand.policy.policy import Place

RULE = "rules:\n  - {id: one, when: scores.hate > 0.5, action: review}\n"


def test_the_default_policy_has_a_rule_for_every_category():
    policy = load_policy()
    assert {rule.label for rule in policy.rules} == set(CATEGORIES)
    assert policy.on_failure is Action.REVIEW


def test_what_the_default_policy_decides_by_changes_only_on_purpose():
    assert load_policy().version.version == "72c950828f01"
    assert (load_policy().conditions, load_policy().warnings) == ((), ())


def test_a_missing_file_says_which(tmp_path):
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml") as caught:
        load_policy(tmp_path / "nowhere.yaml")
    assert caught.value.code == "policy.unreadable"


def test_a_file_that_is_not_text_is_unreadable(tmp_path):
    (tmp_path / "p.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError) as caught:
        load_policy(tmp_path / "p.yaml")
    assert caught.value.code == "policy.unreadable"


@pytest.mark.parametrize(
    "text",
    ["name: [", "name: 'x", "a: b: c", "\x00", "%bad", "*unknown", "[" * 5_000, "{a: " * 5_000, "&a [*a"],
    ids=str.__len__,
)
def test_what_is_not_yaml_is_a_syntax_error(text):
    with pytest.raises(ConfigurationError) as caught:
        parse_policy(text)
    assert caught.value.code == "policy.syntax"


@pytest.mark.parametrize("text", ["#" * (MAX_BYTES + 1), "é" * (MAX_BYTES // 2 + 1)], ids=["long", "wide"])
def test_a_huge_policy_is_refused_before_it_is_read(tmp_path, text):
    with pytest.raises(ConfigurationError) as caught:
        parse_policy(text)
    assert caught.value.code == "policy.too_large"
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_policy(tmp_path / "p.yaml")
    assert caught.value.code == "policy.too_large"


def test_aliases_cannot_multiply_rules():
    text = "name: p\nrules:\n  - &a {id: one, when: scores.hate > 0.5, action: review}\n" + "  - *a\n" * 300
    with pytest.raises(ConfigurationError, match="301 rules"):
        parse_policy(text)


def test_a_child_inherits_and_overrides(tmp_path):
    (tmp_path / "base.yaml").write_text(
        "name: base\ndescription: Base.\non_failure: block\non_unclear_speech: allow\n"
        "thresholds:\n  hate: {review: 0.5, block: 0.9}\n  spam: {review: 0.8}\n"
        "queues:\n  hate: {queue: urgent, priority: 1}\n  spam: {queue: bulk}\n"
        "lists: {scams: {kind: words, entries: [free prize]}}\n"
        "rules:\n  - {id: scam, list: scams, action: block}\n  - {id: two, when: door == 'a', action: review}\n"
        "  - {id: three, when: door == 'b', action: review}\n"
    )
    (tmp_path / "child.yaml").write_text(
        "name: child\nextends: base.yaml\nthresholds:\n  spam: off\n  hate: {block: 0.95}\nqueues: {spam: off}\n"
        "rules:\n  - {id: two, action: off}\n  - {id: three, when: door == 'c', action: block}\n"
        "  - {id: four, when: lists.scams.hits > 3, action: review}\n"
    )
    policy = load_policy(tmp_path / "child.yaml")
    assert (policy.name, policy.description, policy.on_failure) == ("child", "Base.", Action.BLOCK)
    assert policy.on_unclear_speech is Action.ALLOW
    assert [(rule.id, rule.threshold) for rule in policy.rules] == [("hate.block", 0.95)]
    assert policy.queues == {Label.HATE: Place("urgent", 1)}
    assert [(rule.id, rule.condition.expression, rule.said) for rule in policy.conditions] == [
        ("scam", "lists.scams.hits > 0", "block"),
        ("three", "door == 'c'", "block"),
        ("four", "lists.scams.hits > 3", "review"),
    ]


def test_the_policy_that_evenhand_carries_can_be_extended_without_a_file():
    policy = parse_policy("name: mine\nextends: default\nthresholds: {profanity: off, hate: {review: 0.4}}\n")
    assert Label.PROFANITY not in {rule.label for rule in policy.rules}
    assert {rule.id: rule.threshold for rule in policy.rules}["hate.review"] == 0.4
    assert {rule.label for rule in policy.rules} == set(CATEGORIES) - {Label.PROFANITY}


def test_a_circle_is_refused(tmp_path):
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\nextends: {other}.yaml\n")
    with pytest.raises(ConfigurationError, match="from this file again") as caught:
        load_policy(tmp_path / "a.yaml")
    assert caught.value.code == "policy.extends"


def test_only_so_many_files_inherit_from_each_other(tmp_path):
    (tmp_path / "0.yaml").write_text("name: a\nthresholds: {}\n")
    for number in range(1, MAX_DEPTH + 1):
        (tmp_path / f"{number}.yaml").write_text(f"name: a\nextends: {number - 1}.yaml\n")
    assert load_policy(tmp_path / f"{MAX_DEPTH - 1}.yaml").name == "a"
    with pytest.raises(ConfigurationError, match="More than") as caught:
        load_policy(tmp_path / f"{MAX_DEPTH}.yaml")
    assert caught.value.code == "policy.extends"


def test_a_policy_that_is_no_file_extends_no_file():
    with pytest.raises(ConfigurationError) as caught:
        parse_policy("name: a\nextends: b.yaml\n")
    assert caught.value.code == "policy.extends"


def test_a_parent_that_is_not_there_says_which(tmp_path):
    (tmp_path / "a.yaml").write_text("name: a\nextends: nowhere.yaml\n")
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml") as caught:
        load_policy(tmp_path / "a.yaml")
    assert caught.value.code == "policy.unreadable"


def test_a_mistake_in_the_parent_points_there(tmp_path):
    (tmp_path / "base.yaml").write_text("name: base\nthresholds:\n  hat: {review: 0.5}\n")
    (tmp_path / "child.yaml").write_text("name: child\nextends: base.yaml\n")
    with pytest.raises(ConfigurationError) as caught:
        load_policy(tmp_path / "child.yaml")
    assert caught.value.field.endswith("base.yaml:3:3")


@pytest.mark.parametrize("rule", ["when: lists.scams.hits > 0", "list: scams"])
def test_a_list_that_is_not_there_is_pointed_at(rule):
    with pytest.raises(ConfigurationError) as caught:
        parse_policy(f"name: p\nrules:\n  - id: one\n    {rule}\n    action: block\n", name="p.yaml")
    assert caught.value.message == "There is no list `scams`."
    assert caught.value.field.startswith("p.yaml:4:")


def test_lists_are_read_from_files_beside_the_policy(tmp_path):
    (tmp_path / "scams.txt").write_text("\ufeff# Scams.\n\nFree prize\nfree prize\n", encoding="utf-8")
    (tmp_path / "p.yaml").write_text(
        "name: p\nlists: {scams: {kind: words, file: scams.txt}}\nrules:\n  - {id: one, list: scams, action: block}\n"
    )
    (found,) = load_policy(tmp_path / "p.yaml").lists
    assert found.entries == ("free prize",)


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        (None, "policy.list_unreadable", "p.yaml:2:38"),
        (b"\xff", "policy.list_unreadable", "p.yaml:2:38"),
        (b"a.example\nno domain\n", "policy.list_unreadable", "scams.txt:2:1"),
        (b"# nothing\n", "policy.invalid", "p.yaml:2:16"),
        (b"a.example\n" * (16 << 17), "policy.invalid", "p.yaml:2:38"),
        (b"a.example\n" * 100_001, "policy.invalid", "p.yaml:2:16"),
        (b"jews.example\nmuslims.example\n", "policy.profiles_people", "p.yaml:2:9"),
    ],
    ids=["missing", "not text", "a bad line", "empty", "too large", "too many", "only names"],
)
def test_a_list_that_cannot_be_used_is_pointed_at(tmp_path, data, code, field):
    if data is not None:
        (tmp_path / "scams.txt").write_bytes(data)
    (tmp_path / "p.yaml").write_text(f"name: p\nlists: {{scams: {{kind: domains, file: scams.txt}}}}\n{RULE}")
    with pytest.raises(ConfigurationError) as caught:
        load_policy(tmp_path / "p.yaml")
    assert (caught.value.code, caught.value.field.rpartition("/")[2]) == (code, field)


FULL = """
name: full
description: 'With everything, "quoted": and 剧透'
extends: default
on_unclear_speech: block
queues: {hate: {queue: urgent, priority: 2}, spam: {priority: 9}}
lists:
  scams: {kind: domains, entries: [evil.example]}
  spoilers: {kind: words, entries: [剧透, "yes", "0.5"]}
  files: {kind: hashes, entries: [00000000000000000000000000000000]}
rules:
  - {id: scam, list: scams, action: block}
  - id: spoiler
    description: Says how it ends.
    when: |
      lists.spoilers.hits > 0
        && !(door == "a")
    action: label
    tags: [spoiler, "yes"]
  - {id: file, when: lists.files.hits > 0, action: review, queue: files, priority: 1}
"""


def test_the_source_is_the_whole_policy_and_the_same_version():
    policy = parse_policy(FULL)
    again = parse_policy(policy.source)
    assert (again.version, again) == (policy.version, policy)
    assert again.source == policy.source
    assert "extends" not in yaml.safe_load(policy.source)


def test_the_source_of_a_plain_policy_has_nothing_more():
    policy = parse_policy("name: p\nthresholds:\n  hate: {review: 0.5}\n")
    assert yaml.safe_load(policy.source) == {
        "name": "p",
        "on_failure": "review",
        "on_unclear_speech": "review",
        "thresholds": {"hate": {"review": 0.5}},
    }
