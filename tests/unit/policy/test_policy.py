from evenhand.content.text import Text
from evenhand.core.decision import Action
from evenhand.core.taxonomy import Label
from evenhand.policy.load import parse_policy
from evenhand.policy.policy import Policy, Rule

RULES = (Rule(Label.HATE, Action.REVIEW, 0.5), Rule(Label.HATE, Action.BLOCK, 0.9))


def test_a_rule_is_named_by_label_and_action():
    assert [rule.id for rule in RULES] == ["hate.review", "hate.block"]


def test_the_version_does_not_depend_on_order_or_description():
    one = Policy("p", "one", Action.REVIEW, RULES)
    other = Policy("p", "other", Action.REVIEW, RULES[::-1])
    assert one.version == other.version


def test_the_version_depends_on_everything_that_decides():
    versions = {
        Policy("p", "", Action.REVIEW, RULES).version,
        Policy("q", "", Action.REVIEW, RULES).version,
        Policy("p", "", Action.ALLOW, RULES).version,
        Policy("p", "", Action.REVIEW, RULES[:1]).version,
        Policy("p", "", Action.REVIEW, (RULES[0], Rule(Label.HATE, Action.BLOCK, 0.91))).version,
    }
    assert len(versions) == 5


LISTS = "lists: {a: {kind: words, entries: [x1, y1]}, b: {kind: words, entries: [z1]}}\n"
RULE = "{id: one, when: lists.a.hits > 0, action: review, queue: q, priority: 3}"


def parsed(rule=RULE, lists=LISTS, queues="{hate: {queue: q}}"):
    return parse_policy(f"name: p\nthresholds: {{}}\nqueues: {queues}\n{lists}rules: [{rule}]\n")


def test_the_version_depends_on_conditions_queues_and_lists():
    assert parsed() == parsed()
    changed = [
        parsed(),
        parsed(RULE.replace("> 0", "> 1")),
        parsed(RULE.replace("one", "two")),
        parsed(RULE.replace("queue: q", "queue: r")),
        parsed(RULE.replace("priority: 3", "priority: 4")),
        parsed("{id: one, when: lists.a.hits > 0, action: block}"),
        parsed("{id: one, when: lists.a.hits > 0, action: label, tags: [t]}"),
        parsed("{id: one, when: lists.a.hits > 0, action: label, tags: [u]}"),
        parsed(lists=LISTS.replace("x1", "x2")),
        parsed(queues="{hate: {queue: r}}"),
        parsed(queues="{spam: {queue: q}}"),
    ]
    assert len({policy.version for policy in changed}) == len(changed)


def test_the_version_does_not_depend_on_order_or_words_for_people():
    described = RULE.replace("id: one", "id: one, description: Two.")
    assert parsed(described).version == parsed().version
    assert parsed(lists=LISTS.replace("x1, y1", "y1, x1")).version == parsed().version


def test_it_says_what_its_conditions_read():
    policy = parsed("{id: one, when: 'author.blocked_30d > 1 && metadata.a == 1 && detectors.x > 0.1', action: block}")
    assert (policy.reads_author, policy.metadata_keys, policy.detectors) == (True, {"a"}, {"x"})
    assert (parsed().reads_author, parsed().metadata_keys, parsed().detectors) == (False, set(), set())
    assert parsed("{id: one, when: scores.spam > 0.1, action: block}").labels == {Label.SPAM}


def test_only_lists_that_a_condition_asks_for_are_looked_for():
    found = parsed().find_listed([Text("x1 z1")], has_own=True)
    assert {name: hits.hits for name, hits in found.items()} == {"a": 1}


def test_it_says_what_conditions_read_of_all():
    bare = Policy("p", "", Action.REVIEW, RULES)
    assert (bare.roots, bare.reads_facts, bare.reads_detectors, bare.reads_author) == (frozenset(), False, False, False)
    scores = parsed('{id: one, when: "scores.hate > detectors.x", action: block}')
    assert (scores.roots, scores.reads_facts, scores.reads_detectors) == ({"scores", "detectors"}, False, True)
    facts = parsed('{id: one, when: "author.blocked_30d > 1 && lists.a.hits > 0", action: block}')
    assert (facts.roots, facts.reads_facts, facts.reads_author) == ({"author.blocked_30d", "lists"}, True, True)
