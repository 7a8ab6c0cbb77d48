import pytest

from evenhand.audit import local_targets
from evenhand.audit.answers import Sentence
from evenhand.audit.local_targets import BaselineTarget, EngineTarget
from evenhand.audit.targets import Judge
from evenhand.core.errors import ConfigurationError
from evenhand.service.screener import Screener

TEXTS = ("good morning", "you are a worthless idiot and I will kill you", "x" * 200_000)
STRICT = "name: strict\nthresholds:\n  harassment: {block: 0.4}\n"


@pytest.fixture
def sentences():
    return [
        Sentence(f"s{place}", "plain", "t", f"g{place}", "kind", "en", "allow", text)
        for place, text in enumerate(TEXTS)
    ]


def asked(target, sentences):
    answers = [answer for some in target.ask(sentences) for answer in some]
    assert [answer.sentence_id for answer in answers] == [sentence.id for sentence in sentences]
    return answers


def test_the_engine_answers_as_the_library_does(sentences):
    target = EngineTarget(processes=1)
    polite, rude, long = asked(target, sentences)
    with Screener(detectors=target.about["detectors"]) as screener:
        decisions = screener.screen_many(TEXTS[:2])
    assert [(one.action, one.score) for one in (polite, rude)] == [
        (str(decision.action), max(decision.scores.values())) for decision in decisions
    ]
    assert rude.action != "allow"
    assert (long.score, long.action, long.error) == (None, None, "text.too_long")
    assert target.texts_per_request == 0
    assert "image.words" not in target.about["detectors"]
    target.close()


def test_a_policy_file_decides(sentences, tmp_path):
    path = tmp_path / "strict.yaml"
    path.write_text(STRICT, encoding="utf-8")
    target = EngineTarget(path, processes=1)
    assert target.name == "evenhand (strict)"
    assert asked(target, sentences)[1].action == "block"
    target.close()


def test_several_processes_give_the_same(sentences, monkeypatch):
    monkeypatch.setattr(local_targets, "_PORTION", 2)
    alone, together = EngineTarget(processes=1), EngineTarget(processes=2)
    assert alone.about == together.about
    assert asked(together, sentences) == asked(alone, sentences)


def test_a_detector_that_failed_is_no_pass(sentences, monkeypatch):
    from evenhand.detectors.text.toxicity import ToxicityDetector

    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr(ToxicityDetector, "detect", fail)
    answer = asked(EngineTarget(processes=1), sentences[:1])[0]
    assert (answer.score, answer.action) == (None, None)
    assert answer.error.startswith("detector.")


def test_the_known_small_model_acts_from_the_threshold_on(sentences):
    pytest.importorskip("profanity_check")
    target = BaselineTarget(Judge(0.5))
    answers = asked(target, sentences[:2])
    assert [answer.action for answer in answers] == ["allow", "review"]
    assert target.about["threshold"] == 0.5
    target.close()


def test_without_the_known_small_model_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(local_targets, "baseline_scorer", lambda: None)
    with pytest.raises(ConfigurationError) as raised:
        BaselineTarget()
    assert raised.value.code == "audit.not_installed"
