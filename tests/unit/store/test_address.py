import stat

import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.store.address import is_sqlite, make_private_file, read_address


def code_of(act, argument):
    with pytest.raises(ConfigurationError) as caught:
        act(argument)
    assert caught.value.remedy
    assert "hunter2" not in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///x.sqlite", "sqlite+pysqlite"),
        ("sqlite+pysqlite:////x.sqlite", "sqlite+pysqlite"),
        ("postgres://u:p@h/d", "postgresql+psycopg"),
        ("postgresql://u:p@h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg"),
    ],
)
def test_each_way_to_write_it_gets_its_driver(url, driver):
    address = read_address(url)
    assert address.drivername == driver
    assert is_sqlite(address) == driver.startswith("sqlite")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "evenhand.sqlite",
        "mysql://u:hunter2@h/d",
        "postgresql+asyncpg://u:hunter2@h/d",
        "sqlite+aiosqlite:///x",
        "postgresql://u:hunter2@h:port/d",
        "postgresql//u:hunter2@h/d",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file:x.sqlite?mode=ro&uri=true",
    ],
)
def test_what_is_no_database_url_is_refused(url):
    assert code_of(read_address, url) == "store.url"


def test_file_and_folder_are_for_their_owner_only(tmp_path):
    file = tmp_path / "a" / "b" / "evenhand.sqlite"
    make_private_file(read_address(f"sqlite:///{file}"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_file_that_is_there_is_left_as_it_is(tmp_path):
    file = tmp_path / "evenhand.sqlite"
    file.write_bytes(b"content")
    file.chmod(0o640)
    make_private_file(read_address(f"sqlite:///{file}"))
    assert file.read_bytes() == b"content"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    assert code_of(make_private_file, read_address(f"sqlite:///{tmp_path}/file/x.sqlite")) == "store.folder"


def test_a_folder_is_no_file(tmp_path):
    assert code_of(make_private_file, read_address(f"sqlite:///{tmp_path}")) == "store.folder"
