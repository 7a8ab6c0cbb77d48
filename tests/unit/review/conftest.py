"""A store in a file of its own, for what reviewers do."""

import pytest

from databases import store_in


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()
