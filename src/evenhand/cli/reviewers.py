"""`evenhand reviewers`: make, list and change the accounts of the review console."""

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from evenhand.cli.options import data_folder_option, json_option, opened_store, setting_option, settings_from
from evenhand.core.case import Role
from evenhand.core.reviewer import Reviewer, reviewer_name

if TYPE_CHECKING:
    from evenhand.store.reviewers import Reviewers

Given = tuple[tuple[str, str], ...]

_password_option = click.option("--password", "asks", is_flag=True, help="Ask for the password instead of making one.")
_role_type = click.Choice([role.value for role in Role])


@click.group
def command() -> None:
    """Make, list and change the accounts of the review console."""


@command.command
@click.argument("name")
@click.option("--role", required=True, type=_role_type, help="What they may do.")
@_password_option
@data_folder_option
@setting_option
@json_option
def create(*, name: str, role: str, asks: bool, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Make an account called NAME and print its first password; it cannot be shown again.

    Example: evenhand reviewers create ada --role admin
    """
    from evenhand.review.accounts import Accounts

    given = _ask() if asks else ""
    with _opened(setting, data_folder) as reviewers:
        reviewer, password = Accounts(reviewers).create(name, Role(role), password=given)
    _print_password(reviewer, "" if asks else password, as_json=as_json)


@command.command(name="list")
@data_folder_option
@setting_option
@json_option
def list_(*, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Print all accounts, without their passwords.

    Example: evenhand reviewers list --json
    """
    with _opened(setting, data_folder) as reviewers:
        found = reviewers.list()
    if as_json:
        click.echo(json.dumps([_entry(reviewer) for reviewer in found], indent=2))
        return
    for reviewer in found:
        second = "password and code" if reviewer.has_authenticator else "password alone"
        state = "enabled" if reviewer.is_enabled else "disabled"
        click.echo(f"{reviewer.id}  {reviewer.name}  {reviewer.role}  {second}  {state}")


@command.command
@click.argument("name")
@data_folder_option
@setting_option
@json_option
def disable(*, name: str, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """End the sessions of NAME, who does not sign in any more until the account is enabled.

    Example: evenhand reviewers disable ada
    """
    with _opened(setting, data_folder) as reviewers:
        reviewer = _found(reviewers, name)
        reviewers.set_enabled(reviewer.id, is_enabled=False)
        _print_entry(_found(reviewers, name), "is disabled", as_json=as_json)


@command.command
@click.argument("name")
@data_folder_option
@setting_option
@json_option
def enable(*, name: str, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Let NAME sign in again.

    Example: evenhand reviewers enable ada
    """
    with _opened(setting, data_folder) as reviewers:
        reviewer = _found(reviewers, name)
        reviewers.set_enabled(reviewer.id, is_enabled=True)
        _print_entry(_found(reviewers, name), "is enabled", as_json=as_json)


@command.command
@click.argument("name")
@click.argument("role", type=_role_type)
@data_folder_option
@setting_option
@json_option
def set_role(*, name: str, role: str, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Give NAME another role, from their next request on.

    Example: evenhand reviewers set-role ada lead
    """
    with _opened(setting, data_folder) as reviewers:
        reviewer = _found(reviewers, name)
        reviewers.set_role(reviewer.id, Role(role))
        _print_entry(_found(reviewers, name), f"has the role {role}", as_json=as_json)


@command.command
@click.argument("name")
@_password_option
@data_folder_option
@setting_option
@json_option
def reset(*, name: str, asks: bool, data_folder: str | None, setting: Given, as_json: bool) -> None:
    """Print a new password for NAME, whose authenticator is removed; this also unlocks the account.

    Example: evenhand reviewers reset ada
    """
    from evenhand.review.accounts import Accounts

    with _opened(setting, data_folder) as reviewers:
        reviewer = _found(reviewers, name)
        given = _ask() if asks else ""
        password = Accounts(reviewers).reset(reviewer.id, password=given)
        reviewer = _found(reviewers, name)
    _print_password(reviewer, "" if asks else password, as_json=as_json)


@contextlib.contextmanager
def _opened(setting: Given, data_folder: str | None) -> "Iterator[Reviewers]":
    with opened_store(settings_from(setting, data_folder=data_folder)) as store:
        yield store.reviewers


def _found(reviewers: "Reviewers", name: str) -> Reviewer:
    return reviewers.get(reviewer_name(name))


def _ask() -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


def _print_password(reviewer: Reviewer, password: str, *, as_json: bool) -> None:
    """Print a password that was made, and of one that was given only that it is set."""
    if as_json:
        click.echo(json.dumps(_entry(reviewer) | ({"password": password} if password else {}), indent=2))
    else:
        click.echo(password or f"The password of {reviewer.name} is set.")


def _print_entry(reviewer: Reviewer, what: str, *, as_json: bool) -> None:
    click.echo(json.dumps(_entry(reviewer), indent=2) if as_json else f"{reviewer.name} {what}.")


def _entry(reviewer: Reviewer) -> dict[str, Any]:
    return {
        "id": reviewer.id,
        "name": reviewer.name,
        "role": reviewer.role.value,
        "is_enabled": reviewer.is_enabled,
        "has_authenticator": reviewer.has_authenticator,
        "severe_per_day": reviewer.severe_per_day,
    }
