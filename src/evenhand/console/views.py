"""The home page: a form for one text, and the decision on it. Works with and without JavaScript; keeps no text."""

import asyncio
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
from evenhand.core.content import Content
from evenhand.core.decision import Decision
from evenhand.core.errors import EvenhandError, InputError, OverloadError, RateLimitError, http_status
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
            fields |= await read_form(request)
            submission = await self._admit(fields.get("key", ""), fields.get("text", ""))
            (decision,) = await self._service.queue.moderate([submission])
        except EvenhandError as error:
            return self._refuse(error, name, text=fields.get("text", ""))
        # Laying out a long text with much evidence takes a while, and no other request should wait for it.
        return await asyncio.to_thread(self._answer, name, submission, decision)

    async def _admit(self, key: str, text: str) -> Submission:
        api_key = await self._service.gate.admit(key.strip() or None, Scope.SCREEN)
        return self._service.moderation.submission(
            Content(text), field="text", keep=Keep.NEVER, key_id=api_key.id, door=DOOR
        )

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


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of the form that `request` carries.

    Raises:
        InputError: `form.type`, `form.encoding` or `form.invalid`.
        TooLargeError: The body is over the server's limit.
    """
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
    # Browsers send every line end as CR LF, which nobody typed.
    return {name: values[-1].replace("\r\n", "\n") for name, values in fields.items()}
