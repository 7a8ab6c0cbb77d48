"""Every test here runs on SQLite, and on PostgreSQL where EVENHAND_TEST_POSTGRES says where one is."""

import contextlib
import itertools
import os
import uuid

import pytest
from sqlalchemy import create_engine, make_url, text

from databases import with_tables
from evenhand.store.store import open_store

_numbers = itertools.count()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request):
    if request.param == "postgres" and "EVENHAND_TEST_POSTGRES" not in os.environ:
        pytest.skip("EVENHAND_TEST_POSTGRES is not set")
    return request.param


@pytest.fixture
def empty_url(backend, tmp_path, request):
    """A database without tables."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'evenhand.sqlite'}"
        return
    with database(request.getfixturevalue("postgres_admin"), template="template0") as url:
        yield url


@pytest.fixture
def url(backend, tmp_path, request):
    """A database with tables."""
    if backend == "sqlite":
        path = tmp_path / "evenhand.sqlite"
        path.write_bytes(with_tables())
        yield f"sqlite:///{path}"
        return
    with database(request.getfixturevalue("postgres_admin"), template=request.getfixturevalue("template")) as address:
        yield address


@pytest.fixture
def store(url):
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def engine(url):
    """A way into the database past the store: to look, and to break things."""
    raw = create_engine(url)
    yield raw
    raw.dispose()


@pytest.fixture(scope="session")
def postgres_admin():
    engine = create_engine(os.environ["EVENHAND_TEST_POSTGRES"], isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def template(postgres_admin):
    """The name of a database with tables, to copy: 25 ms instead of a migration for each test."""
    with database(postgres_admin, template="template0") as address:
        open_store(address).close()
        yield make_url(address).database


@contextlib.contextmanager
def database(admin, *, template):
    name = f"evenhand_{uuid.uuid4().hex[:8]}_{next(_numbers)}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield admin.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
