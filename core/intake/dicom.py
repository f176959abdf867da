"""The pixels of a DICOM file. Of its header only what the pixels mean is read; names in it go nowhere."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import DatasetError
from core.greys import Counts, count_greys, paint
from core.intake.dicom_greys import first_number, shares_of
from core.intake.dicom_header import AGAIN, film_size
from core.intake.dicom_jpeg import BY_GDCM, JPEG_EXTENDED, JPEG_LS, decode_jpeg, precision, require_whole, signed

if TYPE_CHECKING:
    from pydicom import Dataset

Stored = NDArray[np.integer[Any]]

DECODERS: Final = {
    "1.2.840.10008.1.2.4.50": "pillow",
    JPEG_EXTENDED: "pillow",
    "1.2.840.10008.1.2.4.80": "pyjpegls",
    "1.2.840.10008.1.2.4.81": "pyjpegls",
    "1.2.840.10008.1.2.4.90": "pylibjpeg",
    "1.2.840.10008.1.2.4.91": "pylibjpeg",
    "1.2.840.10008.1.2.5": "pylibjpeg",
}
"""One decoder of pydicom's per compression: what a film looks like must not depend on what else is installed."""

_TWELVE: Final = 12
_PANIC: Final = "PanicException"
"""What a decoder written in Rust raises at damage that it did not foresee; no `Exception`, so that it ends programs."""
_LOOKED_UP: Final = 2
"""Bytes of a stored value up to which its grey is looked up in a table of all values."""


def read_dicom(data: bytes) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Read (H, W) uint8, bright where X-rays were stopped, and what was done to the stored values, in sentences.

    Stored values are rescaled (modality), put through the file's table of greys (VOI LUT) or its first window that
    tells them apart, or else taken over their whole range as `core.greys.ends_of` finds it, and turned round where the
    file is MONOCHROME1; padding is black. Raw films of a detector, and films that lie mirrored or turned, are shown as
    they are, with a sentence.
    Raises DatasetError, without anything from a header, where the file breaks off or is not one grey frame.
    Source: DICOM PS3.3, C.7.5.1.1.2, C.7.6.3 and C.11.
    """
    dataset = _dataset(data)
    try:
        return _film(dataset)
    except DatasetError:
        raise
    except MemoryError as error:
        raise DatasetError("The DICOM file needs more memory than there is.", remedy=AGAIN) from error
    except Exception as error:  # pydicom reads a field when it is asked for, and raises many kinds where it is damaged
        raise DatasetError("The header of the DICOM file is damaged.", remedy=AGAIN) from error


def _film(dataset: Dataset) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    size = film_size(dataset)
    film = _levels(_stored(dataset, size))
    padding = _padding(dataset, film.values)
    shares, notes = _greys(dataset, _rescaled(dataset, film.values), np.where(padding, 0, film.counts))
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        shares = 1 - shares
        notes += ("MONOCHROME1: black and white were turned round.",)
    if padding.any():
        notes += ("Padding around the film is shown black.",)
    greys = np.round(np.where(padding, 0, shares) * 255).astype(np.uint8)
    return film.painted(greys), (*notes, *_warnings(dataset))


def _warnings(dataset: Dataset) -> tuple[str, ...]:
    """Sentences on a film that is not as films for reading are. Source: DICOM PS3.3, C.7.6.1.1.1 and C.8.11.1."""
    notes = []
    if str(dataset.get("PresentationIntentType", "")).strip().upper() == "FOR PROCESSING":
        raw = "the detector's raw values, in which lungs may be white; models expect a film FOR PRESENTATION"
        notes.append(f"FOR PROCESSING: {raw}.")
    across, down = (str(letters).upper()[:1] for letters in [*(dataset.get("PatientOrientation") or ()), "", ""][:2])
    if across == "R" and down == "F":
        notes.append("The film lies mirrored: its columns run to the patient's right; it is shown as it is stored.")
    elif (across in ("L", "A", "P") and down == "H") or (across, down) == ("R", "H"):
        notes.append("The film lies upside down: its rows run to the patient's head; it is shown as it is stored.")
    elif across in ("H", "F"):
        notes.append("The film lies on its side: its columns run along the patient; it is shown as it is stored.")
    return tuple(notes)


def _dataset(data: bytes) -> Dataset:
    from pydicom import dcmread

    try:
        dataset = dcmread(io.BytesIO(data))
        has_pixels = "PixelData" in dataset
    except Exception as error:  # pydicom raises many kinds; their texts may quote the header
        raise DatasetError("The DICOM file breaks off or is damaged.", remedy="Copy the file again.") from error
    if not has_pixels:
        raise DatasetError("The DICOM file holds no pixels, or breaks off before them.", remedy="Copy the file again.")
    return dataset


def _stored(dataset: Dataset, size: tuple[int, int]) -> Stored:
    """(H, W) values as they are stored."""
    try:
        values = _decoded(dataset, size)
    except MemoryError:
        raise
    except BaseException as error:
        if not (isinstance(error, Exception) or type(error).__name__ == _PANIC):
            raise
        message = (
            "The pixels of the DICOM file cannot be read: they break off, or are compressed in a way not known here."
        )
        raise DatasetError(message, remedy=AGAIN) from error
    if values.shape != size or values.size == 0:
        raise DatasetError("The DICOM file is not one grey frame.", remedy=AGAIN)
    return values


def _decoded(dataset: Dataset, size: tuple[int, int]) -> Stored:
    from pydicom.encaps import generate_frames

    syntax = str(dataset.file_meta.TransferSyntaxUID)
    if syntax in BY_GDCM:
        frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
        if syntax != JPEG_EXTENDED or precision(frame) == _TWELVE:
            values = decode_jpeg(frame, size, syntax)
            return signed(values, int(dataset.BitsStored)) if dataset.PixelRepresentation else values
    if syntax in JPEG_LS:
        require_whole(next(generate_frames(dataset.PixelData, number_of_frames=1)), size)
    dataset.pixel_array_options(decoding_plugin=DECODERS.get(syntax, ""))
    return np.asarray(dataset.pixel_array)


@dataclass(frozen=True, eq=False)
class _Levels:
    """The stored values that occur on a film.

    values, counts : (n,), ascending, and how often each occurs.
    codes : (n,) what stands for each in `pixels`, (H, W).
    """

    values: Stored
    counts: Counts
    codes: NDArray[np.integer[Any]]
    pixels: NDArray[np.unsignedinteger[Any]]

    def painted(self, greys: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Give (H, W) of a grey for every value, (n,)."""
        if self.pixels.itemsize > _LOOKED_UP:
            return np.asarray(greys[self.pixels], dtype=np.uint8)
        table = np.zeros(2 ** (8 * self.pixels.itemsize), dtype=np.uint8)
        table[self.codes] = greys
        return paint(self.pixels, table)


