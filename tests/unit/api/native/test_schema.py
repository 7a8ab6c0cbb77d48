import msgspec
import pytest

from evenhand.api.native import schema
from evenhand.core.conduct import profiling_names


def test_no_field_asks_for_an_attribute_of_a_person():
    structs = [kind for kind in vars(schema).values() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    names = {
        field.encode_name for kind in structs if kind is not msgspec.Struct for field in msgspec.structs.fields(kind)
    }
    assert "store_content" in names
    assert profiling_names(names) == {}


@pytest.mark.parametrize("kind", [schema.Item, schema.ScreenOne, schema.ScreenMany])
def test_a_request_takes_no_unknown_field(kind):
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(b'{"text": "a", "items": [{"text": "a"}], "gender": "x"}', type=kind)


def test_the_form_of_a_request_is_told_without_reading_it_whole():
    assert msgspec.json.decode(b'{"text": 1, "x": [{}]}', type=schema.ScreenForm).items is msgspec.UNSET
    assert msgspec.json.decode(b'{"items": 1}', type=schema.ScreenForm).items == msgspec.Raw(b"1")
