from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from evenhand.core.errors import InputError
from evenhand.review.one_time_codes import STEP_SECONDS, address_of, check_secret, new_secret, step_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 26, 12, 0, 7, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


def code_at(step):
    return pyotp.TOTP(SECRET).generate_otp(step)


def test_the_codes_are_those_of_the_standard():
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of RFC 6238, whose codes have eight digits
    then = datetime.fromtimestamp(1_111_111_111, UTC)
    assert step_of(secret, "050471", then, after=0) == 1_111_111_111 // STEP_SECONDS


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_code_is_right_one_step_either_way(off):
    assert step_of(SECRET, code_at(STEP + off), NOW, after=0) == STEP + off


@pytest.mark.parametrize("off", [-2, 2])
def test_a_code_of_another_time_is_wrong(off):
    assert step_of(SECRET, code_at(STEP + off), NOW, after=0) is None


@pytest.mark.parametrize(("after", "is_right"), [(STEP - 1, True), (STEP, False), (STEP + 1, False)])
def test_a_code_works_after_the_last_one_alone(after, is_right):
    assert (step_of(SECRET, code_at(STEP), NOW, after=after) == STEP) is is_right


def test_a_code_may_be_typed_with_spaces():
    code = code_at(STEP)
    assert step_of(SECRET, f" {code[:3]} {code[3:]}\n", NOW, after=0) == STEP


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345", "1" * 1_000_000, "\ud800"])
def test_what_is_no_code_is_wrong(code):
    assert step_of(SECRET, code, NOW, after=0) is None


def test_a_clock_that_jumps_back_takes_no_code_that_was_used():
    used = step_of(SECRET, code_at(STEP), NOW, after=0)
    earlier = NOW - timedelta(hours=1)
    assert step_of(SECRET, code_at(STEP - 120), earlier, after=used) is None


def test_secrets_differ_and_are_taken():
    made = [new_secret() for _ in range(3)]
    assert len(set(made)) == 3
    for secret in made:
        check_secret(secret)


@pytest.mark.parametrize("secret", ["", "short", SECRET.lower(), SECRET + "A", SECRET + "\n", "1" * 32])
def test_what_is_no_secret_is_refused(secret):
    with pytest.raises(InputError) as caught:
        check_secret(secret)
    assert caught.value.code == "authenticator.secret"


def test_the_address_sets_an_authenticator_up():
    read = pyotp.parse_uri(address_of(SECRET, "ada@example.org"))
    assert (read.secret, read.issuer, read.name) == (SECRET, "evenhand", "ada@example.org")
    assert (read.interval, read.digits) == (30, 6)
