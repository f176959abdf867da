"""The pixels of a DICOM file. Of its header only what the pixels mean is read; names in it go nowhere."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.annotations import MAX_PIXELS
from core.errors import DatasetError

if TYPE_CHECKING:
    from pydicom import Dataset

_AGAIN = "Export the film again, uncompressed, as one frame."


def read_dicom(data: bytes) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """(H, W) uint8, bright where X-rays were stopped, and what was done to the stored values, in sentences.

    Stored values are rescaled (modality), windowed with the file's first window, or else over their whole range, and
    turned round where the file is MONOCHROME1. Raises DatasetError where the file breaks off or is not one grey frame.
    Source: DICOM PS3.3, C.7.6.3 and C.11.
    """
    dataset = _dataset(data)
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise DatasetError("The DICOM file is not a grey film.", remedy="Hand in a film with grey pixels.")
    if int(dataset.get("NumberOfFrames", 1) or 1) != 1:
        raise DatasetError("The DICOM file holds several frames.", remedy=_AGAIN)
    if int(dataset.get("Rows", 0)) * int(dataset.get("Columns", 0)) > MAX_PIXELS:
        raise DatasetError("The DICOM file holds more pixels than a film.", remedy=_AGAIN)
    stored = _stored_values(dataset)
    shares, note = _windowed(dataset, stored)
    notes = [note]
    if photometric == "MONOCHROME1":
        shares = 1 - shares
        notes.append("MONOCHROME1: black and white were turned round.")
    return np.round(shares * 255).astype(np.uint8), tuple(notes)


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


def _stored_values(dataset: Dataset) -> NDArray[np.float64]:
    from pydicom.pixels import apply_modality_lut

    try:
        stored = dataset.pixel_array
        values = np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
    except Exception as error:
        message = (
            "The pixels of the DICOM file cannot be read: they break off, or are compressed in a way not known here."
        )
        raise DatasetError(message, remedy=_AGAIN) from error
    if values.ndim != 2 or values.size == 0:
        raise DatasetError("The DICOM file is not one grey frame.", remedy=_AGAIN)
    return values


def _windowed(dataset: Dataset, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], str]:
    """Values in 0..1 and a sentence on the window."""
    centre, width = (_first_number(dataset.get(name)) for name in ("WindowCenter", "WindowWidth"))
    if centre is None or width is None or width < 1:
        kept = values[values != _padding(dataset)] if _padding(dataset) is not None else values
        low, high = (float(kept.min()), float(kept.max())) if kept.size else (0.0, 1.0)
        shares = np.clip((values - low) / max(high - low, 1e-9), 0, 1)
        return shares, f"The file has no window; its values, {low:g} to {high:g}, were taken whole."
    function = str(dataset.get("VOILUTFunction", "LINEAR")).upper()
    if function == "SIGMOID":
        shares = 1 / (1 + np.exp(-4 * (values - centre) / width))
    elif function == "LINEAR_EXACT" or width == 1:
        shares = (values - centre) / width + 0.5
    else:
        shares = (values - (centre - 0.5)) / (width - 1) + 0.5
    return np.clip(shares, 0, 1), f"Window of the file: centre {centre:g}, width {width:g}."


def _padding(dataset: Dataset) -> float | None:
    return _first_number(dataset.get("PixelPaddingValue"))


def _first_number(value: Any) -> float | None:
    """A number, or the first of several; None where there is none."""
    first = value if isinstance(value, int | float | str) else next(iter(value or ()), None)
    try:
        return None if first is None else float(first)
    except (TypeError, ValueError):
        return None
