"""The home page: a form for a text and images, and the decision on them. Works without JavaScript; keeps neither."""

import asyncio
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

import evenhand
from evenhand.console.answer import answer_for
from evenhand.console.contexts import Answer, HomePage, Refusal
from evenhand.core.access import Scope
from evenhand.core.content import Content, ImageFile
from evenhand.core.decision import Decision
from evenhand.core.errors import EvenhandError, InputError, OverloadError, RateLimitError, http_status
from evenhand.service.form import is_multipart, read_multipart
from evenhand.service.moderate import Keep, Submission
from evenhand.service.service import Service

#: The name of this door in decisions and metrics.
DOOR: Final = "home_page"

_FOLDER = Path(__file__).parent
_FORM_TYPE = "application/x-www-form-urlencoded"
_FIELDS_AT_MOST = 8


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
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._templates = make_templates()

    async def show(self, _: Request) -> Response:
        """Return the page with an empty form."""
        return self._render("pages/home.html", text="")

    async def show_again(self, _: Request) -> Response:
        """Send whoever opens the form's address to the form."""
        return RedirectResponse("./", HTTPStatus.SEE_OTHER)

    async def try_text(self, request: Request) -> Response:
        """Return the decision on the form's text: alone for htmx, else within the page."""
        is_htmx = request.headers.get("hx-request") == "true"
        name = "components/outcome.html" if is_htmx else "pages/home.html"
        fields: dict[str, str] = {}
        try:
            given, images = await read_form(request)
            fields |= given
            key_id = await self._admit(fields.get("key", ""))
            content = Content(fields.get("text", ""), images=images)
            (submission,), (decision,) = await self._service.moderate(
                partial(self._submissions, content, key_id), images=len(images)
            )
        except EvenhandError as error:
            return self._refuse(error, name, text=fields.get("text", ""))
        # Laying out a long text with much evidence takes a while, and no other request should wait for it.
        return await asyncio.to_thread(self._answer, name, submission, decision)

    async def _admit(self, key: str) -> str:
        return (await self._service.gate.admit(key.strip() or None, Scope.SCREEN)).id

    def _submissions(self, content: Content, key_id: str) -> list[Submission]:
        return [self._service.moderation.submission(content, keep=Keep.NEVER, key_id=key_id, door=DOOR)]

    def _answer(self, name: str, submission: Submission, decision: Decision) -> Response:
        text = submission.content.text
        return self._render(name, text=text, answer=answer_for(text, decision, submission.policy))

    def _refuse(self, error: EvenhandError, name: str, *, text: str) -> Response:
        refusal = Refusal(error.code, error.message, error.remedy)
        response = self._render(name, text=text, refusal=refusal, status=http_status(error))
        if isinstance(error, RateLimitError | OverloadError):
            response.headers["retry-after"] = str(max(1, round(error.retry_after)))
        return response

    def _render(
        self,
        name: str,
        *,
        text: str,
        answer: Answer | None = None,
        refusal: Refusal | None = None,
        status: int = 200,
    ) -> Response:
        page = HomePage(version=evenhand.__version__, text=text, answer=answer, refusal=refusal)
        html = self._templates.get_template(name).render(page=page)
        return HTMLResponse(html, status, headers={"vary": "hx-request"})


def console_routes(service: Service) -> list[BaseRoute]:
    """Return the routes of the pages: `/`, `/try` and `/static`."""
    pages = HomePages(service)
    return [
        Route("/", pages.show, methods=["GET"]),
        Route("/try", pages.try_text, methods=["POST"]),
        Route("/try", pages.show_again, methods=["GET"]),
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


async def read_form(request: Request) -> tuple[dict[str, str], tuple[ImageFile, ...]]:
    """Return the fields and the images of the form that `request` carries.

    Raises:
        InputError: `form.type`, `form.encoding`, or as `service.form.read_multipart`.
        TooLargeError: The body is over the server's limit.
    """
    if is_multipart(request):
        given, images = await read_multipart(request)
        return {name: _typed(values[-1]) for name, values in given.items()}, images
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM_TYPE:
        raise InputError("form.type", "This is not a form.", remedy=f"Send it as {_FORM_TYPE}.")
    body = await request.body()
    try:
        fields = parse_qs(
            body.decode(), keep_blank_values=True, max_num_fields=_FIELDS_AT_MOST, errors="strict", separator="&"
        )
    except UnicodeDecodeError:
        raise InputError("form.encoding", "The form is not valid UTF-8.", remedy="Encode it as UTF-8.") from None
    except ValueError:
        raise InputError("form.invalid", "The form has too many fields.", remedy="Send key and text.") from None
    return {name: _typed(values[-1]) for name, values in fields.items()}, ()


def _typed(value: str) -> str:
    """Return a field as it was typed: browsers send every line end as CR LF, which nobody typed."""
    return value.replace("\r\n", "\n")
