"""Films that are handed over as files: told by their content, greys as they should be, everything else a sentence."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset

from core.errors import DatasetError
from core.intake.uploads import read_upload
from tests.intake.dicom_files import dicom_bytes

FILM = np.random.default_rng(0).integers(0, 256, (90, 70)).astype(np.uint8)


def _written(picture: Image.Image, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_grey_png_is_its_pixels() -> None:
    film = read_upload(_written(Image.fromarray(FILM), "PNG"))
    np.testing.assert_array_equal(film.pixels, FILM)
    assert (film.kind, film.notes) == ("PNG", ())


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_a_grey_film_saved_in_colour_is_the_same_film(mode: str) -> None:
    film = read_upload(_written(Image.fromarray(FILM).convert(mode), "PNG"))
    np.testing.assert_array_equal(film.pixels, FILM)
    assert film.notes == ()


def test_a_colour_picture_is_turned_to_grey_and_that_is_said() -> None:
    colours = np.zeros((40, 40, 3), np.uint8)
    colours[..., 0] = 200
    film = read_upload(_written(Image.fromarray(colours), "PNG"))
    assert film.pixels.shape == (40, 40)
    assert "turned to grey" in film.notes[0]


def test_sixteen_bits_span_black_to_white() -> None:
    deep = (FILM.astype(np.uint16) + 100) * 37
    film = read_upload(_written(Image.fromarray(deep), "PNG"))
    expected = (deep - deep.min()) / (deep.max() - deep.min()) * 255
    np.testing.assert_allclose(film.pixels, expected, atol=0.51)
    assert "more than 8 bits" in film.notes[0]


def test_a_jpeg_is_read_whatever_its_name() -> None:
    smooth = np.tile(np.linspace(0, 250, 70), (90, 1)).astype(np.uint8)
    film = read_upload(_written(Image.fromarray(smooth), "JPEG", quality=95), "film.png")
    assert film.kind == "JPEG"
    np.testing.assert_allclose(film.pixels, smooth, atol=6)


def test_a_windowed_dicom_of_sixteen_bits() -> None:
    stored = np.linspace(0, 4095, 64 * 64).reshape(64, 64).round().astype(np.uint16)
    film = read_upload(dicom_bytes(stored, window=(2048, 1024)))
    assert film.kind == "DICOM"
    expected = np.clip((stored - 2047.5) / 1023 + 0.5, 0, 1) * 255
    np.testing.assert_allclose(film.pixels, expected, atol=0.51)
    assert "2048" in film.notes[0]


def test_monochrome1_is_turned_round() -> None:
    stored = np.linspace(0, 4095, 64 * 64).reshape(64, 64).round().astype(np.uint16)
    usual, turned = (
        read_upload(dicom_bytes(stored, photometric=f"MONOCHROME{number}")).pixels.astype(int) for number in (2, 1)
    )
    np.testing.assert_allclose(usual, 255 - turned, atol=1)


def test_nothing_of_a_header_is_said() -> None:
    stored = np.zeros((64, 64), np.uint16)
    film = read_upload(dicom_bytes(stored, patient="Person^Some"), "Person_Some.dcm")
    assert "Person" not in repr(film)
    for damaged in (
        dicom_bytes(stored, patient="Person^Some")[:-3000],
        dicom_bytes(stored, patient="Person^Some")[:300],
    ):
        with pytest.raises(DatasetError) as refused:
            read_upload(damaged, "Person_Some.dcm")
        assert "Person" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"only words, renamed\n" * 40, "neither"),
        (_written(Image.fromarray(FILM), "PNG")[:2000], "cut off"),
        (_written(Image.fromarray(FILM), "JPEG")[:1500], "cut off"),
        (b"\x89PNG\r\n\x1a\n" + b"nonsense" * 20, "damaged"),
        (_written(Image.fromarray(FILM[:20, :20]), "PNG"), "at least 32"),
        (_written(Image.fromarray(FILM), "GIF"), "neither"),
        (b"\0" * 128 + b"DICM" + b"rubbish" * 30, "DICOM"),
    ],
)
def test_what_is_no_film_is_one_sentence_and_a_remedy(content: bytes, said: str) -> None:
    with pytest.raises(DatasetError, match=said) as refused:
        read_upload(content, "film.png")
    assert refused.value.message.count(". ") == 0
    assert refused.value.remedy


def test_a_picture_too_large_to_be_a_film_is_refused_before_it_is_read() -> None:
    huge = _written(Image.new("L", (9000, 9000)), "PNG")
    with pytest.raises(DatasetError, match="9000 x 9000"):
        read_upload(huge)


def _png_header(width: int, height: int) -> bytes:
    """A PNG that says it is of this size, and nothing more."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [10_000, 20_000, 100_000])
