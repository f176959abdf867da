"""JPEG of 12 bits in a DICOM file (JPEG Extended), which pydicom hands to no decoder of a free licence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"


def precision(frame: bytes) -> int:
    """Bits a sample, as the frame's own header has it; 0 where there is none. Source: ITU T.81, B.2.2."""
    place = 2
    while frame[place : place + 1] == b"\xff":
        marker, length = frame[place + 1], int.from_bytes(frame[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return frame[place + 4]
        place += 2 + length
    return 0


def decode_12_bits(frame: bytes, height: int, width: int) -> NDArray[np.uint16]:
    """Decode a frame of 12 bits, (height, width), by GDCM.

    Raises ValueError where it is damaged or not as large. GDCM says on stderr that it tries 8 bits first.
    """
    import gdcm

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((width, height, 1))
    image.SetDataElement(element)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.MONOCHROME2))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGExtendedProcess2_4))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, 12, 11, 0))
    decoded = image.GetBuffer()  # text, in which every byte that is no UTF-8 stands for itself; None where it failed
    if decoded is None:
        raise ValueError("the frame is damaged")
    return np.frombuffer(decoded.encode("utf-8", "surrogateescape"), "<u2").reshape(height, width)
