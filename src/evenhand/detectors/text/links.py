"""Find links that deceive or push: look-alike domains, hidden targets, shorteners, disguised addresses, floods.

An ordinary link is no sign of anything: people share links. Nothing is looked up; only the text is read.
"""

import ipaddress
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import ClassVar, Final

from evenhand.content.cleaning import clean
from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Example, Limits
from evenhand.detectors.findings import Finding, Sign, signals_of

SIGNS: Final = MappingProxyType(
    {
        "homograph": Sign(
            "A domain that mixes Latin with look-alike letters of another script.", {Label.SCAM: 0.75, Label.SPAM: 0.45}
        ),
        "look_alike": Sign(
            "A domain wholly in another script that reads as Latin letters.", {Label.SCAM: 0.45, Label.SPAM: 0.3}
        ),
        "other_target": Sign(
            "A link whose words show one domain and which leads to another.", {Label.SCAM: 0.7, Label.SPAM: 0.4}
        ),
        "false_host": Sign(
            "A domain in the place of a user's name: `bank.com@elsewhere.net`.", {Label.SCAM: 0.7, Label.SPAM: 0.4}
        ),
        "password": Sign("A user's name and password in a web address.", {Label.SCAM: 0.35}),
        "nested_domain": Sign(
            "A whole domain as the beginning of a longer one: `bank.com.elsewhere.net`.",
            {Label.SCAM: 0.6, Label.SPAM: 0.35},
        ),
        "hidden_ip": Sign("An IP address written as one number.", {Label.SCAM: 0.6, Label.SPAM: 0.4}),
        "ip_address": Sign("A web address with a public IP address for a name.", {Label.SCAM: 0.4, Label.SPAM: 0.3}),
        "double_extension": Sign(
            "A program that looks like a document: `invoice.pdf.exe`.", {Label.SCAM: 0.75, Label.SPAM: 0.45}
        ),
        "executable": Sign("A link to a program.", {Label.SCAM: 0.35, Label.SPAM: 0.25}),
        "shortener": Sign(
            "A shortened link, which hides where it leads.",
            {Label.SPAM: 0.35, Label.ADVERTISING: 0.3, Label.SCAM: 0.25},
        ),
        "disguised": Sign(
            "An address written so that filters miss it: `shop dot com`, `hxxp`, `shop[.]com`.",
            {Label.SPAM: 0.4, Label.ADVERTISING: 0.4, Label.SCAM: 0.25},
        ),
        "many": Sign("A different link after the fourth.", {Label.SPAM: 0.3, Label.ADVERTISING: 0.2}),
        "repeated": Sign("The same link for the third time or more.", {Label.SPAM: 0.4, Label.ADVERTISING: 0.25}),
    }
)
#: From how many on different links are many, and the same one is repeated.
MANY: Final = 5
REPEATED: Final = 3

_SHORTENERS: Final = frozenset(
    """
    adf.ly adfoc.us bc.vc bit.do bit.ly bitly.com buff.ly clck.ru cli.re cutt.ly dlvr.it gg.gg goo.gl is.gd
    j.mp linktr.ee lnk.to lnkd.in ouo.io ow.ly qr.ae rb.gy rebrand.ly s.id sh.st shorte.st shorturl.at
    shrtco.de smarturl.it snip.ly soo.gd su.pr t.ly t2m.io tiny.cc tiny.one tinyurl.com tr.im u.to urlz.fr
    v.gd x.co zpr.io
    """.split()  # noqa: SIM905 - a list of names reads best as words
)
_PROGRAMS: Final = frozenset({"apk", "bat", "cmd", "exe", "hta", "jar", "msi", "pif", "ps1", "scr", "vbs"})
_DOCUMENTS: Final = frozenset(
    {"doc", "docx", "gif", "jpeg", "jpg", "mp3", "mp4", "pdf", "png", "txt", "xls", "xlsx", "zip"}
)
#: Top-level domains that make a link of a name without `http://`; others may be a missing space after a full stop.
_TOP_LEVEL: Final = frozenset(
    """
    app at au be biz br ca cc ch club cn co com de dev edu es eu fi fr gg gl gov in info io jp ly me mil mobi
    mx net nl nz online org pl pro pt ru se shop site store tk top tv ua uk us vip xyz
    """.split()  # noqa: SIM905 - as above
)
_SECOND_LEVEL: Final = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
#: They name a customer's site by its whole domain.
_HOSTS_OF_SITES: Final = frozenset({"akamaized.net", "amazonaws.com", "edgekey.net", "edgesuite.net", "windows.net"})
_LOOK_ALIKE_SCRIPTS: Final = frozenset({"ARMENIAN", "CHEROKEE", "CYRILLIC", "GREEK", "MATHEMATICAL"})
_TRAILING: Final = ".,;:!?*_~'\u2026"
_MOST_OF_A_LABEL: Final = 63

