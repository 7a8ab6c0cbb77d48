"""A whole server with a second look, through every door that speaks HTTP."""

import logging

import httpx
import pytest

from evenhand import Screener, SecondLook
from fakes.chat import REASON, judge, text_in
from fakes.scripted_server import scripted_server
from live import live_server

TEXT = "you are an idiot"
LABELS = ("harassment", "INSULT")


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    """Return a policy whose thresholds are the very scores of the text."""
    path = tmp_path_factory.mktemp("policy") / "edge.yaml"
    with Screener() as screener:
        scores = screener.screen(TEXT).scores
    rules = "".join(f"  {label}: {{review: {scores[label]!r}}}\n" for label in LABELS)
    path.write_text(f"name: edge\nthresholds:\n{rules}", encoding="utf-8")
    return path


@pytest.fixture
def serve(tmp_path, policy):
    def start(url, **settings):
        return live_server(tmp_path, policy_file=str(policy), second_look_url=url, second_look_model="m", **settings)

    return start


def ask_native(server, text=TEXT):
    return httpx.post(f"{server.url}/v1/screen", headers=server.headers, json={"text": text}).json()


def ask_openai(server):
    answer = httpx.post(f"{server.url}/v1/moderations", headers=server.headers, json={"input": TEXT})
    (result,) = answer.json()["results"]
    return result["flagged"], result["category_scores"]["harassment"]


def ask_perspective(server):
    body = {"comment": {"text": TEXT}, "requestedAttributes": {"INSULT": {}}, "languages": ["en"]}
    answer = httpx.post(
        f"{server.url}/v1alpha1/comments:analyze", params={"key": server.key}, json=body | {"spanAnnotations": True}
    )
    return answer.json()["attributeScores"]["INSULT"]["summaryScore"]["value"]


@pytest.mark.parametrize("is_harmful", [True, False])
def test_every_door_heeds_the_second_look(serve, policy, is_harmful):
    with judge(lambda _: is_harmful) as chat, serve(chat.url) as server:
        native = ask_native(server)
        flagged, score = ask_openai(server)
        insult = ask_perspective(server)
        with Screener(policy, second_look=SecondLook(chat.url, model="m")) as screener:
            python = screener.screen(TEXT)
        asked = [text_in(request) for _, _, request in chat.requests]
    assert native["action"] == python.action == ("review" if is_harmful else "allow")
    assert flagged is is_harmful
    assert native["scores"]["harassment"] == score == python.scores["harassment"]
    assert native["scores"]["INSULT"] == insult == python.scores["INSULT"]
    (look,) = [each for each in native["signals"] if each["detector"] == "second_look" and each["label"] == "INSULT"]
    assert (look["reason"], look["version"]) == (REASON, native["detectors"]["second_look"])
    assert asked == [TEXT] * 8  # two labels at four doors, and no sentence for itself


def test_without_an_answer_every_door_gives_the_first_score(serve, policy, tmp_path):
    with Screener(policy) as screener:
        first = screener.screen(TEXT)
    with serve("http://127.0.0.1:1") as server:
        native = ask_native(server)
        assert (native["action"], native["degraded"]) == ("review", False)
        assert native["notices"] == ["second_look.unavailable:unreachable"]
        assert ask_openai(server) == (True, first.scores["harassment"])
        assert ask_perspective(server) == first.scores["INSULT"]
        page = httpx.get(f"{server.url}/metrics").text
    assert 'evenhand_second_looks_total{outcome="unreachable"}' in page


def test_a_stored_decision_has_the_signal_without_its_reason(serve):
    with judge(lambda _: True) as chat, serve(chat.url) as server:
        made = ask_native(server)
        kept = httpx.get(f"{server.url}/v1/decisions/{made['id']}", headers=server.headers).json()
    assert REASON in str(made)
    assert REASON not in str(kept)
    assert kept["scores"] == made["scores"]


def test_a_clear_text_never_leaves_and_does_not_wait_for_one_that_did(serve):
    with scripted_server((200, {}, lambda _: released.append(ask_native(server, "good morning")) or {})) as chat:
        released = []
        with serve(chat.url, second_look_concurrent_calls="1", second_look_categories="harassment") as server:
            unclear = ask_native(server)
    assert [each["action"] for each in released] == ["allow"]
    assert unclear["notices"] == ["second_look.unavailable:invalid-answer"]
    assert [text_in(request) for _, _, request in chat.requests] == [TEXT]


def test_the_start_says_where_texts_go(serve, caplog):
    caplog.set_level(logging.WARNING)
    with judge(lambda _: True) as chat, serve(chat.url):
        pass
    (said,) = [record for record in caplog.records if record.name == "evenhand.second_look.look"]
    assert chat.url in said.getMessage()
