import socket
import threading
from unittest.mock import Mock

import pytest

from evenhand.content import outgoing
from evenhand.content.fetch import Fetcher
from evenhand.core.content import ImageFile
from evenhand.core.errors import InputError, TooLargeError
from fakes.site import PUBLIC, Site, answer, endless, redirect

FIELD = "input[0].image_url.url"
URL = "http://pictures.example/SECRET.png?key=SECRET"
IMAGE = b"\x89PNG" + b"x" * 200_000  # comes in several pieces


def image(*headers, **options):
    return answer(IMAGE, *headers, **options)


class FetchedSite(Site):
    """A site with an image, and a fetcher that is led there."""

    def __init__(self, *answers, tls=None, addresses=lambda _host: [PUBLIC], refusing=(), **options):
        super().__init__(*answers or [image()], tls=tls, addresses=addresses, refusing=refusing)
        self.fetcher = Fetcher(resolve=self.resolve, connect=self.connect, **options)

    def fetch(self, url=URL):
        return self.fetcher.fetch(url, field=FIELD)

    def refusal(self, url=URL):
        return refusal(self.fetch, url)


def refusal(call, *values, **options):
    """Return the code with which `call` refuses, after a look at the rest of the error."""
    with pytest.raises(InputError) as caught:
        call(*values, **options)
    error = caught.value
    assert (error.field, isinstance(error, TooLargeError)) == (FIELD, error.code == "url.too_large")
    assert error.remedy
    assert "SECRET" not in str(error)
    return error.code


def nothing(*_):
    raise AssertionError("nothing is looked up and no connection is opened")


def refusal_without_connection(url, *, resolve=outgoing.resolve_host, **options):
    return refusal(Fetcher(resolve=resolve, connect=nothing, **options).fetch, url, field=FIELD)


def test_a_clip_is_written_to_a_file_piece_by_piece(tmp_path):
    clip = tmp_path / "clip"
    with FetchedSite(redirect("/other"), image("Content-Type: video/mp4"), what="clip") as site:
        site.fetcher.download(URL, clip)
    assert clip.read_bytes() == IMAGE
    assert site.requests[0][1]["Accept"] == "video/*, audio/*"


def test_a_clip_that_is_too_large_is_refused_in_words_of_its_own(tmp_path):
    with FetchedSite(image(), what="clip", max_bytes=100_000) as site, pytest.raises(TooLargeError) as refused:
        site.fetcher.download(URL, tmp_path / "clip")
    assert (refused.value.code, refused.value.field) == ("url.too_large", "url")
    assert refused.value.remedy == "Send the URL of a smaller clip."
    assert (tmp_path / "clip").stat().st_size <= 100_000


def test_an_image_is_fetched_and_only_what_is_needed_is_sent():
    with FetchedSite(image("Content-Type: image/png", "Set-Cookie: a=b")) as site:
        assert site.fetch("http://Pictures.Example./ä%20b.png?q=ü&r=%2F#SECRET") == ImageFile(IMAGE, "image/png")
        site.fetch()
    assert site.connected == [(PUBLIC, 80)] * 2
    assert site.requests[0][0] == "/%C3%A4%20b.png?q=%C3%BC&r=%2F"
    sent = {"Host": "pictures.example", "User-Agent": "evenhand", "Accept": "image/*"}
    sent |= {"Accept-Encoding": "identity", "Connection": "close"}
    assert [headers for _, headers in site.requests] == [sent, sent]


@pytest.mark.parametrize(
    ("sent", "media_type"),
    [
        *[("Image/PNG; charset=x", "image/png"), ("image/svg+xml", "image/svg+xml")],
        *[("text/html", ""), ("image/<b>", ""), ("image", ""), ("", "")],
    ],
)
def test_the_media_type_is_kept_if_it_is_of_an_image(sent, media_type):
    with FetchedSite(image(f"Content-Type: {sent}"), image()) as site:
        assert site.fetch() == ImageFile(IMAGE, media_type)
        assert site.fetch() == ImageFile(IMAGE)


def test_no_proxy_is_used(monkeypatch):
    with FetchedSite() as proxy, FetchedSite() as site:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        site.fetch()
    assert (len(proxy.requests), len(site.requests)) == (0, 1)


