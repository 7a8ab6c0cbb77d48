import threading

import pytest
from argon2 import PasswordHasher

from evenhand.core.errors import InputError, OverloadError
from evenhand.review import passwords as module
from evenhand.review.passwords import AT_ONCE, Passwords, new_password
from fakes.hashing import quick_passwords

RIGHT = "three words in a row"


@pytest.fixture
def passwords():
    return quick_passwords()


def test_a_password_is_right_for_its_hash_alone(passwords):
    kept = passwords.hash(RIGHT)
    assert passwords.is_right(kept, RIGHT)
    assert not passwords.is_right(kept, RIGHT + " ")
    assert not passwords.is_right(kept, RIGHT.upper())
    assert not passwords.is_right(passwords.hash("another password"), RIGHT)


def test_a_hash_is_argon2id_with_a_salt_of_its_own(passwords):
    first, second = passwords.hash(RIGHT), passwords.hash(RIGHT)
    assert first != second
    assert first.startswith("$argon2id$")
    assert RIGHT not in first


def test_a_password_is_the_same_however_a_keyboard_puts_it_together(passwords):
    assert passwords.is_right(passwords.hash("cafe\u0301 und mehr"), "café und mehr")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password.too_short"),
        ("elevenchars", "password.too_short"),
        ("x" * 1_025, "password.too_long"),
        ("é" * 513, "password.too_long"),
        ("\ufdfa" * 300, "password.too_long"),
        ("twelve chars\ud800", "password.encoding"),
    ],
    ids=["nothing", "short", "long", "long in bytes", "long when normal", "surrogate"],
)
def test_what_cannot_be_a_password_is_refused(passwords, password, code):
    with pytest.raises(InputError) as caught:
        passwords.hash(password)
    assert (caught.value.code, caught.value.field) == (code, "password")
    assert not passwords.is_right(passwords.hash(RIGHT), password)


@pytest.mark.parametrize("password", ["x" * 12, "x" * 1_024, "é" * 512, "nul \0 inside it"])
def test_passwords_at_the_limits_are_taken(passwords, password):
    assert passwords.is_right(passwords.hash(password), password)


@pytest.mark.parametrize("kept", ["", "not a hash", "$argon2id$v=19$broken"])
def test_without_a_hash_no_password_is_right(passwords, kept):
    assert not passwords.is_right(kept, RIGHT)
    assert not passwords.is_right(kept, "")


@pytest.mark.parametrize("typed", [RIGHT, "short"])
def test_an_account_that_is_not_there_costs_one_hash_of_the_usual_cost(typed):
    verified = []

    class Hasher(PasswordHasher):
        def verify(self, kept, password):
            verified.append(kept)
            return super().verify(kept, password)

    passwords = Passwords(Hasher())
    assert not passwords.is_right("", typed)
    (kept,) = verified
    assert not PasswordHasher().check_needs_rehash(kept)


def test_a_hash_of_other_parameters_is_outdated(passwords):
    kept = passwords.hash(RIGHT)
    assert not passwords.is_outdated(kept)
    assert Passwords().is_outdated(kept)


def test_few_are_hashed_at_once_and_others_are_told_when_to_come_back():
    inside, go_on = threading.Barrier(AT_ONCE + 1), threading.Event()

    class Hasher(PasswordHasher):
        def hash(self, password):
            inside.wait(timeout=30)
            go_on.wait(timeout=30)
            return "a hash"

    passwords = Passwords(Hasher())
    threads = [threading.Thread(target=passwords.hash, args=(RIGHT,)) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    inside.wait(timeout=30)
    with pytest.raises(OverloadError) as caught:
        passwords.is_right("", RIGHT)
    assert caught.value.retry_after == 1
    go_on.set()
    for thread in threads:
        thread.join()
    assert not passwords.is_right("", RIGHT)


def test_a_slot_is_free_again_after_a_failure():
    class Hasher(PasswordHasher):
        def hash(self, password):
            raise RuntimeError

    passwords = Passwords(Hasher())
    for _ in range(AT_ONCE + 1):
        with pytest.raises(RuntimeError):
            passwords.hash(RIGHT)


def test_new_passwords_differ_and_can_be_used(passwords):
    made = {new_password() for _ in range(10)}
    assert {len(password) for password in made} == {20}
    assert len(made) == 10
    assert all(passwords.hash(password) for password in made)
    assert module.SHORTEST <= 20
