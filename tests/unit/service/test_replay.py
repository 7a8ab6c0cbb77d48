import msgspec
import pytest
from hypothesis import given

import replays
from databases import store_in
from evenhand.core.content import Content
from evenhand.core.decision import Action, Decision, RuleHit, Verdict
from evenhand.core.signal import DetectorFailure, Signal
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import Engine
from evenhand.policy.evaluate import FAILED_RULE
from evenhand.policy.load import parse_policy
from evenhand.policy.policy import Policy, Rule
from evenhand.second_look.look import NAME as SECOND_LOOK
from evenhand.second_look.look import SecondLook
from evenhand.service.moderate import Moderation
from evenhand.service.replay import FAILED, Change, Shadow, again, changes, finds_facts, is_otherwise, kept_policy
from evenhand.store.records import ShadowVerdict, StoredPolicy
from fakes.chat import judge
from fakes.detectors import ScriptedDetector
from samples import decision

LIVE = Policy("live", "", Action.REVIEW, (Rule(Label.HARASSMENT, Action.REVIEW, 0.5),))
STRICTER = Policy("stricter", "", Action.REVIEW, (Rule(Label.HARASSMENT, Action.REVIEW, 0.3),))
POLICY = Policy("mine", "", Action.REVIEW, (Rule(Label.SPAM, Action.REVIEW, 0.5),))
HIT = RuleHit("spam.review", Action.REVIEW, Label.SPAM, "text.one", 0.7, 0.5)
FOUND = Signal("text.one", "1", Label.SPAM, 0.7)


def with_signals(*signals, verdict=None, failures=()):
    made = decision()
    return Decision(
        made.id, "", made.created_at, verdict or made.verdict, signals, tuple(failures), made.policy, made.detectors
    )


@given(replays.decided())
def test_a_decision_that_was_stored_is_made_again_exactly(made):
    policy, decided = made
    stored = msgspec.json.decode(msgspec.json.encode(decided), type=Decision)
    assert changes(decided.verdict, again(stored, policy)) == ()


@given(replays.decided(), replays.policies)
def test_the_shadow_tells_what_differs_and_nothing_else(made, other):
    policy, decided = made
    verdict = again(decided, other)
    expected = (ShadowVerdict(other.version.version, verdict.action, verdict.rules),)
    assert Shadow(other).verdicts(decided, policy) == (expected if is_otherwise(decided.verdict, verdict) else ())


@given(replays.decided())
def test_a_policy_that_decides_is_silent_in_the_shadow(made):
    policy, decided = made
    assert Shadow(policy).verdicts(decided, policy) == ()


def test_a_condition_that_gave_no_answer_is_asked_again_and_is_no_detector():
    failed = DetectorFailure(f"{FAILED_RULE}links", "condition.error", "It gave no answer.")
    assert not again(with_signals(failures=[failed]), POLICY).is_degraded
    other = DetectorFailure("text.one", "detector.error", "It raised.")
    assert again(with_signals(failures=[failed, other]), POLICY).is_degraded


def test_every_part_that_changes_is_told():
    before = Verdict(Action.ALLOW, (), {Label.SPAM: 0.2}, is_degraded=False)
    after = Verdict(Action.REVIEW, (HIT,), {Label.SPAM: 0.7}, is_degraded=False)
    assert changes(before, after) == (
        Change("action", Action.ALLOW, Action.REVIEW),
        Change("rules", (), (HIT,)),
        Change("scores", {Label.SPAM: 0.2}, {Label.SPAM: 0.7}),
    )


@pytest.mark.parametrize(
    ("hit", "otherwise"),
    [
        (HIT, False),
        (RuleHit("spam.review", Action.REVIEW, Label.SPAM, "text.one", 0.7, 0.6), False),
        (RuleHit("hate.review", Action.REVIEW, Label.HATE, "text.one", 0.7, 0.5), True),
        (RuleHit("spam.review", Action.BLOCK, Label.SPAM, "text.one", 0.7, 0.5), True),
    ],
    ids=["same", "threshold", "rule", "what the rule asks for"],
)
def test_other_rules_are_another_verdict_and_other_thresholds_are_not(hit, otherwise):
    verdicts = [Verdict(Action.REVIEW, (each,), {}, is_degraded=False) for each in (HIT, hit)]
    assert is_otherwise(*verdicts) is otherwise


def test_the_shadow_is_counted_by_what_was_done_and_what_it_would_have_done():
    seen = []
    shadow = Shadow(POLICY, observe=lambda live, other: seen.append((live, other)))
    shadow.verdicts(with_signals(FOUND), LIVE)
    shadow.verdicts(with_signals(), LIVE)
    assert seen == [("allow", "review"), ("allow", "allow")]


class BrokenPolicy:
    """No policy that loads can raise; this one does."""

    def __getattr__(self, name):
        raise RuntimeError(name)


def test_a_policy_that_breaks_in_the_shadow_reaches_no_answer_and_is_counted():
    seen = []
    shadow = Shadow(BrokenPolicy(), observe=lambda live, other: seen.append((live, other)))
    assert shadow.verdicts(with_signals(FOUND), LIVE) == ()
    assert seen == [("allow", FAILED)]


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()


