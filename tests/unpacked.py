"""What `pages.shared.components.pack` wrote, read back as the browser reads it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np


def unpacked(data: bytes) -> Any:
    """The values that were packed, their arrays flat; fails where an array is not aligned."""
    length = int.from_bytes(data[:4], "little")

    def filled(value: dict[str, Any]) -> Any:
        if "$array" not in value:
            return value
        kind, start, size = value["$array"]
        assert (4 + length + start) % 8 == 0, "an array begins where no array of doubles may begin"
        return np.frombuffer(data, np.dtype(kind).newbyteorder("<"), size, 4 + length + start)

    return json.loads(data[4 : 4 + length], object_hook=filled)
