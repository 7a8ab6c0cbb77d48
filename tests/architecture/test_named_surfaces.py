"""The gate, at run time: no name that others see or send may ask for an attribute of a person.

test_no_profiling.py reads the source. Here the names are taken from what is made of it: the OpenAPI document, the
command line, the metrics, the policy's schema of keys and the variables of the pages.
"""

import json
from pathlib import Path

import click
import pytest
from jinja2 import Environment, meta
from jinja2.nodes import Const, Getattr, Getitem
from prometheus_client import CollectorRegistry, Counter

from evenhand.api.native.openapi import build_openapi
from evenhand.api.native.router import native_dialect
from evenhand.api.openai.router import openai_dialect
from evenhand.api.operation import DescribedRoute
from evenhand.api.perspective.router import perspective_dialect
from evenhand.cli import _group
from evenhand.core.conduct import profiling_names
from evenhand.detectors.registry import load_text_detectors
from evenhand.policy.check import KEYS
from evenhand.policy.check_lists import LIST_KEYS
from evenhand.policy.check_rules import RULE_KEYS
from evenhand.server.metrics import Metrics

SOURCE = Path(__file__).parents[2] / "src" / "evenhand"
TEMPLATES = sorted(
    path for path in SOURCE.rglob("templates/**/*.html") if "audit" not in path.relative_to(SOURCE).parts
)
#: Attributes of form controls that templates set, with the reason in test_no_profiling.py.
ALLOWED = frozenset({"disabled"})


class NobodyAtWork:
    """Stands for the service behind the doors, which are described here and never opened."""

    def __getattr__(self, name):
        return NobodyAtWork()

    def __iter__(self):
        return iter(load_text_detectors())


def openapi():
    """Return the document, made of the routes alone: nothing is served."""
    service = NobodyAtWork()
    dialects = (native_dialect(service, metrics=bytes), openai_dialect(service), perspective_dialect(service))
    routes = [route for dialect in dialects for route in dialect.routes if isinstance(route, DescribedRoute)]
    return json.loads(build_openapi(routes))


def names_of_openapi(node):
    """Yield the names of an OpenAPI document: of paths, operations, schemas, properties, parameters, and enum values.

    Examples and descriptions are prose.
    """
    if isinstance(node, list):
        for item in node:
            yield from names_of_openapi(item)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key in {"paths", "schemas", "properties", "responses", "parameters", "securitySchemes"}:
            yield from value if isinstance(value, dict) else ()
        if key in {"name", "operationId", "title", "const"} and isinstance(value, str):
            yield value
        if key in {"enum", "required", "tags"} and isinstance(value, list):
            yield from map(str, value)
        if key not in {"example", "examples", "description", "summary", "default"}:
            yield from names_of_openapi(value)


def names_of_commands(command, name=""):
    """Yield the names of a command, its parameters, their choices, and those of commands below it."""
    yield name
    for parameter in command.params:
        yield from (parameter.name, *parameter.opts, *parameter.secondary_opts)
        yield from map(str, getattr(parameter.type, "choices", ()))
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for below in command.list_commands(context):
                yield from names_of_commands(command.get_command(context, below), below)


def names_of_metrics(registry):
    """Yield the names of metrics and of their labels."""
    for metric in registry._names_to_collectors.values():
        yield from (metric._name, *metric._labelnames)


def names_of_page(source):
    """Yield the names that a template takes from its context, and the fields that it reads of them."""
    tree = Environment(autoescape=True).parse(source)
    yield from meta.find_undeclared_variables(tree)
    yield from (node.attr for node in tree.find_all(Getattr))
    yield from (str(node.arg.value) for node in tree.find_all(Getitem) if isinstance(node.arg, Const))


def offences(names):
    """Return those of `names` that ask for an attribute of a person."""
    return {name: words for name, words in profiling_names(names).items() if name not in ALLOWED}


