import socket
import threading

import pytest

from evenhand.content.outgoing import resolve_host
from evenhand.content.post import Poster
from evenhand.core.errors import ConfigurationError, InputError
from fakes.site import PUBLIC, Site, answer, endless, redirect

URL = "http://receiver.example/SECRET?key=SECRET"
HEADERS = {"webhook-id": "evt_1", "Content-Type": "application/json"}


class PostedSite(Site):
    """A site that takes what is posted, and a poster that is led there."""

    def __init__(self, *answers, tls=None, addresses=lambda _host: [PUBLIC], **options):
        super().__init__(*answers or [answer(b"")], tls=tls, addresses=addresses)
        self.poster = Poster(resolve=self.resolve, connect=self.connect, **options)

    def post(self, url=URL, body=b"{}"):
        return self.poster.post(url, body, HEADERS)


def refusal(call, *values, **options):
    with pytest.raises(InputError) as caught:
        call(*values, **options)
    assert caught.value.field == "url"
    assert caught.value.remedy
    assert "SECRET" not in str(caught.value)
    return caught.value.code


def nothing(*_):
    raise AssertionError("nothing is looked up and no connection is opened")


@pytest.mark.parametrize("status", [200, 204, 301, 302, 307, 308, 400, 410, 500, 599])
def test_the_status_is_what_comes_back_and_no_redirect_is_followed(status):
    with PostedSite(redirect("http://other.example/", f"{status} x")) as site:
        assert site.post(body=b"\x00 body") == status
    assert site.bodies == [b"\x00 body"]
    assert site.looked_up == ["receiver.example"]
    assert site.connected == [(PUBLIC, 80)]


def test_only_what_is_needed_is_sent():
    with PostedSite() as site:
        site.post("http://Receiver.example:8080/a%20b?c=ü")
    (sent,) = site.requests
    assert sent[0] == "/a%20b?c=%C3%BC"
    assert sent[1] == HEADERS | {
        "Host": "receiver.example:8080",
        "User-Agent": "evenhand",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Length": "2",
    }


def test_no_proxy_is_used(monkeypatch):
    with PostedSite() as proxy, PostedSite() as site:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        site.post()
    assert (len(proxy.requests), len(site.requests)) == (0, 1)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        *[
            ("http://", "url.invalid"),
            ("http://a b/", "url.invalid"),
            ("http://receiver.example/\nSECRET", "url.invalid"),
        ],
        *[("", "url.scheme"), ("ftp://receiver.example/SECRET", "url.scheme"), ("file:///etc/SECRET", "url.scheme")],
        *[("https://SECRET@receiver.example/", "url.credentials"), ("http://receiver.example:0/SECRET", "url.port")],
    ],
)
def test_what_is_no_url_to_post_to_is_refused_before_its_host_is_looked_up(url, code):
    poster = Poster(resolve=nothing, connect=nothing)
    assert refusal(poster.post, url, b"", {}) == code
    assert refusal(poster.check, url) == code


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://[::1]:80/", "http://localhost/", "http://169.254.169.254/latest", "http://10.1.2.3/"],
)
def test_a_private_address_is_refused_unless_its_host_was_allowed(url):
    poster = Poster(private_hosts=["inside.example"], connect=nothing)
    assert refusal(poster.check, url) == refusal(poster.post, url, b"", {}) == "url.private_address"


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        *[("127.0.0.1", "http://127.0.0.1:{port}/"), ("Inside.Example.", "http://inside.example:{port}/")],
        *[("[::1]", "http://[0:0::1]:{port}/"), ("::1", "http://[::1]:{port}/")],
    ],
)
def test_what_the_operator_allowed_is_posted_to(allowed, url):
    with PostedSite(private_hosts=[allowed], addresses=lambda _: ["127.0.0.1"]) as site:
        url = url.format(port=site.port)
        site.poster.check(url)
        assert site.post(url) == 200
        assert refusal(site.poster.post, "http://beside.example/", b"", {}) == "url.private_address"
    assert site.connected == [("127.0.0.1", site.port)]


