"""The routes of appeals described, with examples, for the OpenAPI document."""

from collections.abc import Callable
from typing import Any, Final

from starlette.responses import Response

from evenhand.api.native.appeal_schema import AppealAnswer, AppealText, OpenedAppeal
from evenhand.api.native.schema import ErrorAnswer
from evenhand.api.operation import KEY_ERRORS, Operation, body_errors
from evenhand.core.errors import EvenhandError, InputError, TooLargeError
from evenhand.store.appeals import appeal_not_found
from evenhand.store.decisions import decision_not_found

Refuse = Callable[[EvenhandError], Response]

_TAG: Final = "evenhand"
_APPEAL_ID: Final = "app_0199c1a2b3c4d5e6f708192a3b4c5d6e"
_DECISION_ID: Final = "dec_0199c1a2b3c4d5e6f708192a3b4c5d6e"
_TEXT: Final = "I quoted the insult to report it."
_OPEN: Final[dict[str, Any]] = {
    "id": _APPEAL_ID,
    "decision_id": _DECISION_ID,
    "created_at": "2026-11-26T10:00:00.123456Z",
    "status": "open",
    "outcome": "",
    "closed_at": None,
    "messages": [
        {
            "id": "msg_0199c1a2b3c4d5e6f708192a3b4c5d6e",
            "at": "2026-11-26T10:00:00.123456Z",
            "sender": "author",
            "text": _TEXT,
        }
    ],
}
_CLOSED: Final = _OPEN | {
    "status": "reversed",
    "outcome": "You are right: it is a quote. Your post is back.",
    "closed_at": "2026-11-26T11:00:00.123456Z",
}
_NOT_FOUND: Final = appeal_not_found()
_NO_DECISION: Final = decision_not_found()
_TEXT_ERRORS: Final = (
    InputError("text.empty", "The text is empty.", field="text", remedy="Say why the decision is wrong."),
    TooLargeError(
        "text.too_long",
        "The text has 6000 characters; at most 5000 are accepted.",
        field="text",
        remedy="Say it in fewer words.",
    ),
)


def _id(kind: str, example: str) -> dict[str, Any]:
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "Its `id`.",
        "schema": {"type": "string", "pattern": f"^{kind}_[0-9a-f]{{32}}$"},
        "example": example,
    }


def open_appeal(refuse: Refuse) -> Operation:
    """Describe `POST /v1/decisions/{id}/appeals`."""
    return Operation(
        name="open_appeal",
        tag=_TAG,
        summary="Appeal against a decision",
        description=(
            "For the author of a content that is not allowed. Somebody else than who ruled on it last answers. Give "
            "the `token` to the author, or keep it and ask with your key. Needs a key with the scope `screen`, and a "
            "decision that this key asked for; with the scope `review`, any."
        ),
        keys=("bearer",),
        parameters=(_id("dec", _DECISION_ID),),
        body=(AppealText,),
        body_examples={"A quote": {"text": _TEXT}},
        answer=(OpenedAppeal,),
        answer_status=201,
        answer_examples={"Opened": _OPEN | {"token": "eha_q3Jm0s6oX0v1mV2bq3Jm0s6oX0v1mV2bq3Jm0s6oX0v"}},
        errors=(
            *body_errors("text"),
            *_TEXT_ERRORS,
            _NO_DECISION,
            InputError("appeal.exists", "There is an open appeal against this decision already."),
            InputError("appeal.nothing_stands", "The content is allowed, so there is nothing to appeal against."),
            *KEY_ERRORS,
        ),
        refuse=refuse,
        refusal=ErrorAnswer,
    )


def show_appeal(refuse: Refuse) -> Operation:
    """Describe `GET /v1/appeals/{id}`."""
    return Operation(
        name="appeal",
        tag=_TAG,
        summary="Ask for an appeal",
        description=(
            "With its messages and, once it is closed, its outcome. The key that opened it sees it, a key with the "
            "scope `review` sees every one, and the appeal's own token may stand for a key."
        ),
        keys=("bearer",),
        parameters=(_id("app", _APPEAL_ID),),
        answer=(AppealAnswer,),
        answer_examples={"Open": _OPEN, "Closed": _CLOSED},
        errors=(_NOT_FOUND, *KEY_ERRORS),
        refuse=refuse,
        refusal=ErrorAnswer,
    )


def write_message(refuse: Refuse) -> Operation:
    """Describe `POST /v1/appeals/{id}/messages`."""
    return Operation(
        name="write_in_appeal",
        tag=_TAG,
        summary="Write in an appeal",
        description=(
            "As the author, to whoever answers; at most 20 messages in one appeal. With a key as for asking for it, or "
            "with its own token."
        ),
        keys=("bearer",),
        parameters=(_id("app", _APPEAL_ID),),
        body=(AppealText,),
        body_examples={"More": {"text": "It is the third line that I reported."}},
        answer=(AppealAnswer,),
        answer_status=201,
        answer_examples={"Open": _OPEN},
        errors=(
            *body_errors("text"),
            *_TEXT_ERRORS,
            _NOT_FOUND,
            InputError("appeal.closed", "The appeal is closed.", remedy="Read its outcome, or open another."),
            InputError("appeal.too_many_messages", "The author has written 20 messages, which is the most."),
            *KEY_ERRORS,
        ),
        refuse=refuse,
        refusal=ErrorAnswer,
    )
