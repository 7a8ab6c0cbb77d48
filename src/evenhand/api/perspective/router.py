"""The Perspective dialect's routes. They check the key, hand over, and answer; they decide nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from evenhand.api.body import decode_json, read_body
from evenhand.api.dialect import Dialect
from evenhand.api.headers import bearer_key
from evenhand.api.operation import DescribedRoute
from evenhand.api.perspective import operations
from evenhand.api.perspective.batch import Call, batch_response, parse_batch
from evenhand.api.perspective.discovery import discovery_document
from evenhand.api.perspective.errors import MEDIA_TYPE, refuse
from evenhand.api.perspective.schema import AnalyzeRequest, SuggestRequest, SuggestResponse
from evenhand.api.perspective.spans import sentences
from evenhand.api.perspective.translate import (
    analyze_response,
    check_languages,
    content_from,
    feedback_from,
    requested_labels,
)
from evenhand.content.language import detect_languages
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

Method = Callable[[str | None, bytes], Awaitable[Response]]


def perspective_dialect(service: Service) -> Dialect:
    """Return the Perspective dialect.

    Args:
        service: What does the work.
    """
    doors = _Perspective(service)
    routes = (
        DescribedRoute(_ANALYZE, doors.endpoint(doors.analyze), method="POST", operation=operations.analyze()),
        DescribedRoute(_SUGGEST, doors.endpoint(doors.suggest), method="POST", operation=operations.suggest()),
        Route(_BATCH, doors.batch, methods=["POST"]),
        Route(_DISCOVERY, doors.discovery, methods=["GET"]),
    )
    return Dialect("perspective", ("/v1alpha1", "/batch/commentanalyzer", "/$discovery"), routes, refuse)


class _Perspective:
    def __init__(self, service: Service) -> None:
        self._service = service

    def endpoint(self, method: Method) -> Callable[[Request], Awaitable[Response]]:
        """Return `method` as an endpoint: key from the query or a header, body as bytes."""

        async def answer(request: Request) -> Response:
            return await method(_key(request), await read_body(request))

        return answer

    async def analyze(self, key: str | None, body: bytes) -> Response:
        api_key = await self._service.gate.admit(key, Scope.SCREEN)
        request = decode_json(body or b"{}", AnalyzeRequest)
        moderation = self._service.moderation
        content = content_from(request)
        labels = requested_labels(request, moderation.engine)
        keep = Keep.NEVER if request.doNotStore else Keep.REVIEW
        submission = moderation.submission(
            content, field="comment.text", keep=keep, key_id=api_key.id, door="perspective"
        )
        check_languages(labels, submission.text, moderation.engine)
        places = sentences(content.text) if request.spanAnnotations else []
        decision, *spans = await self._service.queue.moderate([submission, *_sentences(submission, places)])
        response = analyze_response(
            request,
            labels,
            submission.text,
            decision,
            list(zip(places, spans, strict=True)),
            on_failure=submission.policy.on_failure,
        )
        return _answer(response)

    async def suggest(self, key: str | None, body: bytes) -> Response:
        api_key = await self._service.gate.admit(key, Scope.SCREEN)
        request = decode_json(body or b"{}", SuggestRequest)
        feedback = feedback_from(request, key_id=api_key.id)
        self._service.moderation.submission(Content(feedback.comment), field="comment.text")  # for the limits
        await asyncio.to_thread(self._service.store.feedback.record, feedback)
        response = SuggestResponse(
            clientToken=request.clientToken or "",
            detectedLanguages=list(detect_languages(feedback.comment)),
            requestedLanguages=request.languages or [],
        )
        return _answer(response)

    async def batch(self, request: Request) -> Response:
        calls = parse_batch(await read_body(request), request.headers.get("content-type", ""))
        own_key = _key(request)
        answers = await asyncio.gather(*(self._answer_call(call, own_key) for call in calls))
        return batch_response(calls, answers)

    async def discovery(self, request: Request) -> Response:
        version = request.query_params.get("version", "v1alpha1")
        if version != "v1alpha1":
            raise NotFoundError("discovery.version", f"There is no version {version[:40]}.", remedy="Use v1alpha1.")
        root_url = self._service.public_url or str(request.base_url).rstrip("/")
        return _answer(discovery_document(f"{root_url}/"))

    async def _answer_call(self, call: Call, own_key: str | None) -> Response:
        methods: dict[str, Method] = {_ANALYZE: self.analyze, _SUGGEST: self.suggest}
        try:
            if call.path not in methods:
                raise NotFoundError("route.not_found", "There is nothing at this path.")
            return await methods[call.path](call.key or own_key, call.body)
        except EvenhandError as error:
            return refuse(error)


def _sentences(submission: Submission, places: list[tuple[int, int]]) -> list[Submission]:
    """Return the sentences of `submission` for scores of their own, which are not decisions to be kept."""
    text = submission.text.original
    languages = submission.text.languages
    return [replace(submission, text=Text(text[begin:end], languages), is_recorded=False) for begin, end in places]


def _key(request: Request) -> str | None:
    return request.query_params.get("key") or request.headers.get("x-goog-api-key") or bearer_key(request)


def _answer(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type=MEDIA_TYPE)
