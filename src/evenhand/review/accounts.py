"""Make accounts and reset them: what takes a new password. Everything else about them is in `store.reviewers`."""

from evenhand.core.case import Role
from evenhand.core.reviewer import Reviewer, reviewer_name
from evenhand.review.passwords import Passwords, new_password
from evenhand.store.audit import SYSTEM
from evenhand.store.reviewers import Reviewers


class Accounts:
    """Makes and resets accounts. Blocks while it hashes: call it in a thread.

    Args:
        reviewers: The accounts.
        passwords: Makes hashes.
    """

    def __init__(self, reviewers: Reviewers, passwords: Passwords | None = None) -> None:
        self._reviewers = reviewers
        self._passwords = passwords or Passwords()

    def create(self, name: str, role: Role, *, password: str = "", actor: str = SYSTEM) -> tuple[Reviewer, str]:
        """Make an account and return it with its first password.

        Args:
            name: As it was typed.
            role: What they may do.
            password: The first password; empty: a random one.
            actor: Who makes it.

        Raises:
            InputError: `reviewer.name`, `reviewer.exists`, or as `Passwords.hash`.
            OverloadError: Others sign in right now.
        """
        normal, first = reviewer_name(name), password or new_password()
        return self._reviewers.create(normal, role, self._passwords.hash(first), actor=actor), first

    def reset(self, reviewer_id: int, *, password: str = "", actor: str = SYSTEM) -> str:
        """Return a new first password of an account, which has no authenticator any more and is not locked.

        Args:
            reviewer_id: Whose.
            password: The new one; empty: a random one.
            actor: Who resets it.

        Raises:
            InputError: As `Passwords.hash`.
            NotFoundError: `reviewer.not_found`.
            OverloadError: Others sign in right now.
        """
        first = password or new_password()
        self._reviewers.reset(reviewer_id, self._passwords.hash(first), actor=actor)
        return first
