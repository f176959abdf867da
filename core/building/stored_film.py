"""A film as a PNG in a study: its own file where that is grey already, else packed without wasting a build's time."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from PIL import Image

from core.models.arrays import UInt8Array
from core.pictures import PNG_SIGNATURE, is_upright, png_chunks

SMALL: Final = 2**17
"""Pixels up to which a film is packed as tightly as can be: a millisecond there, seconds on a large one."""

LEVEL: Final = 4
"""Of zlib. On films of 1024 x 1024: .09 s and 393 to 426 kB; the default, 6: .28 s and 401 to 431 kB; tightest: .57 s
and 396 to 427 kB."""

_GREY: Final = b"\x08\x00"
"""Bits a sample, and the colour type, in the header."""

_NEEDED: Final = (b"IHDR", b"IDAT", b"IEND")


def film_png(film: UInt8Array, file: Path | None) -> bytes:
    """A PNG of 8-bit greys with these pixels, and with nothing else: no text, no time, no orientation.

    film : (H, W). file : where it was read from; its compressed pixels are taken over where it is such a PNG itself.
    """
    own = None if file is None else grey_chunks(file)
    if own is not None:
        return own
    content = io.BytesIO()
    if film.size <= SMALL:
        Image.fromarray(film).save(content, "PNG", optimize=True)
    else:
        Image.fromarray(film).save(content, "PNG", compress_level=LEVEL)
    return content.getvalue()


def grey_chunks(file: Path) -> bytes | None:
    """The size and the pixels of a PNG of 8-bit greys, without its other chunks.

    None where it is another file, or one that is turned before it is shown. The file must have been decoded once.
    """
    with file.open("rb") as stream:
        head = stream.read(26)
        if head[:8] != PNG_SIGNATURE or head[24:] != _GREY:
            return None
        content = head + stream.read()
    if not is_upright(file):
        return None
    return PNG_SIGNATURE + b"".join(chunk for name, chunk in png_chunks(content) if name in _NEEDED)
