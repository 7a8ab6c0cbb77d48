"""What went wrong, as a page: every error below `/review` is said in HTML."""

from http import HTTPStatus
from typing import Final

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evenhand.console.contexts import Refusal
from evenhand.console.review.contexts import ErrorPage
from evenhand.console.review.frame import frame_for, frame_for_nobody, show
from evenhand.console.review.session import AuthenticatorNeeded, SignInNeeded, Visitor, root_for
from evenhand.core.errors import EvenhandError, InputError, NotFoundError, OverloadError, http_status

_PAGE: Final = "pages/review_error.html"
_PART: Final = "components/review_refusal.html"


class ErrorPages:
    """Answers what `app` raises.

    An error that nobody expects is answered and raised on, so that the server logs it.

    Args:
        app: The pages.
        templates: Of the pages.
    """

    def __init__(self, app: ASGIApp, templates: Environment) -> None:
        self._app = app
        self._templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        scope.setdefault("app", self)  # makes the router raise for an unknown path
        request = Request(scope)
        try:
            await self._app(scope, receive, watched)
        except (EvenhandError, HTTPException) as error:
            if has_begun:
                raise
            await self._answer(request, error)(scope, receive, send)
        except Exception:
            if not has_begun:
                unknown = EvenhandError(
                    "internal", "Something went wrong in the server.", remedy="Tell the operator when it was."
                )
                await self._say(request, unknown)(scope, receive, send)
            raise

    def _answer(self, request: Request, error: EvenhandError | HTTPException) -> Response:
        if isinstance(error, HTTPException):
            response = self._say(request, _route_error(error))
            response.headers.update(error.headers or {})  # which methods a path takes
            return response
        if not isinstance(error, SignInNeeded | AuthenticatorNeeded):
            return self._say(request, error)
        if _is_part(request):
            # The whole page is loaded anew, and then leads to where it should. An address could not be given: htmx
            # would take it from the page, whose place below a proxy's path is not known here.
            return Response(status_code=http_status(error), headers={"hx-refresh": "true"})
        target = "sign-in" if isinstance(error, SignInNeeded) else "account"
        return RedirectResponse(root_for(request) + target, HTTPStatus.SEE_OTHER)

    def _say(self, request: Request, error: EvenhandError) -> Response:
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        frame = frame_for(visitor) if visitor else frame_for_nobody(root_for(request))
        page = ErrorPage(frame, Refusal(error.code, error.message, error.remedy))
        response = show(self._templates, _PART if _is_part(request) else _PAGE, page, status=http_status(error))
        if isinstance(error, OverloadError):
            response.headers["retry-after"] = str(max(1, round(error.retry_after)))
        return response


def _is_part(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _route_error(error: HTTPException) -> EvenhandError:
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return InputError("route.method_not_allowed", "This address does not take what was sent.")
    return NotFoundError("route.not_found", "There is no such page.", remedy="Begin at the first page of the console.")
