"""Expressions as trees: what the parser of conditions read, so that a policy can be checked by more than its types.

The parser gives a tree in the published form `cel.expr.CheckedExpr`, a protocol buffer. Only what is needed of it is
read here; escapes in strings are undone in it already, so nobody hides a word behind them.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

# The fields of the messages that are read, by number.
_REFERENCES, _TREE, _SOURCE, _POSITIONS = 2, 4, 5, 4
_ID, _CONSTANT, _NAME, _SELECT, _CALL, _LIST, _STRUCT, _COMPREHENSION = 2, 3, 4, 5, 6, 7, 8, 9
_INT, _DOUBLE, _STRING, _BYTES, _FUNCTION, _KEY_AND_VALUE, _LOOP = 3, 5, 6, 7, 2, (3, 4), (2, 4, 5, 6, 7)
_KINDS: Final = {
    _NAME: "name",
    _SELECT: "select",
    _CALL: "call",
    _LIST: "list",
    _STRUCT: "struct",
    _COMPREHENSION: "loop",
}
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_MORE: Final = 0x80


@dataclass(frozen=True, slots=True)
class Node:
    """One part of an expression.

    Args:
        kind: `string`, `bytes`, `int`, `constant` for other ones, `name`, `select`, `call`, `list`, `struct`, `loop`.
        value: The string, the number unless it is unsigned, the name, the field that is selected, the function that is
            called, or the loop's variable.
        children: What it is made of; of a call, what it is called on comes first.
        position: Where it stands, in code points from the start of the expression.
        overloads: Of a call: which of the function's forms it can be.
    """

    kind: str
    value: str
    children: tuple["Node", ...]
    position: int
    overloads: frozenset[str] = frozenset()

    def walk(self) -> Iterator["Node"]:
        """Yield this and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def read_tree(serialized: bytes) -> Node:
    """Return the tree in `serialized`, a `google.protobuf.Any` that holds a `CheckedExpr`."""
    message = dict(_fields(serialized))[2]
    fields = _fields(message)
    positions: dict[int, int] = {}
    overloads: dict[int, frozenset[str]] = {}
    tree = b""
    for number, value in fields:
        if number == _TREE:
            tree = value
        elif number == _SOURCE:
            pairs = (dict(_fields(entry)) for key, entry in _fields(value) if key == _POSITIONS)
            positions = {pair.get(1, 0): pair.get(2, 0) for pair in pairs}
        elif number == _REFERENCES:
            pair = dict(_fields(value))
            names = (name for key, name in _fields(pair[2]) if key == 3)  # noqa: PLR2004 -- overload_id
            overloads[pair[1]] = frozenset(name.decode() for name in names)
    return _Reader(positions, overloads).node(tree)


class _Reader:
    def __init__(self, positions: dict[int, int], overloads: dict[int, frozenset[str]]) -> None:
        self._positions = positions
        self._overloads = overloads

    def node(self, message: bytes) -> Node:
        fields = dict(_fields(message))
        number = fields.get(_ID, 0)
        kind, body = next((key, value) for key, value in fields.items() if key != _ID)
        name, value, children = self._parts(kind, body)
        return Node(
            name,
            value,
            tuple(map(self.node, children)),
            self._positions.get(number, 0),
            self._overloads.get(number, frozenset()),
        )

    def _parts(self, kind: int, body: bytes) -> tuple[str, str, list[bytes]]:
        """Return kind, value and children of what stands in a node."""
        fields = list(_fields(body))
        first = dict(reversed(fields))
        if kind == _CONSTANT:
            name = "string" if _STRING in first else "bytes" if _BYTES in first else "constant"
            if _DOUBLE in first:
                return name, repr(struct.unpack("<d", first[_DOUBLE])[0]), []
            if _INT in first:
                # Below zero it is written as what is missing up to 2 to the power of 64.
                return "int", str(first[_INT] - (first[_INT] >> 63 << 64)), []
            return name, first[_STRING].decode() if name == "string" else "", []
        if kind in {_LIST, _STRUCT}:
            entries = [value for number, value in fields if number == kind - _LIST + 1]
            if kind == _STRUCT:
                entries = [value for entry in entries for number, value in _fields(entry) if number in _KEY_AND_VALUE]
            return _KINDS[kind], "", entries
        children = {
            _NAME: [],
            _SELECT: [first.get(1, b"")],
            _CALL: [value for number, value in fields if number != _FUNCTION],
            _COMPREHENSION: [first[number] for number in _LOOP if number in first],
        }
        value = first[1] if kind in {_NAME, _COMPREHENSION} else first[_FUNCTION]
        return _KINDS[kind], value.decode(), children[kind]


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Yield the number and the value of each field of a message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, form = key >> 3, key & 7
        if form == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        size = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(form, 0)
        if form == _LENGTH:
            size, at = _varint(message, at)
        yield number, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at `at`, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & (_MORE - 1)) << shift
        if byte < _MORE:
            return value, at
        shift += 7
