"""Requests of software that is too large to run here, as its sources make them."""

import json

import httpx
import pytest

RUDE = "you are a stupid idiot"


def post(server, path, body):
    return httpx.post(server.url + path, params={"key": server.key}, json=body, timeout=30)


@pytest.mark.parametrize("text", [RUDE, "ok", "<b>ok</b> \U0001f600"])
def test_coral_gets_the_score_of_its_model(server, text):
    body = {
        "comment": {"text": text},
        "doNotStore": True,
        "requestedAttributes": {"TOXICITY": {}},
        "languages": ["en"],
    }
    score = post(server, "/v1alpha1/comments:analyze", body).json()["attributeScores"]["TOXICITY"]["summaryScore"]
    assert (score["value"] > 0.8) is (text == RUDE)


def test_coral_sends_what_its_moderators_decided(server):
    url = "https://news.example/story"
    body = {
        "comment": {"text": RUDE},
        "context": {"entries": [{"text": json.dumps({"url": url, "reply_to_id_Coral_comment_id": None})}]},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
        "languages": ["en"],
        "communityId": f"Coral:{url}",
        "clientToken": "comment:0b7c",
    }
    assert post(server, "/v1alpha1/comments:suggestscore", body).json()["clientToken"] == "comment:0b7c"
    kept = server.store.feedback.list(limit=10_000)[-1]
    assert (kept.community_id, kept.client_token, dict(kept.suggested)) == (
        f"Coral:{url}",
        "comment:0b7c",
        {"TOXICITY": 1.0},
    )


@pytest.mark.parametrize("attribute", ["TOXICITY", "SEVERE_TOXICITY"])
def test_discourse_gets_the_score_of_a_post(server, attribute):
    body = {
        "comment": {"text": f"{RUDE}\n\n[quote]Good morning[/quote]"},
        "doNotStore": True,
        "sessionId": "https://forum.example_17",
        "requestedAttributes": {attribute: {"scoreType": "PROBABILITY"}},
    }
    scores = post(server, "/v1alpha1/comments:analyze", body).json()["attributeScores"]
    assert 0 <= scores[attribute]["summaryScore"]["value"] <= 1
