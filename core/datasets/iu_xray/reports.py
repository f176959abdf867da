"""One table of reports and one of films, from the XML, from the tables, or from both."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core import text_tables
from core.datasets.iu_xray.ecgen import SECTIONS, EcgenReport
from core.datasets.iu_xray.names import film_id, uid_of
from core.errors import DatasetError

REPORT_COLUMNS = ("uid", "mesh", "problems", "image", *SECTIONS)
"""Columns of a report table; all text, "" where empty. uid is the patient."""

FILM_COLUMNS = ("film_id", "uid", "view")
"""Columns of a film table. view : "Frontal", "Lateral", or missing where nobody says."""

VIEWS = ("Frontal", "Lateral")
_TABLES = "Use indiana_reports.csv and indiana_projections.csv as they are published, unchanged."


def reports_of_ecgen(reports: Sequence[EcgenReport]) -> pd.DataFrame:
    """REPORT_COLUMNS, one row a report."""
    rows = [(report.uid, report.mesh, report.problems, report.image, *report.texts.values()) for report in reports]
    return pd.DataFrame(rows, columns=pd.Index(REPORT_COLUMNS), dtype=object)


def films_of_ecgen(reports: Sequence[EcgenReport]) -> pd.DataFrame:
    """FILM_COLUMNS, one row per film, without views: the XML does not tell them."""
    rows = [(film, report.uid, None) for report in reports for film in report.film_ids]
    return _apart(Path("ecgen XML"), pd.DataFrame(rows, columns=pd.Index(FILM_COLUMNS), dtype=object), "film_id")


def read_reports(path: Path) -> pd.DataFrame:
    """REPORT_COLUMNS of indiana_reports.csv. Entities that the table spells out ("&gt;") are read as characters."""
    frame = read_text_table(path, ("uid", "MeSH", "Problems", "image", *SECTIONS))
    reports = pd.DataFrame({"uid": _uids(path, frame["uid"])})
    for column, name in zip(REPORT_COLUMNS[1:], ("MeSH", "Problems", "image", *SECTIONS), strict=True):
        reports[column] = [html.unescape(text) for text in frame[name]]
    return _apart(path, reports, "uid")


def read_projections(path: Path) -> pd.DataFrame:
    """FILM_COLUMNS of indiana_projections.csv, in its order."""
    frame = read_text_table(path, ("uid", "filename", "projection"))
    films = pd.DataFrame({"film_id": [film_id(name) for name in frame["filename"]], "uid": _uids(path, frame["uid"])})
    films["view"] = [text.strip().capitalize() for text in frame["projection"]]
    wrong = films["film_id"].isna() | ~films["view"].isin(VIEWS)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        found = f"{frame['filename'].iloc[row]!r} with projection {frame['projection'].iloc[row]!r}"
        raise DatasetError(
            f"{path}: row {row + 1} is {found}; a film and Frontal or Lateral belong there.", remedy=_TABLES
        )
    return _apart(path, films, "film_id")


def read_text_table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """The named columns of a CSV table, all cells text. DatasetError where it is no table or lacks one."""
    frame = text_tables.read_text_table(path, prose=True, remedy=_TABLES, error=DatasetError).frame
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise DatasetError(f"{path}: has no column {', '.join(missing)}.", remedy=_TABLES)
    return frame[list(columns)]


def _uids(path: Path, column: pd.Series) -> list[str]:
    uids = [uid_of(text) for text in column]
    if None in uids:
        row = uids.index(None)
        raise DatasetError(f"{path}: row {row + 1} has the uid {column.iloc[row]!r}; a number is one.", remedy=_TABLES)
    return [uid for uid in uids if uid is not None]


def _apart(path: Path, frame: pd.DataFrame, column: str) -> pd.DataFrame:
    twice = frame[column][frame[column].duplicated()]
    if len(twice):
        raise DatasetError(f"{path}: {column} {twice.iloc[0]!r} stands in more than one row.", remedy=_TABLES)
    return frame