def test_a_size_that_no_film_has_is_a_sentence_whatever_it_is(side: int) -> None:
    with pytest.raises(DatasetError, match="more than") as refused:
        read_upload(_png_header(side, side))
    assert "smaller" in refused.value.remedy


def test_an_animated_png_is_several_pictures() -> None:
    buffer = io.BytesIO()
    Image.fromarray(FILM).save(buffer, "PNG", save_all=True, append_images=[Image.fromarray(255 - FILM)])
    with pytest.raises(DatasetError, match="several pictures"):
        read_upload(buffer.getvalue())


RAMP = np.linspace(0, 4095, 64 * 64).reshape(64, 64).round().astype(np.uint16)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"Rows": None}, "Rows"),
        ({"NumberOfFrames": ["1", "1"]}, "NumberOfFrames"),
        ({"NumberOfFrames": "2"}, "several frames"),
        ({"RescaleSlope": "nan", "RescaleIntercept": 0}, "slope"),
        ({"RescaleSlope": "0", "RescaleIntercept": 0}, "slope"),
        ({"RescaleSlope": "1e308", "RescaleIntercept": 0}, "slope"),
    ],
)
def test_a_dicom_header_that_makes_no_film_is_a_sentence(fields: dict[str, object], said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        read_upload(dicom_bytes(RAMP, **fields))  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore")  # pydicom's, of what it finds damaged
def test_no_damage_to_a_header_is_more_than_a_sentence() -> None:
    """Bytes changed at random: a film or a sentence, and nothing else."""
    rng = np.random.default_rng(1)
    whole = dicom_bytes(RAMP, window=(2048, 1024))
    for _ in range(400):
        damaged = bytearray(whole)
        for place in rng.integers(132, 900, rng.integers(1, 4)):
            damaged[place] = rng.integers(256)
        with contextlib.suppress(DatasetError):
            read_upload(bytes(damaged))


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_told_by_stored_values_and_is_black(photometric: str) -> None:
    stored = np.full((64, 64), 1000, np.uint16)
    stored[:32] = 2000
    stored[:, :10] = 0
    fields = {"PixelPaddingValue": 0, "RescaleSlope": 1, "RescaleIntercept": -1024}
    film = read_upload(dicom_bytes(stored, photometric=photometric, **fields))  # type: ignore[arg-type]
    is_turned = photometric == "MONOCHROME1"
    assert (film.pixels[:, :10] == 0).all()
    assert (film.pixels[:32, 10:] == (0 if is_turned else 255)).all()
    assert (film.pixels[32:, 10:] == (255 if is_turned else 0)).all()
    assert "-24 to 976" in film.notes[0]
    assert any("Padding" in note for note in film.notes)


def test_the_files_own_table_of_greys_is_applied() -> None:
    """A table that turns everything round, of 12 bits in, 16 out."""
    table = Dataset()
    table.LUTDescriptor = [4096, 0, 16]
    table.add_new("LUTData", "OW", (np.arange(4096)[::-1] * 16).astype("<u2").tobytes())
    film = read_upload(dicom_bytes(RAMP, VOILUTSequence=[table]))
    np.testing.assert_allclose(film.pixels, (4095 - RAMP.astype(float)) * 16 / 65535 * 255, atol=0.51)
    assert film.notes == ("The file's own table of greys (VOI LUT) was applied.",)


def test_a_window_that_is_no_number_is_no_window() -> None:
    film = read_upload(dicom_bytes(RAMP, WindowCenter="nan", WindowWidth="nan"))
    np.testing.assert_allclose(film.pixels, RAMP / 4095 * 255, atol=0.51)


@pytest.mark.real
def test_real_films_are_read_as_they_are(real_data: Path) -> None:
    for path in sorted((real_data / "iu-xray-png").glob("*.png")):
        film = read_upload(path.read_bytes(), path.name)
        np.testing.assert_array_equal(film.pixels, np.asarray(Image.open(path).convert("L")))
