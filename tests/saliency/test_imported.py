"""Imported maps against masks: planted truths, the model's own grid, and real films with radiologists' polygons."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.__main__ import main
from core.annotations.annotation import Annotation, annotation_from_mask
from core.annotations.formats import read_annotations, write_coco
from core.datasets.films import film_pixels
from core.errors import SaliencyError
from core.geometry import Geometry
from core.metrics.localization import mask_of
from core.saliency.imported import ImportedMaps, has_imported_maps, methods_for
from core.saliency.localization.compute import compute_saliency_table, saliency_table
from core.saliency.localization.pairs import MapKey, MaskFilter
from core.saliency.localization.summary import summarize
from core.saliency.localization.table import LocalizationPlan
from core.study.open import open_study
from core.study.read import Study

CLASSES = ("Edema", "Nodule")
SHAPE = (40, 60)
IDS = tuple(f"film{number}" for number in range(8))


def imported_study(
    folder: Path,
    films: Mapping[str, np.ndarray],
    marks: list[Annotation],
    labels: pd.DataFrame,
    maps: Mapping[str, Path],
    *options: str,
) -> Study:
    """A study of films, marks, random scores, and maps by setting, made by the command; `images` below the folder."""
    for name, film in films.items():
        path = folder / "images" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(film).save(path)
    classes = [name for name in labels.columns if name not in ("image_id", "patient_id", "split")]
    labels.to_csv(folder / "labels.csv", index=False)
    random = np.random.default_rng(0).random((len(labels), len(classes)))
    scores = pd.DataFrame(random, columns=classes)
    scores.insert(0, "image_id", labels["image_id"])
    scores.to_csv(folder / "scores.csv", index=False)
    write_coco(folder / "masks.json", marks)
    given = ["--labels", str(folder / "labels.csv"), "--images", str(folder / "images")]
    given += ["--masks", str(folder / "masks.json"), "--scores", *(f"{name}={folder / 'scores.csv'}" for name in maps)]
    given += ["--maps", *(f"{name}={path}" for name, path in maps.items()), *options]
    assert main(["import", "--out", str(folder / "study"), "--name", "films with maps", *given]) == 0
    return open_study(folder / "study")


def _marks() -> list[Annotation]:
    """One mark a class and film, at places that differ."""
    marks = []
    for number, image_id in enumerate(IDS):
        for rank, finding in enumerate(CLASSES):
            mask = np.zeros(SHAPE, bool)
            mask[4 + number : 14 + number, 5 + 25 * rank : 20 + 25 * rank] = True
            marks.append(annotation_from_mask(image_id, finding, "reader", mask))
    return marks


def _labels(split: str = "test") -> pd.DataFrame:
    about = {"image_id": IDS, "patient_id": IDS, "split": split}
    return pd.DataFrame({**about, **dict.fromkeys(CLASSES, 1)})


def _films() -> dict[str, np.ndarray]:
    greys = np.random.default_rng(1).integers(0, 255, (len(IDS), *SHAPE)).astype(np.uint8)
    return dict(zip(IDS, greys, strict=True))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """`truth` is the mask, `elsewhere` all but the mask; `coarse` is 1 in one patch of the model's own 4 x 4 grid."""
    folder = tmp_path_factory.mktemp("imported")
    maps = {name: folder / name for name in ("truth", "elsewhere", "coarse")}
    for path in maps.values():
        path.mkdir()
    for mark in _marks():
        name = f"{mark.image_id}__{mark.finding}.npy"
        np.save(maps["truth"] / name, mark.mask())
        np.save(maps["elsewhere"] / name, ~mark.mask())
    patch = np.zeros((len(CLASSES), 4, 4))
    patch[:, 1, 2] = 5
    np.save(maps["coarse"] / f"{IDS[0]}.npy", patch)
    return imported_study(folder, _films(), _marks(), _labels(), maps, "--map-geometry", "coarse=crop:32")


def test_a_map_that_is_the_mask_agrees_with_it_wholly(
    planted: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))
    table = compute_saliency_table(planted)
    assert table.methods == ("imported", "random", "centre")
    expected = {"truth": 1.0, "elsewhere": 0.0}
    for setting, value in expected.items():
        for metric in ("energy", "hit"):
            found = summarize(table, MapKey(setting, "imported"), MaskFilter("test"), metric)
            assert found.value == pytest.approx(value, abs=1e-6)
            assert found.n_pairs == len(IDS) * len(CLASSES)
    ranked = summarize(table, MapKey("truth", "imported"), MaskFilter("test"), "average_precision")
    assert ranked.value == pytest.approx(1)
    assert ranked.over_baselines["random"].value > 0.5
    random = summarize(table, MapKey("truth", "random"), MaskFilter("test"), "energy")
    assert random.value == pytest.approx(random.chance, abs=0.02)
    again = saliency_table(planted)
    assert again is not None
    assert not again.lacks(planted, LocalizationPlan())


