from dataclasses import replace

import pytest

from evenhand.console.clips import LISTED_AT_MOST, clip_view, ending, job_view
from evenhand.core.decision import Action, ClipFacts, RuleHit
from evenhand.core.job import Job, JobError, JobStatus
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import Span, Track
from samples import NOON

FACTS = ClipFacts("webm", 80.0, 320, 180, has_sound=True, is_partial=False)
BLOCK = RuleHit("sexual.block", Action.BLOCK, Label.SEXUAL, "image.x", 0.9, 0.8)
REVIEW = RuleHit("harassment.review", Action.REVIEW, Label.HARASSMENT, "text.x", 0.95, 0.7)
JOB = Job(
    id="job_1",
    key_id="key",
    door="home_page",
    content_id="",
    path="",
    url="",
    media_type="",
    policy="",
    keep="never",
    languages=(),
    priority=5,
    status=JobStatus.RUNNING,
    created_at=NOON,
)


def span(begin=0.0, end=8.0, score=0.9, label=Label.SEXUAL, track=Track.PICTURE):
    return Span(begin, end, track, label, score, "image.x")


def view(*spans, facts=FACTS, rules=()):
    return clip_view(facts, spans, rules)


@pytest.mark.parametrize(
    ("facts", "kind", "words"),
    [
        (FACTS, "video", "webm, 1:20, 320 by 180 pixels, with sound"),
        (replace(FACTS, has_sound=False), "video", "webm, 1:20, 320 by 180 pixels, without sound"),
        (ClipFacts("mp3", 3725.9, 0, 0, has_sound=True, is_partial=False), "audio", "mp3, 1:02:06"),
    ],
)
def test_a_clip_is_told_in_words(facts, kind, words):
    shown = view(facts=facts)
    assert (shown.kind, shown.facts) == (kind, words)


def test_a_span_lies_in_percent_of_the_clip_and_begins_to_the_millisecond():
    (line,) = view(span(20.0, 29.2)).spans
    assert (line.left, line.width, line.begin, line.end, line.seconds) == (
        "25.000%",
        "11.500%",
        "0:20",
        "0:30",
        "20.000",
    )
    assert (line.track, line.label, line.score, line.detector) == ("picture", "sexual", "0.90", "image.x")


def test_a_span_that_ends_after_the_clip_does_not_stick_out():
    first, last = sorted(view(span(0, 40), span(80, 100)).spans, key=lambda line: float(line.seconds))
    assert (first.width, last.left, last.width) == ("40.000%", "80.000%", "20.000%")


def test_a_clip_of_no_length_can_be_shown():
    (line,) = view(span(0, 0), facts=replace(FACTS, seconds=0.0)).spans
    assert (line.left, line.width) == ("0.000%", "0.000%")


def test_what_led_to_more_comes_first_then_what_scored_higher():
    speech = span(label=Label.HARASSMENT, track=Track.SPEECH, score=0.95)
    shown = view(
        span(score=0.6),
        speech,
        span(30, 31, score=0.85),
        span(10, 11, score=0.85),
        span(score=0.9),
        rules=[REVIEW, BLOCK],
    )
    assert [(line.level, line.score, line.seconds) for line in shown.spans] == [
        ("block", "0.90", "0.000"),
        ("block", "0.85", "10.000"),
        ("block", "0.85", "30.000"),
        ("review", "0.95", "0.000"),
        ("noted", "0.60", "0.000"),
    ]
    assert [(row.track, row.label, len(row.spans)) for row in shown.rows] == [
        ("picture", "sexual", 4),
        ("speech", "harassment", 1),
    ]


def test_pictures_and_speech_of_one_label_have_rows_of_their_own():
    shown = view(span(), span(track=Track.SPEECH))
    assert [row.track for row in shown.rows] == ["picture", "speech"]


def test_only_so_many_spans_are_unfolded_but_all_are_drawn():
    shown = view(*(span(float(second), second + 1.0) for second in range(LISTED_AT_MOST + 7)))
    assert (len(shown.spans), len(shown.more_spans), len(shown.rows[0].spans)) == (
        LISTED_AT_MOST,
        7,
        LISTED_AT_MOST + 7,
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"status": JobStatus.WAITING}, ("The clip waits to be screened", "", "")),
        ({}, ("The clip is being screened", "", "")),
        ({"seconds": 80.0}, ("The clip is being screened", "0", "0:00 of 1:20")),
        ({"seconds": 80.0, "seconds_done": 30.0}, ("The clip is being screened", "37", "0:30 of 1:20")),
        ({"seconds": 80.0, "seconds_done": 81.0}, ("The clip is being screened", "100", "1:20 of 1:20")),
    ],
)
def test_a_job_says_how_far_it_is(more, expected):
    shown = job_view(replace(JOB, **more))
    assert (shown.status, shown.percent, shown.screened) == expected


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (JobStatus.FAILED, JobError("clip.corrupt", "It is damaged.", "clip", "Send another."), "clip.corrupt"),
        (JobStatus.DEAD, JobError("internal", "A step failed."), "internal"),
        (JobStatus.CANCELLED, None, "job.cancelled"),
        (JobStatus.DONE, None, "decision.not_found"),
    ],
)
def test_a_job_that_is_over_without_a_decision_says_why(status, error, expected):
    refusal = ending(replace(JOB, status=status, error=error))
    assert refusal.code == expected
    assert refusal.message.endswith(".")
    assert error is None or refusal.remedy == error.remedy
