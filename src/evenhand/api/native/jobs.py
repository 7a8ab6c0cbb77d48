"""The native routes of jobs: clips come in, 202 goes out, and whoever asked can watch, ask again or cancel."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from evenhand.api.body import decode_json, json_answer
from evenhand.api.headers import bearer_key
from evenhand.api.native import job_operations as operations
from evenhand.api.native.clip_form import read_clip_form
from evenhand.api.native.job_schema import JobAnswer, JobErrorBody, JobForm, JobList, JobRequest
from evenhand.api.native.translate import checked_author, checked_identity, decision_answer, keep_of
from evenhand.api.operation import DescribedRoute
from evenhand.core.access import ApiKey, Scope
from evenhand.core.content import ClipFile
from evenhand.core.errors import EvenhandError, InputError, NotFoundError, TooLargeError
from evenhand.core.job import Job
from evenhand.jobs.desk import JobDesk, JobReport, Order
from evenhand.service.form import is_multipart
from evenhand.service.service import Service

_JOB_ID: Final = re.compile(r"job_[0-9a-f]{32}")
_LARGEST_JSON: Final = 65_536
#: How often a watcher is told of news, and at least told that the connection lives, in seconds.
_WATCH_SECONDS: Final = 0.5
_ALIVE_SECONDS: Final = 15.0

Refuse = Callable[[EvenhandError], Response]


def job_routes(service: Service, desk: JobDesk | None, refuse: Refuse) -> tuple[DescribedRoute, ...]:
    """Return the routes of jobs.

    Args:
        service: Checks keys.
        desk: Accepts jobs; none where nothing screens clips: then every route says so.
        refuse: Says an error in the native shape.
    """
    doors = _Jobs(service, desk)
    return (
        DescribedRoute("/v1/jobs", doors.accept, method="POST", operation=operations.accept(refuse), other="GET"),
        DescribedRoute("/v1/jobs", doors.list, method="GET", operation=operations.list_jobs(refuse), other="POST"),
        DescribedRoute("/v1/jobs/{id}", doors.show, method="GET", operation=operations.show(refuse)),
        DescribedRoute("/v1/jobs/{id}/cancel", doors.cancel, method="POST", operation=operations.cancel(refuse)),
        DescribedRoute("/v1/jobs/{id}/progress", doors.watch, method="GET", operation=operations.watch(refuse)),
        DescribedRoute(
            "/v1/jobs/{id}/thumbnails/{milliseconds:int}",
            doors.thumbnail,
            method="GET",
            operation=operations.thumbnail(refuse),
        ),
    )


class _Jobs:
    def __init__(self, service: Service, desk: JobDesk | None) -> None:
        self._gate = service.gate
        self._given_desk = desk

    @property
    def _desk(self) -> JobDesk:
        if self._given_desk is None:
            raise InputError(
                "clip.not_supported",
                "This server screens no clips, so nothing was accepted.",
                field="clip",
                remedy="Ask the operator to install evenhand[speech].",
            )
        return self._given_desk

    async def accept(self, request: Request) -> Response:
        api_key = await self._gate.admit(bearer_key(request), Scope.SCREEN)
        # Who has too many jobs hears so before the clip has come.
        await asyncio.to_thread(self._desk.check, Order(key_id=api_key.id))
        if not is_multipart(request):
            asked = await _read_request(request)
            order = _order(asked, api_key)
            await asyncio.to_thread(self._desk.check, order)
            return await self._accepted(order, asked.url)
        with self._desk.receive() as incoming:
            form, clip = await read_clip_form(request, incoming)
            if clip is None:
                raise InputError(
                    "clip.missing", "The form has no clip.", field="clip", remedy="Send the file as `clip`."
                )
            order = _order(form, api_key)
            await asyncio.to_thread(self._desk.check, order)
            await asyncio.to_thread(incoming.keep)
            return await self._accepted(order, clip)

    async def _accepted(self, order: Order, clip: ClipFile | str) -> Response:
        job = await asyncio.to_thread(self._desk.accept, order, clip)
        return json_answer(job_answer(JobReport(job)), 202, {"Location": f"/v1/jobs/{job.id}"})

    async def list(self, request: Request) -> Response:
        _, key_id = await self._admit_reader(request)
        jobs = await asyncio.to_thread(self._desk.newest, key_id=key_id)
        return json_answer(JobList([job_answer(JobReport(job)) for job in jobs]))

    async def show(self, request: Request) -> Response:
        job_id, key_id = await self._admit_reader(request)
        return json_answer(job_answer(await asyncio.to_thread(self._desk.report, job_id, key_id=key_id)))

    async def cancel(self, request: Request) -> Response:
        job = await self._job(request)
        await asyncio.to_thread(self._desk.cancel, job)
        return json_answer(job_answer(await asyncio.to_thread(self._desk.report, job.id)), 202)

    async def thumbnail(self, request: Request) -> Response:
        job = await self._job(request)
        read = partial(self._desk.thumbnail, job, request.path_params["milliseconds"])
        return Response(await asyncio.to_thread(read), media_type="image/jpeg")

    async def watch(self, request: Request) -> Response:
        job = await self._job(request)
        # A proxy that gathers what it passes on would make progress look like none.
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(self._news(request, job), media_type="text/event-stream", headers=headers)

    async def _news(self, request: Request, job: Job) -> AsyncIterator[bytes]:
        """Yield the job as a server-sent event whenever it changed, until it is over or nobody listens."""
        told, silence = b"", 0.0
        while not await request.is_disconnected():
            report = await asyncio.to_thread(self._desk.report, job.id)
            news = msgspec.json.encode(job_answer(report))
            if news != told:
                told, silence = news, 0.0
                yield b"event: %s\ndata: %s\n\n" % (b"end" if report.job.status.is_final else b"progress", news)
            elif silence >= _ALIVE_SECONDS:
                silence = 0.0
                yield b": alive\n\n"
            if report.job.status.is_final:
                return
            await asyncio.sleep(_WATCH_SECONDS)
            silence += _WATCH_SECONDS

    async def _job(self, request: Request) -> Job:
        job_id, key_id = await self._admit_reader(request)
        return await asyncio.to_thread(self._desk.job, job_id, key_id=key_id)

    async def _admit_reader(self, request: Request) -> tuple[str, str | None]:
        """Return the job that is asked for, and whose jobs the key may see; none: everybody's."""
        api_key, sees_all = await self._gate.admit_reader(bearer_key(request))
        job_id = str(request.path_params.get("id", ""))
        if job_id and not _JOB_ID.fullmatch(job_id):
            raise NotFoundError("job.not_found", "There is no such job, or it is not yours to see.")
        return job_id, None if sees_all else api_key.id


