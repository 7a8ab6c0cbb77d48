import pytest

from evenhand.console.review.frame import frame_for, frame_for_nobody
from evenhand.console.review.session import Visitor
from evenhand.core.case import Role
from evenhand.core.reviewer import Reviewer


def visitor(role, **more):
    return Visitor(Reviewer(1, "ada", role), "token", **({"root": "../"} | more))


def words(frame):
    return [link.words for link in frame.links]


def test_the_frame_says_who_is_signed_in_and_where_the_page_is():
    frame = frame_for(visitor(Role.LEAD))
    assert (frame.name, frame.role, frame.csrf_token, frame.root) == ("ada", "lead", "token", "../")


@pytest.mark.parametrize(("role", "is_there"), [(Role.ADMIN, True), (Role.LEAD, False), (Role.AUDITOR, False)])
def test_the_menu_has_what_the_role_may_see(role, is_there):
    frame = frame_for(visitor(role))
    assert ("Accounts" in words(frame)) is is_there
    assert "Your account" in words(frame)


def test_whoever_lacks_an_authenticator_has_their_account_alone():
    assert words(frame_for(visitor(Role.ADMIN, lacks_authenticator=True))) == ["Your account"]


def test_the_page_that_is_shown_is_marked_and_addresses_are_relative():
    links = frame_for(visitor(Role.ADMIN), current="accounts").links
    assert [link.address for link in links if link.is_current] == ["../accounts"]
    assert all(link.address.startswith("../") for link in links)


def test_nobody_has_no_menu():
    frame = frame_for_nobody("../")
    assert (frame.name, frame.role, frame.csrf_token, frame.links, frame.root) == ("", "", "", (), "../")
