"""What lies below a folder: tables, reports, R2Gen's annotation and films, told by content and not by name."""

from __future__ import annotations

import gzip
import os
import tarfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.datasets.iu_xray.archive import MAX_FILE_BYTES
from core.datasets.iu_xray.headers import COLUMNS
from core.datasets.iu_xray.names import film_id, r2gen_film_id
from core.errors import DatasetError
from core.intake.films import SUFFIXES
from core.paths import inside

_KINDS = ("reports_csv", "projections_csv", "reports_xml", "annotation_json", "headers_csv")
_LOOK = 8192
"""Bytes, and members of an archive, that are enough to tell what it is."""


@dataclass(frozen=True)
class Layout:
    """Paths below `root`; None where there is none.

    reports_xml : a .tgz or a folder.
    headers_csv : the table of the films' DICOM headers, .csv or .csv.gz.
    films : path from root by film_id.
    """

    root: Path
    reports_csv: Path | None
    projections_csv: Path | None
    reports_xml: Path | None
    annotation_json: Path | None
    headers_csv: Path | None
    films: dict[str, str]

    def film(self, film: str) -> Path | None:
        """Find the file of a film; None where it has none. StudyError where it is a link that leaves the folder."""
        return inside(self.root, self.films[film]) if film in self.films else None


def find_layout(root: Path) -> Layout:
    """Find what is below a folder. DatasetError where it is no folder,
    or holds none of the forms, or one of them twice.
    """
    if not root.is_dir():
        raise DatasetError(f"{root}: there is no such folder.", remedy="Name the folder of IU-Xray with --root.")
    names = _names(root)
    found: dict[str, list[Path]] = {kind: [] for kind in _KINDS}
    for name in names:
        kind = _kind(root / name)
        path = (root / name).parent if name.lower().endswith(".xml") else root / name
        if kind and path not in found[kind]:
            found[kind].append(path)
    if not any(paths for kind, paths in found.items() if kind != "headers_csv"):
        raise DatasetError(
            f"{root}: holds neither reports nor tables of IU-Xray.",
            remedy="Place indiana_reports.csv and indiana_projections.csv, or NLMCXR_reports.tgz, or R2Gen's "
            "annotation.json in it; `python -m core fetch iu-xray` brings what can be fetched.",
        )
    return Layout(root, **{kind: _only(paths) for kind, paths in found.items()}, films=_films(root, names))


def _names(root: Path) -> list[str]:
    """POSIX paths of all files below a folder, sorted; folders that are links are not entered."""
    names = []
    for parent, _, files in os.walk(root):
        prefix = Path(parent).relative_to(root)
        names += [(prefix / name).as_posix() for name in files]
    return sorted(names)


def _kind(path: Path) -> str | None:
    name = path.name.lower()
    if not name.endswith((".csv", ".csv.gz", ".json", ".xml", ".tgz", ".tar.gz")) or not path.is_file():
        return None
    if name.endswith((".csv", ".csv.gz")):
        columns = {
            column.strip().strip('"')
            for column in _head(path).lstrip("\ufeff").splitlines()[:1]
            for column in column.split(",")
        }
        if set(COLUMNS) <= columns:
            return "headers_csv"
        if name.endswith(".gz"):
            return None
        if {"uid", "filename", "projection"} <= columns:
            return "projections_csv"
        return "reports_csv" if {"uid", "MeSH", "Problems"} <= columns else None
    if name.endswith(".json"):
        return "annotation_json" if '"image_path"' in _head(path) and '"report"' in _head(path) else None
    if name.endswith(".xml"):
        return "reports_xml" if "<eCitation" in _head(path) else None
    return "reports_xml" if _holds_xml(path) else None


def _head(path: Path) -> str:
    try:
        with gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb") as file:
            return file.read(_LOOK).decode("utf-8", errors="replace")
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return ""


def _holds_xml(path: Path) -> bool:
    """Whether one of the first files of an archive is XML; a broken one says so when it is read."""
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member, _ in zip(archive, range(3), strict=False):
                if member.name.lower().endswith(".xml") or member.size > MAX_FILE_BYTES:
                    return member.size <= MAX_FILE_BYTES
    except (tarfile.TarError, OSError, EOFError):
        return "report" in path.name.lower()
    return False


def _only(paths: list[Path]) -> Path | None:
    paths = [path for path in paths if path.is_dir()] or paths  # unpacked reports stand for their archive
    if len(paths) > 1:
        raise DatasetError(
            f"{paths[0]} and {paths[1]} hold the same kind of table.", remedy="Keep one of them below the folder."
        )
    return paths[0] if paths else None


def _films(root: Path, names: Iterable[str]) -> dict[str, str]:
    films: dict[str, str] = {}
    for name in names:
        if not name.lower().endswith(SUFFIXES):
            continue
        film = film_id(PurePosixPath(name).name) or r2gen_film_id(name)
        if film in films:
            raise DatasetError(
                f"{root}: {films[film]!r} and {name!r} are both the film {film}.",
                remedy="Keep one file for every film below the folder.",
            )
        if film is not None:
            films[film] = name
    return films