def _levels(stored: Stored) -> _Levels:
    """Find which values occur; up to 16 bits each stands for itself, read as if none were below zero."""
    if stored.itemsize > _LOOKED_UP:
        values, places, counts = np.unique(stored, return_inverse=True, return_counts=True)
        pixels = places.reshape(stored.shape).astype(np.uint64)
        return _Levels(values, counts.astype(np.int64), np.arange(len(values)), pixels)
    native = np.ascontiguousarray(stored, dtype=stored.dtype.newbyteorder("="))
    bits = native.view(f"u{native.itemsize}")
    counts = count_greys(bits)
    codes = np.flatnonzero(counts).astype(bits.dtype)
    values = codes.view(native.dtype)
    order = np.argsort(values)
    return _Levels(values[order], counts[codes[order]], codes[order], bits)


def _rescaled(dataset: Dataset, stored: Stored) -> NDArray[np.float64]:
    """(n,) values after the modality's table or slope."""
    from pydicom.pixels.processing import apply_modality_lut

    slope = first_number(dataset.get("RescaleSlope", 1))
    with np.errstate(over="ignore"):
        values = np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
    if slope in (None, 0) or not np.isfinite(values).all():
        message = "The DICOM file rescales its values by a slope that is no number, 0 or too large."
        raise DatasetError(message, remedy=AGAIN)
    return values


def _padding(dataset: Dataset, stored: Stored) -> NDArray[np.bool_]:
    """(n,): which stored values stand for no film at all; none where all do."""
    first, last = (first_number(dataset.get(name)) for name in ("PixelPaddingValue", "PixelPaddingRangeLimit"))
    if first is None:
        return np.zeros(stored.shape, dtype=bool)
    low, high = sorted((first, first if last is None else last))
    padding = (stored >= low) & (stored <= high)
    return np.zeros(stored.shape, dtype=bool) if padding.all() else padding


def _greys(
    dataset: Dataset, values: NDArray[np.float64], counts: Counts
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Values in 0..1, and sentences on how."""
    try:
        return shares_of(dataset, values, counts)
    except Exception as error:
        raise DatasetError("The DICOM file's table of greys (VOI LUT) is damaged.", remedy=AGAIN) from error
