import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, make_url

from evenhand.core.errors import ConfigurationError
from evenhand.core.job import Job, JobStatus
from evenhand.store.migrate import HEAD
from evenhand.store.review_tables import metadata
from evenhand.store.store import open_store
from evenhand.store.tables import jobs
from samples import NOON

OPEN = """
import sys
from evenhand.store.store import open_store
if sys.argv[2:]:
    import alembic.command, evenhand.store.database
    print("ready", flush=True)
    sys.stdin.readline()
store = open_store(sys.argv[1])
store.keys.create(name="mine", scopes=frozenset(), requests_per_minute=1)
store.close()
print("alembic" in sys.modules)
"""


def start_opening(url, *options):
    command = [sys.executable, "-c", OPEN, url, *options]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_migrated_database_is_what_the_tables_say(empty_url):
    open_store(empty_url).close()
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_the_newest_migration_is_the_one_that_is_looked_for():
    config = Config()
    config.set_main_option("script_location", "evenhand.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


#: A job as the store kept it before it knew of authors.
OLD_JOB = {
    **dict.fromkeys(("key_id", "door", "content_id", "media_type", "policy", "languages", "decision_id"), ""),
    **dict.fromkeys(("seconds_done", "seconds"), 0.0),
    **dict.fromkeys(("is_cancel_asked", "is_handed_over"), False),
    "id": "job_1",
    "created_at": NOON,
    "path": b"/spool/clip_1",
    "url": b"",
    "keep": "review",
    "priority": 5,
    "status": "waiting",
    "attempts": 0,
    "run": 1,
}


def test_a_job_from_before_authors_has_none(empty_url):
    if empty_url.startswith("sqlite"):
        Path(make_url(empty_url).database).parent.mkdir()
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "evenhand.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        connection.execute(insert(jobs), OLD_JOB)
    engine.dispose()
    store = open_store(empty_url)
    found = store.jobs.get("job_1")
    store.close()
    old = Job("job_1", "", "", "", "/spool/clip_1", "", "", "", "review", (), 5, JobStatus.WAITING, NOON)
    assert found == old
    assert (found.author_id, found.metadata) == ("", {})


def test_only_migrating_loads_alembic(empty_url):
    assert start_opening(empty_url).communicate() == ("True\n", None)
    assert start_opening(empty_url).communicate() == ("False\n", None)


def test_several_processes_may_open_a_new_database_at_once(empty_url):
    opening = [start_opening(empty_url, "wait until all are ready") for _ in range(3)]
    assert [process.stdout.readline() for process in opening] == ["ready\n"] * 3
    for process in opening:
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [process.communicate()[0] for process in opening]
    assert [process.returncode for process in opening] == [0, 0, 0], outputs
    store = open_store(empty_url)
    assert [api_key.name for api_key in store.keys.list()] == ["mine"] * 3
    store.close()


def test_a_newer_database_is_refused_and_left_alone(url, engine):
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError) as caught:
        open_store(url)
    assert caught.value.code == "store.version"
    assert "9999" in caught.value.message
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"


def test_a_failed_migration_leaves_nothing_behind(empty_url):
    # A table is in the way of the last step.
    open_store(empty_url).close()
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        made = [table.name for table in reversed(metadata.sorted_tables) if table.name != "audit"]
        for table in (*made, "alembic_version"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    with pytest.raises(Exception, match="audit"):
        open_store(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE audit")
    engine.dispose()
    store = open_store(empty_url)
    assert store.audit.list() == []
    store.close()