#: What stands in every link that has no `://`, unless its dot is of another script.
_DOTTED: Final = re.compile(r"\.[^\W\d_]{2}")
_TOKEN: Final = re.compile(r"[^\s<>\[\](){}\"|,;]{4,1000}+")
_END_OF_HOST: Final = re.compile(r"[/?#\\]")
_NO_LETTER: Final = re.compile(r"[^a-z]")
_OTHER_DOTS: Final = str.maketrans("\u3002\uff0e\uff61", "...")
_MARKDOWN: Final = re.compile(r"\[(?P<shown>[^\[\]\n]{4,200}+)\]\((?P<target>https?://[^\s()]{4,500}+)")
_ANCHOR: Final = re.compile(r"<a\s(?P<attributes>[^<>]{6,500}+)>(?P<shown>[^<>]{4,200}+)</a", re.IGNORECASE)
_HREF: Final = re.compile(r"href ?= ?[\"']?(?P<target>https?://[^\s\"'<>]{4,500}+)", re.IGNORECASE)
_DISGUISED: Final = re.compile(
    r"(?<![\w-])(?!(?:the|a|an|this|that|of|and|or|in|by|on|with|dot|my|your|our)\b)[\w-]{2,63}+(?>"
    r" dot (?:com|net|org|info|biz|xyz|shop|store|site|online)\b"
    r"(?! ?-?(?:bubble|boom|era|crash|compan|crisis|bust|mania))"
    r"| ?[\[({] ?(?:\.|dot|punkt|punto|ponto) ?[\])}] ?"
    r"(?:com|net|org|info|biz|io|co|me|xyz|shop|store|site|online|ru|de)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Link:
    """A web address at `begin:end` of a text, taken apart; `host` is in lower case and without `xn--`."""

    begin: int
    end: int
    scheme: str
    user: str
    host: str
    path: str


class LinksDetector:
    """Finds links that hide where they lead, imitate another domain, load programs or come in floods."""

    id: ClassVar[str] = "text.links"
    modality: ClassVar[Modality] = Modality.TEXT
    labels: ClassVar[frozenset[Label]] = frozenset({Label.SPAM, Label.ADVERTISING, Label.SCAM})
    limits: ClassVar[Limits] = Limits(seconds=0.5, megabytes=20)
    examples: ClassVar[tuple[Example, ...]] = (
        Example("Log in at https://p\u0430ypal.com/verify", Label.SCAM, is_hit=True),
        Example("Log in at http://xn--pypal-4ve.com/verify", Label.SCAM, is_hit=True),
        Example("See [www.mybank.com](http://login.elsewhere.net/x)", Label.SCAM, is_hit=True),
        Example("https://mybank.com@203.0.113.9/login", Label.SCAM, is_hit=True),
        Example("http://mybank.com.secure-login.info/", Label.SCAM, is_hit=True),
        Example("http://files.example/invoice.pdf.exe", Label.SCAM, is_hit=True),
        Example("bit.ly/2abc and tinyurl.com/3def", Label.SPAM, is_hit=False),
        Example("bit.ly/2abc, again bit.ly/2abc, bit.ly/2abc", Label.SPAM, is_hit=True),
        Example("The source is https://en.wikipedia.org/wiki/Cat", Label.SPAM, is_hit=False),
        Example("The [museum](https://museum.example/) is open.", Label.SCAM, is_hit=False),
        Example("Kaffee gibt es auf www.m\u00fcller.de", Label.SCAM, is_hit=False),
        Example("The dot com bubble burst in 2000.", Label.SPAM, is_hit=False),
    )
    version = "1"

    def detect(self, texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
        """Return a signal for each label that a link gives a sign of."""
        return [signals_of(self, list(findings_in(text.original)), SIGNS) for text in texts]


def findings_in(text: str) -> Iterator[Finding]:
    """Yield every sign in `text`."""
    if "://" in text or _DOTTED.search(text) or not text.isascii():
        links = list(links_in(text))
        for link in links:
            for sign in _signs_of(link):
                yield Finding(link.begin, link.end, sign)
        yield from _counted(links)
        if "](" in text or "</" in text:
            yield from _other_targets(text)
    if " dot " in text.lower() or any(bracket in text for bracket in "[({"):
        for match in _DISGUISED.finditer(text):
            yield Finding(*match.span(), "disguised")


def links_in(text: str) -> Iterator[Link]:
    """Yield the web addresses in `text`; an e-mail address is none."""
    for token in _TOKEN.finditer(text):
        written = token[0].rstrip(_TRAILING)
        scheme, separator, rest = written.partition("://")
        if not separator:
            scheme, rest = "", written
        end_of_host = _END_OF_HOST.search(rest)
        at = end_of_host.start() if end_of_host else len(rest)
        user, is_user, address = rest[:at].rpartition("@")
        if is_user and not scheme:
            continue
        host = _readable_host(address.partition(":")[0])
        if host and (scheme or _is_plain_domain(host)):
            scheme = _NO_LETTER.split(scheme.lower())[-1]  # `see:http://` is written too
            yield Link(token.start(), token.start() + len(written), scheme, user, host, rest[at:])


def _readable_host(written: str) -> str:
    """Return `written` in lower case with punycode undone, or nothing if it is no host's name."""
    labels = written.translate(_OTHER_DOTS).strip(".").lower().split(".")
    if not all(0 < len(label) <= _MOST_OF_A_LABEL for label in labels):
        return ""
    return ".".join(_without_punycode(label) for label in labels)


def _without_punycode(label: str) -> str:
    if label.startswith("xn--") and label.isascii():
        try:
            return label[4:].encode().decode("punycode")
        except UnicodeError:
            return label
    return label


def _is_plain_domain(host: str) -> bool:
    name, _, top = host.rpartition(".")
    return top in _TOP_LEVEL and bool(name) and not name.replace(".", "").isdecimal()


def _signs_of(link: Link) -> Iterator[str]:
    """Yield the signs that a link bears by itself."""
    if link.scheme.startswith("hxxp"):
        yield "disguised"
    if link.user and link.scheme in {"http", "https"}:
        if _is_plain_domain(link.user.partition(":")[0].lower()):
            yield "false_host"
        elif ":" in link.user:
            yield "password"
    if not link.host.isascii():
        yield from {sign for label in link.host.split(".")[:-1] if (sign := _imitation(label))}
    elif link.scheme:
        yield from _signs_of_numbers(link.host)
        if _is_nested(link.host.split(".")):
            yield "nested_domain"
    if link.host.removeprefix("www.") in _SHORTENERS and len(link.path) > 1:
        yield "shortener"
    if link.scheme:
        yield from _signs_of_file(link.path)


def _imitation(label: str) -> str:
    """Return the sign that a part of a domain bears if it imitates Latin letters, else nothing."""
    scripts = {_script(character) for character in label if character.isalpha()}
    if not scripts & _LOOK_ALIKE_SCRIPTS:
        return ""
    if "LATIN" in scripts:
        return "homograph"
    return "look_alike" if clean(f"{label}.com").text.isascii() else ""


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _signs_of_numbers(host: str) -> Iterator[str]:
    if re.fullmatch(r"\d{8,10}|0x[0-9a-f]{8}", host):
        yield "hidden_ip"
    elif re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", host):
        try:
            if ipaddress.IPv4Address(host).is_global:
                yield "ip_address"
        except ValueError:
            return


def _is_nested(labels: Sequence[str]) -> bool:
    """Whether a generic domain stands before the real one; libraries' proxies and hosts of sites do that too."""
    if labels[-1] == "edu" or "ac" in labels[-2:-1] or any("proxy" in label for label in labels):
        return False
    if ".".join(labels[-2:]) in _HOSTS_OF_SITES:
        return False
    before = labels[1:-2]
    return any(label in {"com", "net", "org"} for label in before)


def _signs_of_file(path: str) -> Iterator[str]:
    parts = re.split(r"[?#]", path, maxsplit=1)[0].lower().rpartition("/")[2].rsplit(".", 2)
    if len(parts) > 1 and parts[-1] in _PROGRAMS:
        yield "double_extension" if parts[-2] in _DOCUMENTS and len(parts) > 2 else "executable"  # noqa: PLR2004 - name, two endings


def _counted(links: Sequence[Link]) -> Iterator[Finding]:
    """Yield the links that are too many, or that were there before; a site's bare name is no link to it."""
    times: Counter[tuple[str, str]] = Counter()
    for link in links:
        if not (link.scheme or link.path or link.host.startswith("www.")):
            continue
        address = (link.host, link.path)
        times[address] += 1
        if times[address] == 1 and len(times) >= MANY:
            yield Finding(link.begin, link.end, "many")
        if times[address] >= REPEATED:
            yield Finding(link.begin, link.end, "repeated")


def _other_targets(text: str) -> Iterator[Finding]:
    """Yield the Markdown and HTML links that show another domain than they lead to."""
    for match in _MARKDOWN.finditer(text):
        if _shows_another(match["shown"], match["target"]):
            yield Finding(*match.span(), "other_target")
    for match in _ANCHOR.finditer(text):
        href = _HREF.search(match["attributes"])
        if href and _shows_another(match["shown"], href["target"]):
            yield Finding(*match.span(), "other_target")


def _shows_another(shown: str, target: str) -> bool:
    """Whether `shown` names a domain that `target` neither belongs to nor is about."""
    domains = [_registered(link.host) for link in links_in(shown)]
    led_to = next(links_in(target), None)
    if not domains or led_to is None:
        return False
    about = led_to.path.lower()
    return all(domain != _registered(led_to.host) and domain.partition(".")[0] not in about for domain in domains)


def _registered(host: str) -> str:
    """Return the part of `host` that somebody registered, as far as a short rule can tell."""
    labels = host.split(".")
    kept = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2  # noqa: PLR2004 - `bbc.co.uk`
    return ".".join(labels[-kept:])
