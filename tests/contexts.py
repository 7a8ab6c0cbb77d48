"""Contexts of templates for tests: filled so that a field that is not shown is noticed."""

import dataclasses


def named(kind, **values):
    """Return a `kind` whose texts say which field they are, so that a missing one is noticed."""
    texts = {
        field.name: f"<{kind.__name__}.{field.name}>" for field in dataclasses.fields(kind) if field.name not in values
    }
    return kind(**(texts | values))


def leaves(value):
    """Yield every text and number in a context; what is only yes or no is tested where it makes a difference."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from leaves(item)
    elif not isinstance(value, bool) and value is not None:
        yield str(value)
