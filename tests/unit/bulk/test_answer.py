import dataclasses
import json
from datetime import timedelta

from hypothesis import given

from evenhand.bulk.answer import decision_line, error_line
from evenhand.core.errors import InputError
from strategies import decisions


@given(decisions)
def test_any_decision_becomes_a_line_of_json(decision):
    line = json.loads(json.dumps(decision_line(decision)))
    assert line["action"] == decision.action
    assert len(line["signals"]) == len(decision.signals)
    assert all(abs(score - decision.scores[label]) <= 1e-6 for label, score in line["scores"].items())


@given(decisions)
def test_a_line_does_not_depend_on_when_or_as_what_it_was_made(decision):
    later = dataclasses.replace(decision, id="dec_" + "0" * 32, created_at=decision.created_at - timedelta(days=1))
    assert decision_line(later) == decision_line(decision)


@given(decisions)
def test_scores_stand_in_the_order_of_their_labels(decision):
    scores = decision_line(decision)["scores"]
    assert list(scores) == sorted(decision.scores)


def test_an_error_is_its_code_and_its_message():
    error = InputError("text.empty", "There is no text.", field="text", remedy="Send one.")
    assert error_line(error) == {"error": {"code": "text.empty", "message": "There is no text."}}


@given(decisions)
def test_a_reason_stands_with_its_signal_and_only_where_there_is_one(decision):
    given_one = dataclasses.replace(
        decision, signals=tuple(dataclasses.replace(signal, reason="Because.") for signal in decision.signals)
    )
    assert all(signal["reason"] == "Because." for signal in decision_line(given_one)["signals"])
    assert not any("reason" in signal for signal in decision_line(decision)["signals"])
