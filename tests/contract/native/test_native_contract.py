"""The native dialect over HTTP: what docs/api.md promises, seen from outside."""

from pathlib import Path

import httpx
import pytest

from evenhand.core.errors import NotFoundError

HARSH = "you are an idiot"
MILD = "Good morning, see you at the match."


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, headers=server.headers) as made:
        yield made


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


def screen(client, text, **more):
    response = client.post("/v1/screen", json={"text": text, **more})
    assert response.status_code == 200
    return response.json()


def test_evidence_counts_code_points_of_what_was_sent(client):
    text = "\U0001f600\U0001f600 é you are an idiot"
    evidence = [item for signal in screen(client, text)["signals"] for item in signal["evidence"]]
    assert any(text[item["begin"] : item["end"]] == "idiot" for item in evidence)
    assert all(0 <= item["begin"] < item["end"] <= len(text) for item in evidence)


def test_the_text_is_never_repeated(client):
    body = client.post("/v1/screen", json={"text": "zyxwvu you are an idiot", "context": ["tsrqpo"]}).text
    assert "zyxwvu" not in body
    assert "tsrqpo" not in body
    assert "idiot" not in body


def test_nothing_needs_a_content_type(client):
    for content_type in ("", "text/plain", "application/x-www-form-urlencoded"):
        response = client.post("/v1/screen", content=b'{"text": "a"}', headers={"content-type": content_type})
        assert response.status_code == 200


@pytest.mark.parametrize(
    ("text", "store_content", "is_kept"),
    [
        (MILD, None, False),
        (MILD, True, True),
        (MILD, False, False),
        (HARSH, None, True),
        (HARSH, False, False),
    ],
)
def test_a_text_is_stored_as_the_caller_says(server, client, text, store_content, is_kept):
    more = {} if store_content is None else {"store_content": store_content}
    decision = screen(client, text, **more)
    assert decision["action"] == ("review" if text == HARSH else "allow")
    try:
        found = server.store.contents.get(decision["id"]).body
    except NotFoundError:
        found = None
    assert found == (text if is_kept else None)


def test_every_example_of_the_document_is_accepted(server, client, document):
    appealed, other = (screen(client, HARSH)["id"] for _ in range(2))
    appeal = client.post(f"/v1/decisions/{appealed}/appeals", json={"text": "It is a quote."}).json()
    ids = {"/v1/decisions/{id}/appeals": other, "/v1/appeals/{id}/messages": appeal["id"]}
    sent = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in content.get("examples", {}).values():
                address = path.replace("{id}", ids.get(path, ""))
                response = client.request(method, address, json=example["value"], params={"key": server.key})
                assert response.status_code in {200, 201, 202}, response.text
                sent += 1
    assert sent >= 6


def test_every_path_of_the_document_answers_without_a_500(client, document):
    for path in document["paths"]:
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"):
            assert client.request(method, path).status_code < 500


def test_the_document_needs_no_key_and_names_every_served_route(server, document):
    response = httpx.get(f"{server.url}/openapi.json")
    assert response.status_code == 200
    assert {"/v1/screen", "/v1/moderations", "/v1/models", "/v1/taxonomy", "/metrics"} <= set(document["paths"])


def test_every_route_is_in_the_documentation(document):
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    own = [path for path in document["paths"] if not path.startswith("/v1alpha1")]
    assert [path for path in own if f"{path}`" not in page] == []


def test_every_documented_code_is_explained(document):
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    operation = document["paths"]["/v1/screen"]["post"]
    contents = [response["content"]["application/json"] for response in operation["responses"].values()]
    codes = {code for content in contents for code in content["examples"] if "." in code}
    assert len(codes) > 15
    assert [code for code in codes if f"`{code}`" not in page] == []


def test_the_metrics_count_what_was_decided(client):
    def count():
        lines = client.get("/metrics").text.splitlines()
        prefix = 'evenhand_decisions_total{action="allow",door="native"} '
        return next((float(line.removeprefix(prefix)) for line in lines if line.startswith(prefix)), 0.0)

    before = count()
    screen(client, MILD)
    assert count() == before + 1


def test_a_server_that_runs_is_ready(server):
    assert httpx.get(f"{server.url}/readyz").json() == {"status": "ready", "reasons": []}
    assert httpx.get(f"{server.url}/healthz").json() == {"status": "alive"}
