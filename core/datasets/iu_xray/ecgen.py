"""The original reports: OpenI's ecgen XML, as an archive or an unpacked folder."""

from __future__ import annotations

import html
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.datasets.iu_xray.archive import MAX_FILE_BYTES, archived_files
from core.datasets.iu_xray.names import film_id, uid_of
from core.errors import DatasetError

_AGAIN = "Take the reports from OpenI's NLMCXR_reports.tgz, unchanged."
SECTIONS = ("indication", "comparison", "findings", "impression")


@dataclass(frozen=True)
class EcgenReport:
    """One report.

    Texts are "" where empty; entities that they spell out ("&gt;") are read as characters. film_ids in the file's
    order, empty for 104 of the 3,955 reports.

    The XML does not say which film is frontal: captions name the examination ("PA and lateral"), the same for all its
    films, and neither the order of the films nor their numbers tell the view.
    """

    uid: str
    mesh: str
    image: str
    texts: dict[str, str]
    film_ids: tuple[str, ...]

    @property
    def problems(self) -> str:
        """The heads of the coding, which is what the tables call Problems."""
        return ";".join(term.split("/")[0] for term in self.mesh.split(";"))


def read_ecgen(path: Path) -> list[EcgenReport]:
    """Every report of a .tgz or a folder, by ascending uid; DatasetError names the file that is no report."""
    reports: dict[str, EcgenReport] = {}
    for name, content in _files(path):
        report = parse_report(f"{path}: {name}", content)
        if report.uid in reports:
            raise DatasetError(f"{path}: uid {report.uid} stands in two files, one {name!r}.", remedy=_AGAIN)
        reports[report.uid] = report
    if not reports:
        raise DatasetError(f"{path}: holds no report.", remedy=_AGAIN)
    return [reports[uid] for uid in sorted(reports, key=int)]


def parse_report(where: str, content: bytes) -> EcgenReport:
    """One XML file. A document type, and with it every entity of its own, is refused: no report has one."""
    try:
        text = content.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise DatasetError(f"{where}: declares a document type or entities; no report does.", remedy=_AGAIN)
        root = ElementTree.fromstring(text)
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        raise DatasetError(f"{where}: is not XML ({error}).", remedy=_AGAIN) from error
    identity = root.find("uId")
    uid = uid_of(identity.get("id", "")) if root.tag == "eCitation" and identity is not None else None
    if uid is None:
        raise DatasetError(f"{where}: is not a report of OpenI (no uId in an eCitation).", remedy=_AGAIN)
    sections = {
        node.get("Label", "").lower(): html.unescape("".join(node.itertext())) for node in root.iter("AbstractText")
    }
    return EcgenReport(
        uid=uid,
        mesh=";".join(node.text or "" for node in root.iterfind("MeSH/major")),
        image=html.unescape(root.findtext("parentImage/caption") or ""),
        texts={section: sections.get(section, "") for section in SECTIONS},
        film_ids=tuple(_film_ids(where, root)),
    )


def _film_ids(where: str, root: ElementTree.Element) -> Iterator[str]:
    for node in root.iterfind("parentImage"):
        name = node.get("id", "")
        film = film_id(name)
        if film is None:
            raise DatasetError(f"{where}: the film {name!r} has no name of OpenI's form.", remedy=_AGAIN)
        yield film


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_file():
        yield from archived_files(path, ".xml")
        return
    for file in sorted(path.glob("*.xml")):
        if not file.is_file() or file.stat().st_size > MAX_FILE_BYTES:
            raise DatasetError(f"{file}: is not a file of at most {MAX_FILE_BYTES:,} bytes.", remedy=_AGAIN)
        yield file.name, file.read_bytes()
