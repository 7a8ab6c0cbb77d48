"""A progress bar on standard error, where somebody looks at it."""

import contextlib
import sys
from collections.abc import Callable, Iterator

import click


@contextlib.contextmanager
def progress(name: str, length: int) -> Iterator[Callable[[int], object]]:
    """Show a bar until the end of the block, and give what moves it on by so many of `length` steps."""
    with click.progressbar(length=length, label=name, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield bar.update