ILL_FORMED = [
    *["http://", "http:///SECRET", "http://./", "http://a..b/", "http://a b/", " http://pictures.example/"],
    *["http://pictures.example/SECRET\n", "http://pictures.example/\x00SECRET", "http://pictures.example/\ud800"],
    *["http://pictures.example\\@other.example/", "http://pictures.exa%6dple/", "http://pictures.example%00.other/"],
    *["http://exa;mple/", "http://[::1", "http://[v1.SECRET]/", "http://[fe80::1%25lo]/", "http://pictures.example:x/"],
    *["http://pictures.example:70000/", f"http://{'a' * 64}.example/", f"http://{'a.' * 127}example/"],
    *[f"http://{'ä' * 300}/", "http://pictures.example/" + "a" * 8192, "http://pictures\u2100other/"],
]
OF_ANOTHER_SCHEME = [
    *["", "pictures.example/SECRET", "//pictures.example/SECRET", "/etc/SECRET", "file:///etc/SECRET"],
    *["file://pictures.example/SECRET", "ftp://pictures.example/SECRET", "gopher://pictures.example/SECRET"],
    *["data:image/png;base64,SECRET", "javascript:SECRET", "http+unix://pictures.example/"],
]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        *[(url, "url.invalid") for url in ILL_FORMED],
        *[(url, "url.scheme") for url in OF_ANOTHER_SCHEME],
        *[(f"https://{user}@pictures.example/", "url.credentials") for user in ("SECRET", "a:SECRET", "", ":")],
        *[(f"https://pictures.example:{port}/SECRET", "url.port") for port in (0, 22, 8443)],
    ],
)
def test_a_url_that_may_not_be_fetched_is_refused_before_its_host_is_looked_up(url, code):
    assert refusal_without_connection(url, resolve=nothing) == code


@pytest.mark.parametrize(
    ("url", "port", "host"),
    [
        ("http://pictures.example:/", 80, "pictures.example"),
        ("http://pictures.example:443/", 443, "pictures.example:443"),
        ("http://pictures.example:8080", 8080, "pictures.example:8080"),
        ("HTTP://PICTURES.EXAMPLE?a", 80, "pictures.example"),
        ("http://bücher_1.example/", 80, "xn--bcher_1-n2a.example"),
        (f"http://{PUBLIC}/", 80, PUBLIC),
        *[("http://[2606:4700:0::1]", 80, "[2606:4700::1]"), ("http://[2a00::1]:8080/", 8080, "[2a00::1]:8080")],
    ],
)
def test_theport_and_the_host_go_where_they_belong(url, port, host):
    with FetchedSite(ports=frozenset({80, 443, 8080})) as site:
        site.fetch(url)
    assert site.connected == [(PUBLIC, port)]
    assert site.requests[0][1]["Host"] == host


