"""The pixels of a DICOM file. Of its header only what the pixels mean is read; names in it go nowhere."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import DatasetError
from core.intake.dicom_greys import first_number, shares_of
from core.intake.dicom_jpeg import BY_GDCM, JPEG_EXTENDED, JPEG_LS, decode_jpeg, precision, require_size, signed
from core.pictures import MAX_PIXELS

if TYPE_CHECKING:
    from pydicom import Dataset

Stored = NDArray[np.integer[Any]]

_AGAIN: Final = "Export the film again, uncompressed, as one frame."
_DECODERS: Final = {
    "1.2.840.10008.1.2.4.50": "pillow",
    JPEG_EXTENDED: "pillow",
    "1.2.840.10008.1.2.4.80": "pyjpegls",
    "1.2.840.10008.1.2.4.81": "pyjpegls",
    "1.2.840.10008.1.2.4.90": "pylibjpeg",
    "1.2.840.10008.1.2.4.91": "pylibjpeg",
}
"""One decoder of pydicom's per compression: what a film looks like must not depend on what else is installed."""

_TWELVE: Final = 12
_ROWS: Final = 256
"""Rows of a film that are turned into greys together."""


def read_dicom(data: bytes) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Read (H, W) uint8, bright where X-rays were stopped, and what was done to the stored values, in sentences.

    Stored values are rescaled (modality), put through the file's table of greys (VOI LUT) or its first window that
    tells them apart, or else taken over their whole range, and turned round where the file is MONOCHROME1; padding is
    black. Raw films of a detector, and films that lie mirrored or turned, are shown as they are, with a sentence.
    Raises DatasetError, without anything from a header, where the file breaks off or is not one grey frame.
    Source: DICOM PS3.3, C.7.5.1.1.2, C.7.6.3 and C.11.
    """
    dataset = _dataset(data)
    try:
        return _film(dataset)
    except DatasetError:
        raise
    except MemoryError as error:
        raise DatasetError("The DICOM file needs more memory than there is.", remedy=_AGAIN) from error
    except Exception as error:  # pydicom reads a field when it is asked for, and raises many kinds where it is damaged
        raise DatasetError("The header of the DICOM file is damaged.", remedy=_AGAIN) from error


def _film(dataset: Dataset) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise DatasetError("The DICOM file is not a grey film.", remedy="Hand in a film with grey pixels.")
    if "NumberOfFrames" in dataset and dataset.NumberOfFrames and _whole(dataset, "NumberOfFrames") != 1:
        raise DatasetError("The DICOM file holds several frames.", remedy=_AGAIN)
    height, width = _whole(dataset, "Rows"), _whole(dataset, "Columns")
    if height * width > MAX_PIXELS:
        raise DatasetError(f"The DICOM film has {height} x {width} pixels, more than {MAX_PIXELS:,}.", remedy=_AGAIN)
    stored = _stored(dataset, (height, width))
    levels, places = _levels(stored)
    padding = _padding(dataset, levels)
    shares, notes = _greys(dataset, _rescaled(dataset, levels), ~padding)
    if photometric == "MONOCHROME1":
        shares = 1 - shares
        notes += ("MONOCHROME1: black and white were turned round.",)
    if padding.any():
        notes += ("Padding around the film is shown black.",)
    table = np.round(np.where(padding, 0, shares) * 255).astype(np.uint8)
    return table[places], (*notes, *_warnings(dataset))


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


def _whole(dataset: Dataset, name: str) -> int:
    """A whole number of the header; DatasetError, without its content, where it is none."""
    try:
        return int(dataset[name].value)
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"The DICOM file does not say its {name} in one whole number.", remedy=_AGAIN) from error


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
    except Exception as error:
        message = (
            "The pixels of the DICOM file cannot be read: they break off, or are compressed in a way not known here."
        )
        raise DatasetError(message, remedy=_AGAIN) from error
    if values.shape != size or values.size == 0:
        raise DatasetError("The DICOM file is not one grey frame.", remedy=_AGAIN)
    return values


def _decoded(dataset: Dataset, size: tuple[int, int]) -> Stored:
    from pydicom.encaps import generate_frames

    syntax = str(dataset.file_meta.TransferSyntaxUID)
    if syntax in BY_GDCM:
        frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
        if syntax != JPEG_EXTENDED or precision(frame) == _TWELVE:
            values = decode_jpeg(frame, size, syntax)
            return signed(values, _whole(dataset, "BitsStored")) if dataset.PixelRepresentation else values
    if syntax in JPEG_LS:
        require_size(next(generate_frames(dataset.PixelData, number_of_frames=1)), size)
    dataset.pixel_array_options(decoding_plugin=_DECODERS.get(syntax, ""))
    return np.asarray(dataset.pixel_array)


def _levels(stored: Stored) -> tuple[Stored, NDArray[np.integer[Any]]]:
    """The values that occur, ascending, and for every pixel which of them it has."""
    low, span = int(stored.min()), int(stored.max()) - int(stored.min())
    if span >= 2**16:
        levels, places = np.unique(stored, return_inverse=True)
        return levels, places.reshape(stored.shape)
    occurs = np.zeros(span + 1, dtype=bool)
    for start in range(0, len(stored), _ROWS):
        occurs[stored[start : start + _ROWS].astype(np.int64) - low] = True
    order = (np.cumsum(occurs) - 1).astype(np.uint16)
    parts = [order[stored[start : start + _ROWS].astype(np.int64) - low] for start in range(0, len(stored), _ROWS)]
    return (np.flatnonzero(occurs) + low).astype(stored.dtype), np.concatenate(parts)


def _rescaled(dataset: Dataset, stored: Stored) -> NDArray[np.float64]:
    """(n,) values after the modality's table or slope."""
    from pydicom.pixels.processing import apply_modality_lut

    slope = first_number(dataset.get("RescaleSlope", 1))
    with np.errstate(over="ignore"):
        values = np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
    if slope in (None, 0) or not np.isfinite(values).all():
        message = "The DICOM file rescales its values by a slope that is no number, 0 or too large."
        raise DatasetError(message, remedy=_AGAIN)
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
    dataset: Dataset, values: NDArray[np.float64], is_film: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Values in 0..1, and sentences on how."""
    try:
        return shares_of(dataset, values, is_film)
    except Exception as error:
        raise DatasetError("The DICOM file's table of greys (VOI LUT) is damaged.", remedy=_AGAIN) from error
