"""The bodies of Comment Analyzer v1alpha1, by its discovery document. As in all of Google's JSON, null means absent."""

from typing import Any

from msgspec import Struct


class TextEntry(Struct, forbid_unknown_fields=True):
    """A comment, or a text around it."""

    text: str | None = None
    type: str | None = None


class ArticleAndParentComment(Struct, forbid_unknown_fields=True):
    """What a comment stands below."""

    article: TextEntry | None = None
    parentComment: TextEntry | None = None  # noqa: N815 -- Google's name


class Context(Struct, forbid_unknown_fields=True):
    """What stands around a comment: either of the two."""

    entries: list[TextEntry] | None = None
    articleAndParentComment: ArticleAndParentComment | None = None  # noqa: N815


class AttributeParameters(Struct, forbid_unknown_fields=True):
    """How an attribute is asked for."""

    scoreType: str | None = None  # noqa: N815
    scoreThreshold: float | None = None  # noqa: N815


class AnalyzeRequest(Struct, forbid_unknown_fields=True):
    """The body of `comments:analyze`."""

    comment: TextEntry | None = None
    context: Context | None = None
    requestedAttributes: dict[str, AttributeParameters | None] | None = None  # noqa: N815
    spanAnnotations: bool | None = None  # noqa: N815
    languages: list[str] | None = None
    doNotStore: bool | None = None  # noqa: N815
    clientToken: str | None = None  # noqa: N815
    sessionId: str | None = None  # noqa: N815
    communityId: str | None = None  # noqa: N815


class Score(Struct):
    """A number and what it means."""

    value: float
    type: str = "PROBABILITY"


class SpanScore(Struct):
    """A score for a stretch of the comment, in UTF-16 code units; both ends are always there, 0 too."""

    begin: int
    end: int
    score: Score


class AttributeScores(Struct, omit_defaults=True):
    """What is said of one attribute."""

    spanScores: list[SpanScore]  # noqa: N815
    summaryScore: Score  # noqa: N815


class AnalyzeResponse(Struct, omit_defaults=True):
    """The answer of `comments:analyze`; a key without a value is absent, as Google leaves it out."""

    attributeScores: dict[str, AttributeScores] = {}  # noqa: N815 -- msgspec copies it
    languages: list[str] = []
    detectedLanguages: list[str] = []  # noqa: N815
    clientToken: str = ""  # noqa: N815


class SuggestedScore(Struct, forbid_unknown_fields=True):
    """A score as a client suggests it."""

    value: float | None = None
    type: str | None = None


class SuggestedSpan(Struct, forbid_unknown_fields=True):
    """A suggested score for a stretch of the comment, in UTF-16 code units."""

    begin: int | None = None
    end: int | None = None
    score: SuggestedScore | None = None


class SuggestedScores(Struct, forbid_unknown_fields=True):
    """What a client suggests for one attribute."""

    summaryScore: SuggestedScore | None = None  # noqa: N815
    spanScores: list[SuggestedSpan] = []  # noqa: N815


class SuggestRequest(Struct, forbid_unknown_fields=True):
    """The body of `comments:suggestscore`."""

    comment: TextEntry | None = None
    attributeScores: dict[str, SuggestedScores | None] | None = None  # noqa: N815
    context: Context | None = None
    languages: list[str] | None = None
    communityId: str | None = None  # noqa: N815
    clientToken: str | None = None  # noqa: N815
    sessionId: str | None = None  # noqa: N815


class SuggestResponse(Struct, omit_defaults=True):
    """The answer of `comments:suggestscore`."""

    clientToken: str = ""  # noqa: N815
    detectedLanguages: list[str] = []  # noqa: N815
    requestedLanguages: list[str] = []  # noqa: N815


class GoogleErrorBody(Struct, omit_defaults=True):
    """What went wrong, by google.rpc.Status over HTTP."""

    code: int
    message: str
    status: str
    details: list[dict[str, Any]] = []


class GoogleError(Struct):
    """The body of every refusal."""

    error: GoogleErrorBody