@pytest.mark.parametrize(
    "address",
    [
        *["0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1"],
        *["127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.9"],
        *["192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255"],
        *["198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"],
        *["::", "::1", "::2", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1"],
        *["::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe"],
        *["64:ff9b:1::8.8.8.8", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "2001:2::1"],
        *["2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "2002:808:808::", "3fff::1"],
        *["4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo", "febf::1", "fec0::1"],
        *["2606:4700::1111%lo", "ff02::1", "ff0e::1", "localhost", ""],
    ],
)
def test_an_address_that_is_not_public_is_refused_alone_and_among_public_ones(address):
    for addresses in ([address], [PUBLIC, "2606:4700::1111", address]):
        assert refusal_without_connection(URL, resolve=lambda *_, found=addresses: found) == "url.private_address"


NUMBERS = [
    *["0x7f000001", "0x7F.0.0.1", "2130706433", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "0"],
    *["0x0", "127.0.0.0x1", "00.0.0.0", "0xa9fea9fe", "2852039166"],
]


@pytest.mark.parametrize("host", [*NUMBERS, "1.2.3", "1.2.3.4.5", "256.1.1.1", "example.0x", "1.1.1.01", "127.1."])
def test_a_host_that_resolvers_could_read_as_a_number_is_refused(host):
    assert refusal_without_connection(f"http://{host}/SECRET", resolve=nothing) == "url.invalid"


@pytest.mark.parametrize(
    "host",
    [
        *["127.0.0.1", "127.0.0.1.", "169.254.169.254", "10.0.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]"],
        *["[0:0:0:0:0:ffff:7f00:1]", "[64:ff9b::127.0.0.1]", "[fe80::1]", "[fd00:ec2::254]", "localhost"],
        *["127。0。0。1", "\uff11\uff12\uff17.0.0.1", "①②⑦.0.0.1"],
    ],
)
def test_a_private_host_is_refused_however_it_is_written(host):
    assert refusal_without_connection(f"https://{host}/SECRET") == "url.private_address"


def test_a_name_is_looked_up_once_and_the_checked_address_is_used():
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    with FetchedSite(addresses=lambda _: next(answers)) as site:
        assert site.fetch().data == IMAGE
    assert (site.connected, next(answers)) == ([(PUBLIC, 80)], ["127.0.0.1"])


def test_a_name_that_turns_private_is_refused_at_the_redirect():
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    with FetchedSite(redirect("/again"), addresses=lambda _: next(answers)) as site:
        assert site.refusal() == "url.private_address"
    assert len(site.requests) == 1


@pytest.mark.parametrize("outcome", [[socket.gaierror(-2, "SECRET")], [UnicodeError("SECRET")], [[]]])
def test_a_name_that_is_not_there_is_not_resolved(outcome):
    assert refusal_without_connection(URL, resolve=Mock(side_effect=outcome)) == "url.not_resolved"


def test_look_ups_without_end_are_given_up_and_do_not_pile_up(monkeypatch):
    monkeypatch.setattr(outgoing, "_LOOKUPS", threading.BoundedSemaphore(1))
    release = threading.Event()
    assert refusal_without_connection(URL, seconds=0.05, resolve=lambda *_: release.wait(60)) == "url.timeout"
    assert refusal_without_connection(URL, seconds=0.05, resolve=nothing) == "url.timeout"
    release.set()
    with FetchedSite() as site:
        assert site.fetch().data == IMAGE


def test_the_next_address_is_tried_but_not_every_one():
    addresses = [f"1.1.1.{number}" for number in range(9)]
    with FetchedSite(addresses=lambda _: addresses, refusing=addresses) as site:
        assert site.refusal() == "url.unreachable"
    assert site.connected == [(address, 80) for address in addresses[:4]]
    with FetchedSite(addresses=lambda _: addresses, refusing=addresses[:1]) as site:
        assert site.fetch().data == IMAGE
    assert site.connected == [(address, 80) for address in addresses[:2]]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_silence_is_a_time_out(scheme):
    with socket.create_server(("127.0.0.1", 0)) as listener, FetchedSite(seconds=0.1) as site:
        site.port = listener.getsockname()[1]
        assert site.refusal(URL.replace("http", scheme)) == "url.timeout"


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        *[(b"HTTP/1.1 200", b" "), (b"HTTP/1.1 200 OK\r\nA: ", b"x"), (b"HTTP/1.1 200 OK\r\n\r\n", b"x")],
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"x: y\r\n"),
    ],
)
def test_a_drip_counts_as_silence(start, piece):
    with FetchedSite(endless(start, piece, pause=0.01), seconds=0.2) as site:
        assert site.refusal() == "url.timeout"


def test_the_deadline_is_one_for_all_redirects():
    def slow(wfile, closing):
        closing.wait(0.1)
        wfile.write(redirect("/on"))

    with FetchedSite(slow, seconds=0.25, redirects=1000) as site:
        assert site.refusal() == "url.timeout"


COMPRESSED = [
    *["Content-Encoding: gzip", "Content-Encoding: br", "Content-Encoding: identity, gzip"],
    *["Content-Encoding: identity\r\nContent-Encoding: gzip", "Transfer-Encoding: gzip, chunked"],
]
BROKEN = [
    *[b"", b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200],
    answer(b"x", "Content-Length: 100", length=False),
    *[answer(body, "Transfer-Encoding: chunked") for body in (b"3\r\nabc\r\nff\r\nabc", b"SECRET\r\nabc\r\n")],
]
TOO_LARGE = [
    *[answer(b"x" * 100_001), answer(b"x" * 100_001, length=False), endless(b"HTTP/1.1 200 OK\r\n\r\n")],
    *[answer(b"", f"Content-Length: {length}", length=False) for length in (100_001, 10**20)],
    endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3e8\r\n" + b"x" * 1000 + b"\r\n"),
    answer(b"fffffffffff\r\n" + b"x" * 200_000, "Transfer-Encoding: chunked"),
]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        *[(answer(b"", "Location: /on", status=f"{n} x"), "url.status") for n in (204, 206, 300, 304, 305, 404, 500)],
        *[(image(headers), "url.encoding") for headers in COMPRESSED],
        *[(reply, "url.unreachable") for reply in BROKEN],
        *[(reply, "url.too_large") for reply in TOO_LARGE],
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(reply, code):
    with FetchedSite(reply, max_bytes=100_000) as site:
        assert site.refusal() == code
    assert len(site.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        *[image("Content-Encoding: Identity"), image(length=False)],
        *[image(f"Content-Length: {length}", length=False) for length in ("abc", "-1")],
        answer(b"4\r\n\x89PNG\r\n30d40\r\n" + IMAGE[4:] + b"\r\n0\r\n\r\n", "Transfer-Encoding: Chunked"),
        answer(IMAGE + b"and what nobody announced", f"Content-Length: {len(IMAGE)}", length=False),
    ],
)
def test_a_body_may_come_in_any_way_that_http_has(reply):
    with FetchedSite(reply, max_bytes=len(IMAGE)) as site:
        assert site.fetch().data == IMAGE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_through_the_guard(status):
    with FetchedSite(redirect("http://cdn.example/b.png", f"{status} Moved"), image()) as site:
        assert site.fetch().data == IMAGE
    assert site.looked_up == ["pictures.example", "cdn.example"]
    assert [headers["Host"] for _, headers in site.requests] == site.looked_up