def test_the_real_resolver_and_connection_lead_to_an_allowed_host():
    with PostedSite() as site:
        assert Poster(private_hosts=["localhost"]).post(f"http://localhost:{site.port}/", b"{}", {}) == 200
    assert site.bodies == [b"{}"]
    assert resolve_host("127.0.0.1", 80) == ["127.0.0.1"]


@pytest.mark.parametrize("host", ["", "http://inside", "inside:80", "127.1", "a b"])
def test_a_host_that_is_none_cannot_be_allowed(host):
    with pytest.raises(ConfigurationError) as caught:
        Poster(private_hosts=[host])
    assert (caught.value.code, caught.value.field) == ("webhook.host", "webhook_hosts")


def test_a_name_is_looked_up_once_and_the_checked_address_is_used():
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    with PostedSite(addresses=lambda _: next(answers)) as site:
        assert site.post() == 200
    assert (site.connected, next(answers)) == ([(PUBLIC, 80)], ["127.0.0.1"])


@pytest.mark.parametrize("found", [[], OSError("SECRET")])
def test_a_host_that_is_not_found_may_be_there_tomorrow(found):
    def look_up(*_):
        if isinstance(found, list):
            return found
        raise found

    poster = Poster(resolve=look_up, connect=nothing)
    poster.check(URL)
    assert refusal(poster.post, URL, b"", {}) == "url.not_resolved"


def test_a_look_up_without_end_is_given_up():
    release = threading.Event()
    poster = Poster(resolve=lambda *_: release.wait(60), connect=nothing, seconds=0.05)
    poster.check(URL)
    assert refusal(poster.post, URL, b"", {}) == "url.timeout"
    release.set()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_silence_is_a_time_out(scheme):
    with socket.create_server(("127.0.0.1", 0)) as listener, PostedSite(seconds=0.1) as site:
        site.port = listener.getsockname()[1]
        assert refusal(site.post, URL.replace("http", scheme)) == "url.timeout"


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        *[(b"HTTP/1.1 200", b" "), (b"HTTP/1.1 200 OK\r\nA: ", b"x"), (b"", b"HTTP/1.1 100 Continue\r\n\r\n")],
    ],
)
def test_a_drip_before_the_status_is_known_counts_as_silence(start, piece):
    with PostedSite(endless(start, piece, pause=0.01), seconds=0.2) as site:
        assert refusal(site.post) == "url.timeout"


@pytest.mark.parametrize(
    "reply",
    [
        endless(b"HTTP/1.1 202 OK\r\n\r\n"),
        endless(b"HTTP/1.1 202 OK\r\n\r\n", b"x", pause=0.01),
        endless(b"HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3e8\r\n" + b"x" * 1000 + b"\r\n"),
        answer(b"3\r\nabc\r\nff\r\nabc", "Transfer-Encoding: chunked", status="202 OK"),
        answer(b"SECRET\r\n", "Transfer-Encoding: chunked", status="202 OK"),
        answer(b"x", "Content-Length: 1000", status="202 OK", length=False),
        answer(b"x" * 100, status="202 OK"),
    ],
)
def test_once_the_status_is_known_it_counts_whatever_follows(reply):
    with PostedSite(reply, seconds=0.5) as site:
        assert site.post() == 202


@pytest.mark.parametrize(
    "reply", [b"", b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200]
)
def test_what_is_no_answer_is_none(reply):
    with PostedSite(reply) as site:
        assert refusal(site.post) == "url.unreachable"


def test_https_is_checked_against_the_name(tls):
    context, asked = tls
    with PostedSite(tls=context) as site:
        assert site.post("https://pictures.example/SECRET") == 200
        assert refusal(site.post, "https://other.example/SECRET") == "url.unreachable"
    assert asked == ["pictures.example", "other.example"]
    assert len(site.requests) == 1
