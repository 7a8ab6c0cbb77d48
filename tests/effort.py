"""How much work a rule takes, by counting instead of by a clock: the same on every machine.

A regular expression's cost is bounded by its structure; that of the Python around it is the number of lines it runs.
"""

import re
import sys
from collections.abc import Mapping
from re import _constants, _parser

#: The most steps of one attempt that a pattern may take: with them, 20 KB of the worst text cost a second or so.
MOST_STEPS = 20_000


def patterns_of(module):
    """Return the regular expressions of a module by name, those in its tables too."""
    return {
        f"{name}[{index}]": pattern
        for name, value in vars(module).items()
        if not name.startswith("__")
        for index, pattern in enumerate(_patterns_in(value))
    }


def _patterns_in(value):
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping | tuple):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _patterns_in(part)


def lines_run(function, *arguments):
    """Return how many lines of Python `function` runs when it is called with `arguments`."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return count


def steps(pattern):
    """Return the most steps that one attempt to match `pattern` can take; raise if there is no limit."""
    ways, cost = _sequence(_parser.parse(pattern.pattern, pattern.flags))
    return max(ways, cost)


def _sequence(items):
    """Return (ways to match, steps to try them all): each way through an item tries the rest anew."""
    ways, cost = 1, 0
    for operation, argument in items:
        item_ways, item_cost = _item(operation, argument)
        cost += ways * item_cost
        ways *= item_ways
    return ways, cost


def _item(operation, argument):
    match operation:
        case _constants.MAX_REPEAT | _constants.MIN_REPEAT | _constants.POSSESSIVE_REPEAT:
            return _repeat(operation, *argument)
        case _constants.BRANCH:
            branches = [_sequence(branch) for branch in argument[1]]
            return sum(ways for ways, _ in branches), sum(cost for _, cost in branches)
        case _constants.SUBPATTERN:
            return _sequence(argument[-1])
        case _constants.ATOMIC_GROUP:
            return 1, _sequence(argument)[1]
        case _constants.ASSERT | _constants.ASSERT_NOT:
            return 1, _sequence(argument[1])[1]
    return 1, 1


def _repeat(operation, least, most, body):
    if most is _constants.MAXREPEAT:
        raise ValueError("It may repeat without limit.")
    ways, cost = _sequence(body)
    if operation is _constants.POSSESSIVE_REPEAT:
        return 1, most * cost
    if ways == 1:
        return most - least + 1, most * cost
    total = sum(ways**count for count in range(most + 1))
    return total, cost * total
