"""The home page: a form for a text and images, or for a clip, and the decision. It works without JavaScript."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

import evenhand
from evenhand.console.answer import answer_for
from evenhand.console.clips import ending, job_view
from evenhand.console.contexts import HomePage, Look, Refusal
from evenhand.console.form import FormLimits, field_in, key_in, read_form
from evenhand.console.intake import DOOR, Intake
from evenhand.core.access import Scope
from evenhand.core.content import Content
from evenhand.core.decision import Decision
from evenhand.core.errors import (
    EvenhandError,
    NotFoundError,
    OverloadError,
    RateLimitError,
    StoreError,
    http_status,
)
from evenhand.jobs.desk import JobDesk, JobReport
from evenhand.service.form import Form
from evenhand.service.moderate import Keep, Submission
from evenhand.service.service import Service

#: As for every answer, and the browser may play the file that it has itself.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; media-src blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_FOLDER = Path(__file__).parent
_PAGE: Final = "pages/home.html"
_OUTCOME: Final = "components/outcome.html"
_JOB_ID: Final = re.compile(r"job_[0-9a-f]{32}")
_CLIP_TYPES: Final = "video/*,audio/*"
_KEY_HINT: Final = "Nothing keeps your key, so it is needed again."
#: How long the page waits before it asks for a job again, in seconds, and how long where the database did not answer.
_PAUSE: Final = 1.0
_LONG_PAUSE: Final = 5.0


class Assets(StaticFiles):
    """The page's style, script and pictures; a browser may keep them but asks each time whether they changed."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return the file, with the header that lets browsers keep it."""
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


class HomePages:
    """Answers the home page's requests.

    Args:
        service: What moderates.
        desk: Accepts clips; none where nothing screens them.
        limits: What a form may have beside its clip.
    """

    def __init__(self, service: Service, desk: JobDesk | None, limits: FormLimits) -> None:
        self._service = service
        self._desk = desk
        self._limits = limits
        self._templates = make_templates()

    async def show(self, _: Request) -> Response:
        """Return the page with an empty form."""
        return self._render(_PAGE)

    async def show_again(self, _: Request) -> Response:
        """Send whoever opens the form's address to the form."""
        return RedirectResponse("./", HTTPStatus.SEE_OTHER)

    async def screen(self, request: Request) -> Response:
        """Return the decision on the form's text and images, or its clip's job: alone for htmx, else in the page."""
        name, text = _template_for(request), ""
        try:
            with Intake(self._service.gate, self._desk) as intake:
                form = await read_form(request, limits=self._limits, open_clip=intake.open)
                text = field_in(form.fields, "text")
                job = await intake.accept(form)
            if job is not None:
                return self._report(name, JobReport(job))
            submission, decision = await self._moderate(form, text)
        except EvenhandError as error:
            return self._refuse(error, name, text=text)
        # Laying out a long text with much evidence takes a while, and no other request should wait for it.
        return await asyncio.to_thread(self._answer, name, submission, decision)

    async def show_job(self, request: Request) -> Response:
        """Return where the form's job is, or what came of it: alone for htmx, else in the page."""
        name, job_id = _template_for(request), ""
        try:
            fields = (await read_form(request, limits=self._limits)).fields
            job_id = field_in(fields, "job")
            report = await self._look_up(job_id, await self._admit(fields))
            return await asyncio.to_thread(self._report, name, report)
        except NotFoundError as error:
            return self._refuse(error, name)
        except EvenhandError as error:
            return self._refuse(error, name, look=_look_after(error, name, job_id))

    async def _look_up(self, job_id: str, key_id: str) -> JobReport:
        if self._desk is None or not _JOB_ID.fullmatch(job_id):
            raise NotFoundError("job.not_found", "There is no such job, or it is not yours to see.", field="job")
        return await asyncio.to_thread(self._desk.report, job_id, key_id=key_id)

    async def _admit(self, fields: Mapping[str, Sequence[str]]) -> str:
        return (await self._service.gate.admit(key_in(fields), Scope.SCREEN)).id

    async def _moderate(self, form: Form, text: str) -> tuple[Submission, Decision]:
        key_id = await self._admit(form.fields)
        content = Content(text, images=form.images)
        (submission,), (decision,) = await self._service.moderate(
            partial(self._submissions, content, key_id), images=len(form.images)
        )
        return submission, decision

    def _submissions(self, content: Content, key_id: str) -> list[Submission]:
        return [self._service.moderation.submission(content, keep=Keep.NEVER, key_id=key_id, door=DOOR)]

    def _answer(self, name: str, submission: Submission, decision: Decision) -> Response:
        text = submission.content.text
        return self._render(name, text=text, answer=answer_for(text, decision, submission.policy))

    def _report(self, name: str, report: JobReport) -> Response:
        job, decision = report.job, report.decision
        if decision is not None:
            policy = self._service.moderation.policy(job.policy)
            return self._render(name, answer=answer_for("", decision, policy))
        if job.status.is_final:
            return self._render(name, refusal=ending(job))
        return self._render(name, job=job_view(job), look=_look(name, job.id, _PAUSE))

    def _refuse(self, error: EvenhandError, name: str, *, text: str = "", look: Look | None = None) -> Response:
        refusal = Refusal(error.code, error.message, error.remedy)
        response = self._render(name, text=text, refusal=refusal, look=look, status=http_status(error))
        if isinstance(error, RateLimitError | OverloadError):
            response.headers["retry-after"] = str(max(1, round(error.retry_after)))
        return response

    def _render(self, name: str, *, status: int = 200, **shown: Any) -> Response:
        """Return a page, or a part of it, on which there is nothing but what `shown` names."""
        nothing = {"text": "", "answer": None, "refusal": None, "job": None, "look": None}
        clip_types = _CLIP_TYPES if self._desk else ""
        page = HomePage(version=evenhand.__version__, clip_types=clip_types, **(nothing | shown))
        html = self._templates.get_template(name).render(page=page)
        headers = {"vary": "hx-request", "content-security-policy": CONTENT_SECURITY_POLICY}
        return HTMLResponse(html, status, headers)