async def _read_request(request: Request) -> JobRequest:
    """Return the JSON body, which is small: the limit of bodies is one for clips here."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > _LARGEST_JSON:
                raise TooLargeError(
                    "body.too_large",
                    f"The JSON is over {_LARGEST_JSON} bytes.",
                    remedy="Send a clip in a form, as `curl -F clip=@FILE` does.",
                )
    except ClientDisconnect:
        raise InputError("body.incomplete", "The connection ended before the whole body had arrived.") from None
    asked = decode_json(bytes(body), JobRequest)
    if not asked.url:
        raise InputError(
            "clip.missing",
            "There is no clip.",
            field="url",
            remedy="Give its `url`, or send the file in a form, as `curl -F clip=@FILE` does.",
        )
    return asked


def _order(asked: JobForm, api_key: ApiKey) -> Order:
    checked_identity(asked.id, asked.languages)
    checked_author(asked.author_id)
    return Order(
        key_id=api_key.id,
        door="native",
        content_id=asked.id,
        policy=asked.policy,
        keep=keep_of(asked.store_content),
        languages=tuple(asked.languages),
        priority=asked.priority,
        author_id=asked.author_id,
        metadata=asked.metadata,
    )


def job_answer(report: JobReport) -> JobAnswer:
    """Return `report` in the native dialect."""
    job, error = report.job, report.job.error
    return JobAnswer(
        id=job.id,
        content_id=job.content_id,
        status=job.status,
        progress=round(job.progress, 4),
        seconds=round(job.seconds, 3),
        priority=job.priority,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        decision=decision_answer(report.decision) if report.decision else None,
        transcript=report.transcript,
        error=JobErrorBody(error.code, error.message, error.field, error.remedy) if error else None,
    )