def moderated(text, **options):
    detector = ScriptedDetector(lambda text: [detector.signal(float(text))])
    moderation = Moderation(Engine([detector]), [LIVE], **options)
    try:
        (made,) = moderation.moderate([moderation.submission(Content(text))])
    finally:
        moderation.close()
    return made


@pytest.mark.parametrize("score", ["0.1", "0.4", "0.6", "0.95"])
def test_the_answer_is_the_same_with_a_policy_in_the_shadow(store, score):
    alone = moderated(score, store=store)
    for other in (STRICTER, BrokenPolicy()):
        shadowed = moderated(score, store=store, shadow=Shadow(other))
        assert (shadowed.verdict, shadowed.policy) == (alone.verdict, alone.policy)


def test_what_differs_is_kept_with_the_decision(store):
    same = moderated("0.6", store=store, shadow=Shadow(STRICTER))
    other = moderated("0.4", store=store, shadow=Shadow(STRICTER))
    (found,) = store.shadow_verdicts.differences(STRICTER.version.version)
    assert found.decision_id == other.id != same.id
    assert (found.live_action, found.action) == (Action.ALLOW, Action.REVIEW)
    assert [hit.rule for hit in found.rules] == ["harassment.review"]


def test_without_a_store_the_shadow_is_not_asked():
    seen = []
    moderated("0.4", shadow=Shadow(STRICTER, observe=lambda live, other: seen.append(live)))
    assert seen == []


@pytest.mark.parametrize("is_harmful", [True, False])
def test_a_decision_by_a_second_look_is_made_again_exactly(store, is_harmful):
    with judge(lambda _: is_harmful) as server:
        made = moderated("0.5", store=store, second_look=SecondLook(server.url, model="m"))
    stored = store.decisions.get(made.id).decision
    assert any(signal.detector == SECOND_LOOK for signal in stored.signals)
    assert again(stored, LIVE) == made.verdict


def with_rules(*conditions, lists=""):
    rules = "".join(f"- {{id: r{place}, when: '{when}', action: block}}\n" for place, when in enumerate(conditions))
    return parse_policy(f"name: with\nthresholds: {{}}\nrules:\n{rules}{lists}")


WORDS = "lists:\n  bad: {kind: words, entries: [%s]}\n"


@pytest.mark.parametrize(
    ("asks", "decided_by", "found"),
    [
        (LIVE, None, True),
        (with_rules("scores.spam > 0.5"), LIVE, True),
        (with_rules("content.characters > 5"), LIVE, False),
        (with_rules("content.characters > 5"), None, False),
        (with_rules("content.characters > 5"), with_rules("scores.spam > 0.5"), True),
        (with_rules('metadata.board == "x"'), with_rules("content.characters > 5"), False),
        (with_rules('metadata.board == "x"'), with_rules('metadata.board == "y"'), True),
        (with_rules("author.blocked_30d > 1"), with_rules("content.characters > 5"), False),
        (with_rules("author.blocked_30d > 1"), with_rules("author.reviewed_30d > 1"), True),
        (
            with_rules("lists.bad.hits > 0", lists=WORDS % "a"),
            with_rules("lists.bad.hits > 0", lists=WORDS % "b"),
            False,
        ),
        (
            with_rules("lists.bad.hits > 0", lists=WORDS % "a"),
            with_rules("lists.bad.hits > 1", lists=WORDS % "a"),
            True,
        ),
    ],
    ids=[
        *("no conditions", "scores", "facts of a plain policy", "facts of nobody", "facts of another"),
        *("other metadata", "same metadata", "no author", "author", "another list", "the same list"),
    ],
)
def test_a_condition_is_only_asked_where_what_it_reads_was_kept(asks, decided_by, found):
    assert finds_facts(asks, decided_by) is found


def test_a_shadow_that_reads_what_was_not_kept_has_failed():
    seen = []
    shadow = Shadow(with_rules("content.characters > 5"), observe=lambda live, other: seen.append(other))
    assert shadow.verdicts(with_signals(FOUND), LIVE) == ()
    assert seen == [FAILED]


def test_a_decision_by_a_condition_is_made_again_exactly(store):
    policy = with_rules(
        "scores.harassment > 0.3 && content.characters < 5", 'content.languages == ["xx"] && scores.spam > 0.5'
    )
    detector = ScriptedDetector(lambda text: [detector.signal(float(text))])
    moderation = Moderation(Engine([detector]), [policy], store=store)
    made = moderation.moderate([moderation.submission(Content(text)) for text in ("0.1", "0.4", "0.40000", "0.9")])
    moderation.close()
    assert [each.action for each in made] == ["allow", "block", "allow", "block"]
    for each in made:
        assert again(store.decisions.get(each.id).decision, policy) == each.verdict


def test_a_kept_policy_is_read_again_and_what_is_none_is_nothing(tmp_path):
    store = store_in(tmp_path)
    made = decision().created_at
    store.policies.keep([StoredPolicy("1", "live", made, LIVE.source), StoredPolicy("2", "broken", made, "no policy")])
    assert [kept_policy(store, version) for version in ("1", "2", "3")] == [LIVE, None, None]
    store.close()
