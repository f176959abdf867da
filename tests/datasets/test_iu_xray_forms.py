"""Reading IU-Xray's published forms: the same table from all, and nothing that a file should not do."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from core.datasets.iu_xray import archive
from core.datasets.iu_xray.collection import Collection
from core.datasets.iu_xray.differences import compare_forms
from core.datasets.iu_xray.ecgen import parse_report, read_ecgen
from core.datasets.iu_xray.layout import find_layout
from core.datasets.iu_xray.names import film_id, r2gen_film_id, uid_of
from core.datasets.iu_xray.reports import read_projections, read_reports
from core.datasets.iu_xray.splits import read_annotation
from core.errors import DatasetError
from tests.datasets.iu_xray_files import (
    UIDS,
    report_xml,
    write_annotation,
    write_archive,
    write_films,
    write_kaggle,
    write_reports,
    write_tables,
)


@pytest.mark.parametrize(
    ("name", "film", "uid"),
    [
        ("1_IM-0001-4001.dcm.png", "1_IM-0001-4001", "1"),
        ("CXR1_1_IM-0001-4001", "1_IM-0001-4001", "1"),
        ("images/CXR11_IM-0067-1001.PNG", "11_IM-0067-1001", "11"),
        ("3797_IM-1910-0001-0002.dcm.png", "3797_IM-1910-0001-0002", "3797"),
        ("00000001_000.png", None, "1"),
        ("notes.txt", None, None),
    ],
)
def test_a_film_has_one_name_in_all_collections(name: str, film: str | None, uid: str | None) -> None:
    assert film_id(name) == film
    assert uid_of(name) == uid


def test_r2gen_numbers_the_films_of_a_study() -> None:
    assert r2gen_film_id("images/CXR25_IM-1024/0.png") == "25_IM-1024_0"
    assert r2gen_film_id("CXR2372_IM-0933-0001/1.png") == "2372_IM-0933-0001_1"
    assert r2gen_film_id("elsewhere/0.png") is None


def test_xml_and_tables_give_the_same_reports_and_films(tmp_path: Path) -> None:
    both = Collection(find_layout(write_reports(write_tables(tmp_path))))
    assert both.ecgen is not None
    assert both.projections is not None
    assert compare_forms(*both.ecgen, both.reports, both.projections) == []
    assert both.reports["findings"].iloc[0] == "Findings 1, > 2"
    assert both.reports["uid"].tolist() == [str(uid) for uid in UIDS]


def test_differences_are_named_with_their_reason(tmp_path: Path) -> None:
    collection = Collection(find_layout(write_reports(write_tables(tmp_path))))
    assert collection.ecgen is not None
    assert collection.projections is not None
    reports = collection.reports.copy()
    reports.loc[2, "indication"] = "#NAME?"
    films = collection.projections.iloc[1:]
    found = compare_forms(*collection.ecgen, reports.iloc[:-1], films)
    assert [(d.uid, d.what, d.reason) for d in found] == [
        ("1", "film", "The tables leave this film out."),
        ("3", "indication", "A spreadsheet took the text for a formula."),
        ("24", "report", "The tables leave this report out."),
    ]


def test_unpacked_reports_are_read_as_packed_ones(tmp_path: Path) -> None:
    packed = read_ecgen(write_reports(tmp_path / "packed") / "NLMCXR_reports.tgz")
    folder = tmp_path / "ecgen-radiology"
    folder.mkdir()
    for uid in UIDS:
        (folder / f"{uid}.xml").write_bytes(report_xml(uid))
    assert read_ecgen(folder) == packed
    assert find_layout(tmp_path).reports_xml == folder


def test_reports_alone_do_not_tell_views(tmp_path: Path) -> None:
    collection = Collection(find_layout(write_reports(tmp_path)))
    assert not collection.knows_views
    assert "indiana_projections.csv" in collection.notes()[0]


@pytest.mark.parametrize(
    "text",
    [
        b'<!DOCTYPE e [<!ENTITY a "aa">]><eCitation><uId id="CXR1"/></eCitation>',
        b'<!DOCTYPE e SYSTEM "file:///etc/passwd"><eCitation><uId id="CXR1"/></eCitation>',
        '<!DOCTYPE e><eCitation><uId id="CXR1"/></eCitation>'.encode("utf-16"),
        b"<eCitation>&passwd;</eCitation>",
        b"<eCitation><uId",
        b"<other/>",
        b'<eCitation><uId id="CXR1"/><parentImage id="../../film"/></eCitation>',
    ],
)
def test_xml_that_is_no_report_is_refused(text: bytes) -> None:
    with pytest.raises(DatasetError, match="NLMCXR_reports"):
        parse_report("1.xml", text)


def _archive(path: Path, member: tarfile.TarInfo, content: bytes = b"") -> Path:
    with tarfile.open(path, "w:gz") as packed:
        first = tarfile.TarInfo("ecgen-radiology/1.xml")
        first.size = len(report_xml(1))
        packed.addfile(first, io.BytesIO(report_xml(1)))
        packed.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["../climb.xml", "/absolute.xml", "a/../../b.xml", "a\\b.xml"])
def test_an_archive_whose_paths_leave_it_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="leaves the archive"):
        read_ecgen(_archive(tmp_path / "reports.tgz", tarfile.TarInfo(name)))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_an_archive_with_a_link_or_a_device_is_refused(kind: bytes, tmp_path: Path) -> None:
    member = tarfile.TarInfo("ecgen-radiology/2.xml")
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(DatasetError, match="a link or a device"):
        read_ecgen(_archive(tmp_path / "reports.tgz", member))


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = tarfile.TarInfo("ecgen-radiology/2.xml")
    large.size = archive.MAX_FILE_BYTES + 1
    with pytest.raises(DatasetError, match="1,048,577 bytes"):
        read_ecgen(_archive(tmp_path / "large.tgz", large, bytes(large.size)))
    packed = write_archive(tmp_path / "many.tgz", {f"{number}.txt": bytes(9000) for number in range(50)})
    for bound, most, said in (("MAX_FILES", 20, "more than 20 files"), ("MAX_TOTAL_BYTES", 100_000, "unpacks to more")):
        with monkeypatch.context() as patched:
            patched.setattr(archive, bound, most)
            with pytest.raises(DatasetError, match=said):
                read_ecgen(packed)


def test_a_broken_archive_is_named(tmp_path: Path) -> None:
    whole = (write_reports(tmp_path) / "NLMCXR_reports.tgz").read_bytes()
    (tmp_path / "NLMCXR_reports.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match="not a whole"):
        _ = Collection(find_layout(tmp_path)).reports


def test_a_folder_says_what_belongs_in_it(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no such folder"):
        find_layout(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match="Place indiana_reports"):
        find_layout(tmp_path)
    write_tables(tmp_path)
    write_tables(tmp_path / "copy")
    with pytest.raises(DatasetError, match="Keep one of them"):
        find_layout(tmp_path)


def test_forms_are_told_by_content_and_a_film_has_one_file(tmp_path: Path) -> None:
    write_kaggle(tmp_path, UIDS[:3])
    (tmp_path / "indiana_reports.csv").rename(tmp_path / "a.csv")
    (tmp_path / "indiana_projections.csv").rename(tmp_path / "b.csv")
    layout = find_layout(tmp_path)
    assert layout.reports_csv == tmp_path / "a.csv"
    assert layout.projections_csv == tmp_path / "b.csv"
    assert len(layout.films) == 6
    write_films(tmp_path / "other", ["CXR1_1_IM-0001-1001.png"])
    with pytest.raises(DatasetError, match="both the film 1_IM-0001-1001"):
        find_layout(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("uid,filename,projection\n1,1_IM-1-1.dcm.png,Oblique\n", "row 1 is"),
        ("uid,filename,projection\n1,film.png,Frontal\n", "row 1 is"),
        ("uid,filename,projection\none,1_IM-1-1.dcm.png,Frontal\n", "the uid 'one'"),
        ("uid,filename,projection\n1,1_IM-1-1.png,Frontal\n1,1_IM-1-1.dcm.png,Frontal\n", "more than one row"),
        ("uid,filename\n1,1_IM-1-1.dcm.png\n", "has no column projection"),
        ("", "is not a CSV table"),
    ],
)
def test_a_bad_projections_table_is_named(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "projections.csv"
    path.write_text(text)
    with pytest.raises(DatasetError, match=said):
        read_projections(path)


def test_a_report_stands_once(tmp_path: Path) -> None:
    path = write_tables(tmp_path) / "indiana_reports.csv"
    path.write_text(path.read_text() + path.read_text().splitlines()[-1] + "\n")
    with pytest.raises(DatasetError, match="uid '24' stands in more than one row"):
        read_reports(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "is not R2Gen's annotation"),
        ("[1", "is not R2Gen's annotation"),
        ('{"train": [{"id": "p10/s5", "report": "", "image_path": ["p10/a.jpg"]}], "val": [], "test": []}', "MIMIC"),
    ],
)
def test_a_bad_annotation_is_named(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "annotation.json").write_text(text)
    with pytest.raises(DatasetError, match=said):
        read_annotation(tmp_path / "annotation.json")


def test_a_patient_in_two_of_r2gen_s_splits_is_refused(tmp_path: Path) -> None:
    path = write_annotation(tmp_path) / "annotation.json"
    path.write_text(path.read_text().replace("CXR24_IM-0024", "CXR1_IM-0024"))
    with pytest.raises(DatasetError, match="uid 1 stands there twice"):
        read_annotation(path)
