"""The bodies of Comment Analyzer v1alpha1, by its discovery document.

As in all of Google's JSON, null means absent, and a field may be named in snake_case as well.
"""

import re
from typing import Any, Final, TypeVar

from msgspec import UNSET, Struct, UnsetType

from evenhand.api.body import decode_json
from evenhand.core.errors import InputError

T = TypeVar("T")


class TextEntry(Struct, forbid_unknown_fields=True):
    """A comment, or a text around it.

    Args:
        text: In plain text.
        type: PLAIN_TEXT; the Perspective API knows no other that works.
    """

    text: str | None = None
    type: str | None = None


class ArticleAndParentComment(Struct, forbid_unknown_fields=True):
    """What a comment stands below.

    Args:
        article: The article that is commented on.
        parentComment: The comment that is replied to.
    """

    article: TextEntry | None = None
    parentComment: TextEntry | None = None  # noqa: N815 -- Google's name


class Context(Struct, forbid_unknown_fields=True):
    """What stands around a comment: either of the two.

    Args:
        entries: Texts, oldest first.
        articleAndParentComment: An article and a comment.
    """

    entries: list[TextEntry] | None = None
    articleAndParentComment: ArticleAndParentComment | None = None  # noqa: N815


class AttributeParameters(Struct, forbid_unknown_fields=True):
    """How an attribute is asked for.

    Args:
        scoreType: PROBABILITY; there is no other.
        scoreThreshold: The attribute is left out below this score.
    """

    scoreType: str | None = None  # noqa: N815
    scoreThreshold: float | None = None  # noqa: N815


class AnalyzeRequest(Struct, forbid_unknown_fields=True):
    """The body of `comments:analyze`.

    Args:
        comment: What is to be scored; required.
        context: What stands around it; kept for a reviewer, not scored.
        requestedAttributes: By name; at least one.
        spanAnnotations: Whether each sentence gets a score of its own.
        languages: BCP-47 tags that the client vouches for; left out, the language is detected.
        doNotStore: `true`: the comment is never kept. Otherwise it is kept only if the decision is `review`.
        dropUnsupportedAttributes: Whether an attribute that does not support the language is left out, not refused.
        clientToken: Echoed, and the comment's name in the decision that is kept.
        sessionId: Ignored.
        communityId: Ignored.
    """

    comment: TextEntry | None = None
    context: Context | None = None
    requestedAttributes: dict[str, AttributeParameters | None] | None = None  # noqa: N815
    spanAnnotations: bool | None = None  # noqa: N815
    languages: list[str] | None = None
    doNotStore: bool | None = None  # noqa: N815
    dropUnsupportedAttributes: bool | None = None  # noqa: N815
    clientToken: str | None = None  # noqa: N815
    sessionId: str | None = None  # noqa: N815
    communityId: str | None = None  # noqa: N815


class Score(Struct):
    """A number and what it means.

    Args:
        value: From 0 to 1.
        type: PROBABILITY.
    """

    value: float
    type: str = "PROBABILITY"


class SpanScore(Struct):
    """A score for a stretch of the comment; both ends are always there, 0 too.

    Args:
        begin: In UTF-16 code units.
        end: One past the last.
        score: Of this stretch alone.
    """

    begin: int
    end: int
    score: Score


class AttributeScores(Struct):
    """What is said of one attribute.

    Args:
        spanScores: The whole comment, or each sentence.
        summaryScore: Of the whole comment.
    """

    spanScores: list[SpanScore]  # noqa: N815
    summaryScore: Score  # noqa: N815


class AnalyzeResponse(Struct):
    """The answer of `comments:analyze`.

    Without scores or a token their key is absent, as Google leaves it out. The languages are always there, because
    clients read them without asking.

    Args:
        attributeScores: By name; those that reach their threshold.
        languages: As the client said, or else the most likely one.
        detectedLanguages: By likelihood; `und` when there is too little to tell by.
        clientToken: As it was sent.
    """

    attributeScores: dict[str, AttributeScores] | UnsetType = UNSET  # noqa: N815
    languages: list[str] = []
    detectedLanguages: list[str] = []  # noqa: N815 -- msgspec copies it
    clientToken: str | UnsetType = UNSET  # noqa: N815


