"""Folders of DICOM films as hospitals and collections send them: found, read, built and imported, nobody named."""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import pandas as pd
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames

from core.building import imported_films
from core.building.importing import ImportSources, import_study
from core.building.plan import BuildOptions
from core.datasets.films import film_pixels
from core.datasets.folder import FolderDataset
from core.errors import DatasetError, StudyError
from core.intake import dicom_beside
from core.intake.dicom_beside import Readers
from core.intake.dicom_header import read_header, years_of
from core.intake.film_files import read_film, read_grey, read_picture
from core.intake.films import find_films
from core.models.load import load_clip
from core.report.subgroups import available_groupings
from core.study import Study, check_study, open_study
from tests.building.interrupted import first_dimensions
from tests.building.planned import built
from tests.intake.dicom_files import dicom_bytes
from tests.models.tiny import make_tiny_clip, random_films
from tests.png_files import png16

RAMP = np.linspace(0, 4095, 70 * 50).round().astype(np.uint16).reshape(70, 50)
PLANTED = {
    "PatientID": "MRN4711007",
    "PatientBirthDate": "19380217",
    "StudyDate": "20090531",
    "AcquisitionDate": "20090601",
    "AccessionNumber": "ACC99120",
    "InstitutionName": "Whiterock Infirmary",
    "ReferringPhysicianName": "Quillfeather^Ada",
    "StudyInstanceUID": "1.2.826.0.77.1",
    "SeriesInstanceUID": "1.2.826.0.77.2",
    "SOPInstanceUID": "1.2.826.0.77.3",
    "ImageComments": "seen with Zebulon",
}
PATIENT = "Plantagenet^Isolde"


def _film(number: int = 0, **fields: object) -> bytes:
    stored = (random_films(1, seed=number)[0].astype(np.uint16) << 4) + 9
    return dicom_bytes(stored, window=(2048, 4096), BitsStored=12, HighBit=11, patient=PATIENT, **fields)


def _folder(root: Path, films: dict[str, bytes], **columns: list[object]) -> Path:
    """Films by path and image_id (path=id), and their labels, with a split for every kind of setting."""
    ids = []
    for entry, content in films.items():
        name, _, image_id = entry.partition("=")
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
        ids.append(image_id)
    splits = ["test", "val", "train", "train"] * len(ids)
    table = {"image_id": ids, "split": splits[: len(ids)], **columns, "Edema": [0, 1, 1, 0, 1, 0][: len(ids)]}
    pd.DataFrame(table).to_csv(root / "labels.csv", index=False)
    return root


def _built(root: Path, folder: Path, **options: object) -> Study:
    model = load_clip(make_tiny_clip(folder / "model"))
    settings = BuildOptions("films", ("zero_shot",), **options)  # type: ignore[arg-type]
    study = built(FolderDataset(root), model, "tiny", folder / "study", settings, project=first_dimensions)
    assert check_study(study.root) == []
    return study


def _imported(root: Path, out: Path) -> Study:
    np.save(out.parent / "rows.npy", np.eye(len(pd.read_csv(root / "labels.csv")), 6, dtype=np.float32))
    sources = ImportSources(root / "labels.csv", {}, images=root, embeddings={"raw": out.parent / "rows.npy"})
    import_study(out, "Films", sources)
    assert check_study(out) == []
    return open_study(out)


def test_films_are_found_by_name_and_uid_and_told_by_their_content(tmp_path: Path) -> None:
    uid = "1.2.840.113619.7"
    films = {
        "one/1.2.840.5=1.2.840.5": _film(1),
        "two/deep/1.2.840.6.dcm=1.2.840.6": _film(2),
        "IM0003.DICOM=IM0003.dcm": _film(3),
        "series/IM0001=1.2.840.113619.7": _film(4, SOPInstanceUID=uid),
        "plain.png=plain": png16(RAMP[..., None]),
        "notes=absent": b"not a film, whatever it is called",
    }
    root = _folder(tmp_path / "films", films)
    found = find_films(root, pd.read_csv(root / "labels.csv", dtype=str)["image_id"].tolist())
    assert {image_id: name for image_id, (name, _) in found.items()} == {
        entry.partition("=")[2]: entry.partition("=")[0] for entry in films if "notes" not in entry
    }
    assert found.left_out == {}
    assert (found["plain"][1].height_px, found["plain"][1].width_px) == RAMP.shape


