"""The native routes of appeals: an author disagrees, asks how it stands, and writes to whoever answers."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from evenhand.api.body import json_answer, read_json
from evenhand.api.headers import bearer_key
from evenhand.api.native import appeal_operations as operations
from evenhand.api.native.appeal_schema import AppealAnswer, AppealText, MessageAnswer, OpenedAppeal
from evenhand.api.operation import DescribedRoute
from evenhand.core.appeal import Appeal, check_words
from evenhand.core.errors import EvenhandError
from evenhand.service.service import Service
from evenhand.store.appeals import AUTHOR, appeal_not_found
from evenhand.store.decisions import decision_not_found

Refuse = Callable[[EvenhandError], Response]

_DECISION_ID: Final = re.compile(r"dec_[0-9a-f]{32}")
_APPEAL_ID: Final = re.compile(r"app_[0-9a-f]{32}")
#: How the token of an appeal begins; a key begins otherwise.
_TOKEN: Final = "eha_"  # noqa: S105 -- the beginning of one


def appeal_routes(service: Service, refuse: Refuse) -> tuple[DescribedRoute, ...]:
    """Return the routes of appeals.

    Args:
        service: Checks keys and has the store.
        refuse: Says an error in the native shape.
    """
    doors = _Appeals(service)
    return (
        DescribedRoute(
            "/v1/decisions/{id}/appeals", doors.open, method="POST", operation=operations.open_appeal(refuse)
        ),
        DescribedRoute("/v1/appeals/{id}", doors.show, method="GET", operation=operations.show_appeal(refuse)),
        DescribedRoute(
            "/v1/appeals/{id}/messages", doors.write, method="POST", operation=operations.write_message(refuse)
        ),
    )


class _Appeals:
    def __init__(self, service: Service) -> None:
        self._gate = service.gate
        self._appeals = service.store.appeals

    async def open(self, request: Request) -> Response:
        api_key, sees_all = await self._gate.admit_reader(bearer_key(request))
        decision_id = str(request.path_params["id"])
        if not _DECISION_ID.fullmatch(decision_id):
            raise decision_not_found()
        text = await _read_text(request)
        opened = partial(self._appeals.open, key_id=api_key.id, sees_all=sees_all)
        appeal, token = await asyncio.to_thread(opened, decision_id, text, datetime.now(UTC))
        return json_answer(_answer(appeal, token), 201, {"Location": f"/v1/appeals/{appeal.id}"})

    async def show(self, request: Request) -> Response:
        appeal, _ = await self._admit(request)
        return json_answer(_answer(appeal))

    async def write(self, request: Request) -> Response:
        appeal, actor = await self._admit(request)
        text = await _read_text(request)
        written = partial(self._appeals.write, appeal.id, text, datetime.now(UTC), actor=actor)
        return json_answer(_answer(await asyncio.to_thread(written)), 201)

    async def _admit(self, request: Request) -> tuple[Appeal, str]:
        """Return the appeal that is asked for, and who asks, as the audit says it.

        Raises:
            NotFoundError: `appeal.not_found`, whether it is not there or not for whoever asks.
            EvenhandError: As `Gate.admit_reader`.
        """
        presented, appeal_id = bearer_key(request) or "", str(request.path_params["id"])
        is_known = bool(_APPEAL_ID.fullmatch(appeal_id))
        if presented.startswith(_TOKEN):
            if not is_known or not await asyncio.to_thread(self._appeals.is_token, appeal_id, presented):
                raise appeal_not_found()
            return await asyncio.to_thread(self._appeals.get, appeal_id), AUTHOR
        api_key, sees_all = await self._gate.admit_reader(presented)
        if not is_known:
            raise appeal_not_found()
        appeal = await asyncio.to_thread(self._appeals.get, appeal_id)
        if not sees_all and appeal.key_id != api_key.id:
            raise appeal_not_found()
        return appeal, api_key.id


async def _read_text(request: Request) -> str:
    text = (await read_json(request, AppealText)).text
    check_words(text)
    return text


def _answer(appeal: Appeal, token: str = "") -> AppealAnswer:
    values: dict[str, Any] = {
        "id": appeal.id,
        "decision_id": appeal.decision_id,
        "created_at": appeal.created_at,
        "status": appeal.status,
        "outcome": appeal.outcome,
        "closed_at": appeal.closed_at,
        "messages": [
            MessageAnswer(message.id, message.at, message.sender, message.body) for message in appeal.messages
        ],
    }
    return OpenedAppeal(**values, token=token) if token else AppealAnswer(**values)
