"""Films of an import: whole, upright, in full depth, the same wherever a film is opened."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.__main__ import main
from core.datasets.films import film_pixels
from core.datasets.folder import FolderDataset
from core.intake.film_files import read_grey
from core.intake.uploads import read_upload
from core.study import check_study, open_study
from tests.png_files import png16
from tests.study.damage import relist_files
from tests.study.test_import import IDS, LABELS, imported, write_films, write_tables

RAMP = np.linspace(0, 255, 60 * 40).reshape(60, 40).astype(np.uint8)


def _turned(path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(RAMP).save(path, exif=exif)


@pytest.mark.parametrize("orientation", [3, 6, 8])
@pytest.mark.parametrize("name", ["d.jpg", "d.png"])
def test_one_film_is_the_same_in_a_study_a_folder_and_an_upload(name: str, orientation: int, tmp_path: Path) -> None:
    films = write_films(tmp_path / "films", *IDS[:3])
    _turned(films / name, orientation)
    study = imported([*write_tables(tmp_path), "--images", str(films)])
    shown = film_pixels(study, "d.png")
    assert shown[-1].mean() < 20 or shown[:, 0].mean() < 20 or shown[:, -1].mean() < 20
    row = study.images.iloc[3]
    assert (row["height_px"], row["width_px"]) == shown.shape
    np.testing.assert_array_equal(read_upload((films / name).read_bytes()).pixels, shown)
    shutil.copy(tmp_path / "labels.csv", films)
    dataset = FolderDataset(films)
    np.testing.assert_array_equal(dataset.film(3), shown)
    assert tuple(dataset.images[["height_px", "width_px"]].iloc[3]) == shown.shape


def test_marks_land_where_they_were_drawn_on_a_film_that_is_turned(tmp_path: Path) -> None:
    """LabelMe shows a film upright: a mark over its dark end must hold its darkest pixels."""
    films = write_films(tmp_path / "films", *IDS[:3])
    _turned(films / "d.jpg", 6)
    study = imported([*write_tables(tmp_path), "--images", str(films)])
    points = [[30, 0], [60, 0], [60, 40], [30, 40]]
    shape = {"label": "Mass", "points": points, "shape_type": "polygon"}
    content = {"imagePath": "d.jpg", "imageHeight": 40, "imageWidth": 60, "shapes": [shape]}
    (tmp_path / "d.json").write_text(json.dumps(content))
    assert main(["annotate", str(study.root), str(tmp_path / "d.json"), "--reader", "R"]) == 0
    annotated = open_study(study.root)
    (mark,) = annotated.annotations()
    film, mask = film_pixels(annotated, "d.png"), mark.mask()
    assert mask.sum() == 30 * 40
    assert film[mask].max() < film[~mask].min() + 20


def test_deep_and_coloured_films_are_read_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    films = write_films(tmp_path / "films", *IDS[:2])
    deep = np.linspace(0, 4095, 2400).round().reshape(60, 40)
    (films / "c.png").write_bytes(png16(np.repeat(deep[..., None], 4, 2)))
    Image.fromarray(np.dstack([RAMP, RAMP // 2, RAMP // 3])).save(films / "d.png")
    study = imported([*write_tables(tmp_path), "--images", str(films)])
    np.testing.assert_allclose(film_pixels(study, "c.png"), deep / 4095 * 255, atol=0.51)
    said = capsys.readouterr().out
    assert "1 of 4 films have more than 8 bits" in said
    assert "1 of 4 films are colour pictures" in said
    assert "more than 8 bits" in study.manifest.notice


def test_check_reads_films_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A study whose films were damaged before they came into it: every hash agrees."""
    films = write_films(tmp_path / "films", *IDS)
    study = imported([*write_tables(tmp_path), "--images", str(films)])
    path = study.root / "images" / "b.png"
    path.write_bytes(path.read_bytes()[:-20])
    Image.fromarray(RAMP).save(study.root / "images" / "c.png")
    relist_files(study.root)
    assert [problem.message.split("images/")[1] for problem in check_study(study.root)] == [
        "b.png: the film is cut off.",
        "c.png: the film has 60 x 40 pixels, not 40 x 30.",
    ]
    assert main(["check", str(study.root)]) == 2


def test_a_jpeg_is_not_compressed_again(tmp_path: Path) -> None:
    """Its own pixels are kept as they are packed; only a turned one is made a PNG, upright."""
    films = write_films(tmp_path / "films", *IDS[:2])
    for name, orientation in (("c.jpg", 1), ("d.jpg", 3)):
        _turned(films / name, orientation)
    study = imported([*write_tables(tmp_path, LABELS), "--images", str(films)])
    paths = {name: study.film_path(name) for name in ("c.png", "d.png")}
    assert [str(path).rsplit("/", 1)[1] for path in paths.values()] == ["c.jpg", "d.png"]
    for name, path in paths.items():
        assert path is not None
        assert b"Exif" not in path.read_bytes()
        np.testing.assert_array_equal(read_grey(path), read_grey(films / name.replace("png", "jpg")))
        np.testing.assert_array_equal(read_grey(path), film_pixels(study, name))