def test_a_uid_that_two_films_bear_is_refused(tmp_path: Path) -> None:
    films = {"a/IM1=1.2.840.9.1": _film(SOPInstanceUID="1.2.840.9.1"), "b/IM1=x": _film(SOPInstanceUID="1.2.840.9.1")}
    root = _folder(tmp_path / "films", films)
    with pytest.raises(StudyError, match=r"SOPInstanceUID of 'a/IM1' and 'b/IM1'"):
        find_films(root, ["1.2.840.9.1"])


def test_the_header_is_read_without_the_pixels(tmp_path: Path) -> None:
    path = tmp_path / "film.dcm"
    content = _film(PatientAge="007M", PatientSex="F", ViewPosition="PA", SOPInstanceUID="1.2.3")
    path.write_bytes(content[: len(content) - 3000])
    header = read_header(path)
    assert (header.height_px, header.width_px, header.sex, header.view, header.uid) == (90, 76, "F", "PA", "1.2.3")
    assert header.age == pytest.approx(7 / 12)
    film = read_film(path)
    assert (film.height_px, film.width_px, film.sex, film.view) == (90, 76, "F", "PA")
    with pytest.raises(DatasetError, match=r"film\.dcm: the film cannot be read\. The"):
        read_grey(path)


@pytest.mark.parametrize(
    ("said", "years"),
    [
        ("045Y", 45.0),
        ("006M", 0.5),
        ("026W", 26 / 52.18),
        ("010D", 10 / 365.25),
        ("45", None),
        ("", None),
        ("Y045", None),
        ("45Y", None),
        ("045y ", 45.0),
    ],
)
def test_ages_of_dicom_are_years(said: str, years: float | None) -> None:
    assert years_of(said) == (None if years is None else pytest.approx(years))


def test_words_that_are_none_of_dicoms_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(_film(PatientSex="ISOLDE", ViewPosition="OF ISOLDE", PatientAge="IS45"))
    header = read_header(tmp_path / "film")
    assert (header.age, header.sex, header.view) == (None, None, None)


def test_headers_give_the_groups_that_the_table_does_not(tmp_path: Path) -> None:
    films = {
        "a.dcm=a": _film(1, PatientAge="045Y", PatientSex="F", ViewPosition="PA"),
        "b.dcm=b": _film(2, PatientAge="070Y", PatientSex="M", ViewPosition="AP"),
        "c.dcm=c": _film(3, PatientAge="018M", PatientSex="M", ViewPosition="AP"),
        "d.dcm=d": _film(4),
    }
    root = _folder(tmp_path / "films", films, sex=["M", None, "F", None])
    dataset = FolderDataset(root)
    assert dataset.images["age"].tolist()[:3] == [45, 70, 1.5]
    assert pd.isna(dataset.images["age"].iloc[3])
    assert dataset.images["view"].tolist()[:3] == ["PA", "AP", "AP"]
    assert dataset.images["sex"].tolist()[:3] == ["M", "M", "F"]  # the table's own stand, its gaps are filled
    said = "From the headers of 4 films, where the table gives none: age of 3, sex of 1, view of 3."
    assert said in dataset.card.notice
    study = _imported(root, tmp_path / "study")
    assert said in study.manifest.notice
    assert {grouping.column for grouping in available_groupings(study)} == {"age", "sex", "view"}


@pytest.mark.parametrize("how", ["built", "imported"])
def test_nobody_is_named_in_a_study(how: str, tmp_path: Path) -> None:
    said = Image.Exif()
    said[0x010E], said[0x9003] = "Isolde Plantagenet", "2009:05:31 10:00:00"
    greys = [Image.fromarray(film) for film in random_films(3, seed=9)]
    films = {f"{PATIENT}/IM{n}.dcm=IM{n}": _film(n, **PLANTED) for n in range(2)}
    root = _folder(tmp_path / "films", {**films, "x.jpg=x": b"", "y.png=y": b""})
    greys[0].save(root / "x.jpg", exif=said, comment=b"seen with Zebulon")
    greys[1].save(root / "y.png", exif=said)
    planted = [value.encode() for value in (*PLANTED.values(), *PATIENT.split("^"), "2009:05:31")]
    before = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    assert all(value in before for value in planted)
    study = _built(root, tmp_path, films="all") if how == "built" else _imported(root, tmp_path / "study")
    written = {path: path.read_bytes() for path in study.root.rglob("*") if path.is_file()}
    assert [(path, value) for path, content in written.items() for value in planted if value in content] == []
    for image_id in ("IM0", "IM1", "x", "y"):
        path = study.film_path(image_id)
        assert path is not None
        with Image.open(path) as picture:
            assert dict(picture.getexif()) == {}
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    np.testing.assert_array_equal(film_pixels(study, "IM1"), read_grey(root / PATIENT / "IM1.dcm"))
    np.testing.assert_array_equal(film_pixels(study, "x"), read_grey(root / "x.jpg"))
    assert not study.root.with_name("study.importing").exists()


