"""What the templates of the review console may show, as `console/contexts.py` says."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from evenhand.console.contexts import Refusal


def _field(help_text: str) -> Any:
    return dataclasses.field(metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another page of the console."""

    address: str = _field("Where it leads, as the page sees it.")
    words: str = _field("What it is called.")
    is_current: bool = _field("Whether it leads to the page that is shown.")


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page of the console."""

    version: str = _field("evenhand's version.")
    name: str = _field("Who is signed in; empty: nobody.")
    role: str = _field("Their role; empty: nobody is signed in.")
    csrf_token: str = _field("What every form carries; empty: nobody is signed in.")
    root: str = _field("The way from the page to /review/, such as ../; may be empty.")
    links: tuple[Link, ...] = _field("The pages that they may see.")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A page that says what went wrong."""

    frame: Frame = _field("What surrounds it.")  # noqa: RUF009 -- it makes a field
    refusal: Refusal = _field("What went wrong.")  # noqa: RUF009 -- it makes a field


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form to sign in with."""

    frame: Frame = _field("What surrounds it.")  # noqa: RUF009 -- it makes a field
    name: str = _field("The name in the form when it is shown anew.")
    refusal: Refusal | None = _field("Why nobody is signed in; none before it was tried.")  # noqa: RUF009 -- as above
    notice: str = _field("What happened before, in a sentence; may be empty.")


@dataclass(frozen=True, slots=True)
class QrCode:
    """An address as a picture that a telephone can read."""

    path: str = _field("The dark squares, as a path of SVG.")
    size: int = _field("Width and height in squares, with the light border.")


@dataclass(frozen=True, slots=True)
class NewAuthenticator:
    """What an authenticator is set up with."""

    secret: str = _field("The secret in base32, for the form that proves that the authenticator has it.")
    spaced: str = _field("The same, in groups of four, to type by hand.")
    qr_code: QrCode = _field("The same, as a picture.")  # noqa: RUF009 -- it makes a field


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A reviewer's own account."""

    frame: Frame = _field("What surrounds it.")  # noqa: RUF009 -- it makes a field
    lacks_authenticator: bool = _field("Whether nothing else is shown to them until they have an authenticator.")
    has_authenticator: bool = _field("Whether they have one.")
    is_setting_up: bool = _field("Whether the form to set one up is unfolded.")
    authenticator: NewAuthenticator = _field("What a new one is set up with.")  # noqa: RUF009 -- it makes a field
    blur_pictures: bool = _field("Whether pictures and clips are blurred until asked.")
    grey_pictures: bool = _field("Whether they have no colours.")
    mute_sound: bool = _field("Whether clips make no sound until asked.")
    fold_severe_text: bool = _field("Whether texts of a high severity are folded until asked.")
    break_after: int = _field("Cases after which a break is proposed; 0: never.")
    refusal: Refusal | None = _field("Why what was sent did not change anything; none where it did.")  # noqa: RUF009 -- as above
    notice: str = _field("What happened before, in a sentence; may be empty.")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the things that can be chosen."""

    value: str = _field("As it is sent, and shown.")
    is_chosen: bool = _field("Whether it is what stands now.")


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One of all accounts."""

    id: int = _field("Its id.")
    name: str = _field("Its name.")
    role: str = _field("What they may do.")
    is_enabled: bool = _field("Whether they may sign in.")
    second_step: str = _field("Whether they have an authenticator, in words.")
    severe_per_day: int = _field("Most severe cases in a day; 0: no limit.")
    is_own: bool = _field("Whether it is the account of whoever looks at the page.")
    choices: tuple[Choice, ...] = _field("The roles.")


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A password that was made for somebody."""

    name: str = _field("For whom.")
    password: str = _field("The password, which is shown this once.")


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """All accounts, for admins."""

    frame: Frame = _field("What surrounds it.")  # noqa: RUF009 -- it makes a field
    rows: tuple[AccountRow, ...] = _field("The accounts, oldest first.")
    choices: tuple[Choice, ...] = _field("The roles that a new account can have.")
    first_password: FirstPassword | None = _field("The password that was just made; none where there is none.")  # noqa: RUF009 -- as above
    refusal: Refusal | None = _field("Why what was sent did not change anything; none where it did.")  # noqa: RUF009 -- as above
    notice: str = _field("What happened before, in a sentence; may be empty.")


#: Every context, for the test that holds templates and documentation to them.
REVIEW_CONTEXTS = (
    Link,
    Frame,
    ErrorPage,
    SignInPage,
    QrCode,
    NewAuthenticator,
    AccountPage,
    Choice,
    AccountRow,
    FirstPassword,
    AccountsPage,
)
