"""Folders of maps: which film and class each is of, where it lies, what is refused; and what a study keeps of them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import StudyError
from core.geometry import Geometry
from core.intake.maps import WHOLE_FILM, FoundMaps, find_maps, geometry_in
from core.study.map_store import StoredMap, maps_index, read_maps, write_maps

IDS = ("a.png", "sub/b", "c__x")
CLASSES = ("Edema", "Pleural Effusion")
SIZES = {"a.png": (8, 6), "sub/b": (8, 6), "c__x": (8, 6)}
CROP = Geometry("crop", 224)
MAP = np.arange(12, dtype=np.float32).reshape(4, 3) / 7


def _found(folder: Path, geometry: Geometry | None = CROP) -> FoundMaps:
    return find_maps(folder, IDS, CLASSES, SIZES, geometry)


def _save(folder: Path, name: str, values: np.ndarray = MAP) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, values)
    else:
        Image.fromarray(values).save(path)
    return path


@pytest.mark.parametrize(
    ("name", "image_id", "finding"),
    [
        ("a/Edema.npy", "a.png", "Edema"),
        ("a.png/edema.npy", "a.png", "Edema"),
        ("a__Pleural_Effusion.npy", "a.png", "Pleural Effusion"),
        ("sub/b/Pleural Effusion.npy", "sub/b", "Pleural Effusion"),
        ("sub/b__Edema.npy", "sub/b", "Edema"),
        ("c__x__Edema.npy", "c__x", "Edema"),
        ("c__x/Edema.npy", "c__x", "Edema"),
    ],
)
def test_a_map_is_known_by_its_name(name: str, image_id: str, finding: str, tmp_path: Path) -> None:
    _save(tmp_path, name)
    (stored,) = _found(tmp_path).read()
    assert (stored.image_id, stored.finding, stored.geometry) == (image_id, finding, CROP)
    np.testing.assert_array_equal(stored.values, MAP)


@pytest.mark.parametrize("name", ["a.npy", "deep/er/a.npy", "c__x.npy"])
def test_one_file_may_hold_the_maps_of_all_classes(name: str, tmp_path: Path) -> None:
    _save(tmp_path, name, np.stack([MAP, MAP[::-1]]))
    first, second = _found(tmp_path).read()
    assert (first.finding, second.finding) == CLASSES
    np.testing.assert_array_equal(second.values, MAP[::-1])


def test_a_deep_png_is_read_in_all_its_greys(tmp_path: Path) -> None:
    greys = np.array([[0, 1], [257, 65535]], np.uint16)
    _save(tmp_path, "a__Edema.png", greys)
    (stored,) = _found(tmp_path).read()
    np.testing.assert_array_equal(stored.values, greys)


def test_a_map_of_the_films_pixels_lies_over_the_whole_film(tmp_path: Path) -> None:
    _save(tmp_path, "a__Edema.npy", np.ones((8, 6)))
    _save(tmp_path, "sub/b__Edema.npy")
    assert [stored.geometry for stored in _found(tmp_path).read()] == [WHOLE_FILM, CROP]
    with pytest.raises(StudyError, match="has 4 x 3 values and its film has 8 x 6, so where it lies is not known"):
        list(_found(tmp_path, None).read())


def test_values_below_0_are_0_and_counted(tmp_path: Path) -> None:
    _save(tmp_path, "a__Edema.npy", MAP - 1)
    found = _found(tmp_path)
    (stored,) = found.read()
    np.testing.assert_array_equal(stored.values, np.maximum(MAP - 1, 0))
    assert found.notes == ["1 map had values below 0, which are kept as 0."]


def test_maps_of_other_films_and_classes_are_left_out_in_words(tmp_path: Path) -> None:
    for name in ("a__Edema.npy", "a__Mass.npy", "z__Edema.npy"):
        _save(tmp_path, name)
    found = _found(tmp_path)
    assert len(list(found.read())) == 1
    assert found.notes == [
        f"{tmp_path.name}: 1 film with maps ('z') is left out, for the labels have no such film.",
        f"{tmp_path.name}: 1 class with maps ('Mass') is left out, for the labels have no such class.",
    ]


def _text(folder: Path) -> None:
    (folder / "a__Edema.npy").write_text("1,2,3")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda folder: None, "holds no map of a film and class"),
    "other films": (lambda folder: _save(folder, "z__Edema.npy"), "such as 'z__Edema.npy'"),
    "text": (_text, "is not a whole .npy array"),
    "colours": (
        lambda folder: _save(folder, "a__Edema.png", np.zeros((4, 4, 3), np.uint8)),
        "is a coloured picture",
    ),
    "a vector": (lambda folder: _save(folder, "a__Edema.npy", np.ones(4)), r"numbers of shape \(rows, columns\)"),
    "not finite": (lambda folder: _save(folder, "a__Edema.npy", MAP * np.nan), "not finite"),
    "too few classes": (lambda folder: _save(folder, "a.npy", MAP[None]), "holds 1 maps; the study has 2 classes"),
    "twice": (
        lambda folder: [_save(folder, name) for name in ("a__Edema.npy", "a/Edema.npy")],
        "is of the same film and class as",
    ),
    "twice, once in all": (
        lambda folder: [_save(folder, "a/Edema.npy"), _save(folder, "a.npy", np.stack([MAP, MAP]))],
        "is of the same film and class as",
    ),
    "two grids": (
        lambda folder: [_save(folder, "a__Edema.npy"), _save(folder, "a__Pleural Effusion.npy", MAP.T)],
        "has 3 x 4 values, another map of the film 4 x 3",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_map_is_refused_with_its_name(case: str, tmp_path: Path) -> None:
    make, words = REFUSED[case]
    make(tmp_path)
    with pytest.raises(StudyError, match=words):
        list(_found(tmp_path).read())
    with pytest.raises(StudyError, match="no such folder"):
        _found(tmp_path / "absent")


def test_geometries_are_written_in_words() -> None:
    assert geometry_in("squash") == Geometry("squash")
    assert geometry_in("pad:224") == Geometry("pad", 224)
    assert geometry_in("crop:256:224") == Geometry("crop", 224, 256)
    for wrong in ("stretch", "squash:1:2", "crop:x", "", "crop:-1"):
        with pytest.raises(StudyError, match="none of crop, squash, pad"):
            geometry_in(wrong)


def test_what_is_kept_is_off_by_a_step_of_the_maximum_at_most(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    maps = [
        StoredMap("a", "Edema", (1e-9 * rng.random((7, 5))).astype(np.float32), CROP),
        StoredMap("b", "Edema", np.zeros((3, 3), np.float32), Geometry("pad", 64)),
        StoredMap("b", "Mass", (rng.random((64, 48)) > 0.7).astype(np.float32), WHOLE_FILM),
    ]
    for name in ("one", "two"):
        write_maps(tmp_path / name, maps)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    found = read_maps(tmp_path / "one", maps_index(tmp_path / "one"))
    for kept, given in zip(found, maps, strict=True):
        assert (kept.image_id, kept.finding, kept.geometry) == (given.image_id, given.finding, given.geometry)
        assert kept.values.max() == given.values.max()
        np.testing.assert_allclose(kept.values, given.values, rtol=0, atol=given.values.max() / 65535 * 0.51)
    np.testing.assert_array_equal(found[2].values, maps[2].values)


@pytest.mark.parametrize("damage", ["not a zip", "no index", "index of another kind", "no picture"])
def test_a_damaged_file_of_maps_is_one_sentence(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "maps.zip"
    write_maps(path, [StoredMap("a", "Edema", MAP, CROP)])
    entries = maps_index(path)
    if damage == "not a zip":
        path.write_bytes(b"nothing")
    else:
        index = {"no index": None, "index of another kind": [{"image_id": "a"}], "no picture": list(entries)}[damage]
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("000000.png", b"not a picture")
            if index is not None:
                archive.writestr("index.json", json.dumps(index))
    with pytest.raises(StudyError, match="is not a file of maps"):
        read_maps(path, maps_index(path))
