import pytest

from evenhand.jobs.spool import Spool
from evenhand.store.store import open_store


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'evenhand.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "clips", max_bytes=1_000)
