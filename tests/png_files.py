"""PNGs that Pillow does not write: 16 bits in colour or with transparency, and chunks wherever they are wanted."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def chunk(name: bytes, content: bytes) -> bytes:
    """Length, name, content, checksum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png16(samples: np.ndarray, before: Sequence[bytes] = (), behind: Sequence[bytes] = ()) -> bytes:
    """A PNG of 16 bits a sample. samples : (H, W, 1 to 4). before, behind : chunks around the pixels."""
    height, width, channels = samples.shape
    header = struct.pack(">IIBBBBB", width, height, 16, COLOUR_TYPES[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    parts = (chunk(b"IHDR", header), *before, chunk(b"IDAT", zlib.compress(rows)), *behind, chunk(b"IEND", b""))
    return SIGNATURE + b"".join(parts)
