"""A selection of films as short text that fits into a link, and back."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence

import numpy as np

from core.errors import CoreError
from core.metrics.arrays import IntArray


class SelectionError(CoreError):
    """A selection in a link is damaged, or is of another study."""


def encode_rows(rows: Sequence[int] | IntArray, n_films: int) -> str:
    """Rows 0..n_films - 1 as letters, digits, "-" and "_"; empty for an empty selection.

    A bit per film, or the gaps between rows where that is shorter, deflated.
    """
    chosen = np.unique(np.asarray(rows, dtype=np.int64))
    if not len(chosen):
        return ""
    bits = np.zeros(n_films, dtype=np.uint8)
    bits[chosen] = 1
    packed = b"b" + zlib.compress(np.packbits(bits).tobytes())
    gaps = b"g" + zlib.compress(np.diff(chosen, prepend=0).astype("<u4").tobytes())
    body = min(packed, gaps, key=len)
    return base64.urlsafe_b64encode(n_films.to_bytes(4, "little") + body).decode().rstrip("=")


def decode_rows(text: str, n_films: int) -> IntArray:
    """The rows, ascending. Raises SelectionError where the text is damaged or of a study with other films."""
    if not text:
        return np.empty(0, dtype=np.int64)
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        number, form, rest = int.from_bytes(content[:4], "little"), content[4:5], content[5:]
        if number != n_films:
            raise SelectionError(
                f"The link's selection is of a study of {number:,} films; this one has {n_films:,}.",
                remedy="Open the study that the link was made on, or select again.",
            )
        return _rows(form, _inflated(rest, 4 * n_films + 16), n_films)
    except (binascii.Error, ValueError, zlib.error) as error:
        message = f"The link's selection cannot be read ({len(text):,} characters)."
        raise SelectionError(message, remedy="Copy the whole link again, or select the films again.") from error


def _inflated(content: bytes, most: int) -> bytes:
    """At most `most` bytes: a short text may not unpack into gigabytes."""
    reader = zlib.decompressobj()
    found = reader.decompress(content, most)
    if not reader.eof:
        raise ValueError("cut short, or longer than any selection")
    return found


def _rows(form: bytes, content: bytes, n_films: int) -> IntArray:
    if form == b"b":
        bits = np.unpackbits(np.frombuffer(content, dtype=np.uint8))
        rows = np.flatnonzero(bits)
    elif form == b"g":
        rows = np.cumsum(np.frombuffer(content, dtype="<u4").astype(np.int64))
    else:
        raise ValueError("not a form of selection")
    if len(rows) and rows[-1] >= n_films:
        raise ValueError("a row beyond the films")
    return rows
