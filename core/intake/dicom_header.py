"""What a DICOM header says of a film besides its pixels: its size, and age, sex and view; who it is of is not read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import DatasetError
from core.pictures import MAX_PIXELS

if TYPE_CHECKING:
    from pydicom import Dataset

DICOM_SUFFIXES: Final = (".dcm", ".dicom")
AGAIN: Final = "Export the film again, uncompressed, as one frame."

_MAGIC: Final = slice(128, 132)
_READ: Final = (
    "PhotometricInterpretation",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "PatientAge",
    "PatientSex",
    "ViewPosition",
    "SOPInstanceUID",
)
_AGE: Final = re.compile(r"(\d{3})([DWMY])")
_A_YEAR: Final = {"D": 365.25, "W": 52.18, "M": 12, "Y": 1}
_SEXES: Final = ("F", "M", "O")
_VIEWS: Final = ("AP", "PA", "LL", "RL", "RLD", "LLD", "RLO", "LLO", "LAT", "LATERAL")
"""Anything else may be anything, a name too."""


@dataclass(frozen=True)
class DicomHeader:
    """What is known of a film before its pixels are read.

    age : years; whole ones where the header gives years.
    age, sex, view : None where the header does not say them, or in words that are none of DICOM's.
    uid : SOPInstanceUID, by which some tables call films; it is compared with theirs and goes nowhere.
    """

    height_px: int
    width_px: int
    age: float | None
    sex: str | None
    view: str | None
    uid: str


def is_dicom(head: bytes) -> bool:
    """Tell a DICOM file by its first 132 bytes."""
    return head[_MAGIC] == b"DICM"


def read_header(path: Path) -> DicomHeader:
    """Read a film's header, and stop before its pixels.

    Raises DatasetError, without anything from the header, where it breaks off or is not of one grey film.
    """
    from pydicom import dcmread

    try:
        dataset = dcmread(path, stop_before_pixels=True, specific_tags=list(_READ))
        height_px, width_px = film_size(dataset)
        said = {name: str(dataset.get(name) or "").strip().upper() for name in _READ}
    except DatasetError:
        raise
    except Exception as error:  # pydicom raises many kinds; their texts may quote the header
        raise DatasetError("The DICOM file breaks off or is damaged.", remedy="Copy the file again.") from error
    return DicomHeader(
        height_px,
        width_px,
        years_of(said["PatientAge"]),
        said["PatientSex"] if said["PatientSex"] in _SEXES else None,
        said["ViewPosition"] if said["ViewPosition"] in _VIEWS else None,
        said["SOPInstanceUID"],
    )


def years_of(age: str) -> float | None:
    """Read an age as DICOM writes it (045Y, 007M, 003W, 012D) in years; None where it is written otherwise.

    Source: DICOM PS3.5, 6.2, AS.

    >>> years_of("045Y"), years_of("006M"), years_of("45")
    (45.0, 0.5, None)
    """
    found = _AGE.fullmatch(age.strip().upper())
    return int(found[1]) / _A_YEAR[found[2]] if found else None


def film_size(dataset: Dataset) -> tuple[int, int]:
    """Give (height, width) of one grey film.

    Raises DatasetError where it is another kind of picture, of several frames, or too large.
    """
    if str(dataset.get("PhotometricInterpretation", "")) not in ("MONOCHROME1", "MONOCHROME2"):
        raise DatasetError("The DICOM file is not a grey film.", remedy="Hand in a film with grey pixels.")
    if "NumberOfFrames" in dataset and dataset.NumberOfFrames and _whole(dataset, "NumberOfFrames") != 1:
        raise DatasetError("The DICOM file holds several frames.", remedy=AGAIN)
    height, width = _whole(dataset, "Rows"), _whole(dataset, "Columns")
    if height * width > MAX_PIXELS:
        raise DatasetError(f"The DICOM film has {height} x {width} pixels, more than {MAX_PIXELS:,}.", remedy=AGAIN)
    return height, width


def _whole(dataset: Dataset, name: str) -> int:
    """A whole number of the header; DatasetError, without its content, where it is none."""
    try:
        return int(dataset[name].value)
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"The DICOM file does not say its {name} in one whole number.", remedy=AGAIN) from error
