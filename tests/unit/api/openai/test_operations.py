import msgspec
import pytest

from evenhand.api.openai import operations
from evenhand.api.openai.router import refuse

ALL = [describe(refuse) for describe in (operations.moderations, operations.models, operations.model)]


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_example_is_of_its_type(operation):
    assert operation.answer_examples
    for example in operation.answer_examples.values():
        msgspec.json.decode(msgspec.json.encode(example), type=operation.answer[0])
    for example in operation.body_examples.values():
        msgspec.json.decode(msgspec.json.encode(example), type=operation.body[0])


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_refusal_has_openais_shape(operation):
    for error in operation.errors:
        msgspec.json.decode(refuse(error).body, type=operation.refusal)
