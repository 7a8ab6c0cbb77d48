import pytest

from evenhand.core.address import checked_url
from evenhand.core.errors import ConfigurationError


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x",
        "x",
        "http://",
        "https://user:pass@x",
        "http://x/?key=1",
        "http://x/#a",
        "file:///etc/passwd",
        "http://x:port",
    ],
)
def test_an_address_that_is_not_plain_is_refused(url):
    with pytest.raises(ConfigurationError) as raised:
        checked_url(url, field="there", remedy="Elsewhere.")
    assert (raised.value.code, raised.value.field) == ("endpoint.url", "there")
    assert "pass" not in str(raised.value)
    assert "key=1" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:11434/v1", "https://example.org", "http://[::1]:80/"])
def test_a_plain_address_is_taken_as_it_is(url):
    assert checked_url(url, field="there", remedy="Elsewhere.") == url
