"""Pictures in files: only what their content says, whole, upright and in full depth."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image, ImageOps, ImageSequence

from core.errors import CoreError, PictureError
from core.intake.film_files import read_grey
from core.intake.uploads import read_upload
from core.pictures import is_upright, picture_size, read_grey_picture, read_samples
from tests.png_files import chunk, png16

RNG = np.random.default_rng(0)
COLOURS = RNG.integers(0, 256, (40, 50, 3)).astype(np.uint8)
GREYS = RNG.integers(0, 256, (40, 50)).astype(np.uint8)
DEEP = RNG.integers(0, 65536, (40, 50, 4)).astype(np.uint16)
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\n%%EndComments\nshowpage\n%%EOF\n"


def _written(array: np.ndarray, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def _tag(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("array", [GREYS, COLOURS], ids=["grey", "colour"])
def test_a_film_is_turned_as_its_tag_says(kind: str, orientation: int, array: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.write_bytes(_written(array, kind, exif=_tag(orientation)))
    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("L"))
    np.testing.assert_array_equal(read_grey(path), expected)
    np.testing.assert_array_equal(read_upload(path.read_bytes()).pixels, expected)
    assert picture_size(path) == expected.shape
    assert is_upright(path) == (orientation == 1)


def test_a_tag_behind_the_pixels_counts_as_one_before_them(tmp_path: Path) -> None:
    tag, samples = chunk(b"eXIf", _tag(6).tobytes().removeprefix(b"Exif\0\0")), DEEP[..., :3]
    before, behind = (read_samples(png16(samples, **{place: [tag]})) for place in ("before", "behind"))  # type: ignore[arg-type]
    np.testing.assert_array_equal(before.colours, np.rot90(samples, -1))
    np.testing.assert_array_equal(behind.colours, before.colours)
    path = tmp_path / "film.png"
    path.write_bytes(png16(samples, behind=[tag]))
    assert picture_size(path) == (50, 40)


@pytest.mark.parametrize("tag", [b"", b"Exif\0\0MM", b"II*\0\xff\xff\xff\xff", b"nonsense" * 9])
def test_a_damaged_tag_is_passed_over(tag: bytes) -> None:
    np.testing.assert_array_equal(read_grey_picture(_written(GREYS, "PNG", exif=tag)).pixels, GREYS)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_bit_of_sixteen_is_read(channels: int) -> None:
    samples = DEEP[..., :channels]
    read = read_samples(png16(samples))
    n_colours = 1 if channels < 3 else 3
    np.testing.assert_array_equal(np.atleast_3d(read.colours), samples[..., :n_colours])
    assert (read.alpha is None) == (channels in (1, 3))
    if read.alpha is not None:
        np.testing.assert_array_equal(read.alpha, samples[..., -1])


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_twelve_bits_in_sixteen_span_black_to_white(channels: int) -> None:
    greys = np.linspace(100, 4095, 2000).round().reshape(40, 50)
    film = read_grey_picture(png16(np.repeat(greys[..., None], channels, 2)))
    np.testing.assert_allclose(film.pixels, (greys - 100) / 3995 * 255, atol=0.51)
    assert film.notes == ("Greys of more than 8 bits: 100 is shown black and 4095 white.",)


def test_sixteen_bits_of_colour_are_weighed_before_they_are_scaled() -> None:
    film = read_grey_picture(png16(DEEP[..., :3]))
    luma = DEEP[..., :3].astype(float) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(film.pixels, (luma - luma.min()) / np.ptp(luma) * 255, atol=0.52)
    assert film.is_coloured


def test_a_flat_film_of_sixteen_bits_is_black_and_no_error() -> None:
    assert (read_grey_picture(png16(np.full((9, 9, 3), 700))).pixels == 0).all()


OTHERS = ("GIF", "TIFF", "BMP", "WEBP", "PPM", "ICO", "TGA", "PCX", "JPEG2000", "EPS", "PDF")


@pytest.mark.parametrize("kind", OTHERS)
def test_no_other_format_is_opened_whatever_the_file_is_called(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    path.write_bytes(_written(GREYS, kind))
    for read in (picture_size, read_grey_picture, is_upright):
        with pytest.raises(PictureError, match="neither a PNG nor a JPEG"):
            read(path)


def test_postscript_reaches_no_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *args, **options: started.append(args))
    for head in (b"", b"\xc5\xd0\xd3\xc6"):
        (tmp_path / "film.png").write_bytes(head + POSTSCRIPT)
        for read in (picture_size, read_grey):
            with pytest.raises(CoreError, match="neither"):
                read(tmp_path / "film.png")
        with pytest.raises(CoreError, match="neither"):
            read_upload(head + POSTSCRIPT, "film.png")
    assert started == []


def test_several_pictures_in_one_file_are_refused() -> None:
    frames = [Image.fromarray(GREYS), Image.fromarray(255 - GREYS)]
    for kind in ("PNG", "MPO"):
        buffer = io.BytesIO()
        frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
        assert len(list(ImageSequence.Iterator(Image.open(buffer)))) == 2
        with pytest.raises(PictureError, match="several pictures"):
            read_grey_picture(buffer.getvalue())


def test_printing_colours_are_refused() -> None:
    buffer = io.BytesIO()
    Image.fromarray(GREYS).convert("CMYK").save(buffer, "JPEG")
    with pytest.raises(PictureError, match="CMYK"):
        read_grey_picture(buffer.getvalue())


def test_a_changed_bit_of_a_png_is_noticed_wherever_it_is() -> None:
    whole = _written(GREYS, "PNG")
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(PictureError):
            read_grey_picture(bytes(damaged))


def test_a_jpeg_whose_pixels_break_off_before_its_end_is_damaged() -> None:
    whole = _written(GREYS, "JPEG", quality=95)
    start = whole.index(b"\xff\xda") + 12
    for share in (0.2, 0.5, 0.9):
        cut = whole[: start + int((len(whole) - start) * share)].rstrip(b"\xff") + b"\xff\xd9"
        assert np.asarray(Image.open(io.BytesIO(cut))).shape == GREYS.shape  # Pillow makes the rest up
        with pytest.raises(PictureError, match="damaged or cut off"):
            read_grey_picture(cut)


def test_bytes_that_a_camera_adds_before_the_end_do_no_harm() -> None:
    whole = _written(GREYS, "JPEG", quality=95)
    expected = read_grey_picture(whole).pixels
    np.testing.assert_array_equal(read_grey_picture(whole[:-2] + b"\0\0" + whole[-2:]).pixels, expected)


def test_a_pipe_in_a_films_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "film.png")
    for read in (picture_size, read_grey_picture, is_upright):
        with pytest.raises(PictureError, match="is a named pipe, and a file was expected"):
            read(tmp_path / "film.png")


def test_a_size_that_no_film_has_is_refused_before_a_pixel_is_read() -> None:
    header = struct.pack(">IIBBBBB", 9000, 9000, 8, 0, 0, 0, 0)
    claimed = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")
    with pytest.raises(PictureError, match="9000 x 9000 pixels"):
        read_grey_picture(claimed)
