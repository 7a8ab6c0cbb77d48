import pytest

from evenhand.content.text import Text
from evenhand.core.decision import Action
from evenhand.core.errors import ConfigurationError
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import BATCH_CHARACTERS, BATCH_SIZE, Engine, reconsider
from evenhand.policy.policy import Policy, Rule
from fakes.detectors import HangingDetector, ScriptedDetector

POLICY = Policy("test", "", Action.BLOCK, (Rule(Label.HARASSMENT, Action.REVIEW, 0.5),))


def screen(engine, *texts):
    return engine.screen([Text(text) for text in texts], [POLICY] * len(texts))


def test_an_engine_needs_a_detector():
    with pytest.raises(ConfigurationError) as caught:
        Engine([])
    assert caught.value.code == "engine.no_detectors"


def test_each_text_gets_its_own_signals_strongest_first():
    detector = ScriptedDetector(
        lambda text: [detector.signal(0.1, Label.PROFANITY), detector.signal(0.9)] if text == "bad" else []
    )
    good, bad = screen(Engine([detector]), "good", "bad")
    assert good.signals == ()
    assert good.verdict.action is Action.ALLOW
    assert good.verdict.scores == {Label.HARASSMENT: 0.0, Label.PROFANITY: 0.0}
    assert [signal.score for signal in bad.signals] == [0.9, 0.1]
    assert bad.verdict.action is Action.REVIEW


def test_many_texts_go_in_batches():
    detector = ScriptedDetector()
    assert len(screen(Engine([detector]), *["x"] * (2 * BATCH_SIZE + 1))) == 2 * BATCH_SIZE + 1
    assert detector.batches == [BATCH_SIZE, BATCH_SIZE, 1]


def test_long_texts_go_in_smaller_batches_so_that_a_time_limit_can_hold():
    detector = ScriptedDetector()
    long = "x" * (BATCH_CHARACTERS // 2)
    assert len(screen(Engine([detector]), "a", long, long, long, f"{long}{long}x", "b", "c")) == 7
    assert detector.batches == [2, 2, 1, 2]


def test_no_text_is_no_work():
    assert screen(Engine([ScriptedDetector()])) == []


def test_a_text_that_breaks_a_detector_does_not_spoil_its_neighbours():
    detector = ScriptedDetector(lambda text: 1 / 0 if text == "poison" else [detector.signal(0.9)])
    before, poison, after = screen(Engine([detector]), "a", "poison", "b")
    assert before.verdict.scores[Label.HARASSMENT] == after.verdict.scores[Label.HARASSMENT] == 0.9
    assert not before.verdict.is_degraded
    assert poison.verdict.is_degraded
    assert poison.verdict.action is Action.BLOCK
    assert poison.failures[0].code == "detector.error"
    assert poison.failures[0].message == "The detector raised ZeroDivisionError."


def test_a_failed_detector_covers_nothing_and_the_others_still_count():
    broken = ScriptedDetector(lambda _: 1 / 0)
    working = HangingDetector()
    working.labels = frozenset({Label.SPAM})
    (screening,) = screen(Engine([broken, working]), "a")
    assert screening.covered == {Label.SPAM}
    assert Label.HARASSMENT not in screening.verdict.scores


def test_a_detector_that_forgets_an_answer_fails():
    class Forgetful(ScriptedDetector):
        def detect(self, texts):
            return super().detect(texts)[:-1]

    (screening,) = screen(Engine([Forgetful()]), "a")
    assert screening.failures[0].code == "detector.error"


def test_a_detector_that_runs_out_of_time_fails_and_then_is_busy_and_then_is_back():
    detector = HangingDetector()
    engine = Engine([detector, ScriptedDetector()])
    (late,) = screen(engine, "hang")
    assert [failure.code for failure in late.failures] == ["detector.timeout"]
    (busy,) = screen(engine, "fine")
    assert [failure.code for failure in busy.failures] == ["detector.busy"]
    detector.come_back(engine)
    (back,) = screen(engine, "fine")
    assert back.failures == ()
    engine.close()


def test_a_detector_that_raises_in_a_batch_and_hangs_alone_is_given_up_once():
    class Worse(HangingDetector):
        def detect(self, texts):
            if len(texts) > 1:
                raise RuntimeError
            return super().detect(texts)

    detector = Worse()
    first, second = screen(Engine([detector]), "hang", "fine")
    assert first.failures[0].code == "detector.timeout"
    assert second.failures[0].code == "detector.busy"
    detector.release.set()


def test_the_log_has_no_content(caplog):
    def quote(text):
        raise ValueError(text)

    screen(Engine([ScriptedDetector(quote)]), "a secret text")
    assert "secret" not in caplog.text
    assert caplog.records[0].error_type == "ValueError"


def test_reconsidering_keeps_what_was_said_and_lets_another_signal_count():
    detector = ScriptedDetector(lambda _: [detector.signal(0.6), detector.signal(0.2, Label.PROFANITY)])
    (screening,) = screen(Engine([detector]), "x")
    look = Signal("second_look", "1", Label.HARASSMENT, 0.4)
    again = reconsider(screening, POLICY, overruling=[look], notices=["a.notice"])
    assert [signal.score for signal in again.signals] == [0.6, 0.4, 0.2]
    assert (again.verdict.scores[Label.HARASSMENT], again.verdict.action) == (0.4, Action.ALLOW)
    assert again.notices == (*screening.notices, "a.notice")
    assert (again.covered, again.failures) == (screening.covered, screening.failures)
