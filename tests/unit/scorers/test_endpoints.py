import pytest

from evenhand.core.errors import EndpointError
from evenhand.scorers.endpoints import Endpoint, Manner, ask_endpoint
from fakes.scripted_server import scripted_server

BUSY = (503, {}, {})
REJECTED = (400, {}, {"error": "too long"})


def openai(body):
    return {"results": [{"category_scores": {"hate": len(text) / 100}} for text in body["input"]]}


GOOD = (200, {}, openai)


@pytest.fixture
def ask(clock, tmp_path):
    def ask(server, texts, *, dialect="openai", key="", has_cache=False, **options):
        manner = Manner(tmp_path / "cache" if has_cache else None, clock=clock)
        return ask_endpoint(Endpoint(server.url, dialect, key), texts, ("hate", "any"), manner=manner, **options)

    return ask


def raised_by(call):
    with pytest.raises(EndpointError) as raised:
        call()
    return raised.value


def test_texts_are_asked_for_in_batches_and_once_each(ask):
    texts = [f"text {number}" for number in range(40)] + ["text 0"]
    done = []
    with scripted_server(GOOD) as server:
        scored = ask(server, texts, key="k", advance=done.append)
    assert [len(body["input"]) for _, _, body in server.requests] == [32, 8]
    assert scored.scores("hate").tolist() == [len(text) / 100 for text in texts]
    assert server.requests[0][0] == "/moderations"
    assert server.requests[0][1]["Authorization"] == "Bearer k"
    assert sum(done) == 41
    assert "k" not in str(scored.about.values())
    assert "key" not in repr(Endpoint("http://x", "openai", "secret"))


def test_texts_that_are_refused_together_are_asked_for_alone(ask):
    with scripted_server(REJECTED, GOOD, REJECTED, GOOD) as server:
        scored = ask(server, ["a", "bb", "ccc"])
    assert [answer.error for answer in scored.answers] == ["", "endpoint.rejected", ""]
    assert [dict(answer.scores) for answer in scored.answers] == [{"hate": 0.01}, {}, {"hate": 0.03}]


def test_a_batch_that_got_no_answer_is_no_score_and_the_next_is_asked(ask):
    texts = [f"text {number}" for number in range(64)]
    with scripted_server(*[BUSY] * 5, GOOD) as server:
        scored = ask(server, texts)
    assert {answer.error for answer in scored.answers[:32]} == {"endpoint.unavailable"}
    assert {answer.error for answer in scored.answers[32:]} == {""}


def test_a_server_that_is_gone_ends_the_run_and_the_cache_goes_on(ask):
    texts = [f"text {number}" for number in range(160)]
    with scripted_server(GOOD, BUSY) as server:
        error = raised_by(lambda: ask(server, texts, has_cache=True))
        assert error.code == "endpoint.unavailable"
        assert len(server.requests) == 1 + 3 * 5
        server.answers[:] = [GOOD]
        server.requests.clear()
        scored = ask(server, texts, has_cache=True)
    assert scored.about["from_cache"] == 32
    assert sum(len(body["input"]) for _, _, body in server.requests) == 128
    assert scored.scores("hate").tolist() == [len(text) / 100 for text in texts]


def test_failures_are_not_kept_but_asked_for_again(ask):
    with scripted_server(REJECTED, GOOD, REJECTED, GOOD) as server:
        ask(server, ["a", "bb"], has_cache=True)
        scored = ask(server, ["a", "bb"], has_cache=True)
    assert [answer.error for answer in scored.answers] == ["", ""]


def test_a_server_that_refuses_every_text_is_an_error_with_its_reason(ask):
    with scripted_server(REJECTED) as server:
        error = raised_by(lambda: ask(server, [f"text {number}" for number in range(100)]))
        assert error.code == "endpoint.rejected"
        assert "too long" in error.message
        assert len(server.requests) == 21
        assert raised_by(lambda: ask(server, ["one", "two"])).code == "endpoint.rejected"


def test_a_server_that_never_answers_is_an_error_for_a_short_file_too(ask):
    with scripted_server(BUSY) as server:
        assert raised_by(lambda: ask(server, ["one"])).code == "endpoint.unavailable"


@pytest.mark.parametrize("body", [{"results": []}, {"results": [{"category_scores": {"hate": "x"}}]}, {}, b"\xff"])
def test_an_answer_in_another_dialect_is_an_error(ask, body):
    with scripted_server((200, {}, body)) as server:
        error = raised_by(lambda: ask(server, ["a"]))
    assert error.code == "endpoint.answer"
    assert "native" in error.remedy


@pytest.mark.parametrize(("scores", "code"), [({"hate": 1.5}, "endpoint.score"), ({}, "endpoint.no_scores")])
def test_a_score_that_is_none_is_no_answer(ask, scores, code):
    with scripted_server((200, {}, {"results": [{"category_scores": scores}]})) as server:
        scored = ask(server, ["a"])
    assert scored.answers[0].error == code


def test_a_degraded_decision_of_another_evenhand_is_no_answer(ask):
    with scripted_server((200, {}, {"decisions": [{"scores": {}, "degraded": True}]})) as server:
        assert ask(server, ["a"], dialect="native").answers[0].error == "endpoint.degraded"


def test_the_name_shows_address_and_dialect():
    assert Endpoint("https://api.example.org/v1/", "openai").name == "api.example.org/v1 (openai)"
