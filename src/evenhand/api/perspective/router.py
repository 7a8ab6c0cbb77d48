"""The Perspective dialect's routes. They check the key, hand over, and answer; they decide nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from evenhand.api.body import read_body
from evenhand.api.dialect import Dialect
from evenhand.api.headers import bearer_key
from evenhand.api.operation import DescribedRoute
from evenhand.api.perspective import operations
from evenhand.api.perspective.attributes import served_attributes
from evenhand.api.perspective.batch import batch_response, parse_batch
from evenhand.api.perspective.discovery import discovery_document
from evenhand.api.perspective.errors import MEDIA_TYPE, refuse
from evenhand.api.perspective.fields import Mask, parse_fields, part_of
from evenhand.api.perspective.schema import (
    AnalyzeRequest,
    AnalyzeResponse,
    SuggestRequest,
    SuggestResponse,
    decode_request,
)
from evenhand.api.perspective.spans import Place, sentences, utf16_places
from evenhand.api.perspective.translate import (
    analyze_response,
    content_from,
    feedback_from,
    requested_attributes,
    suggest_response,
    supported_attributes,
)
from evenhand.content.prepared import Prepared
from evenhand.content.text import Text
from evenhand.core.access import Scope
from evenhand.core.content import Content
from evenhand.core.errors import EvenhandError, NotFoundError
from evenhand.service.moderate import Keep, Submission
from evenhand.service.service import Service

_ANALYZE: Final = "/v1alpha1/comments:analyze"
_SUGGEST: Final = "/v1alpha1/comments:suggestscore"
_BATCH: Final = "/batch/commentanalyzer/v1alpha1"
_DISCOVERY: Final = "/$discovery/rest"

Method = Callable[..., Awaitable[Response]]


def perspective_dialect(service: Service) -> Dialect:
    """Return the Perspective dialect.

    Args:
        service: What does the work.
    """
    doors = _Perspective(service)
    routes = (
        DescribedRoute(_ANALYZE, doors.analyze, method="POST", operation=operations.analyze()),
        DescribedRoute(_SUGGEST, doors.suggest, method="POST", operation=operations.suggest()),
        Route(_BATCH, doors.batch, methods=["POST"]),
        Route(_DISCOVERY, doors.discovery, methods=["GET"]),
    )
    return Dialect("perspective", ("/v1alpha1", "/batch/commentanalyzer", "/$discovery"), routes, refuse)


class _Perspective:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._attributes = served_attributes(service.moderation.engine.text_detectors)
        self._methods: dict[str, Method] = {_ANALYZE: self.analyze, _SUGGEST: self.suggest}

    async def analyze(self, request: Request, *, batch_key: str | None = None) -> Response:
        api_key = await self._service.gate.admit(_key(request) or batch_key, Scope.SCREEN)
        mask = _mask(request, AnalyzeResponse.__struct_fields__)
        asked = decode_request(await read_body(request), AnalyzeRequest)
        content = content_from(asked)
        attributes = requested_attributes(asked, self._attributes)
        keep = Keep.NEVER if asked.doNotStore else Keep.REVIEW
        submission = self._service.moderation.submission(
            content, field="comment.text", keep=keep, key_id=api_key.id, door="perspective"
        )
        attributes = supported_attributes(asked, attributes, submission.text)
        places = sentences(content.text) if asked.spanAnnotations else [(0, len(content.text))]
        parts = _parts(submission, places) if len(places) > 1 else []
        decision, *parts_decided = await self._service.queue.moderate([submission, *parts])
        spans = list(zip(utf16_places(content.text, places), parts_decided or [decision], strict=True))
        on_failure = submission.policy.on_failure
        answer = analyze_response(asked, attributes, submission.text, decision, spans, on_failure=on_failure)
        return _answer(answer, mask)

    async def suggest(self, request: Request, *, batch_key: str | None = None) -> Response:
        api_key = await self._service.gate.admit(_key(request) or batch_key, Scope.SCREEN)
        mask = _mask(request, SuggestResponse.__struct_fields__)
        asked = decode_request(await read_body(request), SuggestRequest)
        feedback = feedback_from(asked, key_id=api_key.id)
        # Nothing is screened, but a comment has the same limits wherever it comes in.
        prepared = self._service.moderation.submission(Content(feedback.comment), field="comment.text")
        await asyncio.to_thread(self._service.store.feedback.record, feedback)
        return _answer(suggest_response(asked, prepared.text), mask)

    async def batch(self, request: Request) -> Response:
        parts = parse_batch(await read_body(request), request.headers.get("content-type", ""))
        batch_key = _key(request)
        answers = await asyncio.gather(*(self._answer_part(part.request, batch_key) for part in parts))
        return batch_response(parts, answers)

    async def _answer_part(self, request: Request, batch_key: str | None) -> Response:
        # The discovery document's rootUrl may have a path of its own, and it stands before the method's.
        method = next((self._methods[path] for path in self._methods if request.scope["path"].endswith(path)), None)
        try:
            if method is None or request.method != "POST":
                raise NotFoundError("route.not_found", "There is nothing at this path.")
            return await method(request, batch_key=batch_key)
        except EvenhandError as error:
            return refuse(error)

    async def discovery(self, request: Request) -> Response:
        version = request.query_params.get("version", "v1alpha1")
        if version != "v1alpha1":
            raise NotFoundError("discovery.version", f"There is no version {version[:40]}.", remedy="Use v1alpha1.")
        if key := _key(request):
            await self._service.gate.admit(key, Scope.SCREEN)  # so that a client hears of a bad key when it starts
        root_url = self._service.public_url or str(request.base_url).rstrip("/")
        return _answer(discovery_document(f"{root_url}/"))


def _parts(submission: Submission, places: Sequence[Place]) -> list[Submission]:
    """Return the sentences of `submission` for scores of their own, which are not decisions to be kept."""
    text = submission.text.original
    languages = submission.text.languages
    return [
        replace(submission, prepared=Prepared(Text(text[begin:end], languages)), is_recorded=False)
        for begin, end in places
    ]


def _key(request: Request) -> str | None:
    return request.query_params.get("key") or request.headers.get("x-goog-api-key") or bearer_key(request)


def _mask(request: Request, known: Sequence[str]) -> Mask:
    query = request.query_params
    return parse_fields(query.get("fields") or query.get("$fields") or "", known=known)


def _answer(body: object, mask: Mask | None = None) -> Response:
    kept = part_of(msgspec.to_builtins(body), mask) if mask else body
    return Response(msgspec.json.encode(kept), media_type=MEDIA_TYPE)
