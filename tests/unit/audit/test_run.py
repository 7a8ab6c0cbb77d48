import itertools

import pytest

from evenhand.audit.answers import Answer
from evenhand.audit.endpoint_target import named_endpoint
from evenhand.audit.kept import KeptAnswers
from evenhand.audit.run import make_plan, most_requests, run
from evenhand.core.errors import ConfigurationError
from evenhand.scorers.endpoints import Endpoint, Manner
from fakes.scripted_server import scripted_server


def saying(*flags):
    """Return what answers with the next flag, over and over."""
    said = itertools.cycle(flags)
    return lambda body: {"results": [{"flagged": next(said), "category_scores": {"hate": 0.1}} for _ in body["input"]]}


BUSY = (503, {}, {})
GOOD = (200, {}, saying(False))


class Here:
    """A target on this machine that reviews every second sentence."""

    name = "here"
    version = ""
    texts_per_request = 0

    def __init__(self):
        self.about = {}

    def ask(self, sentences):
        for place, one in enumerate(sentences):
            yield [Answer(one.id, 0.5, "review" if place % 2 else "allow")]

    def close(self):
        pass


@pytest.fixture
def audited(tmp_path, clock):
    """Give a function that audits a server, keeping its answers in one folder."""

    def audited(server, sentences, *, limit=None, **options):
        endpoint = Endpoint(server.url, "openai")
        target = named_endpoint(endpoint, manner=Manner(clock=clock), most_requests=limit)
        kept = KeptAnswers(tmp_path, target="it", about={})
        return run(target, sentences, kept, **options)

    return audited


def test_a_run_that_was_cut_goes_on_and_asks_for_nothing_twice(audited, make):
    sentences = make(160)
    with scripted_server(GOOD, BUSY) as server:
        cut = audited(server, sentences)
        assert cut.stopped.code == "endpoint.unavailable"
        assert int(cut.answers.failed.sum()) == 128
        assert not cut.answers.flagged.any()
        server.answers[:] = [GOOD]
        server.requests.clear()
        whole = audited(server, sentences)
    assert whole.stopped is None
    assert not whole.answers.failed.any()
    assert [len(body["input"]) for _, _, body in server.requests] == [32] * 4


def test_a_budget_that_is_used_up_ends_the_run_and_the_rest_has_failed(audited, make):
    with scripted_server(GOOD) as server:
        outcome = audited(server, make(160), limit=2)
    assert len(server.requests) == 2
    assert outcome.stopped.code == "endpoint.budget"
    assert int(outcome.answers.failed.sum()) == 96
    assert set(outcome.answers.errors) == {"", "audit.not_answered"}


def test_a_service_that_changes_its_answers_is_found_out(audited, make):
    with scripted_server((200, {}, saying(False, True, False))) as server:
        outcome = audited(server, make(32), repeats=32)
    assert outcome.repeated == 32
    assert 10 < outcome.changed < 32


def test_a_service_that_stays_with_its_answers_is_not(audited, make):
    with scripted_server(GOOD) as server:
        outcome = audited(server, make(32), repeats=10)
    assert (outcome.repeated, outcome.changed) == (10, 0)


def test_a_second_answer_that_failed_is_not_counted_as_the_same(audited, make):
    with scripted_server(GOOD, *[BUSY] * 5) as server:
        outcome = audited(server, make(32), repeats=4)
    assert (outcome.repeated, outcome.stopped.code) == (0, "endpoint.unavailable")


def test_on_this_machine_nothing_is_asked_twice(tmp_path, make):
    done = []
    outcome = run(Here(), make(8), KeptAnswers(tmp_path, target="h", about={}), repeats=9, advance=done.append)
    assert (outcome.repeated, sum(done)) == (0, 8)
    assert int(outcome.answers.flagged.sum()) == 4


def test_the_plan_says_what_it_takes_before_anything_is_sent(tmp_path, make, clock):
    with scripted_server(GOOD) as server:
        target = named_endpoint(Endpoint(server.url, "openai"), manner=Manner(clock=clock))
        kept = KeptAnswers(tmp_path, target="it", about={})
        kept.add([Answer("s0", 0.1, "allow"), Answer("s1", None, None, "endpoint.unavailable")])
        plan = make_plan(target, make(100), kept, repeats=20, price=0.5, requests_per_minute=10)
        assert server.requests == []
    assert (plan.sentences, plan.pairs, plan.answered, plan.repeated) == (100, 25 * 6, 1, 20)
    assert (plan.requests, plan.cost, plan.minutes) == (4 + 1, 2.5, 0.5)


def test_on_this_machine_the_plan_costs_nothing(make):
    plan = make_plan(Here(), make(100), None, repeats=20, price=0.5)
    assert (plan.requests, plan.cost, plan.minutes, plan.answered, plan.repeated) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("requests", "cost", "price", "found"),
    [(None, None, 0.0, None), (7, None, 0.0, 7), (None, 1.0, 0.1, 10), (7, 1.0, 0.1, 7), (70, 0.29, 0.1, 2)],
    ids=["none", "requests", "cost", "fewer", "dearer"],
)
def test_the_smaller_limit_holds(requests, cost, price, found):
    assert most_requests(requests=requests, cost=cost, price=price) == found


def test_a_limit_on_the_cost_needs_a_price():
    with pytest.raises(ConfigurationError) as raised:
        most_requests(requests=None, cost=3.0, price=0.0)
    assert raised.value.code == "audit.price"
