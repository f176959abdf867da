"""Age and view of IU-Xray's films, from the table of their DICOM headers.

The table (nlmcxr_dicom_metadata.csv, one row a film) names dates of birth and of the study, both moved by its makers so
that they are nobody's; what is kept of them is whole years. It gives no sex.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from core.datasets.iu_xray.names import film_id
from core.errors import DatasetError
from core.files import reading

COLUMNS: Final = ("imageid", "Patient's Birth Date", "Study Date", "View Position")
FRONTAL: Final = ("PA", "AP")

_A_YEAR_DAYS: Final = 365.25
_REMEDY: Final = "Use nlmcxr_dicom_metadata.csv.gz as it is published, unchanged, or take it away."


def read_headers(path: Path) -> pd.DataFrame:
    """Read age (whole years) and view ("PA", "AP", missing where it is another or none), by film_id.

    path : a .csv or a .csv.gz. Films that the collection does not have under such a name are passed over.
    Raises DatasetError where it is no such table.
    """
    with reading(path, "is no table of DICOM headers", remedy=_REMEDY, error=DatasetError):
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        table = pd.read_csv(io.BytesIO(content), usecols=list(COLUMNS), dtype=str)
        born, taken = (pd.to_datetime(table[name], format="%Y%m%d", errors="coerce") for name in COLUMNS[1:3])
        years = (taken - born).dt.days // _A_YEAR_DAYS
    view = table["View Position"].str.strip().str.upper()
    headers = pd.DataFrame(
        {
            "film_id": [film_id(str(name)) for name in table["imageid"]],
            "age": years.where(years >= 0).astype("Float64").astype("Int64"),
            "view": view.where(view.isin(FRONTAL)),
        }
    )
    headers = headers[headers["film_id"].notna()]
    twice = headers["film_id"][headers["film_id"].duplicated()]
    if len(twice):
        raise DatasetError(f"{path}: the film {twice.iloc[0]!r} stands in more than one row.", remedy=_REMEDY)
    return headers.set_index("film_id")


def with_table(images: pd.DataFrame, headers: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Give the image table with the ages of the table, and PA or AP in the place of Frontal; and a sentence on both."""
    known = headers.reindex(images["image_id"]).reset_index(drop=True)
    views = known["view"].where(known["view"].notna(), images["view"])
    counts: Mapping[str, int] = {name: int(known[name].notna().sum()) for name in ("age", "view")}
    said = f"From the table of DICOM headers: age of {counts['age']:,} and PA or AP of {counts['view']:,} of "
    return images.assign(age=known["age"], view=views), (f"{said}{len(images):,} films.",)