def test_the_openapi_document_names_no_attribute_of_a_person():
    names = {*names_of_openapi(openapi())}
    assert {"/v1/screen", "/v1/decisions/{id}", "content_id", "scores", "harassment", "review"} <= names
    assert offences(names) == {}


def test_the_command_line_names_no_attribute_of_a_person():
    names = {*names_of_commands(_group)}
    assert {"serve", "audit", "docs", "--data-folder", "as_json", "lead"} <= names
    assert offences(names) == {}


def test_metrics_and_their_labels_name_no_attribute_of_a_person():
    names = {*names_of_metrics(Metrics().registry)}
    assert {"door", "action", "detector", "evenhand_queue_items"} <= names
    assert offences(names) == {}


def test_the_keys_of_a_policy_name_no_attribute_of_a_person():
    names = {*KEYS, *RULE_KEYS, *LIST_KEYS}
    assert {"thresholds", "when", "entries"} <= names
    assert offences(names) == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_what_a_page_is_given_names_no_attribute_of_a_person(path):
    assert offences(names_of_page(path.read_text(encoding="utf-8"))) == {}


def planted_document(**schema):
    return {"paths": {"/v1/x": {"get": {}}}, "components": {"schemas": {"Answer": schema}}}


@pytest.mark.parametrize(
    "document",
    [
        planted_document(properties={"gender": {"type": "string"}}),
        planted_document(properties={"label": {"enum": ["harassment", "ethnicity/minority"]}}),
        planted_document(properties={"deep": {"items": {"properties": {"ageRange": {}}}}}),
        planted_document(required=["religion"]),
        {"paths": {"/v1/faces": {"get": {}}}},
        {"paths": {"/v1/x": {"get": {"parameters": [{"name": "nationality", "in": "query"}]}}}},
        {"paths": {"/v1/x": {"get": {"operationId": "guessGender"}}}},
        {"components": {"schemas": {"FaceAnswer": {}}}},
    ],
)
def test_a_planted_field_of_the_api_is_caught(document):
    assert len(offences(names_of_openapi(document))) == 1


def test_prose_and_examples_of_the_api_are_not_names():
    described = {"description": "It never guesses gender.", "example": {"text": "gender"}, "default": "gender"}
    assert offences(names_of_openapi(planted_document(properties={"text": described}))) == {}


@pytest.mark.parametrize(
    ("option", "caught"),
    [
        (click.Option(["--gender"]), {"gender", "--gender"}),
        (click.Option(["--by"], type=click.Choice(["label", "religion"])), {"religion"}),
        (click.Argument(["ethnicity"]), {"ethnicity"}),
    ],
)
def test_a_planted_option_is_caught_however_deep_it_stands(option, caught):
    group = click.Group(
        "g", commands={"below": click.Group("below", commands={"c": click.Command("c", params=[option])})}
    )
    assert offences(names_of_commands(group)).keys() == caught


def test_a_planted_command_is_caught():
    group = click.Group("g", commands={"find-faces": click.Command("find-faces")})
    assert offences(names_of_commands(group)).keys() == {"find-faces"}


@pytest.mark.parametrize(
    ("name", "label", "caught"), [("texts_total", "religion", "religion"), ("age_total", "door", "age")]
)
def test_a_planted_metric_is_caught(name, label, caught):
    registry = CollectorRegistry()
    Counter(name, "It counts.", (label,), registry=registry)
    assert caught in str(offences(names_of_metrics(registry)))


@pytest.mark.parametrize(
    "source",
    [
        "{{ gender }}",
        "{{ author.nationality }}",
        "{% for x in people['religion'] %}{% endfor %}",
        "{% if is_minor_age %}{% endif %}",
    ],
)
def test_a_planted_field_of_a_page_is_caught(source):
    assert len(offences(names_of_page(source))) == 1


def test_a_planted_key_of_a_policy_is_caught():
    assert offences((*RULE_KEYS, "author_religion")).keys() == {"author_religion"}