def test_a_map_of_the_models_grid_lies_where_the_model_looked(planted: Study) -> None:
    """The central 40 x 40 of 40 x 60 in four by four: the patch of row 1, column 2 begins at row 10, column 30."""
    maps = ImportedMaps(planted, "coarse").maps(IDS[0], film_pixels(planted, IDS[0]), ["imported", "grad_cam"])
    assert list(maps) == ["imported"]
    saliency = maps["imported"].of("Nodule")
    assert saliency.raw_maximum == 5
    assert np.argwhere(saliency.values == 5).tolist() == [[1, 2]]
    box = maps["imported"].geometry.box(*SHAPE)
    assert (box.top, box.left, box.height, box.width) == pytest.approx((0, 10, 40, 40), abs=0.7)
    assert maps["imported"].geometry == Geometry("crop", 32)


def test_a_film_or_class_without_a_map_says_so(planted: Study) -> None:
    source = ImportedMaps(planted, "coarse")
    assert not source.has(IDS[1])
    with pytest.raises(SaliencyError, match="No map of this film was imported for coarse"):
        source.maps(IDS[1], film_pixels(planted, IDS[1]), ["imported"])
    assert [method.name for method in methods_for(planted)] == ["imported", "random", "centre"]


def test_a_class_without_a_map_has_none_and_no_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    (tmp_path / "maps").mkdir()
    mark = _marks()[0]
    np.save(tmp_path / "maps" / f"{IDS[0]}__Edema.npy", mark.mask())
    study = imported_study(tmp_path, _films(), _marks(), _labels(), {"chexnet": tmp_path / "maps"})
    assert has_imported_maps(study, "chexnet")
    for maps in (
        ImportedMaps(study, "chexnet").maps(IDS[0], film_pixels(study, IDS[0]), ["imported", "centre"]).values()
    ):
        assert maps.of("Edema").raw_maximum > 0
        with pytest.raises(SaliencyError, match="No map of Nodule was imported for this film"):
            maps.of("Nodule")
    rows = compute_saliency_table(study).rows
    assert set(zip(rows["image_id"], rows["finding"], strict=True)) == {(IDS[0], "Edema")}


def test_options_that_do_not_fit_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _labels().to_csv(tmp_path / "labels.csv", index=False)
    base = ["import", "--out", str(tmp_path / "s"), "--name", "x", "--labels", str(tmp_path / "labels.csv")]
    assert main([*base, "--maps", f"chexnet={tmp_path}"]) == 2
    assert "--maps names the setting 'chexnet', which has no --scores" in capsys.readouterr().err
    assert main([*base, "--map-geometry", "chexnet=crop"]) == 2
    assert "--map-geometry names the setting 'chexnet', which has no --maps" in capsys.readouterr().err


@pytest.mark.real
def test_real_films_with_polygons_and_imported_maps_go_through_the_table(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NIH films that radiologists drew on: the polygons themselves as maps, and a hill over each on a coarse grid."""
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    source = real_data / "nih-det-207"
    table = pd.read_csv(source / "labels.csv", dtype={"image_id": str, "patient_id": str})
    marks = read_annotations(source / "masks.json")
    named = {mark.image_id.removesuffix(".png") for mark in marks}
    labels = table[table["image_id"].isin(named)].head(10).drop(columns=["view", "age", "sex"]).reset_index(drop=True)
    kept = [mark for mark in marks if mark.image_id.removesuffix(".png") in set(labels["image_id"])]
    films = {name: np.asarray(Image.open(source / f"{name}.png").convert("L")) for name in labels["image_id"]}
    write_maps_of(tmp_path, kept)
    maps = {"truth": tmp_path / "truth", "hill": tmp_path / "hill"}
    study = imported_study(tmp_path, films, kept, labels, maps, "--map-geometry", "squash:224")
    rows = compute_saliency_table(study).rows
    of_map = rows[rows["method"] == "imported"].groupby("setting")
    assert of_map["energy"].min()["truth"] == pytest.approx(1, abs=1e-6)
    assert of_map["hit"].min()["truth"] == 1
    assert of_map["average_precision"].min()["truth"] == pytest.approx(1, abs=1e-6)
    assert of_map["energy"].mean()["hill"] > 2 * of_map["chance"].mean()["hill"]
    assert of_map["hit"].mean()["hill"] > 2 * of_map["chance"].mean()["hill"]
    random = rows[rows["method"] == "random"]
    assert random["energy"].mean() == pytest.approx(random["chance"].mean(), abs=0.03)


def write_maps_of(folder: Path, marks: list[Annotation]) -> None:
    """`truth` below the folder: what was drawn of every class and film; `hill`: a round hill over it, 7 x 7."""
    for name in ("truth", "hill"):
        (folder / name).mkdir(exist_ok=True)
    y, x = (np.mgrid[0:7, 0:7] + 0.5) / 7
    for image_id, finding in dict.fromkeys((mark.image_id, mark.finding) for mark in marks):
        of_film = [mark for mark in marks if mark.image_id == image_id]
        mask = mask_of(of_film, finding)
        assert mask is not None
        rows, columns = np.nonzero(mask)
        middle = (rows.mean() + 0.5) / mask.shape[0], (columns.mean() + 0.5) / mask.shape[1]
        name = f"{image_id.removesuffix('.png')}__{finding}.npy"
        np.save(folder / "truth" / name, mask)
        np.save(folder / "hill" / name, np.exp(-((y - middle[0]) ** 2 + (x - middle[1]) ** 2) / (2 * 0.1**2)))
