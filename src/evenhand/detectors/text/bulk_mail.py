"""Find the signs by which filters know bulk e-mail and bulk text messages, as far as the text alone shows them.

One sign means nothing: people shout, name prices and are in a hurry. Each stays well below one half, and
it takes two or three of them to pass it.
"""

import re
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import ClassVar, Final

from evenhand.content.text import Text
from evenhand.core.content import Modality
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Example, Limits
from evenhand.detectors.findings import Finding, Sign, signals_of

_ANY_BULK: Final = MappingProxyType({Label.SPAM: 0.15, Label.ADVERTISING: 0.15, Label.SCAM: 0.15})
_SELLING: Final = MappingProxyType({Label.SPAM: 0.25, Label.ADVERTISING: 0.25, Label.SCAM: 0.15})
_TELLING: Final = MappingProxyType({Label.SPAM: 0.35, Label.ADVERTISING: 0.35, Label.SCAM: 0.2})
_CHEATING: Final = MappingProxyType({Label.SPAM: 0.35, Label.SCAM: 0.35})
_HIDING: Final = MappingProxyType({Label.SPAM: 0.35, Label.SCAM: 0.3})

SIGNS: Final = MappingProxyType(
    {
        "shouting": Sign("A line of four words or more, all in capitals.", _ANY_BULK),
        "exclamation": Sign("Three exclamation marks or more at once, or two with a `$`.", _ANY_BULK),
        "address": Sign("An address to nobody: `Dear customer`, `Attention winner`.", _SELLING),
        "money": Sign("An amount of money.", _ANY_BULK),
        "urgency": Sign("Haste: `act now`, `expires today`, `last chance`.", _SELLING),
        "free": Sign("Something for nothing: `absolutely free`, `no obligation`, `free gift`.", _SELLING),
        "call_to_action": Sign("What to do next: `click here`, `call now`, `order today`.", _SELLING),
        "unsubscribe": Sign("How to leave a list: `unsubscribe`, `reply STOP`, `opt out`.", _SELLING),
        "small_print": Sign("Terms of an offer: `T&Cs apply`, `18+`, `150p/min`.", _TELLING),
        "short_number": Sign("A word to send to a short number: `text WIN to 80888`.", _TELLING),
        "number_to_call": Sign("A long number right after `call`.", _SELLING),
        "prize": Sign("A prize: `you have won`, `claim your reward`, `selected to receive`.", _CHEATING),
        "inheritance": Sign("A fortune to share: `next of kin`, `transfer the sum of`.", _CHEATING),
        "credentials": Sign("Fear for an account: `verify your account`, `has been suspended`.", _CHEATING),
        "earnings": Sign("Money without work: `work from home`, `guaranteed income`.", _CHEATING),
        "invisible": Sign("Characters that cannot be seen inside Latin words.", _HIDING),
        "hidden_html": Sign("HTML that hides: text of no size or colour, comments in words, tracking pixels.", _HIDING),
    }
)

