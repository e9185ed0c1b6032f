"""Public ids: a prefix that says what it is, and 26 characters that sort by time."""

from __future__ import annotations

import secrets
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
RANDOM_BITS = 80


def make_public_id(prefix: str) -> str:
    """Make a new id such as `cus_01k3…`: 48 bits of milliseconds, then 80 random bits.

    Ids made in different milliseconds sort by time as plain bytes; nobody can guess one.
    """
    number = (time.time_ns() // 1_000_000) << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
    return f"{prefix}_{_encode(number)}"


def _encode(number: int) -> str:
    """Write a number in Crockford's base 32, in lower case and always 26 characters long."""
    return "".join(ALPHABET[number >> shift & 31] for shift in range((LENGTH - 1) * 5, -1, -5))
