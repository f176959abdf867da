"""Keys that are made once: long enough that nobody guesses one, short enough to be typed from a screen."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Final

_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No sign is taken for another: neither 0 and O nor 1 and I."""
_LENGTH: Final = 12
_MOST: Final = 64


def new_key() -> str:
    """Make a key of 60 random bits: 12 signs in three groups, "7KQ4-MX2P-T9HD"."""
    signs = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(signs[start : start + 4] for start in range(0, _LENGTH, 4))


def read_key(text: str) -> str:
    """Give a key as it was made, however it was typed: small letters, without hyphens, with blanks.

    >>> read_key(" 7kq4mx2p t9hd")
    '7KQ4-MX2P-T9HD'
    """
    signs = re.sub(r"[\s-]", "", text[:_MOST]).upper()
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))


def is_key(text: str) -> bool:
    """Tell whether a text is as long, and of such signs, as a key that was made here, however it was typed."""
    return len(signs := read_key(text).replace("-", "")) == _LENGTH and set(signs) <= set(_LETTERS)


def are_same(one: str, other: str) -> bool:
    """Tell whether two keys are the same, in a time that does not say how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())
