import stat
import sys

import pytest

from evenhand.core.errors import ConfigurationError, StoreError
from evenhand.store.database import open_database


def test_without_a_driver_the_way_to_get_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError) as caught:
        open_database("postgresql://u:hunter2@127.0.0.1/d", patience_seconds=1)
    assert caught.value.code == "store.driver"
    assert "evenhand[postgres]" in caught.value.remedy


@pytest.mark.parametrize(
    "url", ["postgresql://u:hunter2@127.0.0.1:1/d", "postgresql://u@127.0.0.1:1/d?password=hunter2"]
)
def test_a_server_that_is_not_there_is_named_without_its_password(url):
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as caught:
        open_database(url, patience_seconds=1)
    assert caught.value.code == "store.unavailable"
    assert "127.0.0.1:1/d" in caught.value.message
    assert "hunter2" not in str(caught.value)


def test_an_option_that_the_driver_does_not_know_is_an_error():
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as caught:
        open_database("postgresql://u:hunter2@127.0.0.1:1/d?nonsense=1", patience_seconds=1)
    assert "nonsense" in caught.value.message
    assert "hunter2" not in str(caught.value)


def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear reader, " * 1000)
    with pytest.raises(ConfigurationError) as caught:
        open_database(f"sqlite:///{file}", patience_seconds=1)
    assert caught.value.code == "store.file"
    assert file.read_text() == "Dear reader, " * 1000


def test_every_file_beside_the_database_is_for_its_owner_only(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'new' / 'evenhand.sqlite'}", patience_seconds=1)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE probe (id INTEGER)")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new").iterdir()}
    assert modes == {"evenhand.sqlite": 0o600, "evenhand.sqlite-wal": 0o600, "evenhand.sqlite-shm": 0o600}
    database.close()


def test_every_connection_is_set_up(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'evenhand.sqlite'}", patience_seconds=1.5)
    with database.read() as first, database.read() as second:
        for connection in (first, second):
            pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
            found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in pragmas]
            assert found == ["wal", 1, 1, 1, 1500]
    database.close()
