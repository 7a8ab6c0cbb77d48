import csv
import io
import json
from datetime import UTC, datetime

import pytest

from databases import store_in
from evenhand.cli.numbers import _TABLES, command
from evenhand.core.decision import Action
from evenhand.review.numbers import numbers
from evenhand.review.tables import number_tables
from evenhand.store.numbers import Period
from rule_hits import hit
from samples import keep

NOW = datetime.now(UTC)


@pytest.fixture
def call(run, tmp_path):
    store = store_in(tmp_path)
    keep(store, hit("spam", at=NOW), hit("hate", at=NOW.replace(year=NOW.year - 1), action=Action.BLOCK))
    names = [table.name for table in number_tables(numbers(store, Period(NOW, NOW)))]
    store.close()
    assert names == list(_TABLES)
    return lambda *arguments: run(command, *arguments, "--data-folder", str(tmp_path), catch_exceptions=False).output


def test_the_last_month_counts(call):
    text = call()
    assert "Decisions by day\n" in text
    assert ["review", "1"] in [line.split()[1:] for line in text.splitlines()]
    assert "block" not in text


def test_further_back_on_demand(call):
    assert "block" in call("--since", "400d")


def test_one_table_as_csv(call):
    rows = list(csv.reader(io.StringIO(call("--csv", "volume"))))
    assert rows == [["day", "action", "decisions"], [f"{NOW:%Y-%m-%d}", "review", "1"]]


def test_all_as_json(call):
    found = json.loads(call("--json"))
    assert list(found) == list(_TABLES)
    assert found["volume"]["rows"] == [[f"{NOW:%Y-%m-%d}", "review", "1"]]