_SHOUTING: Final = re.compile(r"(?<![^\n])[^a-z\n]{20,200}+(?![^\n])")
_CAPITALS: Final = re.compile(r"[A-Z]{2,40}+")
_WORDS_TO_SHOUT: Final = 4
_EXCLAMATION: Final = re.compile(r"!{3,50}+|\$ ?!{2}|!{2} ?\$")
_DIGIT: Final = re.compile(r"\d")
_MONEY: Final = re.compile(
    r"(?<![\w.])(?:(?:us|au|ca)?[$\u00a3\u20ac] ?\d[\d,.]{0,15}+(?: ?(?:k|m|million|billion)\b)?"
    r"|\d[\d,.]{0,15}+ ?(?:[$\u00a3\u20ac]|(?:usd|eur|gbp|dollars|euros?|pounds|million (?:us )?dollars|bucks|pence)\b)"
    r"|(?:usd|eur|gbp) ?\d[\d,.]{0,15}+)",
    re.IGNORECASE,
)
_INVISIBLE: Final = re.compile("[A-Za-z][\u00ad\u200b-\u200d\u2060-\u2064\ufeff]{1,20}[A-Za-z]")
_HIDDEN_HTML: Final = re.compile(
    r"display ?: ?none|visibility ?: ?hidden|font-size ?: ?0(?![.\d]{0,8}[1-9])|font-size ?: ?1px"
    r"|(?<=\w)<!--[^<>]{0,200}+>(?=\w)|<font color ?= ?[\"']?(?:#fff|white)"
    r"|<img[^<>]{1,200}?(?:width|height) ?= ?[\"']?[01](?!\d)",
    re.IGNORECASE,
)
#: The phrases of the cleaned text that are a sign, each as a regular expression.
_PHRASES: Final = MappingProxyType(
    {
        "address": (
            r"dear (?:customer|friend|sir|madam|user|member|winner|client|beneficiary|beloved|subscriber|valued)s?\b",
            r"attention:? (?:winner|beneficiary|customer|dear|user)",
            r"valued customer",
        ),
        "urgency": (
            r"act now",
            r"today only",
            r"only today",
            r"(?:offer|code|link|ends?|valid|sale) (?:on |until |ends? )?(?:today|tonight|tomorrow|soon|midnight)",
            r"expires?\b",
            r"urgent",
            r"limited (?:time|offer|stock|spots|seats|edition|number)",
            r"hurry",
            r"last chance",
            r"final (?:notice|attempt|warning)",
            r"while (?:stocks?|supplies) lasts?",
            r"respond immediately",
            r"immediate (?:response|attention|action)",
            r"within (?:24|48|72) ?h",
        ),
        "free": (
            r"(?:absolutely|completely|totally|100%|for|get|ur|your|two|2|3|4|send|claim|risk|risk-) ?free\b",
            r"free(?:!| (?:gift|trial|sample|entry|quote|consultation|shipping|bonus|offer|access|cash|month))",
            r"free (?:call|txt|text|msg|message|ringtone|tone|camera|phone|mobile|delivery|minute|prize|spin|video)s?",
            r"freemsg",
            r"no obligation",
            r"(?:no|at no|zero) cost",
            r"money[ -]back",
            r"no credit check",
            r"\d ?% (?:off|discount)",
            r"(?:cash|welcome|deposit|sign-?up) bonus",
            r"satisfaction guarantee",
            r"lowest price",
        ),
        "call_to_action": (
            r"(?:click|tap) (?:here|below|now|the link|this link|on the|to (?:claim|confirm|view|open|unsubscribe))",
            r"(?:call|order|reply|apply|register|sign up|subscribe|buy|download|text|txt) (?:us )?(?:now|today)\b",
            r"call (?:the |our )?(?:free|customer|landline|claim|number)",
            r"visit (?:our|us at|http|www)",
            r"reply (?:with|to|yes|y|or call)\b",
            r"check out (?:my|our) (?:channel|video|page|site|website|store|shop)",
            r"subscribe to my",
            r"log on to",
            r"(?:to|2) claim[,:]? (?:just )?(?:call|text|txt|sms|reply|your|ur|yr)\b",
        ),
        "unsubscribe": (
            r"unsub(?:scribe)?\b",
            r"opt[ -]?out",
            r"(?:reply|txt|text|send|sms) (?:with )?['\"]?stop\b",
            r"stop to (?:\d{3}|end|cancel|opt)",
            r"to stop (?:receiving|texts|messages|msgs|txt)",
            r"remove(?:d)? from (?:our|this|the) (?:mailing )?list",
            r"2 ?stop\b",
            r"stop (?:txt|text|sms|2)",
        ),
        "small_print": (
            r"t(?:'?s)? ?(?:&|and) ?c(?:'?s)?\b",
            r"terms (?:and|&) conditions apply",
            r"1[68] ?(?:\+|yrs\b)",
            r"over ?18s?\b",
            r"\d{1,4}+(?:\.\d\d?)? ?p{0,2}(?:/| per )(?:min|msg|month|m\b|wk|week|txt|text|sms|call)",
            r"\d{1,4}+ ?ppm\b",
            r"std (?:txt|rate|text|ntwk)",
            r"p\.?o\.? ?box ?\d",
            r"150p\b",
            r"cost \d{1,3}p\b",
        ),
        "short_number": (
            r"(?>txt|text|send|sms|reply|msg)[^.!?]{1,24}? (?>to|2|on) (?>no\.? ?)?\d{4,6}+",
            r"to [5-8]\d{4}(?!\d)",
        ),
        "number_to_call": (
            r"(?:call|ring|phone|telephone|tel)(?: [a-z]{1,12}+){0,3}+[ ,.:-]{0,3}+\+?\(?\d(?:[ ()-]{0,2}+\d){6,13}+",
        ),
        "prize": (
            r"(?:you|u|have|has|number|email)(?:'ve| have| has)? (?:just )?(?:been )?won\b",
            r"you(?:'re| are)? (?:a|the|our) (?:\w{1,10} )?winner",
            r"(?:been|are|were) (?:specially |randomly )?(?:selected|chosen|awarded) (?:to|for|as|a\b)",
            r"claim (?:your|ur|yr|code|no)\b",
            r"guaranteed? (?:\S{1,10} )?(?:cash |prize|award|gift)",
            r"(?:cash|bonus|top|guaranteed|weekly|lottery|your|ur|mobile) (?:prize|award|reward|voucher|jackpot)",
            r"congrat\w{0,14}+[!,. ]{1,3}(?:you|u|your|ur)\b",
            r"lucky winner",
            r"caller prize",
            r"prize (?:draw|guaranteed)",
            r"win (?:a|an|up to|the|\W?\d)",
        ),
        "inheritance": (
            r"next of kin",
            r"(?:the|sole) beneficiary of",
            r"transfer (?:of )?(?:the|this) (?:sum|fund|money|amount)",
            r"the sum of",
            r"unclaimed (?:funds?|estate|inheritance)",
            r"my late (?:husband|client|father)",
            r"barrister",
            r"(?:inheritance|compensation) funds?",
            r"business (?:proposal|transaction)",
        ),
        "credentials": (
            r"(?:verify|confirm|update|validate|reactivate) (?:your|ur) (?:account|identity|billing|payment|password)",
            r"(?:verify|confirm|update|validate) (?:your|ur) (?:details|information|bank|card|email)",
            r"account (?:has been|is|was|will be) (?:temporarily )?(?:suspended|limited|locked|restricted|on hold)",
            r"unusual (?:activity|sign-?in)",
            r"(?:your|ur) (?:bank|card|account) (?:details|number)",
            r"password (?:has expired|will expire|expires)",
        ),
        "earnings": (
            r"work(?:ing)? (?:from|at) home",
            r"(?:earn|make)(?:ing)? (?:up to |over |extra |easy |fast |big |good )?(?:money|cash|[$\u00a3\u20ac] ?\d)",
            r"(?:extra|passive|guaranteed|residual|weekly|monthly) (?:income|profits?|returns?|cash)",
            r"return on investment",
            r"(?:fast|quick|easy|instant|payday) (?:cash|money|loans?)",
            r"consolidate (?:your )?debt",
        ),
    }
)
#: One of these stands in every phrase of a sign; to look for them first spares nearly every text the phrases.
_NEEDLES: Final = MappingProxyType(
    {
        "address": ("dear ", "attention", "valued"),
        "urgency": (
            *("act now", "today", "tonight", "tomorrow", "soon", "midnight", "expire", "urgent", "limited", "hurry"),
            *("last chance", "final ", "while ", "immediate", "within "),
        ),
        "free": ("free", "obligation", "cost", "money", "credit", "%", "bonus", "satisfaction", "lowest"),
        "call_to_action": (
            *("click", "tap ", " now", " today", "call ", "visit ", "reply ", "check out"),
            *("subscribe", "log on", "claim"),
        ),
        "unsubscribe": ("unsub", "optout", "opt out", "opt-out", "stop", "remove"),
        "small_print": ("&", "and c", "andc", "terms", "16", "18", "/", " per ", "ppm", "std ", "box", "150p", "cost "),
        "short_number": ("txt", "text", "send", "sms", "reply", "msg", "to 5", "to 6", "to 7", "to 8"),
        "number_to_call": ("call", "ring", "phone", "tel"),
        "prize": (
            *("won", "win", "select", "chosen", "award", "claim", "guarantee", "prize", "reward", "voucher"),
            *("jackpot", "congrat"),
        ),
        "inheritance": (
            *("next of kin", "beneficiary", "transfer ", "sum of", "unclaimed", "my late", "barrister", "fund"),
            "business ",
        ),
        "credentials": (
            *("verify", "confirm", "update", "validate", "activate", "account", "unusual", "bank", "card"),
            "password",
        ),
        "earnings": ("home", "money", "cash", "earn", "mak", "income", "profit", "return", "loan", "debt"),
    }
)
_PATTERNS: Final = tuple(
    (sign, _NEEDLES[sign], re.compile(rf"(?<!\w)(?>{'|'.join(phrases)})")) for sign, phrases in _PHRASES.items()
)


