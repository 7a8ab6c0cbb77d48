"""The official client against a live server: what it sends is understood, and what it gets is what it expects."""

import asyncio
import time

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from evenhand.core.access import Scope

pytestmark = pytest.mark.client

HARSH = "you are an idiot"
MILD = "Good morning, see you at the match."
CATEGORIES = {
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
    "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic",
}  # fmt: skip


@pytest.fixture
def client(server):
    with OpenAI(base_url=f"{server.url}/v1", api_key=server.key, max_retries=0) as made:
        yield made


def make_key(server, *scopes, requests_per_minute=1_000):
    found = server.store.keys.create(name="client", scopes=frozenset(scopes), requests_per_minute=requests_per_minute)
    return found[1]


def test_a_string_gets_one_result_with_all_categories(client):
    moderation = client.moderations.create(input=HARSH)
    assert moderation.id.startswith("modr-")
    assert moderation.model == "omni-moderation-latest"
    (result,) = moderation.results
    for part in (result.categories, result.category_scores, result.category_applied_input_types):
        assert set(part.model_dump(by_alias=True)) == CATEGORIES
    assert result.flagged
    assert result.categories.harassment
    assert result.category_scores.harassment > 0.5
    assert result.category_applied_input_types.harassment == ["text"]


def test_the_environment_is_enough_to_change_the_address(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", server.key)
    with OpenAI() as client:
        assert client.moderations.create(input=HARSH).results[0].flagged


def test_a_harmless_text_is_not_flagged(client):
    (result,) = client.moderations.create(input=MILD, model="omni-moderation-2024-09-26").results
    assert not result.flagged
    assert not any(result.categories.model_dump().values())
    assert all(0 <= score <= 1 for score in result.category_scores.model_dump().values())


def test_an_array_gets_results_in_order(client):
    moderation = client.moderations.create(input=[HARSH, MILD] * 32)
    assert [result.flagged for result in moderation.results] == [True, False] * 32


def test_parts_get_one_result(client):
    parts = [{"type": "text", "text": MILD}, {"type": "text", "text": HARSH}]
    (result,) = client.moderations.create(input=parts).results
    assert result.flagged


def test_the_legacy_models_get_their_own_shape(client):
    moderation = client.moderations.create(input=HARSH, model="text-moderation-latest")
    (result,) = moderation.results
    assert moderation.model == "text-moderation-latest"
    assert result.category_applied_input_types is None
    assert len(result.categories.model_dump(by_alias=True, exclude_unset=True)) == 11


def test_the_request_id_is_given_to_the_client(client):
    assert client.moderations.create(input=MILD)._request_id.startswith("req_")
    kept = client.moderations.create(input=MILD, extra_headers={"x-request-id": "mine-1"})
    assert kept._request_id == "mine-1"


def test_models_are_listed_and_found(client):
    models = [model.id for model in client.models.list()]
    assert models[0] == "omni-moderation-latest"
    assert client.models.retrieve("evenhand-text").owned_by == "evenhand"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("gpt-9")
    assert caught.value.code == "model_not_found"


def test_a_raw_response_carries_the_headers(client):
    raw = client.moderations.with_raw_response.create(input=MILD)
    assert raw.headers["content-type"] == "application/json"
    assert raw.parse().results[0].flagged is False


def test_the_async_client_is_served_at_the_same_time(server):
    async def ask():
        async with AsyncOpenAI(base_url=f"{server.url}/v1", api_key=server.key, max_retries=0) as client:
            texts = [HARSH if number % 3 == 0 else MILD for number in range(60)]
            return await asyncio.gather(*(client.moderations.create(input=text) for text in texts))

    moderations = asyncio.run(ask())
    assert [moderation.results[0].flagged for moderation in moderations] == [number % 3 == 0 for number in range(60)]
    assert len({moderation.id for moderation in moderations}) == 60
    assert all(moderation._request_id for moderation in moderations)


@pytest.mark.parametrize(
    ("request_", "kind", "code", "param"),
    [
        ({"input": ""}, openai.BadRequestError, "text_empty", "input"),
        ({"input": []}, openai.BadRequestError, "empty_array", "input"),
        ({"input": [MILD, " "]}, openai.BadRequestError, "text_empty", "input[1]"),
        ({"input": [MILD] * 65}, openai.BadRequestError, "array_above_max_length", "input"),
        ({"input": "x" * 20_481}, openai.BadRequestError, "string_above_max_length", "input"),
        ({"input": [1]}, openai.BadRequestError, "invalid_type", "input[0]"),
        ({"input": MILD, "extra_body": {"policy": "x"}}, openai.BadRequestError, "unknown_parameter", "policy"),
        ({"input": MILD, "model": "gpt-9"}, openai.NotFoundError, "model_not_found", "model"),
        (
            {"input": [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]},
            openai.BadRequestError,
            "image_url_refused",
            "input[0].image_url.url",
        ),
    ],
)
def test_a_refused_request_raises_its_class(client, request_, kind, code, param):
    with pytest.raises(kind) as caught:
        client.moderations.create(**request_)
    assert (caught.value.code, caught.value.param) == (code, param)
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id
    assert caught.value.body["message"]


def test_a_bad_key_is_an_authentication_error(server, client):
    for key in ("sk-wrong", "eh_aaaaaaaaaaaa_" + "a" * 43):
        with pytest.raises(openai.AuthenticationError) as caught:
            client.with_options(api_key=key).moderations.create(input=MILD)
        assert caught.value.code == "invalid_api_key"
        assert key not in str(caught.value)


def test_a_key_without_the_scope_is_a_permission_error(server, client):
    with pytest.raises(openai.PermissionDeniedError) as caught:
        client.with_options(api_key=make_key(server, Scope.REVIEW)).moderations.create(input=MILD)
    assert caught.value.code == "insufficient_permissions"


def test_an_unknown_path_is_not_found(client):
    with pytest.raises(openai.NotFoundError):
        client.post("/moderations/nothing", cast_to=object, body={})


def test_a_body_over_the_limit_is_a_status_error(client):
    with pytest.raises(openai.APIStatusError) as caught:
        client.moderations.create(input="x" * 16_800_000)
    assert (caught.value.status_code, caught.value.code) == (413, "body_too_large")


def test_a_used_up_key_is_a_rate_limit_error_after_the_clients_retries(server, client, monkeypatch):
    slept = []
    limited = client.with_options(api_key=make_key(server, Scope.SCREEN, requests_per_minute=1), max_retries=2)
    limited.moderations.create(input=MILD)
    monkeypatch.setattr(time, "sleep", slept.append)
    with pytest.raises(openai.RateLimitError) as caught:
        limited.moderations.create(input=MILD)
    assert (caught.value.code, caught.value.type) == ("rate_limit_exceeded", "requests")
    assert slept[0] <= int(caught.value.response.headers["retry-after"]) + 1
    assert len(slept) == 2


def test_a_full_queue_is_a_server_error_that_the_client_retries(tmp_path, monkeypatch):
    from live import live_server

    slept = []
    with (
        live_server(tmp_path, queue_items="1") as small,
        OpenAI(base_url=f"{small.url}/v1", api_key=small.key) as client,
    ):
        monkeypatch.setattr(time, "sleep", slept.append)
        with pytest.raises(openai.InternalServerError) as caught:
            client.moderations.create(input=[MILD, MILD])
        monkeypatch.undo()
        assert (caught.value.status_code, caught.value.code) == (503, "queue_full")
        assert slept == [1, 1]
        assert not client.moderations.create(input=MILD).results[0].flagged
