"""What surrounds every page of the review console: who is signed in, and where they may go."""

from dataclasses import dataclass
from typing import Any, Final

from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

import evenhand
from evenhand.console.review.contexts import Frame, Link
from evenhand.console.review.session import Visitor
from evenhand.core.case import Role
from evenhand.review.casework import LEADING_ROLES, SEEING_ROLES


@dataclass(frozen=True, slots=True)
class _Place:
    """A page in the menu.

    Args:
        address: Below `/review/`.
        words: What it is called.
        roles: Whose menu it is in; none: everybody's.
    """

    address: str
    words: str
    roles: tuple[Role, ...] = ()


#: The menu. A page that is not in it is reached from one that is.
_PLACES: Final = (
    _Place("./", "Queues"),
    _Place("undo", "Undo", LEADING_ROLES),
    _Place("golden", "Golden cases", LEADING_ROLES),
    _Place("numbers", "Numbers", SEEING_ROLES),
    _Place("transparency", "Transparency", SEEING_ROLES),
    _Place("audit", "Audit", SEEING_ROLES),
    _Place("accounts", "Accounts", (Role.ADMIN,)),
    _Place("account", "Your account"),
)
_ACCOUNT: Final = "account"


def frame_for(visitor: Visitor, *, current: str = "") -> Frame:
    """Return what surrounds a page for `visitor`.

    Args:
        visitor: Who sees it.
        current: The address of the page that is shown, below `/review/`, to mark it in the menu.
    """
    reviewer = visitor.reviewer
    links = tuple(
        Link(visitor.root + place.address, place.words, place.address == current)
        for place in _PLACES
        if (not place.roles or reviewer.role in place.roles)
        and (place.address == _ACCOUNT or not visitor.lacks_authenticator)
    )
    return Frame(evenhand.__version__, reviewer.name, reviewer.role, visitor.csrf_token, visitor.root, links)


def frame_for_nobody(root: str) -> Frame:
    """Return what surrounds a page for whoever is not signed in; `root` is the way from it to `/review/`."""
    return Frame(evenhand.__version__, "", "", "", root, ())


def show(templates: Environment, name: str, page: Any, *, status: int = 200) -> Response:
    """Return the page `name`, which shows `page`, a context; nothing keeps it, since it is one reviewer's."""
    html = templates.get_template(name).render(page=page)
    return HTMLResponse(html, status, {"cache-control": "no-store"})
