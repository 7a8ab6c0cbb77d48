from pathlib import Path

import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.settings import SETTINGS, Settings, read_settings


def test_every_setting_has_a_help_sentence_and_a_variable():
    for setting in SETTINGS:
        assert setting.help.endswith(".")
        assert setting.variable == f"EVENHAND_{setting.name.upper()}"


def test_the_default_listens_to_this_machine_only():
    assert Settings().host == "127.0.0.1"


def test_the_environment_sets_and_overrides_win():
    settings = read_settings({"EVENHAND_PORT": "9000", "EVENHAND_HOST": "::1", "PATH": "x"}, {"port": "9001"})
    assert (settings.port, settings.host) == (9001, "::1")


def test_variables_for_tests_are_not_settings():
    assert read_settings({"EVENHAND_TEST_POSTGRES": "x"}) == Settings()


@pytest.mark.parametrize("value", ["many", "-1", "nan", "inf", ""])
def test_a_bad_number_names_the_setting(value):
    with pytest.raises(ConfigurationError) as caught:
        read_settings({}, {"batch_wait_ms": value})
    assert (caught.value.code, caught.value.field) == ("setting.invalid", "batch_wait_ms")


def test_a_port_that_there_cannot_be_is_refused():
    assert read_settings({}, {"port": "65535"}).port == 65_535
    with pytest.raises(ConfigurationError, match="Give 0 to 65535"):
        read_settings({}, {"port": "65536"})


def test_a_whole_number_is_asked_for():
    with pytest.raises(ConfigurationError, match="whole number"):
        read_settings({}, {"port": "80.5"})


@pytest.mark.parametrize(("name", "remedy"), [("prot", "Did you mean port?"), ("zzzz", "See `evenhand serve --help`.")])
def test_an_unknown_setting_is_refused(name, remedy):
    with pytest.raises(ConfigurationError) as caught:
        read_settings({}, {name: "1"})
    assert (caught.value.code, caught.value.remedy) == ("setting.unknown", remedy)


def test_the_database_is_in_the_users_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Settings().store_url == f"sqlite:///{tmp_path}/evenhand/evenhand.sqlite"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert Settings().folder == Path.home() / ".local/share/evenhand"
    assert Settings(data_folder="x").store_url == "sqlite:///x/evenhand.sqlite"
    assert Settings(database_url="postgresql://h/d").store_url == "postgresql://h/d"


def test_lists_are_split_at_commas():
    assert Settings(detectors="text.a, text.b,").listed("detectors") == ("text.a", "text.b")
    assert Settings().listed("detectors") == ()
