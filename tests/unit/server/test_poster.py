import pytest

from evenhand.core.errors import ConfigurationError, InputError
from evenhand.server.poster import build_poster
from evenhand.settings import Settings


def test_hosts_and_time_are_taken_from_the_settings():
    poster = build_poster(Settings(webhook_hosts="localhost, 10.0.0.1", webhook_timeout_seconds=3.0))
    assert poster.seconds == 3.0
    poster.check("http://10.0.0.1/")
    poster.check("http://localhost/")
    with pytest.raises(InputError):
        poster.check("http://127.0.0.1/")


def test_by_default_no_private_host_is_allowed():
    with pytest.raises(InputError):
        build_poster(Settings()).check("http://localhost/")


def test_what_is_no_host_is_told_at_the_start():
    with pytest.raises(ConfigurationError) as caught:
        build_poster(Settings(webhook_hosts="http://inside"))
    assert caught.value.code == "webhook.host"
