"""Hashes of passwords that cost nothing, for tests that are not about their cost."""

from argon2 import PasswordHasher

from evenhand.review.passwords import Passwords


def quick_passwords():
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
