import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effort import MOST_STEPS, lines_run, steps
from evenhand.core.taxonomy import Label
from evenhand.detectors.findings import CEILING, MAX_EVIDENCE, Finding, Sign, join, signals_of
from evenhand.detectors.registry import declarations, load_detectors
from evenhand.policy.load import load_policy
from fakes.detectors import ScriptedDetector

SIGNS = {
    "weak": Sign("Weak.", {Label.SPAM: 0.1}),
    "strong": Sign("Strong.", {Label.SPAM: 0.6, Label.SCAM: 0.4}),
    "other": Sign("Other.", {Label.SCAM: 0.3}),
}
FOUND = st.lists(st.sampled_from(list(SIGNS)), max_size=40)
COMPANIONS = ("text.links", "text.contacts", "text.repetition", "text.bulk_mail")


def every_pair(size):
    for first in range(size):
        for second in range(size):
            _ = first + second


@given(FOUND, st.sampled_from(list(SIGNS)), st.sampled_from([Label.SPAM, Label.SCAM]))
def test_one_finding_more_never_lowers_a_score(found, further, label):
    assert join([*found, further], SIGNS, label) >= join(found, SIGNS, label)


@given(FOUND, st.randoms())
def test_the_order_of_findings_does_not_matter(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert join(shuffled, SIGNS, Label.SPAM) == join(found, SIGNS, Label.SPAM)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("label", [Label.SPAM, Label.SCAM])
def test_a_lone_sign_gives_its_own_score(sign, label):
    assert join([sign], SIGNS, label) == pytest.approx(SIGNS[sign].scores.get(label, 0))


def test_one_weak_sign_found_ever_so_often_stays_weak():
    assert join(["weak"] * 1_000, SIGNS, Label.SPAM) < 2 * SIGNS["weak"].scores[Label.SPAM]


def test_no_findings_are_no_signals():
    assert signals_of(ScriptedDetector(), [], SIGNS) == ()


def test_each_label_has_its_own_evidence_strongest_first():
    findings = [Finding(0, 1, "weak"), Finding(2, 5, "strong"), Finding(6, 7, "other")]
    scam, spam = signals_of(ScriptedDetector(), findings, SIGNS)
    assert (scam.label, spam.label) == (Label.SCAM, Label.SPAM)
    assert [item.source for item in scam.evidence] == ["scripted:strong", "scripted:other"]
    assert [(item.begin, item.end, item.source) for item in spam.evidence] == [
        (2, 5, "scripted:strong"),
        (0, 1, "scripted:weak"),
    ]
    assert sum(item.weight for item in spam.evidence) == pytest.approx(1)


def test_evidence_is_limited():
    (signal,) = signals_of(ScriptedDetector(), [Finding(at, at + 1, "weak") for at in range(100)], SIGNS)
    assert len(signal.evidence) == MAX_EVIDENCE


def test_companions_reach_no_block_threshold_of_the_default_policy():
    covered = {label for declared in declarations() if declared.id in COMPANIONS for label in declared.labels}
    thresholds = [rule.threshold for rule in load_policy().rules if rule.action == "block" and rule.label in covered]
    assert covered == {Label.SPAM, Label.ADVERTISING, Label.SCAM}
    assert thresholds
    assert min(thresholds) > CEILING


def test_all_companions_are_loaded_by_default():
    assert {detector.id for detector in load_detectors()} >= set(COMPANIONS)


def test_the_counts_by_which_companions_are_found_linear_see_what_is_not():
    with pytest.raises(ValueError, match="without limit"):
        steps(re.compile("(?:a+)+b"))
    assert steps(re.compile("(?:a{1,20}){1,20}b")) > MOST_STEPS
    assert steps(re.compile("(?:a{1,20}+){1,20}+b")) < MOST_STEPS
    assert lines_run(every_pair, 60) > 3 * lines_run(every_pair, 30)