class SuggestedScore(Struct, forbid_unknown_fields=True):
    """A score as a client suggests it.

    Args:
        value: From 0 to 1; left out, it is 0.
        type: PROBABILITY.
    """

    value: float | None = None
    type: str | None = None


class SuggestedSpan(Struct, forbid_unknown_fields=True):
    """A suggested score for a stretch of the comment.

    Args:
        begin: In UTF-16 code units; required.
        end: One past the last; required.
        score: Of this stretch.
    """

    begin: int | None = None
    end: int | None = None
    score: SuggestedScore | None = None


class SuggestedScores(Struct, forbid_unknown_fields=True):
    """What a client suggests for one attribute.

    Args:
        summaryScore: Of the whole comment.
        spanScores: Of parts of it.
    """

    summaryScore: SuggestedScore | None = None  # noqa: N815
    spanScores: list[SuggestedSpan] | None = None  # noqa: N815


class SuggestRequest(Struct, forbid_unknown_fields=True):
    """The body of `comments:suggestscore`.

    Args:
        comment: What was scored; required.
        attributeScores: By attribute; at least one.
        context: What stands around the comment.
        languages: BCP-47 tags that the client vouches for.
        communityId: The client's name for the place.
        clientToken: The client's name for the comment; echoed.
        sessionId: The client's name for the session.
    """

    comment: TextEntry | None = None
    attributeScores: dict[str, SuggestedScores | None] | None = None  # noqa: N815
    context: Context | None = None
    languages: list[str] | None = None
    communityId: str | None = None  # noqa: N815
    clientToken: str | None = None  # noqa: N815
    sessionId: str | None = None  # noqa: N815


class SuggestResponse(Struct, omit_defaults=True):
    """The answer of `comments:suggestscore`; what has no value is absent.

    Args:
        clientToken: As it was sent.
        detectedLanguages: By likelihood.
        requestedLanguages: As they were sent.
    """

    clientToken: str = ""  # noqa: N815
    detectedLanguages: list[str] = []  # noqa: N815
    requestedLanguages: list[str] = []  # noqa: N815


class GoogleErrorBody(Struct, omit_defaults=True):
    """What went wrong, by google.rpc.Status over HTTP.

    Args:
        code: The HTTP status.
        message: For people; some clients match on it.
        status: Google's name for the kind of error.
        details: What clients match on, each with its `@type`.
    """

    code: int
    message: str
    status: str
    details: list[dict[str, Any]] = []


class GoogleError(Struct):
    """The body of every refusal.

    Args:
        error: What went wrong.
    """

    error: GoogleErrorBody


_REQUESTS: Final = (
    AnalyzeRequest,
    ArticleAndParentComment,
    AttributeParameters,
    Context,
    SuggestedScores,
    SuggestRequest,
)
_CAMEL_CASE: Final = {
    re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name).encode(): name.encode()
    for kind in _REQUESTS
    for name in kind.__struct_fields__
    if not name.islower()
}
#: A key of JSON. Inside a text no quote stands without a backslash, so nothing of a comment is taken for one.
_SNAKE_KEY: Final = re.compile(rb'(?<!\\)"(' + b"|".join(_CAMEL_CASE) + rb')"(?=\s*:)')


def decode_request(body: bytes, kind: type[T]) -> T:
    """Return `body` as a `kind`, its fields named in camelCase or snake_case; nothing at all is an empty object.

    Raises:
        InputError: As `decode_json`.
    """
    try:
        return decode_json(body or b"{}", kind)
    except InputError as error:
        camel_case = _SNAKE_KEY.sub(lambda key: b'"%b"' % _CAMEL_CASE[key[1]], body)
        if error.code != "field.unknown" or camel_case == body:
            raise
        return decode_json(camel_case, kind)
