import msgspec
import pytest

from evenhand.api.perspective import operations

ALL = [operations.analyze(), operations.suggest()]


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_example_is_of_its_type(operation):
    for examples, (kind,) in (
        (operation.answer_examples, operation.answer),
        (operation.body_examples, operation.body),
    ):
        assert examples
        for example in examples.values():
            msgspec.json.decode(msgspec.json.encode(example), type=kind)


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_refusal_has_googles_shape(operation):
    for error in operation.errors:
        refusal = msgspec.json.decode(operation.refuse(error).body, type=operation.refusal)
        assert refusal.error.message
