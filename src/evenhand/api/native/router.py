"""The native dialect's routes. They check the key, hand over, and answer; they decide nothing."""

import asyncio
import re
from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec import UNSET
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from evenhand.api.body import decode_json, json_answer, read_body
from evenhand.api.dialect import Dialect
from evenhand.api.headers import bearer_key, error_headers
from evenhand.api.native import operations
from evenhand.api.native.appeals import appeal_routes
from evenhand.api.native.form import read_form
from evenhand.api.native.jobs import job_routes
from evenhand.api.native.openapi import build_openapi
from evenhand.api.native.schema import (
    DecisionList,
    DetectorList,
    Health,
    Readiness,
    ScreenForm,
    ScreenMany,
    ScreenOne,
    Taxonomy,
)
from evenhand.api.native.translate import (
    count_images,
    decision_answer,
    detector_entry,
    error_answer,
    submissions_from,
    taxonomy_entry,
)
from evenhand.api.operation import DescribedRoute
from evenhand.core.access import Scope
from evenhand.core.errors import EvenhandError, NotFoundError, StoreError, http_status
from evenhand.core.taxonomy import TAXONOMY
from evenhand.jobs.desk import JobDesk
from evenhand.service.form import is_multipart
from evenhand.service.service import Service
from evenhand.store.decisions import decision_not_found

_DECISION_ID: Final = re.compile(r"dec_[0-9a-f]{32}")
_PING_SECONDS: Final = 2.0


def native_dialect(service: Service, *, metrics: Callable[[], bytes], desk: JobDesk | None = None) -> Dialect:
    """Return the native dialect, which also answers for every path that no other dialect owns.

    Args:
        service: What does the work.
        metrics: Returns the Prometheus page.
        desk: Accepts jobs; none where nothing screens clips.
    """
    doors = _Native(service, metrics)
    routes = (
        DescribedRoute("/v1/screen", doors.screen, method="POST", operation=operations.screen(refuse)),
        DescribedRoute("/v1/decisions/{id}", doors.decision, method="GET", operation=operations.decision(refuse)),
        *appeal_routes(service, refuse),
        *job_routes(service, desk, refuse),
        DescribedRoute("/v1/detectors", doors.detectors, method="GET", operation=operations.detectors(refuse)),
        DescribedRoute("/v1/taxonomy", doors.taxonomy, method="GET", operation=operations.taxonomy()),
        DescribedRoute("/healthz", doors.health, method="GET", operation=operations.health()),
        DescribedRoute("/readyz", doors.readiness, method="GET", operation=operations.readiness()),
        DescribedRoute("/metrics", doors.metrics, method="GET", operation=operations.metrics()),
        DescribedRoute("/openapi.json", doors.openapi, method="GET", operation=operations.openapi()),
    )
    return Dialect("native", ("/",), routes, refuse)


def refuse(error: EvenhandError) -> Response:
    """Say `error` in the native shape."""
    return json_answer(error_answer(error), http_status(error), error_headers(error))


class _Native:
    def __init__(self, service: Service, metrics: Callable[[], bytes]) -> None:
        self._service = service
        self._metrics = metrics
        self._openapi: bytes | None = None

    async def screen(self, request: Request) -> Response:
        api_key = await self._service.gate.admit(bearer_key(request), Scope.SCREEN)
        asked, files = await read_form(request) if is_multipart(request) else (await _read_asked(request), ())
        prepare = partial(
            submissions_from,
            asked,
            self._service.moderation,
            key_id=api_key.id,
            max_items=self._service.max_items,
            files=files,
            fetch=self._service.fetch,
        )
        _, decisions = await self._service.moderate(prepare, images=len(files) + count_images(asked))
        answers = list(map(decision_answer, decisions))
        return json_answer(answers[0] if isinstance(asked, ScreenOne) else DecisionList(answers))

    async def decision(self, request: Request) -> Response:
        api_key, sees_all = await self._service.gate.admit_reader(bearer_key(request))
        decision_id = request.path_params["id"]
        unknown = decision_not_found()
        if not _DECISION_ID.fullmatch(decision_id):
            raise unknown
        try:
            record = await asyncio.to_thread(self._service.store.decisions.get, decision_id)
        except NotFoundError:
            raise unknown from None
        if not sees_all and record.key_id != api_key.id:
            raise unknown
        return json_answer(decision_answer(record.decision))

    async def detectors(self, request: Request) -> Response:
        await self._service.gate.admit_reader(bearer_key(request))
        entries = [detector_entry(detector) for detector in self._service.moderation.engine.detectors]
        return json_answer(DetectorList(entries))

    async def taxonomy(self, _: Request) -> Response:
        detectors = self._service.moderation.engine.detectors
        entries = [
            taxonomy_entry(entry, [detector.id for detector in detectors if label in detector.labels])
            for label, entry in TAXONOMY.items()
        ]
        return json_answer(Taxonomy(entries))

    async def health(self, _: Request) -> Response:
        return json_answer(Health("alive"))

    async def readiness(self, _: Request) -> Response:
        reasons = await self._reasons_to_wait()
        return json_answer(Readiness("not ready" if reasons else "ready", reasons), 503 if reasons else 200)

    async def metrics(self, _: Request) -> Response:
        return Response(self._metrics(), media_type=CONTENT_TYPE_LATEST)

    async def openapi(self, request: Request) -> Response:
        if self._openapi is None:
            routes = [route for route in request.scope["router"].routes if isinstance(route, DescribedRoute)]
            self._openapi = build_openapi(routes, url=self._service.public_url)
        return Response(self._openapi, media_type="application/json")

    async def _reasons_to_wait(self) -> list[str]:
        reasons = []
        try:
            async with asyncio.timeout(_PING_SECONDS):
                await asyncio.to_thread(self._service.store.ping)
        except (StoreError, TimeoutError):
            reasons.append("store.unavailable")
        engine = self._service.moderation.engine
        if len(engine.busy) == len(engine.detectors):
            reasons.append("detectors.busy")
        return reasons


async def _read_asked(request: Request) -> ScreenOne | ScreenMany:
    body = await read_body(request)
    is_one = decode_json(body, ScreenForm).items is UNSET
    return decode_json(body, ScreenOne) if is_one else decode_json(body, ScreenMany)
