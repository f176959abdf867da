"""A film that someone hands over as a file: PNG, JPEG or DICOM, told by its content and never by its name."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import DatasetError

UInt8Array = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]

MIN_SIDE: Final = 32
MAX_PIXELS: Final = 2**26
_GIVE_FILM: Final = "Give a PNG, JPEG or DICOM file of one chest film."
_WHOLE: Final = "Copy the file again from where it came from, and check that it opens there."


@dataclass(frozen=True, eq=False)
class UploadedFilm:
    """A film of 8-bit greys. pixels : (H, W).  kind : "PNG", "JPEG" or "DICOM".

    notes : what was done to its greys, in sentences. Nothing else of the file is kept: no name, no header.
    """

    pixels: UInt8Array
    kind: str
    notes: tuple[str, ...] = ()


def read_upload(data: bytes, name: str = "") -> UploadedFilm:
    """The film in a file's bytes.

    name : not used to tell what the file is, and not kept; it may hold a patient's name.
    Raises DatasetError, in words without anything from a header, where it is no such file, is cut off, holds several
    pictures, or is too small or too large.
    """
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return _picture(data, "PNG")
    if data[:3] == b"\xff\xd8\xff":
        return _picture(data, "JPEG")
    if data[128:132] == b"DICM" or data[:2] in (b"\x02\x00", b"\x08\x00"):
        return _dicom(data)
    what = "The file is empty." if not data else "The file's content is neither a PNG, a JPEG nor a DICOM film."
    raise DatasetError(what, remedy=_GIVE_FILM)


def _picture(data: bytes, kind: str) -> UploadedFilm:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            _check_size(picture.height, picture.width)
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            return _grey(upright if kind == "JPEG" else picture.copy(), kind)
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise DatasetError(f"The {kind} is damaged or cut off.", remedy=_WHOLE) from error


def _grey(picture: Image.Image, kind: str) -> UploadedFilm:
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture, dtype=np.float64)
        low, high = float(values.min()), float(values.max())
        note = f"Greys of more than 8 bits: {low:g} is shown black and {high:g} white."
        return UploadedFilm(_windowed(values, low, high), kind, (note,))
    colours = np.asarray(picture.convert("RGB"))
    is_grey = bool((colours == colours[..., :1]).all())
    pixels = np.ascontiguousarray(colours[..., 0]) if is_grey else np.asarray(picture.convert("RGB").convert("L"))
    return UploadedFilm(pixels, kind, () if is_grey else ("A colour picture, turned to grey.",))


def _dicom(data: bytes) -> UploadedFilm:
    """The one grey film of a DICOM file, through the window of its header."""
    header = _read_dicom(data)
    n_frames, n_samples = int(header.get("NumberOfFrames") or 1), int(header.get("SamplesPerPixel") or 1)
    meaning = str(header.get("PhotometricInterpretation", ""))
    if n_frames != 1 or n_samples != 1 or meaning not in ("MONOCHROME1", "MONOCHROME2"):
        found = f"{n_frames:,} frames" if n_frames != 1 else "a colour picture"
        raise DatasetError(f"The DICOM file holds {found}; one grey film was expected.", remedy=_GIVE_FILM)
    _check_size(int(header.Rows), int(header.Columns))
    values = _stored_values(header)
    shares, note = _through_window(values, header)
    notes = [note]
    if meaning == "MONOCHROME1":
        shares = 1 - shares
        notes.append("Dark and bright are exchanged, as the file asks for (MONOCHROME1).")
    return UploadedFilm(np.round(255 * shares).astype(np.uint8), "DICOM", tuple(notes))


def _read_dicom(data: bytes) -> Any:
    import pydicom

    try:
        header = pydicom.dcmread(io.BytesIO(data), force=data[128:132] != b"DICM")
        is_film = all(name in header for name in ("PixelData", "Rows", "Columns", "BitsAllocated"))
    except Exception as error:  # pydicom raises many kinds; what they say may quote the header
        raise DatasetError("The DICOM file is damaged or cut off.", remedy=_WHOLE) from error
    if not is_film:
        raise DatasetError("The DICOM file holds no picture, or was cut off before it.", remedy=_WHOLE)
    return header


def _stored_values(header: Any) -> FloatArray:
    """(H, W) after the modality's own scaling."""
    from pydicom.pixels import apply_modality_lut

    try:
        values = np.asarray(apply_modality_lut(header.pixel_array, header), dtype=np.float64)
    except (NotImplementedError, RuntimeError) as error:
        raise DatasetError(
            "The DICOM file's picture is compressed in a way that this program cannot read.",
            remedy="Export it uncompressed, or as PNG.",
        ) from error
    except Exception as error:
        raise DatasetError("The DICOM file's picture is damaged or cut off.", remedy=_WHOLE) from error
    if values.ndim != 2 or not np.isfinite(values).all():
        raise DatasetError("The DICOM file's picture is not one grey film.", remedy=_GIVE_FILM)
    return values


def _through_window(values: FloatArray, header: Any) -> tuple[FloatArray, str]:
    """(H, W) in 0..1, 0 = black before any inversion, and a sentence on how."""
    from pydicom.pixels import apply_voi_lut

    centre, width = (_first(header.get(name)) for name in ("WindowCenter", "WindowWidth"))
    if centre is not None and width is not None and width >= 1:
        low, high = centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2
        shares = np.clip((values - low) / max(high - low, 1e-9), 0, 1)
        return shares, f"Greys through the file's window, centre {centre:g} and width {width:g}."
    if "VOILUTSequence" in header:
        shown = np.asarray(apply_voi_lut(values.astype(np.int64), header, prefer_lut=True), dtype=np.float64)
        return _stretched(shown, float(shown.min()), float(shown.max())), "Greys through the file's own table."
    low, high = (float(value) for value in np.percentile(values, (0.5, 99.5)))
    words = f"The file names no window: {low:g} is shown black and {high:g} white, the middle 99 % of its greys."
    return _stretched(values, low, high), words


def _first(value: Any) -> float | None:
    """A number of the header, the first of several; None where there is none."""
    try:
        several = value if isinstance(value, list | tuple) or hasattr(value, "__getitem__") else [value]
        return None if value is None or not len(several) else float(several[0])
    except (TypeError, ValueError):
        return None


def _windowed(values: FloatArray, low: float, high: float) -> UInt8Array:
    return np.round(255 * _stretched(values, low, high)).astype(np.uint8)


def _stretched(values: FloatArray, low: float, high: float) -> FloatArray:
    return np.asarray(np.clip((values - low) / ((high - low) or 1.0), 0, 1))


def _check_size(height: int, width: int) -> None:
    if min(height, width) < MIN_SIDE:
        message = f"The film has {height} x {width} pixels; each side needs at least {MIN_SIDE}."
        raise DatasetError(message, remedy=_GIVE_FILM)
    if height * width > MAX_PIXELS:
        message = f"The film has {height} x {width} pixels, more than {MAX_PIXELS:,} in all."
        raise DatasetError(message, remedy="Make it smaller first; a model sees a few hundred pixels a side.")
