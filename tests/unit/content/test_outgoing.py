import pytest

from evenhand.content.outgoing import Deadline, Outgoing, Refused, open_connection, plain_host, public_addresses
from fakes.site import PUBLIC, Site, answer

NUMBERS = [
    *["0x7f000001", "0x7F.0.0.1", "2130706433", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "0"],
    *["0x0", "127.0.0.0x1", "00.0.0.0", "0xa9fea9fe", "2852039166"],
]


def refusal(host, **options):
    """Return the code with which the guard refuses."""
    with pytest.raises(Refused) as caught:
        public_addresses(host, 80, **options)
    assert caught.value.host == host
    return caught.value.code


@pytest.mark.parametrize(
    "address",
    [
        *["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1"],
        *["169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.254"],
        *["::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00::1"],
    ],
)
def test_a_public_address_passes(address):
    assert public_addresses("host.example", 80, resolve=lambda *_: [address, address]) == [address]


@pytest.mark.parametrize("host", NUMBERS)
def test_the_guard_alone_takes_a_number_for_the_address_that_it_means(host):
    assert refusal(host) == "url.private_address"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "fd00::1", "169.254.169.254"])
def test_an_address_that_is_not_public_passes_where_it_was_allowed(address):
    def look_up(*_):
        return [address, PUBLIC]

    assert public_addresses("host.example", 80, resolve=look_up, may_be_private=True) == [address, PUBLIC]
    assert refusal("host.example", resolve=look_up) == "url.private_address"


@pytest.mark.parametrize("found", [[], OSError(), UnicodeError()])
def test_a_name_that_is_not_there_is_not_found_also_where_it_may_be_private(found):
    def look_up(*_):
        if isinstance(found, list):
            return found
        raise found

    assert refusal("host.example", resolve=look_up, may_be_private=True) == "url.not_resolved"


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        *[
            ("Host.Example.", "host.example"),
            ("b\u00fccher.example", "xn--bcher-kva.example"),
            ("LOCALHOST", "localhost"),
        ],
        *[("127.0.0.1", "127.0.0.1"), ("0:0::1", "::1"), ("FD00::1", "fd00::1")],
    ],
)
def test_a_host_has_one_plain_form(host, plain):
    assert plain_host(host) == plain


@pytest.mark.parametrize("host", ["", "a b", "http://host", "host/path", "host:80", "fe80::1%lo", "127.1", "[::1]"])
def test_what_is_no_host_has_none(host):
    with pytest.raises(ValueError):
        plain_host(host)


def test_the_real_connection_goes_to_an_ip_address_and_looks_nothing_up():
    with Site(answer(b"")) as site:
        with open_connection("127.0.0.1", site.port, 5.0) as connection:
            assert connection.getpeername() == ("127.0.0.1", site.port)
        with pytest.raises(ValueError):
            open_connection("localhost", site.port, 5.0)


def outgoing_to(site, **options):
    return Outgoing(resolve=site.resolve, connect=site.connect, **options)


def test_a_private_host_is_connected_to_by_name_only_if_it_is_one_of_the_allowed():
    with Site(answer(b"yes"), addresses=lambda _: ["10.0.0.1"]) as site:
        outgoing = outgoing_to(site, private_hosts=frozenset({"inside.example"}))
        target = outgoing.target("http://inside.example:8080/a?b#c")
        with outgoing.connection(target, Deadline(5)) as connection:
            connection.request("GET", target.resource)
            assert connection.getresponse().read() == b"yes"
        for url in ("http://other.example/", "http://10.0.0.1/"):
            with (
                pytest.raises(Refused, match="private_address"),
                outgoing.connection(outgoing.target(url), Deadline(5)),
            ):
                pass
    assert site.connected == [("10.0.0.1", 8080)]
    assert (target.netloc, target.resource, site.requests[0][0]) == ("inside.example:8080", "/a?b", "/a?b")


@pytest.mark.parametrize(("ports", "passes"), [(None, True), (frozenset({80}), False)])
def test_ports_may_be_few_or_all_but_never_none(ports, passes):
    with Site(answer(b"")) as site:
        outgoing = outgoing_to(site, ports=ports)
        if passes:
            assert outgoing.target("http://host.example:8443/").port == 8443
        else:
            with pytest.raises(Refused, match="port"):
                outgoing.target("http://host.example:8443/")
        with pytest.raises(Refused, match="port"):
            outgoing.target("http://host.example:0/")


@pytest.mark.parametrize("fault", [ConnectionResetError, ValueError])
def test_what_goes_wrong_with_a_connection_is_told_like_what_goes_wrong_before(fault):
    with Site(answer(b"")) as site:
        outgoing = outgoing_to(site)
        with (
            pytest.raises(Refused, match="unreachable"),
            outgoing.connection(outgoing.target("http://host.example/"), Deadline(5)),
        ):
            raise fault
