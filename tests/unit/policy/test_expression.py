import pytest
from cel_expr_python import cel

from evenhand.policy.expression import read_tree

ENVIRONMENT = cel.NewEnv(
    variables={
        "metadata": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
        "content.kind": cel.Type.STRING,
        "languages": cel.Type.List(cel.Type.STRING),
    }
)


def tree_of(expression):
    return read_tree(ENVIRONMENT.compile(expression).serialize())


def parts(expression):
    return [(node.kind, node.value, node.position) for node in tree_of(expression).walk()]


def test_places_count_code_points():
    assert parts("'é😀' == content.kind") == [
        ("call", "_==_", 5),
        ("string", "é😀", 0),
        ("name", "content.kind", 15),
    ]


@pytest.mark.parametrize("text", [r"'\x61b'", r'"\u0061b"', r"'\141b'", "'''ab'''"])
def test_escapes_in_texts_are_undone(text):
    assert ("string", "ab", 0) in parts(f"{text} == content.kind")


def test_what_a_call_is_made_on_comes_first():
    (call, target, _, argument) = tree_of("metadata.x.startsWith('a')").walk()
    assert (call.kind, call.value) == ("call", "startsWith")
    assert (target.kind, target.value, argument.value) == ("select", "x", "a")


def test_a_call_says_which_forms_it_can_have():
    sums = [
        node for node in tree_of("[1] + [2] == [1, 2] && metadata.a + metadata.b == 'x'").walk() if node.value == "_+_"
    ]
    assert [("add_list" in node.overloads, "add_string" in node.overloads) for node in sums] == [
        (True, False),
        (True, True),
    ]


def test_numbers_lists_maps_bytes_and_choices():
    found = parts("(true ? 1.5 : 0.0) > 1.0 || {'a': b'x'}.size() == 1 || 300 in [1, -2, 3u]")
    kinds = [kind for kind, _, _ in found]
    assert ("constant", "1.5", 8) in found
    assert [value for kind, value, _ in found if kind == "int"] == ["1", "300", "1", "-2"]
    assert [value for kind, value, _ in found if kind == "constant"] == ["", "1.5", "0.0", "1.0", ""]
    assert {"struct", "bytes", "list"} <= set(kinds)
    assert ("string", "a") in [(kind, value) for kind, value, _ in found]


@pytest.mark.parametrize("number", [0, -1, 2**63 - 1, -(2**63)])
def test_whole_numbers_keep_their_sign(number):
    assert [value for kind, value, _ in parts(f"metadata.x == {number}") if kind == "int"] == [str(number)]


def test_a_loop_names_its_variable_and_holds_all_that_it_does():
    loop = tree_of("languages.exists(tongue, tongue == 'fa')")
    assert (loop.kind, loop.value) == ("loop", "tongue")
    assert {node.value for node in loop.walk() if node.kind == "string"} == {"fa"}


def test_a_test_for_a_key_is_a_selection():
    assert [(node.kind, node.value) for node in tree_of("has(metadata.x)").walk()] == [
        ("select", "x"),
        ("name", "metadata"),
    ]


def test_a_long_text_is_read_whole():
    assert ("string", "a" * 1_000) in [(kind, value) for kind, value, _ in parts(f"content.kind == '{'a' * 1_000}'")]
