import hashlib

import pytest

from evenhand.core.decision import Action
from evenhand.core.facts import Facts
from evenhand.core.signal import Evidence
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import Track
from evenhand.engine import clips
from evenhand.engine.clips import Seen, judge, look
from evenhand.engine.screen import Engine
from evenhand.policy.load import parse_policy
from evenhand.policy.policy import Policy, Rule
from fakes.detectors import ScriptedDetector
from fakes.image_detectors import ScriptedImageDetector, ScriptedReader
from fakes.stretches import said, still, stretch

POLICY = Policy(
    "test",
    "",
    Action.BLOCK,
    (Rule(Label.SEXUAL, Action.BLOCK, 0.8), Rule(Label.HARASSMENT, Action.REVIEW, 0.5)),
    on_unclear_speech=Action.REVIEW,
)


class ToneDetector(ScriptedImageDetector):
    """Scores the tone of a still: 100 is 1."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def detect(self, images):
        tones = [int(image.frames[0].pixels[0, 0, 0]) for image in images]
        self.seen += tones
        return [(self.signal(tone / 100),) if tone else () for tone in tones]


def seen(*stills, detectors=None):
    return look(
        Engine(detectors or [ToneDetector()]),
        POLICY,
        stretch(*stills),
        md5="0" * 32,
        sha256=hashlib.sha256().hexdigest(),
    )


def test_chosen_stills_are_looked_at_and_the_others_only_near_a_hit():
    detector = ToneDetector()
    found, _ = seen(
        still(0, tone=1),
        still(1, chosen=False, tone=2),
        still(4, tone=60),
        still(5, chosen=False, tone=90),
        still(6, chosen=False, tone=3),
        detectors=[detector],
    )
    assert detector.seen == [1, 60, 90]
    assert found.looked_at == (0, 4000, 5000)
    assert [each.milliseconds for each in found.stills] == [4000, 5000]
    assert [signal.score for signal in found.signals] == [0.9]


def test_half_of_what_is_shown_is_reason_enough_to_look_closer():
    detector = ToneDetector()
    found, thumbnails = seen(still(4, tone=30), still(5, chosen=False, tone=4), detectors=[detector])
    assert detector.seen == [30, 4]
    assert (found.stills, thumbnails) == ((), [])


def test_regions_of_a_still_say_when_it_is():
    found, _ = seen(still(4, tone=90))
    ((signal,),) = (each.signals for each in found.stills)
    assert [region.frame for region in signal.regions] == [4000]
    assert found.signals[0].regions == ()


def test_the_worst_stills_have_thumbnails(monkeypatch):
    monkeypatch.setattr(clips, "MOST_THUMBNAILS", 2)
    _, thumbnails = seen(still(0, tone=60), still(4, tone=90), still(8, tone=80))
    assert [thumbnail.milliseconds for thumbnail in thumbnails] == [4000, 8000]
    assert thumbnails[0].data[:2] == b"\xff\xd8"


def test_words_in_a_still_are_read():
    text = ScriptedDetector(
        lambda words: [text.signal(0.9, evidence=(Evidence(4, 9, 1.0, "model"),))] if "idiot" in words else []
    )
    found, _ = seen(still(0), detectors=[text, ScriptedReader(lambda _: ["you idiot"])])
    ((signal,),) = (each.signals for each in found.stills)
    assert signal.label is Label.HARASSMENT
    assert "“idiot”" in signal.reason


def test_a_detector_that_fails_on_one_still_covers_none():
    class Failing(ToneDetector):
        def detect(self, images):
            return [() if image.frames[0].number else 1 / 0 for image in images]

    found, _ = seen(still(0), still(4), detectors=[Failing()])
    assert [failure.detector for failure in found.failures] == ["image.scripted"]
    assert found.covered == ()


def test_a_stretch_without_pictures_is_nothing_to_look_at():
    assert seen() == (Seen(), [])


@pytest.fixture
def rude():
    detector = ScriptedDetector(
        lambda text: (
            [detector.signal(0.7, evidence=(Evidence(0, len(text), 1.0, "model"),))] if "you fool" in text else []
        )
    )
    return detector


def judged(engine, *parts, utterances=(), is_heard=True):
    return judge(engine, POLICY, parts, utterances, seconds=60.0, is_heard=is_heard)


def test_pictures_and_speech_are_one_verdict_and_one_timeline(rude):
    engine = Engine([rude, ToneDetector()])
    first, _ = look(engine, POLICY, stretch(still(0, tone=90)), md5="", sha256="a")
    second, _ = look(engine, POLICY, stretch(still(30, tone=1), begin=30.0, end=60.0), md5="", sha256="a")
    found = judged(engine, first, second, utterances=[said("you fool", 40, 41)])
    assert found.verdict.action is Action.BLOCK
    assert [(span.track, span.label, span.begin, span.end) for span in found.timeline] == [
        (Track.PICTURE, Label.SEXUAL, 0.0, 30.0),
        (Track.SPEECH, Label.HARASSMENT, 40.0, 41.0),
    ]
    assert found.verdict.scores == {Label.SEXUAL: 0.9, Label.HARASSMENT: 0.7, Label.PROFANITY: 0.0}
    assert set(found.detectors) == {"text.scripted", "image.scripted"}
    assert all(signal.evidence == signal.regions == () for signal in found.signals)
    assert found.notices == ()


def test_a_sentence_that_a_cut_parts_is_seen_whole(rude):
    found = judged(Engine([rude]), utterances=[said("you", 29, 30), said("fool", 30, 31)])
    (span,) = found.timeline
    assert (span.begin, span.end) == (29, 31)


@pytest.mark.parametrize(
    ("utterances", "is_heard", "notices"),
    [
        ([said("mumble", is_clear=False)], True, ("speech.unclear",)),
        ([], False, ("speech.not_heard",)),
    ],
)
def test_speech_that_nobody_understood_is_not_clean(rude, utterances, is_heard, notices):
    found = judged(Engine([rude]), utterances=utterances, is_heard=is_heard)
    assert found.notices == notices
    assert found.verdict.action is Action.REVIEW
    assert [hit.rule for hit in found.verdict.rules] == ["on_unclear_speech"]


def test_what_was_looked_for_in_one_half_only_is_not_covered(rude):
    half = Seen((0,), covered=(Label.SEXUAL, Label.SPAM))
    other = Seen((30_000,), covered=(Label.SEXUAL,))
    assert set(judged(Engine([rude]), half, other, Seen()).verdict.scores) == {Label.SEXUAL}


def test_languages_are_what_is_spoken_and_what_is_written(rude):
    written = Seen((0,), languages=("de",))
    spoken = [said("hello", language="en"), said("hm", language="")]
    assert judged(Engine([rude]), written, utterances=spoken).languages == ("en", "de")


LISTED = parse_policy(
    "name: p\nlists:\n  prizes: {kind: words, entries: [free prize]}\n  files: {kind: hashes, entries: ["
    + "b" * 32
    + "]}\n"
    "rules:\n  - {id: prize, when: lists.prizes.hits >= 3, action: review}\n"
    "  - {id: file, list: files, action: block}\n"
)


def test_a_policy_without_conditions_has_no_facts_of_a_clip(rude):
    assert judged(Engine([rude]), utterances=[said("hello")]).facts is None


def test_conditions_read_what_is_said_what_is_shown_and_the_file(rude):
    engine = Engine([rude, ScriptedImageDetector(), ScriptedReader(lambda name: ["free prize"])])
    shown, _ = look(engine, LISTED, stretch(still(0, tone=1), still(1, tone=1)), md5="", sha256="a")
    again, _ = look(engine, LISTED, stretch(still(30, tone=1), begin=30.0, end=60.0), md5="", sha256="a")
    assert (shown.listed, seen(still(0))[0].listed) == ({"prizes": 1, "files": 0}, {})
    found = judge(
        engine,
        LISTED,
        [shown, again],
        [said("a free prize", language="en")],
        seconds=60.0,
        is_heard=True,
        known=Facts(door="native"),
        hashes=["b" * 32],
    )
    assert (found.facts.kind, found.facts.characters, found.facts.languages) == ("clip", 12, ("en",))
    assert (found.facts.door, {name: hits.hits for name, hits in found.facts.lists.items()}) == (
        "native",
        {"prizes": 3, "files": 1},
    )
    assert [hit.rule for hit in found.verdict.rules] == ["file", "prize"]
