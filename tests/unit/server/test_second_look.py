import inspect

import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.second_look.look import SecondLook
from evenhand.server.second_look import build_second_look
from evenhand.settings import Settings, read_settings

URL = "http://127.0.0.1:1/v1"


def test_nobody_is_asked_unless_there_is_an_address():
    assert build_second_look(Settings()) is None
    assert build_second_look(Settings(second_look_model="m", second_look_key="k")) is None


def test_every_setting_arrives(monkeypatch):
    given = {}
    monkeypatch.setattr("evenhand.server.second_look.SecondLook", lambda url, **options: given.update(options, url=url))
    build_second_look(
        Settings(
            second_look_url=URL,
            second_look_model="m",
            second_look_key="k",
            second_look_from=0.1,
            second_look_to=0.9,
            second_look_categories="hate, harassment",
            second_look_timeout_seconds=1.5,
            second_look_calls_per_hour=2,
            second_look_concurrent_calls=3,
            second_look_failures=4,
            second_look_cooling_seconds=6.5,
        )
    )
    assert given == {
        "url": URL,
        "model": "m",
        "key": "k",
        "band": (0.1, 0.9),
        "categories": ("hate", "harassment"),
        "timeout_seconds": 1.5,
        "calls_per_hour": 2,
        "concurrent_calls": 3,
        "failures": 4,
        "cooling_seconds": 6.5,
    }


def test_the_defaults_of_the_settings_are_those_of_the_class(monkeypatch):
    defaults = {name: parameter.default for name, parameter in inspect.signature(SecondLook).parameters.items()}
    given = {}
    monkeypatch.setattr("evenhand.server.second_look.SecondLook", lambda url, **options: given.update(options, url=url))
    build_second_look(Settings(second_look_url=URL, second_look_model="m"))
    assert given == defaults | {"url": URL, "model": "m"}


def test_what_is_named_is_made():
    made = build_second_look(Settings(second_look_url=URL, second_look_model="m"))
    assert made.version.startswith("m+")
    made.close()


@pytest.mark.parametrize("content", ["k", " k\n"])
def test_the_key_may_stand_in_a_file(tmp_path, monkeypatch, content):
    given = {}
    monkeypatch.setattr("evenhand.server.second_look.SecondLook", lambda url, **options: given.update(options))
    path = tmp_path / "key"
    path.write_text(content, encoding="utf-8")
    build_second_look(Settings(second_look_url=URL, second_look_key_file=str(path)))
    assert given["key"] == "k"


def test_a_key_file_that_cannot_be_read_is_said(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        build_second_look(Settings(second_look_url=URL, second_look_model="m", second_look_key_file=str(tmp_path)))
    assert (caught.value.code, caught.value.field) == ("second_look.key_file", "second_look_key_file")


def test_the_key_does_not_show_when_settings_are_printed():
    settings = read_settings({"EVENHAND_SECOND_LOOK_KEY": "secret"}, {})
    assert settings.second_look_key == "secret"
    assert "secret" not in repr(settings)
