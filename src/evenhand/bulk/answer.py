"""A decision as a line of output: nothing in it depends on when or where it was made, so runs can be compared."""

from typing import Any

from evenhand.core.decision import Decision
from evenhand.core.errors import InputError
from evenhand.core.signal import Region
from evenhand.core.timeline import Span


def decision_line(decision: Decision) -> dict[str, Any]:
    """Return `decision` for a line of JSON. Offsets are code points; scores are rounded to 6 digits."""
    return {
        "action": decision.action,
        "degraded": decision.is_degraded,
        "rules": [
            {"rule": hit.rule, "detector": hit.detector, "score": _rounded(hit.score), "threshold": hit.threshold}
            for hit in decision.verdict.rules
        ],
        "scores": {label: _rounded(score) for label, score in sorted(decision.scores.items())},
        "signals": [
            {
                "detector": signal.detector,
                "label": signal.label,
                "score": _rounded(signal.score),
                "evidence": [{"begin": item.begin, "end": item.end, "source": item.source} for item in signal.evidence],
            }
            | ({"regions": [_region(region) for region in signal.regions]} if signal.regions else {})
            | ({"reason": signal.reason} if signal.reason else {})
            for signal in decision.signals
        ],
        "failures": [
            {"detector": failure.detector, "code": failure.code}
            for failure in (*decision.failures, *decision.verdict.failures)
        ],
        "languages": list(decision.languages),
        "notices": list(decision.notices),
    } | ({"timeline": list(map(_span, decision.timeline))} if decision.clip else {})


def _span(span: Span) -> dict[str, Any]:
    return {
        "begin": round(span.begin, 3),
        "end": round(span.end, 3),
        "track": span.track,
        "label": span.label,
        "score": _rounded(span.score),
        "detector": span.detector,
        "reason": span.reason,
    }


def _region(region: Region) -> dict[str, Any]:
    box = [round(part, 4) for part in region.box]
    return {"image": region.image, "frame": region.frame, "box": box, "source": region.source}


def error_line(error: InputError) -> dict[str, Any]:
    """Return the reason why a row was not screened, for a line of JSON."""
    return {"error": {"code": error.code, "message": error.message}}


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 6)
