"""Films as a study stores them: the same pixels, nothing else of the file, and no time spent on packing them again."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.building import stored_film
from core.building.stored_film import SMALL, film_content, film_png, grey_chunks, jpeg_segments
from core.intake.film_files import read_grey, read_picture

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (70, 50), dtype=np.uint8)


def _pixels(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.mode) == ("PNG", "L")
        return np.asarray(picture)


def test_a_grey_png_is_taken_over_without_what_else_it_says(tmp_path: Path) -> None:
    path, said = tmp_path / "film.png", PngInfo()
    said.add_text("Patient", "Mary Roe")
    Image.fromarray(GREY).save(path, pnginfo=said, dpi=(72, 72), compress_level=1)
    stored = film_png(GREY, path)
    np.testing.assert_array_equal(_pixels(stored), GREY)
    assert b"Mary Roe" in path.read_bytes()
    assert b"Mary Roe" not in stored
    assert Image.open(io.BytesIO(stored)).info == {}
    own = path.read_bytes()
    data = own[own.index(b"IDAT") : own.rindex(b"IEND")]
    assert data in stored


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "1", "I;16"])
def test_other_pngs_are_packed_anew(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    if mode == "I;16":
        Image.fromarray(GREY.astype(np.uint16) * 200).save(path)
    else:
        Image.fromarray(GREY).convert(mode).save(path)
    film = np.asarray(Image.open(path).convert("L"))
    assert grey_chunks(path) is None
    np.testing.assert_array_equal(_pixels(film_png(film, path)), film)


def test_a_jpeg_and_a_film_without_a_file_are_packed(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "film.jpg")
    film = np.asarray(Image.open(tmp_path / "film.jpg"))
    np.testing.assert_array_equal(_pixels(film_png(film, tmp_path / "film.jpg")), film)
    np.testing.assert_array_equal(_pixels(film_png(GREY, None)), GREY)


def test_only_a_small_film_is_packed_as_tightly_as_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ships is of 256 x 256: its bytes stay the same."""
    asked: list[dict[str, object]] = []
    save = Image.Image.save

    def noted(picture: Image.Image, file: object, kind: str, **options: object) -> None:
        asked.append(options)
        save(picture, file, kind, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(stored_film.Image.Image, "save", noted)
    film_png(np.zeros((256, 256), np.uint8), None)
    large = np.arange(SMALL + 256, dtype=np.uint8).reshape(-1, 256)
    np.testing.assert_array_equal(_pixels(film_png(large, None)), large)
    assert asked == [{"optimize": True}]


@pytest.mark.real
def test_a_real_film_is_taken_over_in_less_than_it_takes_to_decode(real_data: Path) -> None:
    path = real_data / "nih-radiologist-masks" / "images" / "00000404_000.png"
    begun = time.perf_counter()
    with Image.open(path) as picture:
        film = np.asarray(picture.convert("L"))
    decoded = time.perf_counter()
    stored = film_png(film, path)
    assert time.perf_counter() - decoded < decoded - begun
    np.testing.assert_array_equal(_pixels(stored), film)


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_film_that_is_turned_when_shown_is_stored_upright(orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "film.png"
    Image.fromarray(GREY).save(path, exif=exif)
    film = read_grey(path)
    assert (film.shape == GREY.shape) == (orientation == 3)
    np.testing.assert_array_equal(_pixels(film_png(film, path)), film)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 2}])
def test_a_jpeg_keeps_its_pixels_and_loses_what_else_it_says(
    mode: str, options: dict[str, object], tmp_path: Path
) -> None:
    path, exif = tmp_path / "film.jpg", Image.Exif()
    exif[0x010E] = "Mary Roe"
    Image.fromarray(GREY).convert(mode).save(path, exif=exif, comment=b"of Mary", dpi=(72, 72), **options)  # type: ignore[arg-type]
    path.write_bytes(path.read_bytes() + b"Mary again")
    stored = film_content(read_picture(path), path)
    assert stored.startswith(b"\xff\xd8")
    assert b"Mary" in path.read_bytes()
    assert b"Mary" not in stored
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(stored)).convert("RGB")), np.asarray(Image.open(path).convert("RGB"))
    )
    assert b"".join(jpeg_segments(stored)) == stored


def test_a_jpeg_that_is_packed_in_an_odd_way_becomes_a_png(tmp_path: Path) -> None:
    """Bytes 0xff may stand before any marker; libjpeg passes over them."""
    path = tmp_path / "film.jpg"
    Image.fromarray(GREY).save(path)
    path.write_bytes(path.read_bytes()[:2] + b"\xff" + path.read_bytes()[2:])
    picture = read_picture(path)
    np.testing.assert_array_equal(_pixels(film_content(picture, path)), picture.pixels)