def console_routes(service: Service, desk: JobDesk | None, limits: FormLimits) -> list[BaseRoute]:
    """Return the routes of the pages: `/`, `/try`, `/job` and `/static`.

    Args:
        service: What moderates.
        desk: Accepts clips; none where nothing screens them.
        limits: What a form may have beside its clip.
    """
    pages = HomePages(service, desk, limits)
    return [
        Route("/", pages.show, methods=["GET"]),
        Route("/try", pages.screen, methods=["POST"]),
        Route("/job", pages.show_job, methods=["POST"]),
        *(Route(path, pages.show_again, methods=["GET"]) for path in ("/try", "/job")),
        Mount("/static", Assets(directory=_FOLDER / "static")),
    ]


def make_templates() -> Environment:
    """Return the environment that every page is rendered in: it escapes, and stops at a name that it does not know."""
    return Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template_for(request: Request) -> str:
    """Return what is rendered for `request`: htmx puts the outcome into the page that is there."""
    return _OUTCOME if request.headers.get("hx-request") == "true" else _PAGE


def _look(name: str, job_id: str, pause: float | None) -> Look:
    """Return how to ask for a job again: by itself after `pause` seconds, where there is htmx and the form's key."""
    if name == _PAGE:
        return Look(job_id, "", _KEY_HINT)
    return Look(job_id, f"{pause:.0f}s" if pause else "", "")


def _look_after(error: EvenhandError, name: str, job_id: str) -> Look | None:
    """Return how to ask for a job again of which nothing could be said because of `error`."""
    if not _JOB_ID.fullmatch(job_id):
        return None
    if isinstance(error, RateLimitError | OverloadError):
        return _look(name, job_id, max(_PAUSE, error.retry_after))
    return _look(name, job_id, _LONG_PAUSE if isinstance(error, StoreError) else None)
