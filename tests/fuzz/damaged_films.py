"""Films that were damaged at random: PNG, JPEG and DICOM files that must be read rightly or refused in a sentence."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import imagecodecs
import numpy as np
import pydicom
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from core.errors import CoreError
from core.intake.film_files import read_film
from core.intake.uploads import read_upload
from tests.intake.dicom_files import dicom_bytes
from tests.png_files import chunk, png16

Mutator = Callable[[bytes, np.random.Generator], bytes]

_SIDE: Final = 48


def film_cases(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Give damaged films without end, as (name, content); the same generator gives the same ones."""
    whole = list(whole_films())
    while True:
        kind, content = whole[int(rng.integers(len(whole)))]
        said = [kind]
        for _ in range(int(rng.integers(1, 4))):
            name, mutate = MUTATORS[int(rng.integers(len(MUTATORS)))]
            content = mutate(content, rng)
            said.append(name)
        yield ", ".join(said), content


def film_fault(content: bytes, folder: Path) -> str | None:
    """Say what is wrong with how a film is read; None where it is refused in a sentence, or read the same twice."""
    path = folder / "film.png"
    path.write_bytes(content)
    try:
        pixels = read_upload(content).pixels
    except CoreError as refused:
        return None if refused.message.endswith(".") and refused.remedy else f"no sentence: {refused}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or not pixels.size:
        return f"an array of {pixels.dtype} and shape {pixels.shape}"
    if not np.array_equal(read_upload(content).pixels, pixels):
        return "another film when it is read again"
    if content[128:132] == b"DICM":
        return None
    film = read_film(path)
    return None if (film.height_px, film.width_px) == pixels.shape else f"{film} beside {pixels.shape}"


def damaged_film_case(folder: Path, rng: random.Random) -> str:
    """One damaged film of any kind, DICOM too; AssertionError says what is wrong with how it is read."""
    name, content = next(film_cases(np.random.default_rng(rng.getrandbits(32))))
    fault = film_fault(content, folder)
    assert fault is None, f"{name}: {fault}"
    read_upload(content)
    return "right"


def whole_films() -> Iterator[tuple[str, bytes]]:
    """Sound films of every kind that is read."""
    greys = (128 + 100 * np.sin(np.arange(_SIDE)[:, None] / 5) * np.cos(np.arange(_SIDE) / 7)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    for kind, mode in (("PNG", "L"), ("PNG", "RGB"), ("PNG", "P"), ("PNG", "1"), ("JPEG", "L"), ("JPEG", "RGB")):
        buffer = io.BytesIO()
        Image.fromarray(greys).convert(mode).save(buffer, kind, exif=exif)
        yield f"{kind} {mode}", buffer.getvalue()
    deep = greys.astype(np.uint16) * 16
    for channels in (1, 2, 3, 4):
        yield f"PNG of 16 bits, {channels}", png16(np.repeat(deep[..., None], channels, 2))
    yield "DICOM", dicom_bytes(deep, window=(2048, 4096))
    for syntax, frame, bits in (
        ("1.2.840.10008.1.2.4.50", imagecodecs.jpeg8_encode(greys), 8),
        ("1.2.840.10008.1.2.4.51", imagecodecs.jpeg8_encode(deep, bitspersample=12), 12),
        ("1.2.840.10008.1.2.4.70", imagecodecs.ljpeg_encode(deep, bitspersample=12), 12),
        ("1.2.840.10008.1.2.4.80", imagecodecs.jpegls_encode(deep), 16),
        ("1.2.840.10008.1.2.4.90", imagecodecs.jpeg2k_encode(deep, reversible=True, codecformat="j2k"), 16),
    ):
        yield f"DICOM {syntax}", compressed_dicom(syntax, frame, deep, bits)
    dataset = pydicom.dcmread(io.BytesIO(dicom_bytes(deep)))
    dataset.compress(UID("1.2.840.10008.1.2.5"))
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    yield "DICOM RLE", buffer.getvalue()


def compressed_dicom(syntax: str, frame: bytes, stored: np.ndarray, bits: int) -> bytes:
    """A DICOM file of one compressed frame, (H, W) of `bits` bits."""
    dataset = pydicom.dcmread(io.BytesIO(dicom_bytes(stored)))
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = (8 if bits == 8 else 16), bits, bits - 1
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].VR = "OB"
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _flip(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for place in rng.integers(0, max(len(content), 1), int(rng.integers(1, 9))):
        changed[place : place + 1] = bytes([int(rng.integers(256))])
    return bytes(changed)


def _flip_head(content: bytes, rng: np.random.Generator) -> bytes:
    return _flip(content[:1200], rng) + content[1200:]


def _cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: int(rng.integers(0, len(content) + 1))]


def _repeat(content: bytes, rng: np.random.Generator) -> bytes:
    start, stop = sorted(rng.integers(0, len(content) + 1, 2).tolist())
    return content[:stop] + content[start:]


def _drop(content: bytes, rng: np.random.Generator) -> bytes:
    start = int(rng.integers(0, len(content) + 1))
    return content[:start] + content[start + int(rng.integers(1, 200)) :]


def _insert(content: bytes, rng: np.random.Generator) -> bytes:
    place = int(rng.integers(0, len(content) + 1))
    return content[:place] + rng.integers(0, 256, int(rng.integers(1, 64)), dtype=np.uint8).tobytes() + content[place:]


def _extreme(content: bytes, rng: np.random.Generator) -> bytes:
    """A length or a number in the header that nothing has."""
    place = int(rng.integers(0, min(len(content), 1200) + 1))
    value = [0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1][int(rng.integers(7))]
    order = ">I" if rng.integers(2) else "<I"
    return content[:place] + struct.pack(order, value) + content[place + 4 :]


def _checked_header(content: bytes, rng: np.random.Generator) -> bytes:
    """Another header of a PNG, its checksum right."""
    if content[12:16] != b"IHDR":
        return _flip_head(content, rng)
    header = bytearray(content[16:29])
    header[int(rng.integers(13))] = int(rng.integers(256))
    return content[:8] + chunk(b"IHDR", bytes(header)) + content[33:]


def _checked_pixels(content: bytes, rng: np.random.Generator) -> bytes:
    """A PNG's compressed pixels changed, cut or of another length, the checksum right."""
    start = content.find(b"IDAT")
    if start < 0:
        return _flip(content, rng)
    length = int.from_bytes(content[start - 4 : start], "big")
    data = content[start + 4 : start + 4 + length]
    try:
        raw = zlib.decompress(data)
    except zlib.error:
        raw = data
    mutate = (_flip, _cut, _repeat)[int(rng.integers(3))]
    return content[: start - 4] + chunk(b"IDAT", zlib.compress(mutate(raw, rng))) + content[start + 8 + length :]


MUTATORS: Final[tuple[tuple[str, Mutator], ...]] = (
    ("bytes changed", _flip),
    ("bytes of the header changed", _flip_head),
    ("cut off", _cut),
    ("a part twice", _repeat),
    ("a part missing", _drop),
    ("bytes put in", _insert),
    ("an extreme number", _extreme),
    ("another header of a PNG", _checked_header),
    ("other pixels of a PNG", _checked_pixels),
)
