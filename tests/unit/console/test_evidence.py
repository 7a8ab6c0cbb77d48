import itertools

from hypothesis import given
from hypothesis import strategies as st

from evenhand.console.evidence import place_marks, segments
from evenhand.core.decision import Action, RuleHit
from evenhand.core.signal import Evidence, Signal
from evenhand.core.taxonomy import Label


def signal(label, score, *spans, detector="text.test"):
    return Signal(detector, "1", label, score, tuple(Evidence(begin, end, 0.5, "model") for begin, end in spans))


def hit(label, action, threshold):
    return RuleHit(f"{label}.{action}", action, label, "text.test", 1.0, threshold)


def lay(text, *signals, rules=()):
    return segments(text, place_marks(signals, rules)[0])


def words(segment):
    return "".join(piece.text for piece in segment.pieces)


def test_a_text_without_evidence_is_one_plain_segment():
    (segment,) = lay("hello")
    assert (words(segment), segment.number, segment.marks, segment.level, segment.title) == ("hello", 0, (), "", "")


def test_evidence_is_cut_out_at_its_code_points():
    laid = lay("😀 you idiot!", signal(Label.HARASSMENT, 0.9, (6, 11)))
    assert [(words(segment), segment.number) for segment in laid] == [("😀 you ", 0), ("idiot", 1), ("!", 0)]
    assert (laid[1].first, laid[1].last) == (7, 11)


def test_overlapping_evidence_is_split_where_it_changes():
    laid = lay("abcdef", signal(Label.HATE, 0.9, (0, 4)), signal(Label.HARASSMENT, 0.9, (2, 6)))
    assert [(words(segment), sorted(mark.label for mark in segment.marks)) for segment in laid] == [
        ("ab", ["hate"]),
        ("cd", ["harassment", "hate"]),
        ("ef", ["harassment"]),
    ]


def test_touching_evidence_of_the_same_kind_is_one_segment():
    (segment,) = lay("abcd", signal(Label.HATE, 0.9, (0, 2), (2, 4)))
    assert words(segment) == "abcd"


def test_of_one_detector_and_label_only_the_weightiest_mark_is_shown():
    twice = Signal("text.test", "1", Label.HATE, 0.9, (Evidence(0, 2, 0.3, "weak"), Evidence(0, 2, 0.7, "strong")))
    (segment,) = lay("ab", twice)
    assert [mark.source for mark in segment.marks] == ["strong"]


def test_the_level_is_what_the_label_led_to():
    rules = (hit(Label.HATE, Action.BLOCK, 0.9), hit(Label.HATE, Action.REVIEW, 0.7))
    marks, left_out = place_marks(
        [
            signal(Label.HATE, 0.95, (0, 1)),
            signal(Label.HATE, 0.8, (1, 2), detector="text.other"),
            signal(Label.PROFANITY, 0.5, (2, 3)),
            signal(Label.SPAM, 0.49, (3, 4), (4, 5)),
        ],
        rules,
    )
    assert [mark.level for _, mark in marks] == ["block", "review", "noted"]
    assert left_out == 2


def test_a_low_score_is_marked_when_it_set_off_a_rule():
    marks, _ = place_marks([signal(Label.SEXUAL_MINORS, 0.3, (0, 1))], (hit(Label.SEXUAL_MINORS, Action.REVIEW, 0.3),))
    assert [mark.level for _, mark in marks] == ["review"]


def test_a_segment_takes_its_strictest_level_and_names_all_marks():
    (segment,) = lay(
        "ab",
        signal(Label.PROFANITY, 0.6, (0, 2)),
        signal(Label.HATE, 0.8, (0, 2)),
        rules=(hit(Label.HATE, Action.REVIEW, 0.7),),
    )
    assert segment.level == "review"
    assert segment.title == (
        "review: hate 0.80, from text.test, weight 0.50; noted: profanity 0.60, from text.test, weight 0.50"
    )


LABELS = (Label.HATE, Label.HARASSMENT, Label.PROFANITY)


@st.composite
def laid_texts(draw):
    length = draw(st.integers(1, 12))
    span = st.tuples(st.integers(0, length - 1), st.integers(1, length)).filter(lambda pair: pair[0] < pair[1])
    spans = draw(st.lists(st.tuples(st.sampled_from(LABELS), span), max_size=8))
    return "abcdefghijkl"[:length], [signal(label, 0.9, pair) for label, pair in spans]


@given(laid_texts())
def test_segments_are_the_text_with_every_character_under_its_own_evidence(laid):
    text, signals = laid
    found = lay(text, *signals)
    assert "".join(map(words, found)) == text
    assert [segment.number for segment in found if segment.marks] == list(
        range(1, 1 + sum(bool(segment.marks) for segment in found))
    )
    assert all(before.marks != after.marks for before, after in itertools.pairwise(found))
    for segment in found:
        for place in range(segment.first - 1, segment.last):
            over = {one.label for one in signals if one.evidence[0].begin <= place < one.evidence[0].end}
            assert {mark.label for mark in segment.marks} == over
