"""One JPEG frame through GDCM, in a process of its own: a damaged frame can end the process that decodes it.

`python -P gdcm_process.py HEIGHT WIDTH BITS SYNTAX`: the frame on stdin, its samples (little-endian, 1 or 2 bytes each)
on stdout. Nothing but GDCM is imported.
"""

from __future__ import annotations

import sys

import gdcm


def decode(frame: bytes, height: int, width: int, bits: int, syntax: str) -> bytes | None:
    """Decode a frame of one grey sample per pixel; None where GDCM cannot."""
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
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(syntax)))
    image.SetPixelFormat(gdcm.PixelFormat(1, 8 if bits <= 8 else 16, bits, bits - 1, 0))
    decoded = image.GetBuffer()  # text, in which every byte that is no UTF-8 stands for itself; None where it failed
    return None if decoded is None else bytes(decoded.encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    height, width, bits = (int(text) for text in sys.argv[1:4])
    samples = decode(sys.stdin.buffer.read(), height, width, bits, sys.argv[4])
    if samples is None:
        sys.exit(1)
    sys.stdout.buffer.write(samples)
