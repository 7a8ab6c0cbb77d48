import pytest

from evenhand.core.errors import InputError, TooLargeError
from evenhand.core.facts import MAX_METADATA, check_metadata

LONG = "x" * 201


def test_what_may_be_said_is_accepted():
    check_metadata({})
    check_metadata({f"key_{number}": "x" * 200 for number in range(MAX_METADATA)})
    check_metadata({"board": "market", "reports": -(2**63), "share": 0.5, "is_new": True, "page": 2**63 - 1})


@pytest.mark.parametrize("key", ["religion", "authorGender", "user_age", "is_muslim", "skin-tone"])
def test_an_attribute_of_a_person_is_refused(key):
    with pytest.raises(InputError) as caught:
        check_metadata({key: "x"}, field="items[2].metadata")
    assert (caught.value.code, caught.value.field) == ("metadata.personal", f"items[2].metadata.{key}")


@pytest.mark.parametrize(
    "metadata",
    [{LONG: 1}, {"a": LONG}, {f"key_{number}": 1 for number in range(MAX_METADATA + 1)}],
    ids=["key", "text", "keys"],
)
def test_too_much_is_refused(metadata):
    with pytest.raises(TooLargeError) as caught:
        check_metadata(metadata)
    assert caught.value.code == "metadata.too_large"


@pytest.mark.parametrize(
    "metadata",
    [
        {"": 1},
        {" ": 1},
        {"a": None},
        {"a": []},
        {"a": {}},
        {"a": 2**63},
        {"a": -(2**63) - 1},
        {"a": "\ud800"},
        {"\ud800": 1},
    ],
    ids=["no key", "blank", "null", "list", "map", "large", "small", "surrogate", "surrogate in the key"],
)
def test_anything_else_is_refused(metadata):
    with pytest.raises(InputError) as caught:
        check_metadata(metadata)
    assert caught.value.code == "metadata.invalid"
    caught.value.field.encode()
