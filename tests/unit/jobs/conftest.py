import pytest

from databases import store_in
from evenhand.jobs.spool import Spool


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "clips", max_bytes=1_000)
