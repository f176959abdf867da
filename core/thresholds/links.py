"""Thresholds as one short word that fits into a link, to the last bit."""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import replace
from typing import Final

import numpy as np

from core.errors import CoreError
from core.metrics.arrays import FloatArray
from core.thresholds.films import SplitCounts
from core.thresholds.sets import ThresholdSet, none_where_nan

_VERSION: Final = 1
_HEAD: Final = struct.Struct("<BBI")
"""Version, bytes per threshold (4 or 8), first 8 hex digits of the fingerprint of the setting's scores."""


def encode_thresholds(fingerprint: str, values: FloatArray) -> str:
    """Write thresholds (n_classes,), NaN = none, as letters, digits, '-' and '_';
    `Study.scores_fingerprint` goes with them.

    Thresholds that single precision holds exactly take half the room: 14 classes need 83 characters, else 158.

    >>> decode_thresholds(encode_thresholds("0123", np.array([0.5, np.nan])), "0123", 2).tolist()
    [0.5, nan]
    """
    exact = np.asarray(values, dtype=np.float64)
    with np.errstate(over="ignore"):
        single = exact.astype(np.float32)
    is_single = bool(np.array_equal(single.astype(np.float64), exact, equal_nan=True))
    numbers = (single.astype("<f4") if is_single else exact.astype("<f8")).tobytes()
    raw = _HEAD.pack(_VERSION, 4 if is_single else 8, int(fingerprint[:8], 16)) + numbers
    check = binascii.crc32(raw).to_bytes(4, "little")
    return base64.urlsafe_b64encode(raw + check).decode().rstrip("=")


def decode_thresholds(text: str, fingerprint: str, n_classes: int) -> FloatArray:
    """Read (n_classes,) float64, NaN = none; the inverse of `encode_thresholds`.

    Raises CoreError where the word is damaged, of another study, or of another number of classes.
    """
    raw = _checked(text)
    version, width, study = _HEAD.unpack_from(raw)
    if version != _VERSION or width not in (4, 8):
        raise CoreError("The thresholds in the link are of a newer version.", remedy="Update the software.")
    if study != int(fingerprint[:8], 16):
        raise CoreError(
            f"The thresholds in the link are of other films, labels or scores ({study:08x}…) than these "
            f"({fingerprint[:8]}…).",
            remedy="Open the study that the link was made in, or copy the link again.",
        )
    numbers = raw[_HEAD.size :]
    if len(numbers) != width * n_classes:
        raise CoreError(
            f"The link holds {len(numbers) / width:g} thresholds, and the study has {n_classes} classes.",
            remedy="Copy the whole link again.",
        )
    values = np.frombuffer(numbers, dtype=f"<f{width}").astype(np.float64)
    if np.isinf(values).any():
        raise CoreError("A threshold in the link is not finite.", remedy="Copy the link again.")
    return values


def linked_set(
    base: ThresholdSet,
    values: FloatArray,
    films: SplitCounts | None,
    *,
    is_exploratory: bool,
    uppers: FloatArray | None = None,
) -> ThresholdSet:
    """Make a set that came from a file and through a link:
    its thresholds (n_classes,), and what is known of their films.

    base : any set of the same setting.
    films : that they were chosen on; None = on none.
    uppers : (n_classes,) the rule-in cuts, where classes have two.
    """
    none = SplitCounts("val", 0, 0, {})
    moved = base.with_values(values, films or none, uppers=uppers)
    where = "" if films is None else f", chosen on the {films.n_films} {films.split} films"
    words = "exploratory: thresholds" if is_exploratory else "thresholds"
    return replace(
        moved,
        split=None if films is None else films.split,
        basis=f"{base.setting}: {words} from a file, through a link{where}.",
        is_exploratory=is_exploratory,
        is_frozen=True,
        uppers={} if uppers is None else dict(zip(base.values, map(none_where_nan, uppers), strict=True)),
    )


def _checked(text: str) -> bytes:
    """The bytes without their check sum. Raises CoreError where they are damaged."""
    damaged = CoreError("The thresholds in the link are damaged.", remedy="Copy the whole link again.")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise damaged from error
    if len(raw) < _HEAD.size + 4 or binascii.crc32(raw[:-4]) != int.from_bytes(raw[-4:], "little"):
        raise damaged
    return raw[:-4]
