"""JPEG frames through GDCM, in a process of its own: a damaged frame can end the process that decodes it.

`python -P gdcm_process.py`: on stdin question after question, a line "HEIGHT WIDTH BITS SYNTAX N_BYTES" and the frame;
on stdout to each a line with the number of bytes of its samples (0: none) and the samples (little-endian, 1 or 2 bytes
each). It ends when stdin ends, or when it is not asked for a while. Nothing but GDCM is imported.
"""

from __future__ import annotations

import select
import sys

import gdcm

IDLE_S = 60.0


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


def answer(question: bytes) -> bytes:
    """Decode the frame that follows a question on stdin; the bytes to put on stdout."""
    height, width, bits, syntax, n_bytes = question.decode().split()
    samples = decode(sys.stdin.buffer.read(int(n_bytes)), int(height), int(width), int(bits), syntax) or b""
    return b"%d\n%b" % (len(samples), samples)


if __name__ == "__main__":
    while not sys.platform.startswith("linux") or select.select([sys.stdin], [], [], IDLE_S)[0]:
        line = sys.stdin.buffer.readline()
        if not line:
            break
        sys.stdout.buffer.write(answer(line))
        sys.stdout.buffer.flush()
