"""Decisions that rules set off, and appeals, for tests of what is counted."""

from dataclasses import replace

from evenhand.core.decision import Action, RuleHit
from evenhand.core.taxonomy import Label
from evenhand.store.review_tables import appeals
from samples import NOON, record


def hit(*labels, action=Action.REVIEW, **options):
    """Return a decision that a rule on each of `labels` set off; none stands for a detector that failed."""
    rules = tuple(
        RuleHit(f"{label}.{action}", action, Label(label), "text.one", 0.9, 0.5)
        if label
        else RuleHit("on_failure", action)
        for label in labels
    )
    made = record(action=action, body="words", **options)
    verdict = replace(made.decision.verdict, rules=rules, scores={Label(label): 0.9 for label in labels if label})
    return replace(made, decision=replace(made.decision, verdict=verdict))


def appeal(appeal_id, decision_id, status):
    """Return the row of an appeal that came at noon."""
    row = {column.name: "" for column in appeals.c if not column.nullable}
    return row | {"id": appeal_id, "created_at": NOON, "decision_id": decision_id, "status": status}
