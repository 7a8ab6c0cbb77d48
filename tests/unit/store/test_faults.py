import pytest
from sqlalchemy import exc, make_url

from evenhand.core.errors import StoreError
from evenhand.store.faults import translated, translated_at_opening


class PostgresError(Exception):
    def __init__(self, sqlstate):
        super().__init__("the row (42, 'a secret value') cannot be")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "kind", "code"),
    [
        ("53300", exc.OperationalError, "store.busy"),
        ("40P01", exc.OperationalError, "store.busy"),
        ("53100", exc.OperationalError, "store.full"),
        ("22021", exc.DataError, "store.refused"),
        ("23505", exc.IntegrityError, "store.refused"),
        ("57P01", exc.OperationalError, "store.unavailable"),
        (None, exc.InterfaceError, "store.unavailable"),
    ],
)
def test_each_fault_has_its_code_and_shows_no_value(sqlstate, kind, code):
    with pytest.raises(StoreError) as caught, translated():
        raise kind("INSERT", {"body": "a secret value"}, PostgresError(sqlstate))
    assert caught.value.code == code
    assert caught.value.remedy
    assert (sqlstate or "PostgresError") in caught.value.message
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["postgresql://u:hunter2@h/d", "postgresql://u@h/d?password=hunter2&sslpassword=hunter2"]
)
def test_what_a_driver_says_at_opening_is_shown_without_the_password(url):
    driver_error = PostgresError(None)
    driver_error.args = ("no host 'h'\nfor password=hunter2",)
    with pytest.raises(StoreError) as caught, translated_at_opening(make_url(url)):
        raise exc.OperationalError(None, None, driver_error)
    assert "no host 'h' for password=***" in caught.value.message
    assert "hunter2" not in str(caught.value)
