from evenhand.core.conduct import profiling_names
from evenhand.store.review_tables import metadata
from evenhand.store.tables import PlainText, UtcDateTime

COLUMNS = [column for table in metadata.tables.values() for column in table.columns]


def test_every_column_says_what_it_holds():
    assert [str(column) for column in COLUMNS if not column.comment] == []


def test_no_column_asks_for_an_attribute_of_a_person():
    assert profiling_names(str(column) for column in COLUMNS) == {}


def test_nothing_stays_nothing():
    for kind in (PlainText(), UtcDateTime()):
        assert kind.process_bind_param(None, dialect=None) is None
    assert UtcDateTime().process_result_value(None, dialect=None) is None
