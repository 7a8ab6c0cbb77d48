import logging
import threading

import pytest

from evenhand.core.decision import Action
from evenhand.core.errors import ConfigurationError
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.policy.policy import Policy, Rule
from evenhand.second_look.band import Interval
from evenhand.second_look.endpoint import Reason
from evenhand.second_look.look import MOST_WAITING, Question, SecondLook, Unavailable
from fakes.chat import REASON, completion, judge, opinion, said, text_in
from fakes.scripted_server import scripted_server

QUESTION = Question("you are an idiot", Label.HARASSMENT, Interval(0.56, 0.86))
RULES = (Rule(Label.HARASSMENT, Action.REVIEW, 0.8), Rule(Label.SEXUAL_MINORS, Action.REVIEW, 0.3))
POLICY = Policy("test", "", Action.REVIEW, RULES)


@pytest.fixture
def make():
    """Return what makes a second look and closes it after the test."""
    made = []

    def build(url="http://127.0.0.1:1", **options):
        made.append(SecondLook(url, **{"model": "m"} | options))
        return made[-1]

    yield build
    for look in made:
        look.close()


def reasons(look, times):
    """Ask so often, one after another, and return why there was no answer; none where there was."""
    replies = [look.ask(QUESTION).result() for _ in range(times)]
    return [reply.reason if isinstance(reply, Unavailable) else None for reply in replies]


@pytest.mark.parametrize(("is_harmful", "score"), [(True, 0.86), (False, 0.56)])
def test_an_answer_moves_the_score_to_an_end_of_its_interval(make, is_harmful, score):
    with scripted_server(said(opinion(is_harmful))) as server:
        look = make(server.url)
        assert look.ask(QUESTION).result() == Signal(
            "second_look", look.version, Label.HARASSMENT, score, reason=REASON
        )


def test_what_is_sent_is_the_model_the_messages_and_how_to_answer(make):
    with scripted_server(said(opinion())) as server:
        make(server.url, model="judge:1b", key="secret").ask(QUESTION).result()
    ((path, headers, body),) = server.requests
    assert (path, headers["Authorization"]) == ("/chat/completions", "Bearer secret")
    assert set(body) == {"model", "messages", "temperature", "max_tokens", "response_format"}
    assert (body["model"], body["temperature"], text_in(body)) == ("judge:1b", 0, QUESTION.text)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, {}, b""), Reason.SERVER_ERROR),
        ((429, {"Retry-After": "9"}, b""), Reason.RATE_LIMITED),
        ((307, {"Location": "http://127.0.0.1:1/"}, b""), Reason.REDIRECT),
        ((401, {}, b""), Reason.DENIED),
        ((200, {}, b"x" * 100_000), Reason.TOO_LARGE),
        ((200, {}, b"not JSON"), Reason.INVALID_ANSWER),
        (said(f"Sure: {opinion()}"), Reason.INVALID_ANSWER),
        (said(opinion(category="hate")), Reason.INVALID_ANSWER),
        (said(opinion(category="nationality")), Reason.INVALID_ANSWER),
        (said(opinion("yes")), Reason.INVALID_ANSWER),
    ],
)
def test_a_fault_is_a_named_reason_and_asked_once(make, answer, reason):
    with scripted_server(answer) as server:
        reply = make(server.url).ask(QUESTION).result()
        assert reply == Unavailable(reason)
        assert reply.notice == f"second_look.unavailable:{reason}"
        assert len(server.requests) == 1


def test_nobody_there_and_nobody_in_time_are_told_apart(make):
    assert reasons(make(), 1) == [Reason.UNREACHABLE]
    release = threading.Event()
    with scripted_server((200, {}, lambda _: release.wait(10))) as server:
        assert reasons(make(server.url, timeout_seconds=0.1), 1) == [Reason.TIME_OUT]
        release.set()


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("taken", ["json_schema", "json_object", None])
def test_a_server_is_asked_for_json_in_the_way_that_it_takes_and_that_is_remembered(make, status, taken):
    def answer(body):
        return completion(opinion()) if body.get("response_format", {}).get("type") == taken else b"no"

    with scripted_server((200, {}, answer)) as server:
        look = make(server.url)
        # The script cannot choose a status by what comes in, so it is told beforehand.
        server.answers[:] = [(status, {}, b"")] * ["json_schema", "json_object", None].index(taken) + server.answers
        refused = len(server.answers) - 1
        assert reasons(look, 2) == [None, None]
        assert len(server.requests) == refused + 2


def test_a_server_that_takes_no_way_refuses(make):
    with scripted_server((400, {}, b"")) as server:
        assert reasons(make(server.url, failures=1), 2) == [Reason.REFUSED, Reason.REFUSED]
        assert len(server.requests) == 6


def test_the_budget_counts_every_request(make):
    with scripted_server((400, {}, b""), said(opinion())) as server:
        assert reasons(make(server.url, calls_per_hour=3), 4) == [None, None, Reason.BUDGET, Reason.BUDGET]
        assert len(server.requests) == 3


def test_after_failures_in_a_row_the_endpoint_is_left_alone(make):
    with scripted_server((500, {}, b"")) as server:
        look = make(server.url, failures=2, calls_per_hour=2)
        assert reasons(look, 4) == [Reason.SERVER_ERROR, Reason.SERVER_ERROR, Reason.COOLING, Reason.COOLING]
        assert len(server.requests) == 2


