from evenhand.core.signal import Evidence, Region, Signal
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import Span, Track, Utterance
from evenhand.engine import timeline
from evenhand.engine.timeline import StillFound, floors, picture_spans, speech_spans, worst_first
from evenhand.engine.transcript import Window
from evenhand.policy.load import load_policy, parse_policy

WHOLE = (0.0, 0.0, 1.0, 1.0)


def signal(score, label=Label.VIOLENCE_GRAPHIC, detector="image.safety", **more):
    return Signal(detector, "1", label, score, **more)


def still(milliseconds, *signals):
    return StillFound(milliseconds, signals)


def test_what_the_policy_acts_on_is_shown_and_everything_from_one_half():
    policy = parse_policy("name: p\nthresholds:\n  hate: {review: 0.3, block: 0.9}\n  spam: {review: 0.8}\n")
    shown_from = floors(policy)
    assert shown_from[Label.HATE] == 0.3
    assert shown_from[Label.SPAM] == 0.5
    assert shown_from[Label.SEXUAL] == 0.5
    assert set(floors(load_policy())) == set(Label)


def test_stills_that_follow_each_other_are_one_span_which_lasts_until_the_next_still():
    region = Region(0, 4000, WHOLE, 1.0, "model")
    spans = picture_spans(
        [still(0, signal(0.6)), still(4000, signal(0.9, regions=(region,), reason="why"))], [0, 4000, 8000], end=12.0
    )
    assert spans == [Span(0.0, 8.0, Track.PICTURE, Label.VIOLENCE_GRAPHIC, 0.9, "image.safety", "why", 4000, (region,))]


def test_a_harmless_still_between_two_parts_them():
    spans = picture_spans([still(0, signal(0.9)), still(8000, signal(0.6))], [0, 4000, 8000], end=10.5)
    assert [(span.begin, span.end, span.score, span.thumbnail) for span in spans] == [
        (0.0, 4.0, 0.9, 0),
        (8.0, 10.5, 0.6, 8000),
    ]


def test_labels_have_spans_of_their_own():
    spans = picture_spans([still(0, signal(0.9), signal(0.7, Label.SEXUAL))], [0], end=1.0)
    assert {span.label for span in spans} == {Label.VIOLENCE_GRAPHIC, Label.SEXUAL}


def test_a_still_at_or_after_the_end_still_has_a_span():
    (span,) = picture_spans([still(2000, signal(0.9))], [2000], end=1.5)
    assert (span.begin, span.end) == (2.0, 2.0)


def window(text, begin=0.0, end=10.0):
    return Window((Utterance(begin, end, text, "en", 0.9, is_clear=True),))


def test_speech_is_placed_by_its_strongest_evidence_and_quoted():
    threat = signal(
        0.8,
        Label.HARASSMENT,
        "text.toxicity",
        evidence=(Evidence(0, 1, 0.1, "model"), Evidence(5, 10, 0.9, "model")),
    )
    (span,) = speech_spans([(window("0123456789"), [threat])], floors(load_policy()))
    assert (span.begin, span.end, span.track, span.thumbnail) == (5.0, 10.0, Track.SPEECH, None)
    assert span.reason == "Said: “0123456789”"


def test_speech_without_evidence_takes_the_whole_window_and_a_long_one_is_quoted_in_part():
    (span,) = speech_spans([(window("w " * 200), [signal(0.8, Label.HATE)])], floors(load_policy()))
    assert (span.begin, span.end) == (0.0, 10.0)
    assert len(span.reason) < 140
    assert span.reason.endswith("…”")


def test_weak_signals_are_not_shown():
    assert speech_spans([(window("fine"), [signal(0.4, Label.SPAM)])], floors(load_policy())) == []


def test_speech_that_overlaps_or_nearly_touches_is_one_span():
    said = [
        (window("one", 0, 3), [signal(0.7, Label.HATE, "a")]),
        (window("two", 4, 6), [signal(0.9, Label.HATE, "b")]),
        (window("three", 20, 21), [signal(0.8, Label.HATE, "c")]),
        (window("other", 5, 6), [signal(0.8, Label.SPAM, "d")]),
    ]
    spans = speech_spans(said, floors(load_policy()))
    assert [(span.begin, span.end, span.score, span.label) for span in spans] == [
        (0, 6, 0.9, Label.HATE),
        (20, 21, 0.8, Label.HATE),
        (5, 6, 0.8, Label.SPAM),
    ]


def test_the_worst_span_is_first_and_there_are_not_too_many(monkeypatch):
    monkeypatch.setattr(timeline, "MOST_SPANS", 2)
    spans = [Span(at, at + 1, Track.SPEECH, Label.SPAM, score, "d") for at, score in ((0, 0.5), (1, 0.9), (2, 0.9))]
    assert [(span.begin, span.score) for span in worst_first(spans)] == [(1, 0.9), (2, 0.9)]