class BulkMailDetector:
    """Finds what bulk e-mail and text messages have in common: haste, prizes, small print, shouting, hidden text."""

    id: ClassVar[str] = "text.bulk_mail"
    modality: ClassVar[Modality] = Modality.TEXT
    labels: ClassVar[frozenset[Label]] = frozenset({Label.SPAM, Label.ADVERTISING, Label.SCAM})
    limits: ClassVar[Limits] = Limits(seconds=0.5, megabytes=20, languages=("en",))
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "Dear customer, act now, this offer ends today! Click here for your free gift.", Label.SPAM, is_hit=True
        ),
        Example("You have won \u00a3500! Text WIN to 80999 now. 18+, T&Cs apply, 150p/msg.", Label.SPAM, is_hit=True),
        Example("Dear winner, claim your prize of $500,000, urgent: verify your account", Label.SCAM, is_hit=True),
        Example(
            "BUY CHEAP WATCHES ONLINE TODAY!!! 70% off, order now, to unsubscribe reply STOP",
            Label.ADVERTISING,
            is_hit=True,
        ),
        Example("Limited offer: absolutely free shipping, click here, call now!", Label.SPAM, is_hit=True),
        Example("HOW CAN YOU BE SO SURE ABOUT THIS?", Label.SPAM, is_hit=False),
        Example("The new bridge cost $300 million, an urgent matter for the town.", Label.SPAM, is_hit=False),
        Example("How do I unsubscribe? Click here does nothing.", Label.SPAM, is_hit=False),
        Example("Congratulations, you have won the debate!!!", Label.SCAM, is_hit=False),
        Example("Admission is free on Sundays.", Label.ADVERTISING, is_hit=False),
    )
    version = "1"

    def detect(self, texts: Sequence[Text]) -> list[tuple[Signal, ...]]:
        """Return a signal for each label that there are signs of."""
        return [signals_of(self, list(findings_in(text)), SIGNS) for text in texts]


def findings_in(text: Text) -> Iterator[Finding]:
    """Yield the first place of every sign in `text`: said twice, it is no more of a sign."""
    read = text.clean
    for sign, needles, pattern in _PATTERNS:
        if any(needle in read for needle in needles) and (match := pattern.search(read)):
            yield Finding(*text.original_span(*match.span()), sign)
    yield from _typography(text.original)


def _typography(text: str) -> Iterator[Finding]:
    """Yield the signs of how it is written: capitals, marks, amounts, and what is hidden."""
    if "!!" in text and (match := _EXCLAMATION.search(text)):
        yield Finding(*match.span(), "exclamation")
    if _DIGIT.search(text) and (match := _MONEY.search(text)):
        yield Finding(*match.span(), "money")
    for match in _SHOUTING.finditer(text):
        if len(_CAPITALS.findall(match[0])) >= _WORDS_TO_SHOUT:
            yield Finding(*match.span(), "shouting")
            break
    if not text.isascii() and (match := _INVISIBLE.search(text)):
        yield Finding(*match.span(), "invisible")
    if ("<" in text or ":" in text) and (match := _HIDDEN_HTML.search(text)):
        yield Finding(*match.span(), "hidden_html")
