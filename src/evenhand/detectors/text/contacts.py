"""Find contact details, plain and disguised, and invitations to go there: how readers are led away from a site.

A contact by itself is little of a sign, and a mention such as `@name` none: people give addresses to those they know.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import ClassVar, Final

from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Example, Limits
from evenhand.detectors.findings import Finding, Sign, signals_of

SIGNS: Final = MappingProxyType(
    {
        "email": Sign("An e-mail address.", {Label.ADVERTISING: 0.1}),
        "phone": Sign("A telephone number.", {Label.ADVERTISING: 0.15}),
        "handle": Sign(
            "A name, a number or an invitation link of a messenger.", {Label.ADVERTISING: 0.25, Label.SPAM: 0.15}
        ),
        "disguised_email": Sign(
            "An e-mail address in words: `name at gmail dot com`.", {Label.ADVERTISING: 0.25, Label.SPAM: 0.15}
        ),
        "disguised_phone": Sign(
            "A telephone number in words or with all its digits apart.",
            {Label.ADVERTISING: 0.45, Label.SPAM: 0.4, Label.SCAM: 0.3},
        ),
        "number_invitation": Sign(
            "A number to call, as helplines give it too.", {Label.ADVERTISING: 0.35, Label.SCAM: 0.15}
        ),
        "mail_invitation": Sign(
            "An invitation to write to an e-mail address.", {Label.ADVERTISING: 0.35, Label.SCAM: 0.15}
        ),
        "diversion": Sign(
            "An invitation to go on elsewhere: by telephone, on a messenger or by a disguised contact.",
            {Label.ADVERTISING: 0.6, Label.SPAM: 0.4, Label.SCAM: 0.35},
        ),
    }
)
#: How many characters before a contact an invitation may begin, and how many behind it.
BEFORE: Final = 50
BEHIND: Final = 20

_WEBMAIL: Final = "gmail|googlemail|yahoo|ymail|hotmail|outlook|live|icloud|aol|gmx|proton|protonmail|yandex|qq"
_TOP_LEVEL: Final = "com|net|org|info|biz|io|co|me|de|fr|es|it|nl|ru|in|br|uk|ca"
_EMAIL: Final = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{2,63}+){1,4}+")
_DISGUISED_EMAIL: Final = re.compile(
    r"(?<![\w.+-])[\w.+-]{2,40}+(?>"
    r" ?[\[({<] ?(?:at|@) ?[\])}>] ?[\w-]{2,63}+ ?(?:[\[({<] ?(?:dot|\.) ?[\])}>]|dot|\.)"
    rf"| at (?:{_WEBMAIL}) ?(?:[\[({{<] ?(?:dot|\.) ?[\])}}>]|dot|\.)"
    rf") ?(?:{_TOP_LEVEL})\b",
    re.IGNORECASE,
)
_BRACKETED_AT: Final = re.compile(r"[\[({<] ?(?:at|@) ?[\])}>]")

_NUMBER: Final = re.compile(
    r"(?<![\w.,/:#=$\u00a3\u20ac-])(?:\+|\()?\d(?:[ ().\-/_*|\u00a0]{0,3}+\d){6,14}+(?!\w|[ .,:/-]{1,2}\d)"
)
_LIKELY_NUMBER: Final = re.compile(r"\d[\d ().\-/_*|\u00a0]{6}")
_INTERNATIONAL: Final = re.compile(r"(?:\+|00)\D?(?:\d\D{0,3}+){8}")
_LOCAL: Final = re.compile(r"(?:1[ .-]?)?\(?\d{3}\)?[ .-]{0,2}\d{3}[ .-]?\d{4}|\(?0\d[\d ().\-/]{6,20}")
_DATE: Final = re.compile(r"\d{4}([-/. ])\d{1,2}\1\d{1,2}|\d{1,2}([-/. ])\d{1,2}\2\d{2,4}")
_DIGITS_APART: Final = re.compile(r"\+?\d(?:\D{1,3}+\d){8,14}+")
_VALUES: Final = MappingProxyType(
    {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4"}
    | {"five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9"}
)
_SPELLED_OUT: Final = re.compile(
    rf"(?<!\w)(?:(?:{'|'.join(_VALUES)}|oh?|\d)[ ,.\-]{{1,3}}+){{6,15}}+(?:{'|'.join(_VALUES)}|\d)\b", re.IGNORECASE
)
#: A number with fewer different digits is round, or made of ones and noughts.
_FEWEST_DIFFERENT: Final = 3

_MESSENGERS: Final = (
    "telegram|what[s] ?app|discord|snap ?chat|we ?chat|viber|skype|kik|threema|zalo|insta(?:gram)?|wickr"
)
#: Names that are words too, so that a sign must show what is meant.
_WORDS: Final = "signal|line|snap|session|ig"
_HANDLE: Final = re.compile(
    rf"(?<!\w)(?>(?:{_MESSENGERS})(?: (?:me|us|id|user|username|handle|name|number|group|channel|is|at|on)){{0,3}}+"
    rf" ?(?P<mark>[:=>@]? ?@?)|(?:{_WORDS})(?: (?:id|username|handle|name|number)){{0,2}}+(?P<sign> ?[:=] ?@?| @))"
    r"(?P<name>\+?[a-z\d][\w.#+-]{3,40}+)",
    re.IGNORECASE,
)
_INVITATION_LINK: Final = re.compile(
    r"(?<![\w.-])(?:t\.me|telegram\.me|wa\.me|chat\.whatsapp\.com|api\.whatsapp\.com|discord\.gg|discord\.com/invite|kik\.me"
    r"|line\.me|viber\.me|snapchat\.com/add|signal\.me)/[\w?=&+%/-]{3,80}+",
    re.IGNORECASE,
)
_NAMES: Final = (
    "telegram", "hatsapp", "hats app", "discord", "snap", "chat", "viber", "skype", "kik", "threema", "zalo", "insta",
    "wickr", "signal", "line", "session", "ig", "t.me/", "wa.me/",
)  # fmt: skip

_VERBS: Final = "add|contact|dm|follow|hit|inbox|kik|message|msg|ping|pm|reach|snap|telegram|text|txt|whatsapp|write"
#: Invitations in the cleaned text: to a person, to a number that follows at once, and to write an e-mail.
_TO_A_PERSON: Final = re.compile(
    rf"(?<!\w)(?>(?:{_VERBS}|call|ring|phone|talk to|chat with|speak to|find)(?: to)? (?:me|us|him|her|my|our)\b|hmu\b"
    r"|(?:schreib|ruf|kontaktier)t? (?:mir|mich|uns)\b|(?:ecrive|contacte|appelle|ajoute|ecri)[zs]?[ -](?:moi|nous)\b"
    r"|(?:escribe|contacta|llama|agrega|chama|adiciona)(?:me|nos)\b|me chama\b)"
)
_TO_A_NUMBER: Final = re.compile(
    r"(?<!\w)(?:call|dial|ring|phone|contact|txt|text|whatsapp|tel\.?)"
    r"(?: now| free| today| on| at| us)?[ :]{0,2}(?=[+(\d])"
)
_TO_AN_EMAIL: Final = re.compile(
    rf"(?<!\w)(?>(?:e-?mail|mail|{_VERBS})(?: to)? (?:me|us|him|her|my|our)\b|(?:e-?mail|contact|write to)[ :])"
)
#: What each invitation makes of the contacts near it.
_INVITATIONS: Final = MappingProxyType(
    {
        "diversion": (_TO_A_PERSON, frozenset({"phone", "handle", "disguised_email", "disguised_phone"})),
        "number_invitation": (_TO_A_NUMBER, frozenset({"phone"})),
        "mail_invitation": (_TO_AN_EMAIL, frozenset({"email"})),
    }
)


class ContactsDetector:
    """Finds contact details and messenger handles, disguised ones too, and invitations to leave for them."""

    id: ClassVar[str] = "text.contacts"
    modality: ClassVar[Modality] = Modality.TEXT
    labels: ClassVar[frozenset[Label]] = frozenset({Label.SPAM, Label.ADVERTISING, Label.SCAM})
    limits: ClassVar[Limits] = Limits(seconds=0.5, megabytes=20, languages=("en",))
    examples: ClassVar[tuple[Example, ...]] = (
        Example("Message me on WhatsApp +44 7700 900123 for prices", Label.ADVERTISING, is_hit=True),
        Example("DM me at telegram @cheap_followers", Label.ADVERTISING, is_hit=True),
        Example("add me on snapchat: lily_x99", Label.ADVERTISING, is_hit=True),
        Example("Text me at seven seven zero zero nine zero zero one two three", Label.ADVERTISING, is_hit=True),
        Example("write to me, best.offers at gmail dot com", Label.ADVERTISING, is_hit=True),
        Example("Lonely? Text me on 0 7 7 0 0 9 0 0 1 2 3", Label.SPAM, is_hit=True),
        Example("The press office is at press@museum.example.", Label.ADVERTISING, is_hit=False),
        Example("Somebody to listen, day and night: call 020 7946 0123.", Label.ADVERTISING, is_hit=False),
        Example("@maria thanks, I agree with you.", Label.SPAM, is_hit=False),
        Example("Telegram has 900 million users.", Label.ADVERTISING, is_hit=False),
        Example("one two three four five six seven eight nine", Label.SPAM, is_hit=False),
        Example("Call me when you are at the station.", Label.ADVERTISING, is_hit=False),
    )
    version = "1"

    def detect(self, texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
        """Return a signal for each label that a contact gives a sign of."""
        return [signals_of(self, findings_in(text), SIGNS) for text in texts]


def findings_in(text: Text) -> list[Finding]:
    """Return every sign in `text`: the contacts, and those that somebody is invited to."""
    contacts = list(_contacts_in(text.original))
    invited: list[Finding] = []
    for sign, (invitation, kinds) in _INVITATIONS.items():
        fitting = [contact for contact in contacts if contact.sign in kinds]
        if fitting:
            begins = [text.original_span(*match.span())[0] for match in invitation.finditer(text.clean)]
            invited += [Finding(contact.begin, contact.end, sign) for contact in fitting if _is_near(contact, begins)]
    return contacts + invited


def _is_near(contact: Finding, begins: Sequence[int]) -> bool:
    """Whether one of the invitations, by where they begin in ascending order, is close to `contact`."""
    following = bisect_left(begins, contact.begin - BEFORE)
    return following < len(begins) and begins[following] <= contact.end + BEHIND


def _contacts_in(text: str) -> Iterator[Finding]:
    """Yield the contacts in `text`, plain and disguised; each kind is looked for only where it can be."""
    lowered = text.lower()
    if "@" in text:
        yield from (Finding(*match.span(), "email") for match in _EMAIL.finditer(text))
    if " at " in lowered or _BRACKETED_AT.search(lowered):
        yield from (Finding(*match.span(), "disguised_email") for match in _DISGUISED_EMAIL.finditer(text))
    if _LIKELY_NUMBER.search(text):
        yield from _numbers_in(text)
    if sum(word in lowered for word in _VALUES) >= _FEWEST_DIFFERENT:
        for match in _SPELLED_OUT.finditer(text):
            words = re.findall(r"\w+", match[0].lower())
            if _is_random("".join(_VALUES.get(word, word.replace("o", "0")[:1]) for word in words)):
                yield Finding(*match.span(), "disguised_phone")
    if any(name in lowered for name in _NAMES):
        handles = (match for match in _HANDLE.finditer(text) if _is_handle(match))
        yield from (Finding(*match.span(), "handle") for match in handles)
        yield from (Finding(*match.span(), "handle") for match in _INVITATION_LINK.finditer(text))


def _numbers_in(text: str) -> Iterator[Finding]:
    """Yield the telephone numbers in `text`; a date, an IP address or a count is none."""
    for match in _NUMBER.finditer(text):
        written = match[0]
        digits = "".join(filter(str.isdecimal, written))
        if _DATE.fullmatch(written) or not _is_random(digits):
            continue
        if _DIGITS_APART.fullmatch(written):
            yield Finding(*match.span(), "disguised_phone")
        elif _INTERNATIONAL.match(written) or _LOCAL.fullmatch(written):
            yield Finding(*match.span(), "phone")


def _is_random(digits: str) -> bool:
    """Whether `digits` are neither counted up or down nor of few kinds."""
    steps = {int(second) - int(first) for first, second in pairwise(digits)}
    return len(set(digits)) >= _FEWEST_DIFFERENT and len(steps - {1, -9}) > 1 and len(steps - {-1, 9}) > 1


def _is_handle(match: re.Match[str]) -> bool:
    """Whether what follows a messenger's name is a name there, not just the next word of a sentence."""
    mark, name = match["mark"], match["name"]
    if match["sign"] or (mark and mark.strip()):
        return True
    return any(sign.isdecimal() or sign == "_" for sign in name) and len(name) > len("2024")
