"""The pixels of a DICOM file. Of its header only what the pixels mean is read; names in it go nowhere."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.annotations.annotation import MAX_PIXELS
from core.errors import DatasetError

if TYPE_CHECKING:
    from pydicom import Dataset

_AGAIN = "Export the film again, uncompressed, as one frame."


def read_dicom(data: bytes) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """(H, W) uint8, bright where X-rays were stopped, and what was done to the stored values, in sentences.

    Stored values are rescaled (modality), put through the file's table of greys (VOI LUT) or its first window, or else
    taken over their whole range, and turned round where the file is MONOCHROME1; padding is black.
    Raises DatasetError, without anything from a header, where the file breaks off or is not one grey frame.
    Source: DICOM PS3.3, C.7.5.1.1.2, C.7.6.3 and C.11.
    """
    dataset = _dataset(data)
    try:
        return _film(dataset)
    except DatasetError:
        raise
    except Exception as error:  # pydicom reads a field when it is asked for, and raises many kinds where it is damaged
        raise DatasetError("The header of the DICOM file is damaged.", remedy=_AGAIN) from error


def _film(dataset: Dataset) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise DatasetError("The DICOM file is not a grey film.", remedy="Hand in a film with grey pixels.")
    if "NumberOfFrames" in dataset and dataset.NumberOfFrames and _whole(dataset, "NumberOfFrames") != 1:
        raise DatasetError("The DICOM file holds several frames.", remedy=_AGAIN)
    if _whole(dataset, "Rows") * _whole(dataset, "Columns") > MAX_PIXELS:
        raise DatasetError("The DICOM file holds more pixels than a film.", remedy=_AGAIN)
    stored = _stored(dataset)
    padding = _padding(dataset, stored)
    shares, notes = _greys(dataset, _rescaled(dataset, stored), ~padding)
    if photometric == "MONOCHROME1":
        shares = 1 - shares
        notes += ("MONOCHROME1: black and white were turned round.",)
    if padding.any():
        notes += ("Padding around the film is shown black.",)
    return np.round(np.where(padding, 0, shares) * 255).astype(np.uint8), notes


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


def _stored(dataset: Dataset) -> NDArray[np.integer[Any]]:
    """(H, W) values as they are stored."""
    try:
        values: NDArray[np.integer[Any]] = np.asarray(dataset.pixel_array)
    except Exception as error:
        message = (
            "The pixels of the DICOM file cannot be read: they break off, or are compressed in a way not known here."
        )
        raise DatasetError(message, remedy=_AGAIN) from error
    if values.ndim != 2 or values.size == 0:
        raise DatasetError("The DICOM file is not one grey frame.", remedy=_AGAIN)
    return values


def _rescaled(dataset: Dataset, stored: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """(H, W) values after the modality's table or slope."""
    from pydicom.pixels import apply_modality_lut

    slope = _first_number(dataset.get("RescaleSlope", 1))
    values = np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
    if slope in (None, 0) or not np.isfinite(values).all():
        message = "The DICOM file rescales its values by a slope that is no number, 0 or too large."
        raise DatasetError(message, remedy=_AGAIN)
    return values


def _padding(dataset: Dataset, stored: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """(H, W): where a stored value stands for no film at all."""
    first, last = (_first_number(dataset.get(name)) for name in ("PixelPaddingValue", "PixelPaddingRangeLimit"))
    if first is None:
        return np.zeros(stored.shape, dtype=bool)
    low, high = sorted((first, first if last is None else last))
    padding = (stored >= low) & (stored <= high)
    return np.zeros(stored.shape, dtype=bool) if padding.all() else padding


def _greys(
    dataset: Dataset, values: NDArray[np.float64], is_film: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Values in 0..1, and a sentence on how."""
    if dataset.get("VOILUTSequence"):
        return _by_table(dataset, values), ("The file's own table of greys (VOI LUT) was applied.",)
    centre, width = (_first_number(dataset.get(name)) for name in ("WindowCenter", "WindowWidth"))
    function = str(dataset.get("VOILUTFunction") or "LINEAR").upper()
    if centre is not None and width is not None and width >= (1 if function == "LINEAR" else 1e-9):
        shares = np.clip(_windowed(values, centre, width, function), 0, 1)
        return shares, (f"Window of the file: centre {centre:g}, width {width:g}.",)
    low, high = float(values[is_film].min()), float(values[is_film].max())
    shares = np.clip((values - low) / max(high - low, 1e-9), 0, 1)
    return shares, (f"The file has no window; its values, {low:g} to {high:g}, were taken whole.",)


def _by_table(dataset: Dataset, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values in 0..1 by the first table of greys, whose entries have as many bits as it says."""
    from pydicom.pixels import apply_voi

    try:
        bits = int(dataset.VOILUTSequence[0].LUTDescriptor[2])
        found = np.asarray(apply_voi(np.round(values).astype(np.int64), dataset), dtype=np.float64)
    except Exception as error:
        raise DatasetError("The DICOM file's table of greys (VOI LUT) is damaged.", remedy=_AGAIN) from error
    return np.clip(found / (2**bits - 1), 0, 1)


def _windowed(values: NDArray[np.float64], centre: float, width: float, function: str) -> NDArray[np.float64]:
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -700, 700))))
    if function == "LINEAR_EXACT":
        return (values - centre) / width + 0.5
    return (values - (centre - 0.5)) / (width - 1) + 0.5 if width > 1 else (values > centre - 0.5).astype(np.float64)


def _first_number(value: Any) -> float | None:
    """A finite number, or the first of several; None where there is none."""
    first = value if isinstance(value, int | float | str) else next(iter(value or ()), None)
    try:
        found = None if first is None else float(first)
    except (TypeError, ValueError):
        return None
    return found if found is not None and math.isfinite(found) else None
