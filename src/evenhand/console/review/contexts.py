"""What the templates of the review console may show, as `console/contexts.py` says."""

from dataclasses import dataclass

from evenhand.console.contexts import Refusal, shown


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another page of the console."""

    address: str = shown("Where it leads, as the page sees it.")
    words: str = shown("What it is called.")
    is_current: bool = shown("Whether it leads to the page that is shown.")


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page of the console."""

    version: str = shown("evenhand's version.")
    name: str = shown("Who is signed in; empty: nobody.")
    role: str = shown("Their role; empty: nobody is signed in.")
    csrf_token: str = shown("What every form carries; empty: nobody is signed in.")
    root: str = shown("The way from the page to /review/, such as ../; may be empty.")
    links: tuple[Link, ...] = shown("The pages that they may see.")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A page that says what went wrong."""

    frame: Frame = shown("What surrounds it.")  # noqa: RUF009 -- it makes a field
    refusal: Refusal = shown("What went wrong.")  # noqa: RUF009 -- it makes a field


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form to sign in with."""

    frame: Frame = shown("What surrounds it.")  # noqa: RUF009 -- it makes a field
    name: str = shown("The name in the form when it is shown anew.")
    refusal: Refusal | None = shown("Why nobody is signed in; none before it was tried.")  # noqa: RUF009 -- as above
    notice: str = shown("What happened before, in a sentence; may be empty.")


@dataclass(frozen=True, slots=True)
class QrCode:
    """An address as a picture that a telephone can read."""

    path: str = shown("The dark squares, as a path of SVG.")
    size: int = shown("Width and height in squares, with the light border.")


@dataclass(frozen=True, slots=True)
class NewAuthenticator:
    """What an authenticator is set up with."""

    secret: str = shown("The secret in base32, for the form that proves that the authenticator has it.")
    spaced: str = shown("The same, in groups of four, to type by hand.")
    qr_code: QrCode = shown("The same, as a picture.")  # noqa: RUF009 -- it makes a field


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A reviewer's own account."""

    frame: Frame = shown("What surrounds it.")  # noqa: RUF009 -- it makes a field
    lacks_authenticator: bool = shown("Whether nothing else is shown to them until they have an authenticator.")
    has_authenticator: bool = shown("Whether they have one.")
    is_setting_up: bool = shown("Whether the form to set one up is unfolded.")
    authenticator: NewAuthenticator = shown("What a new one is set up with.")  # noqa: RUF009 -- it makes a field
    blur_pictures: bool = shown("Whether pictures and clips are blurred until asked.")
    grey_pictures: bool = shown("Whether they have no colours.")
    mute_sound: bool = shown("Whether clips make no sound until asked.")
    fold_severe_text: bool = shown("Whether texts of a high severity are folded until asked.")
    break_after: int = shown("Cases after which a break is proposed; 0: never.")
    refusal: Refusal | None = shown("Why what was sent did not change anything; none where it did.")  # noqa: RUF009 -- as above
    notice: str = shown("What happened before, in a sentence; may be empty.")


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """One of the things that can be chosen."""

    value: str = shown("As it is sent, and shown.")
    is_chosen: bool = shown("Whether it is what stands now.")


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One of all accounts."""

    id: int = shown("Its id.")
    name: str = shown("Its name.")
    role: str = shown("What they may do.")
    is_enabled: bool = shown("Whether they may sign in.")
    second_step: str = shown("Whether they have an authenticator, in words.")
    severe_per_day: int = shown("Most severe cases in a day; 0: no limit.")
    is_own: bool = shown("Whether it is the account of whoever looks at the page.")
    choices: tuple[RoleChoice, ...] = shown("The roles.")


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A password that was made for somebody."""

    name: str = shown("For whom.")
    password: str = shown("The password, which is shown this once.")


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """All accounts, for admins."""

    frame: Frame = shown("What surrounds it.")  # noqa: RUF009 -- it makes a field
    rows: tuple[AccountRow, ...] = shown("The accounts, oldest first.")
    choices: tuple[RoleChoice, ...] = shown("The roles that a new account can have.")
    first_password: FirstPassword | None = shown("The password that was just made; none where there is none.")  # noqa: RUF009 -- as above
    refusal: Refusal | None = shown("Why what was sent did not change anything; none where it did.")  # noqa: RUF009 -- as above
    notice: str = shown("What happened before, in a sentence; may be empty.")


#: Every context, for the test that holds templates and documentation to them.
REVIEW_CONTEXTS = (
    Link,
    Frame,
    ErrorPage,
    SignInPage,
    QrCode,
    NewAuthenticator,
    AccountPage,
    RoleChoice,
    AccountRow,
    FirstPassword,
    AccountsPage,
)