def test_after_its_rest_it_is_tried_again(make):
    with scripted_server((500, {}, b""), said(opinion())) as server:
        assert reasons(make(server.url, failures=1, cooling_seconds=0), 3) == [Reason.SERVER_ERROR, None, None]


def test_a_text_cannot_make_the_breaker_open(make):
    with scripted_server(said("As an assistant, I cannot.")) as server:
        assert reasons(make(server.url, failures=1), 3) == [Reason.INVALID_ANSWER] * 3


def test_at_most_so_many_are_asked_at_once(make):
    release = threading.Event()
    at_once, most, lock = 0, 0, threading.Lock()

    def is_harmful(_):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
            if at_once == 2:
                release.set()
        release.wait(10)
        with lock:
            at_once -= 1
        return True

    with judge(is_harmful) as server:
        look = make(server.url, concurrent_calls=2)
        replies = [look.ask(QUESTION) for _ in range(8)]
        assert all(isinstance(reply.result(), Signal) for reply in replies)
    assert most == 2


def test_who_may_not_wait_is_turned_away_when_the_turn_comes_too_late(make):
    release = threading.Event()
    with judge(lambda _: release.wait(10)) as server:
        look = make(server.url, concurrent_calls=1)
        first = look.ask(QUESTION)
        late = look.ask(QUESTION, within=0.0)
        patient = look.ask(QUESTION)
        release.set()
        assert late.result() == Unavailable(Reason.BUSY)
        assert isinstance(first.result(), Signal)
        assert isinstance(patient.result(), Signal)


def test_a_line_that_is_too_long_is_not_joined(make):
    release = threading.Event()
    with judge(lambda _: release.wait(10)) as server:
        look = make(server.url, concurrent_calls=1)
        line = [look.ask(QUESTION), *(look.ask(QUESTION, within=0.0) for _ in range(MOST_WAITING))]
        refused = look.ask(QUESTION, within=10.0)
        assert refused.done()
        assert refused.result() == Unavailable(Reason.BUSY)
        release.set()
        assert {type(reply.result()) for reply in line} == {Signal, Unavailable}
        assert isinstance(look.ask(QUESTION, within=10.0).result(), Signal)


def test_only_uncertain_scores_of_the_chosen_categories_are_asked_about(make):
    def asked(scores, **options):
        return [question.label for question in make(**options).questions("x", scores, POLICY)]

    scores = {Label.HARASSMENT: 0.7, Label.SEXUAL_MINORS: 0.3, Label.HATE: 0.7}
    assert asked(scores) == [Label.HARASSMENT]
    assert asked(scores, categories=["sexual/minors"]) == [Label.SEXUAL_MINORS]
    assert asked(scores, categories=["hate"]) == []
    assert asked({Label.HARASSMENT: 0.87}) == []
    assert asked({Label.HARASSMENT: 0.87}, band=(0.3, 0.7)) == [Label.HARASSMENT]


def test_the_version_names_the_model_and_changes_with_what_answers_depend_on(make):
    first = make()
    assert first.version.startswith("m+")
    assert make(key="k", timeout_seconds=1, calls_per_hour=5).version == first.version
    options = [{"model": "n"}, {"band": (0.4, 0.6)}, {"categories": ["hate"]}, {"url": "http://127.0.0.1:2"}]
    assert len({first.version, *(make(**option).version for option in options)}) == 5


def test_making_one_says_where_texts_go_and_no_log_has_key_text_or_answer(make, caplog):
    caplog.set_level(logging.DEBUG)
    with scripted_server((500, {}, b"an answer")) as server:
        make(server.url, key="secret").ask(QUESTION).result()
        said_at_start = caplog.records[0]
        assert said_at_start.levelno == logging.WARNING
        assert f"{server.url}/chat/completions" in said_at_start.getMessage()
    logged = "\n".join(str(vars(record)) for record in caplog.records)
    assert "server-error" in logged
    assert [word for word in ("secret", "idiot", "an answer") if word in logged] == []


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"url": "127.0.0.1"}, "endpoint.url", "second_look_url"),
        ({"url": "https://name:pass@x"}, "endpoint.url", "second_look_url"),
        ({"key": "two words"}, "second_look.key", "second_look_key"),
        ({"model": ""}, "second_look.model", "second_look_model"),
        ({"model": "a\n"}, "second_look.model", "second_look_model"),
        ({"band": (0.6, 0.7)}, "second_look.band", "second_look_from"),
        ({"categories": ["hatred"]}, "second_look.category", "second_look_categories"),
        ({"timeout_seconds": 0}, "second_look.limit", "second_look_timeout_seconds"),
        ({"calls_per_hour": 0}, "second_look.limit", "second_look_calls_per_hour"),
        ({"concurrent_calls": 0}, "second_look.limit", "second_look_concurrent_calls"),
        ({"failures": 0}, "second_look.limit", "second_look_failures"),
    ],
)
def test_what_cannot_be_used_is_said_at_once(make, options, code, field):
    with pytest.raises(ConfigurationError) as caught:
        make(**options)
    assert (caught.value.code, caught.value.field) == (code, field)
