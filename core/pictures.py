"""PNG and JPEG files as pixels: told by their content, decoded by nothing else, whole, upright and in full depth."""

from __future__ import annotations

import io
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from core.errors import PictureError, StudyError
from core.files import kind_of
from core.greys import count_greys, ends_of, paint, stretched

UInt8Array = npt.NDArray[np.uint8]
Size = tuple[int, int]
"""Height and width, in pixels."""

MAX_PIXELS: Final = 2**26
"""Films above 8,192 x 8,192 are refused: no detector has as many pixels, and one would fill the memory."""

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
SIGNATURES: Final = (("PNG", PNG_SIGNATURE), ("JPEG", b"\xff\xd8\xff"))
"""How the files begin that are read; every other format that Pillow knows is never tried."""

AGAIN: Final = "Copy the film again from where it came from, or leave it out."
_CONVERT: Final = "Save it as a PNG or JPEG of greys, or leave it out."
_DEEP: Final = 16
_BITS, _COLOUR_TYPE = 24, 25  # where a PNG says them
_COLOURED: Final = {2: "RGB", 4: "LA", 6: "RGBA"}
"""Colour types of a PNG of which Pillow keeps 8 of 16 bits."""

_PADDED: Final = re.compile(r"\b[1-4] extraneous bytes before marker 0xd9")
"""What libjpeg says of bytes that some cameras write before the end; more are pixels that were lost."""


@dataclass(frozen=True, eq=False)
class Samples:
    """A picture as it is stored, upright.

    colours : (H, W) or (H, W, 3), uint8 or uint16.
    alpha : (H, W) of the same depth, None where all is opaque.
    kind : "PNG" or "JPEG".
    """

    kind: str
    colours: npt.NDArray[Any]
    alpha: npt.NDArray[Any] | None = None


@dataclass(frozen=True, eq=False)
class GreyPicture:
    """A picture of 8-bit greys.

    pixels : (H, W).

    is_coloured : whether its colours were turned to grey.
    ends : the greys of more than 8 bits that are shown black and white; None where it has 8.
    said : further sentences on how its greys came about.
    """

    kind: str
    pixels: UInt8Array
    is_coloured: bool = False
    ends: tuple[int, int] | None = None
    said: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what was done to its greys, in sentences."""
        coloured = ("A colour picture, turned to grey.",) if self.is_coloured else ()
        if self.ends is None:
            return (*coloured, *self.said)
        low, high = self.ends
        return (*coloured, f"Greys of more than 8 bits: {low} is shown black and {high} white.", *self.said)


def picture_kind(head: bytes) -> str | None:
    """Tell "PNG" from "JPEG" by a file's first bytes; None where they are of neither."""
    return next((kind for kind, signature in SIGNATURES if head.startswith(signature)), None)


def picture_size(path: Path) -> tuple[int, int]:
    """Read (height, width) of a picture as it is shown, from its header alone.

    Raises PictureError where it is no PNG or JPEG, holds several pictures, or is of colours that are no film's.
    """
    with _guarded(), _opened_file(path) as stream, _opened(stream, MAX_PIXELS) as picture:
        turned = _orientation(picture, stream) > 4
        return (picture.width, picture.height) if turned else (picture.height, picture.width)


def read_grey_picture(source: Path | bytes) -> GreyPicture:
    """Read a picture whole, as 8-bit greys.

    8 bits are kept as they are. Of more, nobody says how many are in use (PadChest stores 10 or 12 in 16), so they are
    scaled by what the picture holds: its lowest grey is black, its highest white, without the strays that
    `core.greys.ends_of` passes over. Colours are weighed as Rec. 601 has it; transparency is passed over.
    Raises PictureError where it is no PNG or JPEG, is damaged or cut off, holds several pictures, or is too large.
    """
    samples = read_samples(source)
    greys = samples.colours
    is_coloured = greys.ndim == 3 and bool((greys != greys[..., :1]).any())
    if greys.ndim == 3:
        greys = _luma(greys) if is_coloured else np.ascontiguousarray(greys[..., 0])
    if greys.dtype == np.uint8:
        return GreyPicture(samples.kind, greys, is_coloured)
    ends = ends_of(count_greys(greys))
    table = np.round(255 * stretched(np.arange(2**_DEEP), *ends)).astype(np.uint8)
    return GreyPicture(samples.kind, paint(greys, table), is_coloured, ends)


