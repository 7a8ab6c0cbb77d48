import json

import click
import pytest

from evenhand.cli.options import data_folder_option, json_option, setting_option, settings_from
from evenhand.core.errors import ConfigurationError


@click.command
@setting_option
@data_folder_option
@json_option
def command(**given):
    click.echo(json.dumps(given))


def test_the_options_arrive_under_their_names(run):
    called = run(command, "--setting", "port", "9000", "--setting", "host", "::1", "--data-folder", "x", "--json")
    assert json.loads(called.output) == {
        "setting": [["port", "9000"], ["host", "::1"]],
        "data_folder": "x",
        "as_json": True,
    }


def test_without_options_nothing_is_set(run):
    assert json.loads(run(command).output) == {"setting": [], "data_folder": None, "as_json": False}


def test_an_option_wins_over_a_setting_and_that_over_the_environment(monkeypatch):
    monkeypatch.setenv("EVENHAND_PORT", "1")
    monkeypatch.setenv("EVENHAND_MAX_ITEMS", "5")
    settings = settings_from((("port", "2"), ("max_items", "6")), port=3, host=None)
    assert (settings.port, settings.max_items, settings.host) == (3, 6, "127.0.0.1")


def test_a_setting_that_is_not_there_is_refused():
    with pytest.raises(ConfigurationError) as caught:
        settings_from((("prot", "2"),))
    assert caught.value.code == "setting.unknown"
