from dataclasses import replace

import pytest

from evenhand.content.prepared import Prepared
from evenhand.content.text import Text
from evenhand.core.decision import Action
from evenhand.core.errors import ConfigurationError
from evenhand.core.facts import Facts
from evenhand.core.signal import Evidence, Signal
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import BATCH_CHARACTERS, BATCH_SIZE, Engine, _batches, reconsider
from evenhand.policy.load import parse_policy
from evenhand.policy.policy import Policy, Rule
from fakes.detectors import HangingDetector, ScriptedDetector
from fakes.image_detectors import ScriptedImageDetector, ScriptedReader, image

POLICY = Policy("test", "", Action.BLOCK, (Rule(Label.HARASSMENT, Action.REVIEW, 0.5),))


def screen(engine, *texts):
    return engine.screen([Prepared(Text(text)) for text in texts], [POLICY] * len(texts))


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


def screen_images(detectors, *contents):
    engine = Engine(detectors)
    try:
        return engine.screen(list(contents), [POLICY] * len(contents))
    finally:
        engine.close()


def rude_words():
    detector = ScriptedDetector(
        lambda text: (
            [detector.signal(0.9, evidence=(Evidence(text.index("bad"), text.index("bad") + 3, 1.0, "test"),))]
            if "bad" in text
            else [detector.signal(0.1)]
        )
    )
    return detector


def test_an_image_gets_signals_that_say_which_image_it_is():
    detector = ScriptedImageDetector(lambda name: [detector.signal(0.9)] if name == "lewd" else [])
    other, both = screen_images([detector], Prepared(None, (image(),)), Prepared(None, (image(), image("lewd"))))
    assert other.verdict.scores == {Label.SEXUAL: 0.0}
    assert [region.image for signal in both.signals for region in signal.regions] == [1]
    assert both.verdict.scores == {Label.SEXUAL: 0.9}


def test_words_in_an_image_go_through_the_detectors_of_texts_and_point_into_the_image():
    reader = ScriptedReader(lambda name: ["good words", "a bad one"] if name == "rude" else [])
    (screening,) = screen_images([rude_words(), reader], Prepared(None, (image(), image("rude"))))
    (signal,) = screening.signals
    assert (signal.score, signal.evidence) == (0.9, ())
    (region,) = signal.regions
    assert (region.image, region.source) == (1, "words")
    assert region.box == pytest.approx((0.1 + 0.4 * 2 / 9, 0.2, 0.4 * 3 / 9, 0.1))
    assert signal.reason == "In image 2: “bad”"
    assert screening.verdict.action is Action.REVIEW


def test_text_and_images_are_judged_together_and_the_worst_counts():
    reader = ScriptedReader(lambda _: ["bad"])
    (screening,) = screen_images([rude_words(), reader], Prepared(Text("fine"), (image(),)))
    assert [signal.score for signal in screening.signals] == [0.9, 0.1]
    assert screening.verdict.scores[Label.HARASSMENT] == 0.9


def test_of_what_many_images_say_only_the_strongest_is_kept():
    reader = ScriptedReader(lambda name: ["bad"] if name == "rude" else ["fine"])
    (screening,) = screen_images([rude_words(), reader], Prepared(None, (image(), image("rude"), image())))
    assert [signal.score for signal in screening.signals] == [0.9]


def test_what_looked_is_what_is_named_and_covered():
    engine = [rude_words(), ScriptedImageDetector(), ScriptedReader()]
    text, picture = screen_images(engine, Prepared(Text("x")), Prepared(None, (image(),)))
    assert text.detectors == {"text.scripted": "1"}
    assert text.covered == {Label.HARASSMENT, Label.PROFANITY}
    assert picture.detectors.keys() == {"text.scripted", "image.scripted", "image.scripted_words"}
    assert picture.covered == {Label.HARASSMENT, Label.PROFANITY, Label.SEXUAL}


def test_without_a_reader_the_words_of_an_image_are_not_covered():
    (screening,) = screen_images([rude_words(), ScriptedImageDetector()], Prepared(None, (image(),)))
    assert screening.covered == {Label.SEXUAL}
    assert screening.detectors == {"image.scripted": "1"}


def test_a_reader_that_fails_leaves_the_words_uncovered_and_the_screening_degraded():
    reader = ScriptedReader(lambda _: 1 / 0)
    (screening,) = screen_images([rude_words(), ScriptedImageDetector(), reader], Prepared(None, (image(),)))
    assert [failure.detector for failure in screening.failures] == ["image.scripted_words"]
    assert screening.covered == {Label.SEXUAL}
    assert screening.verdict.action is Action.BLOCK


def test_a_detector_that_fails_at_one_image_has_failed_once_for_the_content():
    detector = ScriptedImageDetector(lambda _: 1 / 0)
    (screening,) = screen_images([detector], Prepared(None, (image(), image())))
    assert [failure.code for failure in screening.failures] == ["detector.error"]
    assert screening.covered == frozenset()


def test_an_image_of_which_not_every_frame_was_looked_at_is_told():
    contents = Prepared(None, (image(), image(frames=9, looked_at=3), image(frames=3, looked_at=3)))
    (screening,) = screen_images([ScriptedImageDetector()], contents)
    assert screening.notices == ("image.sampled:1",)


def test_images_go_in_smaller_batches():
    contents = [Prepared(None, (image(),))] * 17
    assert [part.stop - part.start for part in _batches(contents)] == [8, 8, 1]


