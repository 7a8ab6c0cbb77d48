"""What a route says about itself: the OpenAPI document is made of the routes that are served, and of nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from evenhand.core.errors import (
    AuthenticationError,
    EvenhandError,
    InputError,
    OverloadError,
    RateLimitError,
    ScopeError,
    StoreError,
    TooLargeError,
)

#: What can go wrong with a key, on every route that needs one.
KEY_ERRORS: tuple[EvenhandError, ...] = (
    AuthenticationError("key.missing", "There is no API key.", remedy="Make one with `evenhand keys create NAME`."),
    AuthenticationError("key.invalid", "The API key is unknown or revoked.", remedy="See `evenhand keys list`."),
    ScopeError("key.scope", "The API key lacks the scope screen.", remedy="Make one with `--scope screen`."),
    RateLimitError(retry_after=2, limit=1_200),
    StoreError("store.unavailable", "The database did not answer.", remedy="Try again."),
)


def body_errors(field: str) -> tuple[EvenhandError, ...]:
    """Return what can go wrong with a JSON body that must have `field`."""
    return (
        InputError("json.invalid", "The body is not JSON: Input data was truncated.", remedy="Send one JSON object."),
        InputError("json.encoding", "The body is not valid UTF-8.", remedy="Encode JSON as UTF-8."),
        InputError("field.missing", "This field is required.", field=field, remedy="Add it."),
        InputError("field.unknown", "There is no such field.", field="txt", remedy="Leave it out."),
        InputError("field.invalid", "Expected `str`, got `int`.", field=field, remedy="See the API's documentation."),
        InputError("body.timeout", "The request body took too long to arrive.", remedy="Send it at once."),
        TooLargeError("body.too_large", "The request body is over 16777216 bytes.", remedy="Send fewer items at once."),
    )


def screen_errors(one: str, third: str, many: str) -> tuple[EvenhandError, ...]:
    """Return what can go wrong when texts are screened.

    Args:
        one: The field of a single text.
        third: The field of the third of several texts.
        many: The field of all of them.
    """
    return (
        InputError("text.empty", "The text is empty.", field=one, remedy="Send at least one visible character."),
        TooLargeError(
            "text.too_long",
            "The text has 1000000 bytes of UTF-8; at most 20480 are accepted.",
            field=third,
            remedy="Split it, or raise the setting max_text_bytes.",
        ),
        TooLargeError(
            "items.too_many", "There are 65; at most 64 are accepted.", field=many, remedy="Send them in parts."
        ),
        OverloadError(retry_after=1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One route, described for people and for programs that write clients.

    Args:
        name: Unique, as OpenAPI's `operationId`.
        tag: The dialect.
        summary: One line.
        description: What a caller must know.
        keys: How the key may be given, `bearer` or `query`; empty where none is needed.
        parameters: OpenAPI parameter objects.
        body: Type of the JSON body; several when it has several forms.
        body_examples: Good bodies, by title.
        form: Type of the fields of a form that may come instead, beside a file `clip`.
        answer: Type of the good answer; several when it has several forms.
        answer_status: Status of the good answer.
        answer_examples: Good answers, by title.
        answer_media: Content type of the good answer.
        other_answers: Descriptions of answers that are neither good nor an error, by status; of the same type.
        errors: What it may refuse; each is shown as the dialect says it.
        refuse: How the dialect says an error.
        refusal: Type of that.
    """

    name: str
    tag: str
    summary: str
    description: str = ""
    keys: tuple[str, ...] = ()
    parameters: tuple[Mapping[str, Any], ...] = ()
    body: tuple[Any, ...] = ()
    body_examples: Mapping[str, Any] = field(default_factory=dict)
    form: Any = None
    answer: tuple[Any, ...]
    answer_status: int = 200
    answer_examples: Mapping[str, Any] = field(default_factory=dict)
    answer_media: str = "application/json"
    other_answers: Mapping[int, str] = field(default_factory=dict)
    errors: tuple[EvenhandError, ...] = ()
    refuse: Callable[[EvenhandError], Response] | None = None
    refusal: Any = None


class DescribedRoute(Route):
    """A route with its description.

    Args:
        path: As Starlette's.
        endpoint: What answers.
        method: GET or POST.
        operation: The description.
        other: A method that another route takes at the same path.
    """

    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, method: str, operation: Operation, other: str = ""
    ) -> None:
        super().__init__(path, endpoint, methods=[method], name=operation.name)
        self.method = method
        self.operation = operation
        self._other = other

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say which methods the path takes, all of them."""
        try:
            await super().handle(scope, receive, send)
        except HTTPException as error:
            if self._other and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                error.headers = {"Allow": ", ".join(sorted({*(self.methods or ()), self._other}))}
            raise
