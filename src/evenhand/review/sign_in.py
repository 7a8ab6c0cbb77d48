"""Sign in with name, password and one-time code. What was wrong is told neither by words nor by the time it takes."""

from collections.abc import Callable
from datetime import UTC, datetime

from evenhand.core.errors import AuthenticationError, InputError
from evenhand.core.reviewer import Reviewer, reviewer_name
from evenhand.review.one_time_codes import check_secret, step_of
from evenhand.review.passwords import Passwords
from evenhand.store.reviewers import Credentials, Reviewers


class SignIn:
    """Lets reviewers sign in, and change what they sign in with. Blocks while it hashes: call it in a thread.

    Args:
        reviewers: The accounts.
        passwords: Holds passwords against hashes.
        clock: Returns the time, aware.
    """

    def __init__(
        self,
        reviewers: Reviewers,
        passwords: Passwords | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._reviewers = reviewers
        self._passwords = passwords or Passwords()
        self._clock = clock

    def begin(self, name: str, password: str, code: str, *, instead_of: str = "") -> str:
        """Begin a session and return its cookie.

        Args:
            name: As it was typed.
            password: As it was typed.
            code: Of the authenticator, as it was typed; whoever has none may give anything.
            instead_of: The cookie that came along, whose session ends; empty: none.

        Raises:
            AuthenticationError: `sign_in.refused`, whatever the reason.
            OverloadError: Others sign in right now.
            StoreError: The accounts cannot be read.
        """
        found = self._find(name)
        now = self._clock()
        is_right = self._passwords.is_right(found.password_hash if found else "", password)
        if found is None:
            raise self._refused(None, now, "unknown")
        because = _reason_against(found, now, is_right=is_right)
        step = None
        if not because and found.totp_secret:
            step = step_of(found.totp_secret, code, now, after=found.totp_step)
            because = "" if step is not None else "code"
        if because:
            raise self._refused(found.reviewer.id, now, because)
        is_outdated = self._passwords.is_outdated(found.password_hash)
        new_hash = self._passwords.hash(password) if is_outdated else ""
        token = self._reviewers.sign_in(found, now, step=step, new_hash=new_hash, instead_of=instead_of)
        if token is None:
            raise self._refused(found.reviewer.id, now, "changed")
        return token

    def change_password(self, reviewer: Reviewer, old: str, new: str) -> None:
        """Give `reviewer` the password `new` and end all their sessions.

        Raises:
            AuthenticationError: `password.wrong`: `old` is not theirs, or the account is locked.
            InputError: As `Passwords.hash`.
            OverloadError: Others sign in right now.
        """
        self._prove(reviewer, old)
        self._reviewers.set_password(reviewer.id, self._passwords.hash(new), actor=reviewer.actor)

    def set_authenticator(self, reviewer: Reviewer, password: str, secret: str, code: str) -> None:
        """Have `reviewer` sign in with codes of an authenticator from now on, in place of the one that they have.

        Raises:
            AuthenticationError: `password.wrong`: `password` is not theirs, or the account is locked.
            InputError: `authenticator.secret`, or `authenticator.code` where `code` is not what `secret` gives now.
            OverloadError: Others sign in right now.
        """
        check_secret(secret)
        self._prove(reviewer, password)
        step = step_of(secret, code, self._clock(), after=0)
        if step is None:
            raise InputError(
                "authenticator.code",
                "This is not the code that the authenticator should show now.",
                field="code",
                remedy="Check that its clock is right, and give the code that it shows.",
            )
        self._reviewers.set_authenticator(reviewer.id, secret, step, actor=reviewer.actor)

    def _prove(self, reviewer: Reviewer, password: str) -> None:
        """Check the password of somebody who is signed in: whoever found their browser open may not guess it."""
        now = self._clock()
        found = self._find(reviewer.name)
        is_right = self._passwords.is_right(found.password_hash if found else "", password)
        because = "unknown" if found is None else _reason_against(found, now, is_right=is_right)
        if because:
            self._reviewers.note_failure(reviewer.id, now, because=because)
            raise AuthenticationError(
                "password.wrong",
                "The password is not right, or the account is locked.",
                field="password",
                remedy="Try again; after five failures in a row, in 15 minutes.",
            )
        self._reviewers.forget_failures(reviewer.id)

    def _find(self, name: str) -> Credentials | None:
        try:
            return self._reviewers.credentials(reviewer_name(name))
        except InputError:
            return None

    def _refused(self, reviewer_id: int | None, now: datetime, because: str) -> AuthenticationError:
        """Note a failure and return the error that is the same for all."""
        self._reviewers.note_failure(reviewer_id, now, because=because)
        return AuthenticationError(
            "sign_in.refused",
            "Wrong name, password or code, or the account is locked.",
            remedy="Try again; after five failures in a row, in 15 minutes. An admin can reset an account.",
        )


def _reason_against(found: Credentials, now: datetime, *, is_right: bool) -> str:
    """Return the audit's code for why `found` may not sign in at `now`; empty: nothing is against it."""
    if found.locked_until is not None and found.locked_until > now:
        return "locked"
    if not is_right:
        return "password"
    return "" if found.reviewer.is_enabled else "switched_off"
