import json

import pytest


@pytest.fixture
def document(make_doors):
    from fakes.detectors import ScriptedDetector

    return make_doors(ScriptedDetector(), public_url="https://safe.example").get("/openapi.json").json()


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_route_is_there_with_an_example(document):
    operations = {
        (path, method): operation for path, found in document["paths"].items() for method, operation in found.items()
    }
    assert {
        ("/v1/screen", "post"),
        ("/v1/decisions/{id}", "get"),
        ("/v1/moderations", "post"),
        ("/v1/models", "get"),
        ("/healthz", "get"),
    } <= set(operations)
    for operation in operations.values():
        (good,) = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        ((media, content),) = good["content"].items()
        assert content["examples"] or media == "image/jpeg"
        assert operation["description"]


def test_every_reference_leads_somewhere(document):
    schemas = document["components"]["schemas"]
    assert {reference.removeprefix("#/components/schemas/") for reference in references(document)} <= set(schemas)


def test_errors_are_shown_as_the_dialect_says_them(document):
    refused = document["paths"]["/v1/moderations"]["post"]["responses"]["400"]["content"]["application/json"][
        "examples"
    ]
    assert refused["text.too_long"]["value"]["error"]["code"] == "string_above_max_length"
    refused = document["paths"]["/v1/screen"]["post"]["responses"]["413"]["content"]["application/json"]["examples"]
    assert refused["text.too_long"]["value"]["error"]["code"] == "text.too_long"


def test_fields_are_described_and_docstring_sections_do_not_leak(document):
    assert "Args:" not in json.dumps(document)
    for schema in document["components"]["schemas"].values():
        for name, described in schema.get("properties", {}).items():
            assert name == "type" or described["description"]


def test_the_document_names_the_server(document):
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://safe.example"}]
