from click.testing import CliRunner

from evenhand.cli.bench import command
from evenhand.store.store import open_store
from samples import record


def run(*arguments):
    return CliRunner().invoke(command, ["review", *arguments])


def test_the_table_has_a_full_and_an_empty_database_beside_each_other():
    result = run("--decisions", "100", "--cases", "100", "--rulings", "45")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [["sqlite", "100", "100"], ["sqlite", "55", "55"]]
    p50, p95, most = map(float, lines[1].split()[3:])
    assert p50 <= p95 <= most
    assert lines[3].endswith("times that of an empty database")


def test_a_database_with_something_in_it_is_left_alone(tmp_path):
    url = f"sqlite:///{tmp_path / 'evenhand.sqlite'}"
    store = open_store(url)
    store.decisions.record([record()])
    result = run("--database-url", url)
    assert result.exception.code == "bench.database"
    assert len(store.audit.list()) == 1
    store.close()