REAL = ("RG1_UNCR", "RG1_UNCI", "RG1_J2KR", "RG1_J2KI", "RG3_UNCR", "RG3_J2KR", "RG3_J2KI")


@pytest.fixture(scope="module")
def real_study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("real")
    films = {f"{n}/{name}.dcm={name}": _real(name) for n, name in enumerate(REAL)}
    root = folder / "films"
    for entry, content in films.items():
        path = root / entry.partition("=")[0]
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    splits = ["test", "test", "test", "test", "train", "val", "train"]
    pd.DataFrame({"image_id": REAL, "split": splits, "Edema": [0, 1, 0, 1, 1, 0, 0]}).to_csv(
        root / "labels.csv", index=False
    )
    return _built(root, folder, films="all")


def _real(name: str) -> bytes:
    return Path(str(get_testdata_file(f"{name}.dcm", download=False))).read_bytes()


def _independent(name: str) -> np.ndarray:
    """Greys by numpy and OpenJPEG as imagecodecs has it, and the window's formula (PS3.3, C.11.2.1.2.1)."""
    dataset = pydicom.dcmread(io.BytesIO(_real(name)))
    if "J2K" in name:
        stored = imagecodecs.jpeg2k_decode(next(generate_frames(dataset.PixelData, number_of_frames=1))).astype(float)
    else:
        stored = np.frombuffer(dataset.PixelData, "<u2").reshape(dataset.Rows, dataset.Columns).astype(float)
    centre, width = float(dataset.WindowCenter), float(dataset.WindowWidth)
    return (1 - np.clip((stored - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)) * 255


def test_a_study_of_real_films_holds_what_an_independent_reader_finds(real_study: Study) -> None:
    assert real_study.images["image_id"].tolist() == list(REAL)
    for name in REAL:
        film = film_pixels(real_study, name)
        np.testing.assert_allclose(film, _independent(name), atol=0.51)
        row = real_study.images.set_index("image_id").loc[name]
        assert (row["height_px"], row["width_px"]) == film.shape
    for one, other in (("RG1_UNCR", "RG1_J2KR"), ("RG3_UNCR", "RG3_J2KR")):
        np.testing.assert_array_equal(film_pixels(real_study, one), film_pixels(real_study, other))
    for one, other in (("RG1_UNCR", "RG1_J2KI"), ("RG3_UNCR", "RG3_J2KI")):
        apart = np.abs(film_pixels(real_study, one).astype(int) - film_pixels(real_study, other))
        assert 0 < apart.mean() < 2
    assert set(real_study.images["view"]) == {"PA", "AP"}
    assert real_study.scores("zero_shot").shape == (7, 1)


def test_films_that_cannot_be_read_are_left_out_of_a_build(tmp_path: Path) -> None:
    """One whose header is damaged is known before, one whose pixels break off only when it is read."""
    films = {f"f{n}.dcm=f{n}": _film(n) for n in range(5)}
    root = _folder(tmp_path / "films", films)
    whole = _built(root, tmp_path / "whole", films="all")
    (root / "f1.dcm").write_bytes((root / "f1.dcm").read_bytes()[:-3000])
    (root / "f3.dcm").write_bytes((root / "f3.dcm").read_bytes()[:140])
    study = _built(root, tmp_path / "damaged", films="all")
    assert study.image_ids == ["f0", "f2", "f4"]
    for words in (
        "1 of 5 films cannot be read and are left out: 'f3' (",
        "1 of 4 films cannot be read and are left out: 'f1' (The",
    ):
        assert words in study.manifest.notice
    assert "1 labelled films had no file" not in study.manifest.notice
    rows = [0, 2, 4]
    np.testing.assert_array_equal(study.labels, whole.labels[rows])
    np.testing.assert_allclose(study.image_embeddings("frozen"), whole.image_embeddings("frozen")[rows], atol=1e-5)
    np.testing.assert_array_equal(film_pixels(study, "f4"), film_pixels(whole, "f4"))


def test_a_build_of_which_no_film_can_be_read_is_refused(tmp_path: Path) -> None:
    root = _folder(tmp_path / "films", {f"f{n}.dcm=f{n}": _film(n)[:-3000] for n in range(4)})
    with pytest.raises(DatasetError, match=r"none of its 4 films can be read, the first for this: The"):
        _built(root, tmp_path)


def test_an_import_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = _folder(tmp_path / "films", {f"f{n}.dcm=f{n}": _film(n) for n in range(4)})
    np.save(tmp_path / "rows.npy", np.eye(4, 6, dtype=np.float32))
    sources = ImportSources(root / "labels.csv", {}, images=root, embeddings={"raw": tmp_path / "rows.npy"})

    def stop(done: int, total: int, what: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_study(tmp_path / "study", "Films", sources, progress=stop)
    (root / "f1.dcm").write_bytes(_film(7))
    with (tmp_path / "study.importing" / "films.jsonl").open("a") as records:
        records.write('{"key": "cut o')
    again: list[str] = []

    def counting(path: Path) -> object:
        again.append(path.name)
        return read_picture(path)

    monkeypatch.setattr(imported_films, "read_picture", counting)
    import_study(tmp_path / "study", "Films", sources)
    assert sorted(again) == ["f1.dcm", "f3.dcm"]
    study = open_study(tmp_path / "study")
    for number, film in enumerate((0, 7, 2, 3)):
        expected = random_films(1, seed=film)[0]
        np.testing.assert_allclose(film_pixels(study, f"f{number}").astype(int), expected, atol=1)
    assert not (tmp_path / "study.importing").exists()


def test_a_film_that_ends_its_reader_does_not_end_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = tmp_path / "decoder.py"
    decoder.write_text(
        "import json, os, sys, time\n"
        "for line in sys.stdin:\n"
        "    name = json.loads(line)\n"
        "    if 'crash' in name: os.abort()\n"
        "    if 'endless' in name: time.sleep(60)\n"
        "    sys.stdout.write(json.dumps({'size': [1, 2], 'notes': [str(os.getpid())]}) + '\\n' + 'ab')\n"
        "    sys.stdout.flush()\n"
    )
    monkeypatch.setattr(dicom_beside, "_COMMAND", (shutil.which("python3") or "python3", str(decoder)))
    monkeypatch.setattr(dicom_beside, "MOST_S", 1.0)
    readers = Readers(1)
    try:
        pixels, (first,) = readers.read(Path("good"))
        assert pixels.tolist() == [[97, 98]]
        assert readers.read(Path("good"))[1] == (first,)
        for name in ("crash", "endless"):
            with pytest.raises(DatasetError, match="end the program that decodes them"):
                readers.read(Path(name))
        assert readers.read(Path("good"))[1] != (first,)
        assert int(first) != os.getpid()
    finally:
        readers.end()


@pytest.mark.skipif(sys.platform != "linux", reason="counts pages as Linux does")
def test_the_memory_of_one_film_serves_the_next(tmp_path: Path) -> None:
    """Asking the system for it anew takes longer than making a film ready: thousands of pages each time."""
    (tmp_path / "film").write_bytes(dicom_bytes(np.zeros((2500, 2500), np.uint16)))
    readers = Readers(1)
    try:
        faults = []
        for _ in range(4):
            readers.read(tmp_path / "film")
            process = readers._idle[0]._process.pid
            faults.append(int(Path(f"/proc/{process}/stat").read_text().split()[9]))
    finally:
        readers.end()
    assert faults[-1] - faults[-2] < 2500 * 2500 / 4096


def test_a_dead_pixel_does_not_darken_a_deep_film(tmp_path: Path) -> None:
    """Of 100,000 pixels one may be dead at either end; a film of fewer is scaled by all that it has."""
    deep = np.tile(np.linspace(200, 1023, 500).round().astype(np.uint16), (400, 1))
    deep[3, 4], deep[7, 9] = 65535, 0
    (tmp_path / "film.png").write_bytes(png16(deep[..., None]))
    picture = read_picture(tmp_path / "film.png")
    expected = np.clip((deep.astype(float) - 200) / 823, 0, 1) * 255
    np.testing.assert_allclose(picture.pixels, expected, atol=0.51)
    assert picture.notes == ("Greys of more than 8 bits: 200 is shown black and 1023 white.",)
    np.testing.assert_array_equal(_windowless(deep, tmp_path), picture.pixels)


def _windowless(deep: np.ndarray, folder: Path) -> np.ndarray:
    (folder / "film.dcm").write_bytes(dicom_bytes(deep))
    return read_grey(folder / "film.dcm")