@pytest.mark.parametrize(
    ("location", "host", "path"),
    [
        *[("c.png", "pictures.example", "/a/c.png"), ("../c.png?d", "pictures.example", "/c.png?d")],
        *[("?d", "pictures.example", "/a/b.png?d"), ("//cdn.example/c.png", "cdn.example", "/c.png")],
        ("/ä c.png#d", "pictures.example", "/%C3%A4%20c.png"),
    ],
)
def test_a_redirect_may_be_relative(location, host, path):
    with FetchedSite(redirect(location), image()) as site:
        site.fetch("http://pictures.example/a/b.png")
    assert site.requests[1][0] == path
    assert site.requests[1][1]["Host"] == host


@pytest.mark.parametrize(
    ("location", "code"),
    [
        *[("http://inside.example/SECRET", "url.private_address"), ("http://127.0.0.1/SECRET", "url.private_address")],
        *[("http://2130706433/SECRET", "url.invalid"), ("http://[SECRET/", "url.invalid")],
        *[("/" + "a" * 9000, "url.invalid"), ("file:///etc/SECRET", "url.scheme"), ("", "url.status")],
        *[("http://SECRET@cdn.example/", "url.credentials"), ("http://cdn.example:6379/SECRET", "url.port")],
    ],
)
def test_a_redirect_is_held_to_every_rule(location, code):
    private = {"inside.example": "10.0.0.1", "127.0.0.1": "127.0.0.1"}
    with FetchedSite(redirect(location), image(), addresses=lambda host: [private.get(host, PUBLIC)]) as site:
        assert site.refusal() == code
    assert len(site.requests) == 1


def test_three_redirects_are_followed_and_a_loop_ends():
    with FetchedSite(redirect("/1"), redirect("/2"), redirect("/3"), image()) as site:
        assert site.fetch().data == IMAGE
    with FetchedSite(redirect("/loop")) as site:
        assert site.refusal() == "url.redirects"
    assert [path for path, _ in site.requests][1:] == ["/loop"] * 3
    with FetchedSite(redirect("/on"), redirects=0) as site:
        assert site.refusal() == "url.redirects"
    assert len(site.requests) == 1


def test_https_asks_for_the_name_and_checks_the_certificate_against_it(tls):
    context, asked = tls
    with FetchedSite(tls=context) as site:
        assert site.fetch("https://pictures.example/a.png").data == IMAGE
        assert site.fetch(f"https://{PUBLIC}/a.png").data == IMAGE
        assert site.refusal("https://other.example/SECRET") == "url.unreachable"
    assert asked == ["pictures.example", None, "other.example"]
    assert site.connected == [(PUBLIC, 443)] * 3
    assert [headers["Host"] for _, headers in site.requests] == ["pictures.example", PUBLIC]


def test_without_tls_that_somebody_vouches_for_nothing_is_sent(tls, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    for context in (None, tls[0]):
        with FetchedSite(tls=context) as site:
            assert site.refusal("https://pictures.example/SECRET") == "url.unreachable"
        assert site.requests == []


def test_limits_hold_over_tls(tls):
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with FetchedSite(endless(head), endless(head, b"x", pause=0.01), tls=tls[0], max_bytes=100_000, seconds=2) as site:
        assert site.refusal("https://pictures.example/SECRET") == "url.too_large"
        assert site.refusal("https://pictures.example/SECRET") == "url.timeout"


def test_a_redirect_may_lead_to_https_and_never_from_it(tls):
    with FetchedSite(tls=tls[0]) as secure, FetchedSite(redirect("https://pictures.example/b.png")) as site:
        site.fetcher = Fetcher(
            resolve=site.resolve,
            connect=lambda address, port, seconds: (secure if port == 443 else site).connect(address, port, seconds),
        )
        assert site.fetch().data == IMAGE
    with FetchedSite(redirect("http://pictures.example/SECRET"), tls=tls[0]) as site:
        assert site.refusal("https://pictures.example/SECRET") == "url.redirects"
