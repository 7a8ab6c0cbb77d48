"""How other servers are asked for scores, and how their answers are read: OpenAI's way, Perspective's, ours and more.

It makes and reads bodies; it sends nothing. A category that a server did not look for has no score, not a low one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

from evenhand.core.taxonomy import ATTRIBUTES, Label
from evenhand.scorers.scored import Answer

#: Labels that the Perspective API has an attribute for.
PERSPECTIVE_NAMES: Final[Mapping[str, str]] = {str(label): str(label) for label in ATTRIBUTES} | {
    str(Label.SPAM): "SPAM"
}


class OpenAIResult(msgspec.Struct):
    """What OpenAI's API says of one text."""

    category_scores: dict[str, float | None]
    flagged: bool | None = None
    category_applied_input_types: dict[str, list[str]] | None = None


class OpenAIAnswer(msgspec.Struct):
    """What OpenAI's API answers."""

    results: list[OpenAIResult]


class Summary(msgspec.Struct):
    """A score in Perspective's words."""

    value: float


class AttributeScore(msgspec.Struct):
    """What Perspective says of one attribute."""

    summaryScore: Summary  # noqa: N815 -- Google's name


class PerspectiveAnswer(msgspec.Struct):
    """What Perspective answers."""

    attributeScores: dict[str, AttributeScore] = {}  # noqa: N815


class NativeDecision(msgspec.Struct):
    """What another evenhand says of one text."""

    scores: dict[str, float]
    degraded: bool = False
    action: Literal["", "allow", "review", "block"] = ""


class AzureCategory(msgspec.Struct):
    """What Azure AI Content Safety says of one category: a severity of 0 to 7."""

    category: str
    severity: int


class AzureAnswer(msgspec.Struct):
    """What Azure AI Content Safety answers."""

    categoriesAnalysis: list[AzureCategory]  # noqa: N815 -- Microsoft's name


class ComprehendLabel(msgspec.Struct):
    """What Amazon Comprehend says of one kind of toxic content."""

    Name: str
    Score: float


class ComprehendResult(msgspec.Struct):
    """What Amazon Comprehend says of one text."""

    Toxicity: float
    Labels: list[ComprehendLabel] = []


class ComprehendAnswer(msgspec.Struct):
    """What Amazon Comprehend answers."""

    ResultList: list[ComprehendResult]


class NativeAnswer(msgspec.Struct):
    """What another evenhand answers."""

    decisions: list[NativeDecision]


#: Who says only yes or no asks for no more than a look.
_YES_OR_NO: Final = {True: "review", False: "allow"}
#: The highest severity of Azure AI Content Safety.
_AZURE_HIGHEST: Final = 7


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of asking.

    Args:
        name: As `--dialect` has it.
        path: What is added to the address.
        texts: How many texts go into a request.
        key_header: The header for the key, and what stands before it.
        body: Makes the body for these texts and labels.
        read: Reads the answers out of a body, one for each text.
        asked: What is asked for by name, of these labels; nothing where a server always says everything.
        query: What follows `?` in the address.
        headers: What every request carries.
        method: Of the requests.
    """

    name: str
    path: str
    texts: int
    key_header: tuple[str, str]
    body: Callable[[Sequence[str], Sequence[str]], dict[str, Any]]
    read: Callable[[bytes], list[Answer]]
    asked: Callable[[Sequence[str]], tuple[str, ...]] = lambda _: ()
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"


def _ask_openai(texts: Sequence[str], _: Sequence[str]) -> dict[str, Any]:
    return {"input": list(texts)}


def _read_openai(body: bytes) -> list[Answer]:
    return [_openai_scores(result) for result in msgspec.json.decode(body, type=OpenAIAnswer).results]


def _openai_scores(result: OpenAIResult) -> Answer:
    looked_for = result.category_applied_input_types
    return Answer(
        {
            name: score
            for name, score in result.category_scores.items()
            if score is not None and (looked_for is None or looked_for.get(name))
        },
        action="" if result.flagged is None else _YES_OR_NO[result.flagged],
    )


def _ask_perspective(texts: Sequence[str], labels: Sequence[str]) -> dict[str, Any]:
    (text,) = texts
    return {
        "comment": {"text": text},
        "requestedAttributes": {name: {} for name in perspective_attributes(labels)},
        "doNotStore": True,
    }


def perspective_attributes(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the attributes to ask for: those of `labels`, or TOXICITY when no label has one."""
    asked = tuple(PERSPECTIVE_NAMES[label] for label in labels if label in PERSPECTIVE_NAMES)
    return asked or (str(Label.ATTRIBUTE_TOXICITY),)


def _read_perspective(body: bytes) -> list[Answer]:
    found = msgspec.json.decode(body, type=PerspectiveAnswer).attributeScores
    labels = {name: label for label, name in PERSPECTIVE_NAMES.items()}
    return [Answer({labels[name]: score.summaryScore.value for name, score in found.items() if name in labels})]


def _ask_native(texts: Sequence[str], _: Sequence[str]) -> dict[str, Any]:
    return {"items": [{"text": text} for text in texts], "store_content": False}


def _read_native(body: bytes) -> list[Answer]:
    decisions = msgspec.json.decode(body, type=NativeAnswer).decisions
    return [
        Answer({}, "endpoint.degraded") if decision.degraded else Answer(decision.scores, action=decision.action)
        for decision in decisions
    ]


def _ask_azure(texts: Sequence[str], _: Sequence[str]) -> dict[str, Any]:
    (text,) = texts
    return {"text": text, "outputType": "EightSeverityLevels"}


def _read_azure(body: bytes) -> list[Answer]:
    found = msgspec.json.decode(body, type=AzureAnswer).categoriesAnalysis
    return [Answer({each.category: each.severity / _AZURE_HIGHEST for each in found})]


def _ask_comprehend(texts: Sequence[str], _: Sequence[str]) -> dict[str, Any]:
    return {"LanguageCode": "en", "TextSegments": [{"Text": text} for text in texts]}


def _read_comprehend(body: bytes) -> list[Answer]:
    found = msgspec.json.decode(body, type=ComprehendAnswer).ResultList
    return [Answer({"Toxicity": one.Toxicity} | {each.Name: each.Score for each in one.Labels}) for one in found]


DIALECTS: Final[Mapping[str, Dialect]] = {
    dialect.name: dialect
    for dialect in (
        Dialect("native", "/v1/screen", 32, ("Authorization", "Bearer "), _ask_native, _read_native),
        Dialect("openai", "/moderations", 32, ("Authorization", "Bearer "), _ask_openai, _read_openai),
        Dialect(
            "perspective",
            "/v1alpha1/comments:analyze",
            1,
            ("X-Goog-Api-Key", ""),
            _ask_perspective,
            _read_perspective,
            perspective_attributes,
        ),
        Dialect(
            "azure",
            "/contentsafety/text:analyze",
            1,
            ("Ocp-Apim-Subscription-Key", ""),
            _ask_azure,
            _read_azure,
            query="api-version=2024-09-01",
        ),
        Dialect(
            "comprehend",
            "",
            10,
            ("Authorization", ""),
            _ask_comprehend,
            _read_comprehend,
            headers={
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "Comprehend_20171127.DetectToxicContent",
            },
        ),
    )
}
