"""Collections whose films are DICOM files, as RSNA, SIIM-ACR and VinDr publish them: opened, built and imported."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.building.importing import ImportSources, import_study
from core.building.plan import BuildOptions
from core.datasets.films import film_pixels
from core.datasets.registry import describe_dataset, load_dataset
from core.intake.splits import Division
from core.models.load import load_clip
from core.study import check_study, open_study
from tests.building.interrupted import first_dimensions
from tests.building.planned import built
from tests.datasets.collection_files import WRITERS
from tests.intake.dicom_files import dicom_bytes
from tests.models.tiny import make_tiny_clip, random_films


def _pixels(number: int) -> np.ndarray:
    """What the film of this number shows, in greys of 8 bits."""
    return np.asarray(random_films(1, seed=number)[0])


def _as_dicom(name: str, root: Path, suffix: str) -> Path:
    """A collection in small, every film a DICOM file in place of its PNG, in the order of their names."""
    WRITERS[name](root)
    for number, path in enumerate(sorted(root.rglob("*.png"))):
        stored = _pixels(number).astype(np.uint16) * 257
        fields = {"PatientAge": f"{40 + number:03d}Y", "PatientSex": "MF"[number % 2], "ViewPosition": "PA"}
        path.with_suffix(suffix).write_bytes(dicom_bytes(stored, **fields))
        path.unlink()
    return root


def _cut_off(path: Path, n_bytes: int) -> None:
    path.write_bytes(path.read_bytes()[:n_bytes])


def test_rsna_s_films_are_opened_with_what_their_headers_say(tmp_path: Path) -> None:
    """One has a header that breaks off, one has no file."""
    root = _as_dicom("rsna", tmp_path, ".dcm")
    films = sorted(root.rglob("*.dcm"))
    _cut_off(films[3], 140)
    films[5].unlink()
    dataset = load_dataset("rsna", root)
    kept = [0, 1, 2, 4, 6, 7, 8, 9]
    assert dataset.images["image_id"].tolist() == [films[number].stem for number in kept]
    assert dataset.images["age"].tolist() == [40 + number for number in kept]
    assert dataset.images["sex"].tolist() == ["MF"[number % 2] for number in kept]
    assert set(dataset.images["view"]) == {"PA"}
    for row, number in enumerate(kept):
        np.testing.assert_allclose(dataset.film(row).astype(int), _pixels(number), atol=1)
    notice = dataset.card.notice
    assert f"1 of 9 films cannot be read and are left out: '{films[3].stem}' (" in notice
    assert f"1 film ('{films[5].stem}') is without a file and left out." in notice
    assert "From the headers of 8 films, where the table gives none: age of 8, sex of 8, view of 8." in notice
    described = describe_dataset("rsna", root)
    assert described.missing_files == (films[5].stem,)
    assert any(f"'{films[3].stem}'" in note for note in described.notes)


def test_vindr_is_built_without_the_readings_of_a_film_that_breaks_off(tmp_path: Path) -> None:
    """Its pixels are missed only when it is read whole; the others' labels are still what their readers said."""
    root = _as_dicom("vindr-cxr", tmp_path / "vindr", ".dicom")
    whole = load_dataset("vindr-cxr", root)
    damaged = root / "train" / "b.dicom"
    _cut_off(damaged, damaged.stat().st_size - 3000)
    model = load_clip(make_tiny_clip(tmp_path / "model"))
    options = BuildOptions("vindr", ("zero_shot",), films="all")
    dataset = load_dataset("vindr-cxr", root)
    study = built(dataset, model, "tiny", tmp_path / "study", options, project=first_dimensions)
    assert check_study(study.root) == []
    rows = [row for row, image_id in enumerate(whole.images["image_id"]) if image_id != "b"]
    assert study.image_ids == [whole.images["image_id"][row] for row in rows]
    np.testing.assert_array_equal(study.labels, whole.labels[rows])
    assert "1 of 11 films cannot be read and are left out: 'b' (" in study.manifest.notice
    assert study.readings is not None
    assert study.convention is not None
    np.testing.assert_array_equal(study.readings.resolve(len(rows), study.convention), study.labels)
    of_a = study.readings.films == study.image_ids.index("a")
    assert sorted(study.readings.readers[of_a]) == ["R1", "R2", "R3"]
    assert len(study.readings.films) == 3 * 9 + 1
    np.testing.assert_allclose(film_pixels(study, "c").astype(int), _pixels(3), atol=1)


def test_an_import_finds_films_by_the_paths_of_a_collection_and_keeps_them_by_id(tmp_path: Path) -> None:
    """BRAX's films lie in folders of patients; the study's own names are made of the ids."""
    root = _as_dicom("brax", tmp_path / "brax", ".dcm")
    table = root / "master_spreadsheet_update.csv"
    dataset = load_dataset("brax", root)
    damaged = dataset.film_file(1)
    assert damaged is not None
    _cut_off(damaged, 140)
    result = import_study(tmp_path / "study", "BRAX", ImportSources(table, {}, images=root, division=Division(0)))
    study = open_study(result.root)
    assert check_study(result.root) == []
    image_id = dataset.images["image_id"][1]
    assert any(f"1 of 10 films cannot be read and are left out: '{image_id}'" in note for note in result.notes)
    assert study.images["file"].isna().tolist() == [name == image_id for name in study.image_ids]
    np.testing.assert_allclose(film_pixels(study, study.image_ids[2]).astype(int), _pixels(2), atol=1)