def test_an_engine_knows_what_it_looks_for_in_what():
    engine = Engine([rude_words(), ScriptedImageDetector()])
    assert engine.covered_in_texts == {Label.HARASSMENT, Label.PROFANITY}
    assert engine.covered_in_images == {Label.SEXUAL}
    assert Engine([rude_words(), ScriptedReader()]).covered_in_images == {Label.HARASSMENT, Label.PROFANITY}
    assert Engine([rude_words()]).covered_in_images == frozenset()


def test_labels_that_a_detector_cannot_look_for_now_are_not_covered_and_get_no_score():
    bank = ScriptedImageDetector()
    bank.labels = frozenset({Label.SEXUAL, Label.SCAM})
    bank.live_labels = frozenset({Label.SCAM})
    engine = Engine([rude_words(), bank])
    content = Prepared(Text("x"), (image(),))
    (before,) = engine.screen([content], [POLICY])
    assert before.covered == engine.covered == {Label.HARASSMENT, Label.PROFANITY, Label.SCAM}
    assert engine.covered_in_images == {Label.SCAM}
    assert Label.SEXUAL not in before.verdict.scores
    bank.live_labels = bank.labels
    (after,) = engine.screen([content], [POLICY])
    assert after.verdict.scores[Label.SEXUAL] == 0.0
    engine.close()


def test_an_engine_sees_images_even_while_there_is_nothing_to_look_for_in_them():
    bank = ScriptedImageDetector()
    bank.live_labels = frozenset()
    engine = Engine([rude_words(), bank])
    assert (engine.sees_images, engine.covered_in_images) == (True, frozenset())
    assert Engine([rude_words(), ScriptedReader()]).sees_images
    assert not Engine([rude_words()]).sees_images
    assert not Engine([ScriptedReader()]).sees_images


LISTED = parse_policy(
    "name: p\n"
    "lists:\n  prizes: {kind: words, entries: [free prize]}\n  files: {kind: hashes, entries: [" + "a" * 64 + "]}\n"
    "rules:\n"
    "  - {id: prize, list: prizes, action: review, queue: prizes, priority: 2}\n"
    "  - {id: file, list: files, action: block}\n"
    "  - {id: three, when: content.image_count == 2 && content.kind == 'image', action: block}\n"
    '  - {id: door, when: \'door == "api" && metadata.board == "market"\', action: block}\n'
    "  - {id: speech, when: '\"fa\" in content.languages && scores.harassment > 0.5', action: block}\n"
)
NEWS = Facts(metadata={"board": "news", "other": "x"}, door="api")


def test_a_policy_without_conditions_has_no_facts():
    (screening,) = Engine([ScriptedDetector()]).screen([Prepared(Text("a"))], [POLICY], [NEWS])
    assert screening.facts is None


def test_facts_are_what_is_in_the_content_and_what_the_caller_knows():
    text = Text("A FREE prize, free prize!", ("en",))
    (screening,) = Engine([ScriptedDetector()]).screen([Prepared(text)], [LISTED], [NEWS])
    facts = screening.facts
    assert (facts.kind, facts.characters, facts.languages, facts.image_count) == ("text", 25, ("en",), 0)
    assert (facts.metadata, facts.door) == ({"board": "news"}, "api")
    assert [(item.begin, item.end) for item in facts.lists["prizes"].evidence] == [(2, 12), (14, 24)]
    assert [hit.rule for hit in screening.verdict.rules] == ["prize"]
    assert (screening.verdict.queue, screening.verdict.priority) == ("prizes", 2)


def test_what_the_caller_knows_goes_with_its_own_content_in_every_batch():
    known = [Facts(metadata={"board": "market" if number == 40 else "news"}, door="api") for number in range(50)]
    found = Engine([ScriptedDetector()]).screen([Prepared(Text("a"))] * 50, [LISTED] * 50, known)
    assert [number for number, each in enumerate(found) if each.verdict.action is Action.BLOCK] == [40]


def test_words_in_an_image_and_its_hash_are_looked_up_in_lists():
    engine = Engine([ScriptedImageDetector(), ScriptedDetector(), ScriptedReader(lambda name: ["free prize"] * 2)])
    known = replace(image(), sha256="a" * 64)
    (screening,) = engine.screen([Prepared(None, (known,))], [LISTED], [NEWS])
    assert {name: hits.hits for name, hits in screening.facts.lists.items()} == {"prizes": 2, "files": 1}
    assert screening.facts.lists["prizes"].evidence == ()
    assert (screening.facts.kind, screening.facts.image_count, screening.facts.characters) == ("image", 1, 0)
    assert [hit.rule for hit in screening.verdict.rules] == ["file", "prize"]


def test_a_failing_detector_does_not_make_a_condition_read_as_clean():
    detector = ScriptedDetector(lambda text: 1 / 0)
    (screening,) = Engine([detector]).screen([Prepared(Text("a"))], [LISTED], [NEWS])
    assert (screening.verdict.action, screening.verdict.is_degraded) == (Action.REVIEW, True)
    assert screening.verdict.failures == ()


def test_a_second_look_is_judged_with_the_same_facts():
    detector = ScriptedDetector(lambda text: [detector.signal(0.4)])
    (screening,) = Engine([detector]).screen([Prepared(Text("free prize", ("fa",)))], [LISTED], [NEWS])
    raised = reconsider(screening, LISTED, overruling=[detector.signal(0.9)], notices=[])
    assert [hit.rule for hit in raised.verdict.rules] == ["speech", "prize"]
    assert raised.facts == screening.facts
