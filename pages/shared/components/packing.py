"""Values with arrays in them as one block of bytes: Streamlit sends bytes as they are, a tenth of the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_ALIGNMENT: Final = 8
"""Every array begins at a multiple of it, so that the browser's typed arrays may stand on the bytes themselves."""
_KINDS: Final = ("uint8", "uint16", "uint32", "float32", "float64")


def pack(content: Mapping[str, Any]) -> bytes:
    """Pack a mapping of JSON values, NumPy arrays anywhere among them, for `unpack` of bytes.js.

    content : arrays may have any shape and arrive flat, in C order; uint8, uint16, uint32, float32 or float64.
    Returns the length of a JSON header in UTF-8 (uint32), the header, then the arrays, all little-endian. In the header
    an array is {"$array": [type, where it begins behind the header in bytes, number of values]}.
    Raises TypeError for a value that is neither JSON nor such an array, ValueError for NaN outside of arrays.
    """
    blocks: list[bytes] = []
    length = 0

    def listed(value: object) -> dict[str, list[str | int]]:
        nonlocal length
        if not isinstance(value, np.ndarray) or value.dtype.name not in _KINDS:
            kind = getattr(value, "dtype", type(value).__name__)
            raise TypeError(f"A value of type {kind} cannot be sent to the browser; arrays may be {', '.join(_KINDS)}.")
        block, start = _bytes_of(value), length
        blocks.append(block)
        length += len(block)
        return {"$array": [value.dtype.name, start, value.size]}

    written = json.dumps(content, default=listed, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    text = written.encode("utf-8", "surrogatepass")
    text += b" " * (-(4 + len(text)) % _ALIGNMENT)
    return b"".join([len(text).to_bytes(4, "little"), text, *blocks])


def _bytes_of(array: npt.NDArray[Any]) -> bytes:
    """Little-endian, in C order, filled up to a whole number of alignments."""
    content = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    return content + bytes(-len(content) % _ALIGNMENT)
