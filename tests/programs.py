"""The programs in `tools/`, which are no package, as modules."""

import contextlib
import importlib
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[1] / "tools"


@contextlib.contextmanager
def program(name):
    """Give a program until the block ends; it finds its neighbours in the folder, as when it is run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(TOOLS))
        yield importlib.import_module(name)
