"""A store in a file of its own, for what reviewers do."""

import pytest

from evenhand.store.store import open_store


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'evenhand.sqlite'}")
    yield opened
    opened.close()
