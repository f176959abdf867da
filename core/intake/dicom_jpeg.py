"""JPEG Lossless, and JPEG of 12 bits, in a DICOM file: what no decoder of a free licence reads but GDCM."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.intake import gdcm_child

JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"
BY_GDCM: Final = (JPEG_EXTENDED, "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
JPEG_LS: Final = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")

_END: Final = b"\xff\xd9"
"""The marker of the end of an image. Source: ITU T.87, C.1."""
_EIGHT: Final = 8
_SIXTEEN: Final = 16


def precision(frame: bytes) -> int:
    """Read the bits per sample, as the frame's own header has it; 0 where there is none. Source: ITU T.81, B.2.2."""
    place = 2
    while frame[place : place + 1] == b"\xff" and len(frame) > place + 4:
        marker, length = frame[place + 1], int.from_bytes(frame[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return frame[place + 4]
        place += 2 + length
    return 0


def require_whole(frame: bytes, size: tuple[int, int]) -> None:
    """Raise ValueError where a JPEG-LS frame says another (height, width), which it would be decoded in, or breaks off
    before its end marker, of which the decoder takes seconds to say so. Zeros may follow.
    """
    place = frame.find(b"\xff\xf7")
    said = tuple(int.from_bytes(frame[place + at : place + at + 2], "big") for at in (5, 7))
    if place < 0 or said != size:
        raise ValueError("the frame is of another size")
    if not frame.rstrip(b"\0").endswith(_END):
        raise ValueError("the frame breaks off")


def decode_jpeg(frame: bytes, size: tuple[int, int], syntax: str) -> NDArray[np.unsignedinteger[Any]]:
    """Decode a frame, (H, W) uint8 or uint16, in another process.

    Raises ValueError where it is damaged, breaks off, or is of another size or no JPEG, TimeoutExpired after ten
    seconds.
    """
    bits = precision(frame)
    if not 1 < bits <= _SIXTEEN:
        raise ValueError(f"a precision of {bits} bits")
    dtype = np.dtype("u1" if bits <= _EIGHT else "<u2")
    n_bytes = size[0] * size[1] * dtype.itemsize
    samples = gdcm_child.samples_of(frame, f"{size[0]} {size[1]} {bits} {syntax}", n_bytes)
    if not samples:
        raise ValueError("the frame is damaged")
    return np.frombuffer(samples, dtype).reshape(size)


def signed(values: NDArray[np.unsignedinteger[Any]], bits: int) -> NDArray[np.signedinteger[Any]]:
    """Read the same bits as two's complement of `bits` bits."""
    shift = values.dtype.itemsize * 8 - bits
    kind = np.dtype(f"i{values.dtype.itemsize}")
    return (values << shift).astype(values.dtype).view(kind) >> shift
