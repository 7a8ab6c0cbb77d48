"""Turn a clip and its job into what the page shows of them: spans in percent and as m:ss, status and progress."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from evenhand.console.contexts import ClipView, JobView, Refusal, SpanLine, SpanRow
from evenhand.console.evidence import NOTED, SEVERITY, level_of
from evenhand.console.figures import clock, rounded_down
from evenhand.core.decision import ClipFacts, RuleHit
from evenhand.core.job import Job, JobStatus
from evenhand.core.timeline import Span

#: Spans that are listed at once; the others are folded away.
LISTED_AT_MOST: Final = 50

_STATUSES: Final = {
    JobStatus.WAITING: "The clip waits to be screened",
    JobStatus.RUNNING: "The clip is being screened",
}

_CANCELLED: Final = Refusal("job.cancelled", "Somebody cancelled the screening.", "Send the clip again.")
_DELETED: Final = Refusal("decision.not_found", "It was deleted, as old decisions are.", "Send the clip again.")


def clip_view(facts: ClipFacts, timeline: Iterable[Span], rules: Sequence[RuleHit]) -> ClipView:
    """Return what to show of a clip, of which `timeline` was found and which set off `rules`."""
    levelled = sorted(
        ((span, level_of(span, rules) or NOTED) for span in timeline),
        key=lambda pair: (-SEVERITY[pair[1]], -pair[0].score, pair[0].begin),
    )
    # What was found last may end a little after the clip.
    whole = max([facts.seconds, *(span.end for span, _ in levelled)]) or 1.0
    spans = [_line(span, whole, level) for span, level in levelled]
    return ClipView(
        kind="video" if facts.width else "audio",
        facts=_in_words(facts),
        rows=_rows(spans),
        spans=tuple(spans[:LISTED_AT_MOST]),
        more_spans=tuple(spans[LISTED_AT_MOST:]),
    )


def job_view(job: Job) -> JobView:
    """Return what to show of a job that is not over."""
    if not job.seconds:
        return JobView(_STATUSES[job.status], "", "")
    screened = f"{clock(min(job.seconds_done, job.seconds))} of {clock(math.ceil(job.seconds))}"
    return JobView(_STATUSES[job.status], str(math.floor(100 * job.progress)), screened)


def ending(job: Job) -> Refusal:
    """Return why a job that is over has no decision."""
    if job.error is not None:
        return Refusal(job.error.code, job.error.message, job.error.remedy)
    return _CANCELLED if job.status is JobStatus.CANCELLED else _DELETED


def _line(span: Span, whole: float, level: str) -> SpanLine:
    return SpanLine(
        level=level,
        begin=clock(span.begin),
        end=clock(math.ceil(span.end)),
        seconds=f"{span.begin:.3f}",
        left=f"{100 * span.begin / whole:.3f}%",
        width=f"{100 * (span.end - span.begin) / whole:.3f}%",
        track=str(span.track),
        label=str(span.label),
        score=rounded_down(span.score),
        detector=span.detector,
    )


def _rows(spans: Iterable[SpanLine]) -> tuple[SpanRow, ...]:
    rows: dict[tuple[str, str], list[SpanLine]] = {}
    for line in spans:
        rows.setdefault((line.track, line.label), []).append(line)
    return tuple(SpanRow(*names, tuple(found)) for names, found in rows.items())


def _in_words(facts: ClipFacts) -> str:
    words = [facts.container, clock(math.ceil(facts.seconds))]
    if facts.width:
        words.append(f"{facts.width} by {facts.height} pixels")
        words.append("with sound" if facts.has_sound else "without sound")
    return ", ".join(words)
