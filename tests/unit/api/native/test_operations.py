import msgspec
import pytest

from evenhand.api.native import operations
from evenhand.api.native.router import refuse

NEED_KEY = (operations.screen, operations.decision, operations.detectors)
NEED_NONE = (operations.taxonomy, operations.health, operations.readiness, operations.metrics, operations.openapi)
ALL = [describe(refuse) for describe in NEED_KEY] + [describe() for describe in NEED_NONE]


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_example_is_of_its_type(operation):
    assert operation.answer_examples
    for examples, types in ((operation.answer_examples, operation.answer), (operation.body_examples, operation.body)):
        for example in examples.values():
            assert any(is_of(example, kind) for kind in types)


def is_of(example, kind):
    try:
        msgspec.json.decode(msgspec.json.encode(example), type=kind)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_what_needs_a_key_says_how_it_fails(operation):
    codes = {error.code for error in operation.errors}
    assert ("key.missing" in codes) is bool(operation.keys)
    assert "key" in operation.description