def is_upright(path: Path) -> bool:
    """Tell whether a picture is stored as it is shown. Raises PictureError as `picture_size`."""
    with _guarded(), _opened_file(path) as stream, _opened(stream, MAX_PIXELS) as picture:
        return _orientation(picture, stream) == 1


def read_samples(source: Path | bytes, *, max_pixels: int = MAX_PIXELS) -> Samples:
    """Read a picture whole, as it is stored.

    Raises PictureError where it is no PNG or JPEG, is damaged or cut off (a PNG's checksums count), holds several
    pictures, is CMYK, or has more than `max_pixels`.
    """
    with _guarded():
        data = source if isinstance(source, bytes) else _content(source)
        stream = io.BytesIO(data)
        with _opened(stream, max_pixels) as picture:
            kind, orientation = str(picture.format), _orientation(picture, stream)
            _require_sound(data, kind)
            picture.load()
            array = _deep(data) if _loses_bits(data) else _array(picture)
    array = _upright(array, orientation)
    if array.ndim == 2 or array.shape[2] == 3:
        return Samples(kind, array)
    colours = array[..., 0] if array.shape[2] == 2 else array[..., :3]
    return Samples(kind, np.ascontiguousarray(colours), np.ascontiguousarray(array[..., -1]))


def png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Walk a PNG to its end: name and whole of every chunk (length, name, data, checksum).

    Raises PictureError where it breaks off or a checksum is wrong. Source: PNG specification, 5.3.
    """
    start, name = len(PNG_SIGNATURE), b""
    while name != b"IEND":
        stop = start + 12 + int.from_bytes(content[start : start + 4], "big")
        if len(content) < max(stop, start + 12):
            raise PictureError("is cut off", remedy=AGAIN)
        name = content[start + 4 : start + 8]
        if zlib.crc32(content[start + 4 : stop - 4]) != int.from_bytes(content[stop - 4 : stop], "big"):
            raise PictureError("is damaged: one of its checksums is wrong", remedy=AGAIN)
        yield name, content[start:stop]
        start = stop


@contextmanager
def _guarded() -> Iterator[None]:
    """Whatever a decoder raises becomes a PictureError: a foreign file can be damaged in any way."""
    try:
        yield
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(f"has more than {MAX_PIXELS:,} pixels", remedy="Make it smaller first.") from error
    except MemoryError as error:
        raise PictureError("needs more memory than there is", remedy="Make it smaller first.") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise PictureError(f"cannot be read ({error.strerror})", remedy="Check the path.") from error
        raise PictureError("is damaged or cut off", remedy=AGAIN) from error


@contextmanager
def _opened_file(path: Path) -> Iterator[IO[bytes]]:
    """A regular file; a pipe or a device would be waited for without end."""
    if path.exists() and not path.is_file():
        raise PictureError(f"is {kind_of(path.stat().st_mode)}, and a file was expected", remedy=AGAIN)
    with path.open("rb") as stream:
        yield stream


def _content(path: Path) -> bytes:
    with _opened_file(path) as stream:
        return stream.read()


@contextmanager
def _opened(stream: IO[bytes], max_pixels: int) -> Iterator[Image.Image]:
    """Its header, read by the one decoder that its first bytes call for, and refused where it is no film."""
    kind = picture_kind(stream.read(len(PNG_SIGNATURE)))
    if kind is None:
        raise PictureError("is neither a PNG nor a JPEG", remedy=_CONVERT)
    stream.seek(0)
    with Image.open(stream, formats=[kind]) as picture:
        if picture.width * picture.height > max_pixels:
            size = f"{picture.height} x {picture.width} pixels, more than {max_pixels:,} in all"
            raise PictureError(f"has {size}", remedy="Make it smaller first.")
        if getattr(picture, "n_frames", 1) > 1:
            raise PictureError("holds several pictures", remedy="Save the film as a picture of its own.")
        if picture.mode == "CMYK":
            said = "is of printing colours (CMYK), whose greys depend on a profile"
            raise PictureError(said, remedy=_CONVERT)
        yield picture


def _orientation(picture: Image.Image, stream: IO[bytes]) -> int:
    """1 to 8, as EXIF counts them; 1 where nothing is said, or nothing that can be read."""
    if picture.format == "PNG" and "exif" not in picture.info:
        place = stream.tell()
        picture.info |= {"exif": found} if (found := _exif_behind(stream)) else {}
        stream.seek(place)
    try:
        value = Image.Image.getexif(picture).get(ExifTags.Base.Orientation, 1)  # a PNG's own would decode the picture
    except Exception:  # as viewers do, a tag that is damaged is passed over
        return 1
    return value if type(value) is int and 1 <= value <= 8 else 1


def _exif_behind(stream: IO[bytes]) -> bytes | None:
    """The EXIF block of a PNG, wherever it stands; some programs write it behind the pixels."""
    stream.seek(len(PNG_SIGNATURE))
    while len(head := stream.read(8)) == 8 and head[4:] != b"IEND":
        length = int.from_bytes(head[:4], "big")
        if head[4:] == b"eXIf":
            return stream.read(length)
        stream.seek(length + 4, io.SEEK_CUR)
    return None


def _upright(array: npt.NDArray[Any], orientation: int) -> npt.NDArray[Any]:
    """The picture as it is to be shown. Source: EXIF 2.32, tag 0x0112."""
    if orientation > 4:
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return np.ascontiguousarray(array)


def _array(picture: Image.Image) -> npt.NDArray[Any]:
    """(H, W) or (H, W, 2 to 4) of what Pillow keeps every bit of."""
    if picture.mode in ("L", "LA", "RGBA") or (picture.mode == "RGB" and "transparency" not in picture.info):
        return np.asarray(picture)
    if picture.mode == "1":
        return np.asarray(picture.convert("L"))
    if picture.mode.startswith("I"):
        return np.asarray(picture).astype(np.uint16)
    return np.asarray(picture.convert("RGBA" if "transparency" in picture.info else "RGB"))


def _require_sound(data: bytes, kind: str) -> None:
    """What Pillow passes over: checksums of a PNG, and pixels of a JPEG that libjpeg warns of and makes up."""
    if kind == "PNG":
        for _ in png_chunks(data):
            pass
        return
    import simplejpeg

    try:
        simplejpeg.decode_jpeg(data, "GRAY", fastdct=True, fastupsample=True, strict=True)
    except ValueError as error:
        if not _PADDED.search(str(error)):
            raise PictureError("is damaged or cut off", remedy=AGAIN) from error


def _loses_bits(data: bytes) -> bool:
    """Whether it is a PNG of 16 bits in colour or with transparency."""
    return data.startswith(PNG_SIGNATURE) and data[_BITS] == _DEEP and data[_COLOUR_TYPE] in _COLOURED


def _deep(data: bytes) -> npt.NDArray[np.uint16]:
    """(H, W, 2 to 4) uint16 of a PNG of 16 bits that was found whole. OpenCV gives blue first, and LA as four."""
    import cv2

    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.dtype != np.uint16 or found.ndim != 3:
        raise PictureError("is damaged or cut off", remedy=AGAIN)
    array: npt.NDArray[np.uint16] = found[..., [2, 3]] if data[_COLOUR_TYPE] == 4 else found
    return array if array.shape[2] == 2 else array[..., [2, 1, 0, *range(3, array.shape[2])]]


def _luma(colours: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(H, W) of the same depth: .299 red, .587 green, .114 blue, in the whole numbers that Pillow takes."""
    red, green, blue = (colours[..., channel].astype(np.uint32) for channel in range(3))
    return ((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16).astype(colours.dtype)


@dataclass(frozen=True)
class ReadFilm:
    """What reading a film whole found: nothing, or a problem."""

    path: Path
    problem: StudyError | None = None


def read_whole(films: Iterable[tuple[Path, Size | None]]) -> Iterator[ReadFilm]:
    """Read every film to its last pixel, in threads, in order; those that are damaged are given with the problem.

    films : path and the (height, width) that it is to have, None where that is not known.
    """
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1), thread_name_prefix="films") as pool:
        yield from pool.map(_read_whole, films)


def _read_whole(film: tuple[Path, Size | None]) -> ReadFilm:
    path, size = film
    try:
        found = read_grey_picture(path).pixels.shape
    except PictureError as error:
        return ReadFilm(path, problem=StudyError(f"{path}: the film {error.message}.", remedy=error.remedy))
    if size is not None and found != size:
        message = f"{path}: the film has {found[0]} x {found[1]} pixels, not {size[0]} x {size[1]}."
        return ReadFilm(path, problem=StudyError(message, remedy="Import or build the study again."))
    return ReadFilm(path)
