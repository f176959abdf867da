"""DICOM films as hospitals send them: every compression, every way to say what the greys mean, and words on the odd."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    JPEG2000,
    UID,
    ExplicitVRBigEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from core.errors import DatasetError
from core.intake import gdcm_child
from core.intake.dicom import read_dicom
from tests.conftest import PROJECT
from tests.intake.dicom_files import dicom_bytes

RAMP = np.linspace(0, 4095, 64 * 80).reshape(64, 80).round().astype(np.uint16)
SMOOTH = (2000 + 1500 * np.sin(np.arange(96)[:, None] / 17) * np.cos(np.arange(64) / 11)).round().astype(np.uint16)


def _read(content: bytes) -> tuple[np.ndarray, tuple[str, ...]]:
    return read_dicom(content)


def _real(name: str) -> bytes:
    """A file of pydicom's test data; nothing is fetched."""
    return Path(str(get_testdata_file(name, download=False))).read_bytes()


def _whole_range(stored: np.ndarray) -> np.ndarray:
    """Greys of the whole range, but for one pixel of 100,000 at either end."""
    values = stored.astype(np.float64)
    ascending, strays = np.sort(values, axis=None), values.size // 100_000
    low, high = ascending[strays], ascending[-1 - strays]
    return np.clip((values - low) / (high - low), 0, 1) * 255


def _compressed(syntax: UID, frame: bytes, stored: np.ndarray, bits: int) -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(dicom_bytes(stored)))
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = (8 if bits == 8 else 16), bits, bits - 1
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].VR = "OB"
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


EXACT = {
    "JPEG lossless": (JPEGLossless, lambda film: imagecodecs.ljpeg_encode(film, bitspersample=12)),
    "JPEG lossless, first order": (JPEGLosslessSV1, lambda film: imagecodecs.ljpeg_encode(film, bitspersample=12)),
    "JPEG-LS": (JPEGLSLossless, imagecodecs.jpegls_encode),
    "JPEG 2000": (JPEG2000Lossless, lambda film: imagecodecs.jpeg2k_encode(film, reversible=True, codecformat="j2k")),
}


@pytest.mark.parametrize("name", EXACT)
def test_a_lossless_compression_keeps_every_value(name: str) -> None:
    syntax, encode = EXACT[name]
    film, _ = _read(_compressed(syntax, encode(SMOOTH), SMOOTH, 16 if name in ("JPEG-LS", "JPEG 2000") else 12))
    np.testing.assert_array_equal(film, _read(dicom_bytes(SMOOTH))[0])
    np.testing.assert_allclose(film, _whole_range(SMOOTH), atol=0.51)


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless])
def test_what_pydicom_compresses_keeps_every_value(syntax: UID) -> None:
    dataset = pydicom.dcmread(io.BytesIO(dicom_bytes(SMOOTH)))
    dataset.compress(syntax)
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    np.testing.assert_allclose(_read(buffer.getvalue())[0], _whole_range(SMOOTH), atol=0.51)


LOSSY: dict[str, tuple[UID, int, Any, Any]] = {
    "8 bits": (JPEGBaseline8Bit, 8, lambda film: imagecodecs.jpeg8_encode(film, level=95), imagecodecs.jpeg8_decode),
    "8 bits, extended": (JPEGExtended12Bit, 8, imagecodecs.jpeg8_encode, imagecodecs.jpeg8_decode),
    "12 bits": (
        JPEGExtended12Bit,
        12,
        lambda film: imagecodecs.jpeg8_encode(film, bitspersample=12, level=95),
        imagecodecs.jpeg8_decode,
    ),
    "JPEG-LS": (
        JPEGLSNearLossless,
        16,
        lambda film: imagecodecs.jpegls_encode(film, level=3),
        imagecodecs.jpegls_decode,
    ),
    "JPEG 2000": (
        JPEG2000,
        16,
        lambda film: imagecodecs.jpeg2k_encode(film, level=30, codecformat="j2k"),
        imagecodecs.jpeg2k_decode,
    ),
}


@pytest.mark.parametrize("name", LOSSY)
def test_a_lossy_compression_is_read_as_another_decoder_reads_it(name: str) -> None:
    syntax, bits, encode, decode = LOSSY[name]
    stored = (SMOOTH // 16).astype(np.uint8) if bits == 8 else SMOOTH
    frame = encode(stored)
    expected = decode(frame).astype(float)
    assert (expected != stored).any()
    film, _ = _read(_compressed(syntax, frame, stored.astype(np.uint16), bits))
    np.testing.assert_allclose(film, _whole_range(expected), atol=1.51 if bits == 8 else 0.6)


@pytest.mark.parametrize("share", [0.3, 0.97])
@pytest.mark.parametrize("name", [*EXACT, "12 bits"])
def test_a_compressed_film_that_breaks_off_is_refused(name: str, share: float) -> None:
    syntax, encode = EXACT[name] if name in EXACT else (LOSSY[name][0], LOSSY[name][2])
    frame = encode(SMOOTH)
    with pytest.raises(DatasetError, match="break off"):
        _read(_compressed(syntax, frame[: int(len(frame) * share)], SMOOTH, 12 if "12" in name else 16))


REAL = {
    "RG1_UNCR.dcm": ("RG1_J2KR.dcm", "MONOCHROME1"),
    "RG3_UNCR.dcm": ("RG3_J2KR.dcm", "mirrored"),
}


@pytest.mark.parametrize("name", REAL)
def test_a_real_radiograph_is_the_same_however_it_is_compressed(name: str) -> None:
    other, said = REAL[name]
    film, notes = _read(_real(name))
    again, _ = _read(_real(other))
    np.testing.assert_array_equal(film, again)
    dataset = pydicom.dcmread(io.BytesIO(_real(name)))
    stored = np.frombuffer(dataset.PixelData, "<u2").reshape(dataset.Rows, dataset.Columns).astype(float)
    centre, width = float(dataset.WindowCenter), float(dataset.WindowWidth)
    shares = np.clip((stored - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)
    np.testing.assert_allclose(film, (1 - shares) * 255, atol=0.51)
    assert any(said in note for note in notes)


@pytest.mark.parametrize(
    ("name", "decode"),
    [
        ("JPEG-LL.dcm", imagecodecs.ljpeg_decode),
        ("JPGLosslessP14SV1_1s_1f_8b.dcm", imagecodecs.ljpeg_decode),
        ("JPGExtended.dcm", imagecodecs.jpeg_decode),
        ("JPEG-lossy.dcm", imagecodecs.jpeg_decode),
        ("693_J2KR.dcm", imagecodecs.jpeg2k_decode),
        ("MR2_J2KI.dcm", imagecodecs.jpeg2k_decode),
        ("RG1_J2KI.dcm", imagecodecs.jpeg2k_decode),
        ("MR_small_jpeg_ls_lossless.dcm", imagecodecs.jpegls_decode),
        ("JPEGLSNearLossless_08.dcm", imagecodecs.jpegls_decode),
        ("JPEGLSNearLossless_16.dcm", imagecodecs.jpegls_decode),
    ],
)
def test_real_files_hold_what_an_independent_decoder_finds(name: str, decode: Any) -> None:
    """Read without their window, so that every value shows."""
    dataset = pydicom.dcmread(io.BytesIO(_real(name)))
    for keyword in ("WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept", "PixelPaddingValue"):
        dataset.pop(keyword, None)
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    values = decode(next(generate_frames(dataset.PixelData, number_of_frames=1)))
    values = values.astype(np.int16 if dataset.PixelRepresentation else values.dtype)
    expected = _whole_range(values)
    film, _ = _read(buffer.getvalue())
    expected = 255 - expected if dataset.PhotometricInterpretation == "MONOCHROME1" else expected
    np.testing.assert_allclose(film, expected, atol=0.51)


def _table(descriptor: list[int], data: Any, vr: str = "OW") -> Dataset:
    table = Dataset()
    table.LUTDescriptor = descriptor
    table.add_new("LUTData", vr, data)
    return table


CURVE = (255 * (np.arange(4096) / 4095) ** 2).round().astype(np.uint8)


@pytest.mark.parametrize(
    ("data", "vr"),
    [
        (CURVE.tobytes(), "OW"),
        (CURVE.astype("<u2").tobytes(), "OW"),
        (CURVE.view("<u2").tolist(), "US"),
        (CURVE.astype(np.uint16).tolist(), "US"),
    ],
    ids=["packed", "one per word", "packed, as numbers", "one per word, as numbers"],
)
def test_a_table_of_eight_bits_is_read_packed_or_not(data: Any, vr: str) -> None:
    film, notes = _read(dicom_bytes(RAMP, VOILUTSequence=[_table([4096, 0, 8], data, vr)]))
    np.testing.assert_array_equal(film, CURVE[RAMP])
    assert notes == ("The file's own table of greys (VOI LUT) was applied.",)


def test_a_packed_table_of_an_odd_number_of_entries() -> None:
    film, _ = _read(dicom_bytes(RAMP, VOILUTSequence=[_table([255, 0, 8], bytes(range(1, 256)) + b"\0")]))
    np.testing.assert_array_equal(film, np.clip(RAMP, 0, 254) + 1)


@pytest.mark.parametrize("held", [10, 12, 15])
def test_a_table_that_declares_more_bits_than_it_holds_is_no_dark_film(held: int) -> None:
    entries = np.linspace(0, 2**held - 1, 4096).round().astype("<u2")
    film, notes = _read(dicom_bytes(RAMP, VOILUTSequence=[_table([4096, 0, 16], entries.tobytes())]))
    np.testing.assert_allclose(film, entries[RAMP] / (2**held - 1) * 255, atol=0.51)
    assert f"declares 16 bits and holds {held}" in notes[0]


def test_a_table_begins_at_its_first_value_below_zero_too() -> None:
    entries = np.arange(4096, dtype="<u2")[::-1]
    fields = {"RescaleSlope": 1, "RescaleIntercept": -1024}
    film, _ = _read(dicom_bytes(RAMP, VOILUTSequence=[_table([4096, 64512, 12], entries.tobytes())], **fields))  # type: ignore[arg-type]
    np.testing.assert_allclose(film, 255 - RAMP / 4095 * 255, atol=0.51)


@pytest.mark.parametrize("data", [b"", b"\1\0", np.arange(5000, dtype="<u2").tobytes()])
def test_a_table_of_another_length_than_it_says_is_refused(data: bytes) -> None:
    with pytest.raises(DatasetError, match="VOI LUT"):
        _read(dicom_bytes(RAMP, VOILUTSequence=[_table([4096, 0, 12], data)]))


def test_a_real_table_of_eight_bits() -> None:
    dataset = pydicom.dcmread(io.BytesIO(_real("vlut_04.dcm")))
    film, _ = _read(_real("vlut_04.dcm"))
    table = dataset.VOILUTSequence[0]
    length, first, _bits = table.LUTDescriptor
    entries = np.asarray(table.LUTData)
    stored = dataset.pixel_array.astype(int)
    assert len(entries) == length
    expected = entries[np.clip(stored - first, 0, length - 1)]
    top = 2 ** int(entries.max()).bit_length() - 1
    np.testing.assert_allclose(film, expected / top * 255, atol=0.51)


@pytest.mark.parametrize("window", [(40000, 100), (-5000, 10), (9000.5, 1)])
def test_a_window_that_no_value_falls_into_is_no_black_film(window: tuple[float, float]) -> None:
    film, notes = _read(dicom_bytes(RAMP, window=window))
    np.testing.assert_allclose(film, RAMP / 4095 * 255, atol=0.51)
    assert "shows every value of the film alike" in notes[0]
    assert "0 to 4095, were taken whole" in notes[0]


def test_the_first_window_that_shows_something_is_taken() -> None:
    film, notes = _read(dicom_bytes(RAMP, WindowCenter=[40000, 2048], WindowWidth=[100, 4096]))
    np.testing.assert_allclose(film, np.clip((RAMP - 2047.5) / 4095 + 0.5, 0, 1) * 255, atol=0.51)
    assert notes == ("Window of the file: centre 2048, width 4096.",)


def test_a_film_of_one_value_is_as_its_window_has_it() -> None:
    film, _ = _read(dicom_bytes(np.full((40, 40), 9, np.uint16), window=(0, 2)))
    assert (film == 255).all()


def test_a_raw_film_of_a_detector_is_called_so() -> None:
    _, notes = _read(dicom_bytes(RAMP, PresentationIntentType="FOR PROCESSING"))
    assert any("lungs may be white" in note for note in notes)
    _, notes = _read(dicom_bytes(RAMP, PresentationIntentType="FOR PRESENTATION"))
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("orientation", "said"),
    [
        (["L", "F"], None),
        (["A", "F"], None),
        (["L", "FP"], None),
        (["R", "F"], "mirrored"),
        (["RA", "F"], "mirrored"),
        (["L", "H"], "upside down"),
        (["R", "H"], "upside down"),
        (["F", "R"], "on its side"),
        (["H", "L"], "on its side"),
        ("", None),
        (["L"], None),
    ],
)
def test_a_film_that_lies_otherwise_is_said_to(orientation: Any, said: str | None) -> None:
    _, notes = _read(dicom_bytes(RAMP, PatientOrientation=orientation))
    assert len(notes) == 1 + (said is not None)
    assert said is None or said in notes[1]


def test_bits_of_an_overlay_beside_the_pixels_are_no_pixels() -> None:
    marked = (RAMP | ((np.arange(80) % 2).astype(np.uint16) << 15)).astype(np.uint16)
    film, _ = _read(dicom_bytes(marked, BitsStored=12, HighBit=11))
    np.testing.assert_allclose(film, RAMP / 4095 * 255, atol=0.51)


@pytest.mark.parametrize("bits", [32, 16])
def test_values_below_zero_and_of_32_bits(bits: int) -> None:
    values = (RAMP.astype(np.int64) - 2048) * (2**15 if bits == 32 else 1)
    content = dicom_bytes(RAMP, PixelRepresentation=1, BitsAllocated=bits, BitsStored=bits, HighBit=bits - 1)
    dataset = pydicom.dcmread(io.BytesIO(content))
    dataset.PixelData = values.astype(f"<i{bits // 8}").tobytes()
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    np.testing.assert_allclose(_read(buffer.getvalue())[0], RAMP / 4095 * 255, atol=0.51)


def test_big_endian_files_are_read_as_little_ones() -> None:
    little, _ = _read(_real("MR_small.dcm"))
    big, _ = _read(_real("MR_small_expb.dcm"))
    assert (
        pydicom.dcmread(str(get_testdata_file("MR_small_expb.dcm"))).file_meta.TransferSyntaxUID == ExplicitVRBigEndian
    )
    np.testing.assert_array_equal(big, little)


LJPEG = imagecodecs.ljpeg_encode(SMOOTH, bitspersample=12)


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The numbers of the processes that are started to decode; none is kept from before or for afterwards."""
    started: list[int] = []
    begin = gdcm_child.Child.__init__

    def noted(child: gdcm_child.Child) -> None:
        begin(child)
        started.append(child._process.pid)

    gdcm_child._end_all()
    monkeypatch.setattr(gdcm_child.Child, "__init__", noted)
    yield started
    gdcm_child._end_all()


@pytest.mark.parametrize(
    "end",
    [
        "os.abort()",
        "os._exit(0)",
        "print('9\\ntoo little')",
        "raise RuntimeError",
        "print('no number')",
        "time.sleep(60)",
    ],
)
def test_a_decoder_may_end_its_own_process(
    end: str, tmp_path: Path, children: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """GDCM ends the process on some damaged frames; a film is refused then, and the app goes on."""
    (tmp_path / "decoder.py").write_text(f"import os, time\n{end}\n")
    with monkeypatch.context() as patch:
        patch.setattr(gdcm_child, "_PROGRAM", tmp_path / "decoder.py")
        patch.setattr(gdcm_child, "SECONDS", 3.0 if "sleep" in end else 30.0)
        with pytest.raises(DatasetError, match="break off"):
            _read(_compressed(JPEGLosslessSV1, LJPEG, SMOOTH, 12))
    np.testing.assert_allclose(
        _read(_compressed(JPEGLosslessSV1, LJPEG, SMOOTH, 12))[0], _whole_range(SMOOTH), atol=0.51
    )
    assert len(children) == 2
    assert not Path(f"/proc/{children[0]}").exists()


def test_one_process_decodes_film_after_film_until_one_is_damaged(children: list[int]) -> None:
    """After a damaged frame, and where the process has ended of itself, another takes its place."""
    sound = _compressed(JPEGLosslessSV1, LJPEG, SMOOTH, 12)
    for _ in range(3):
        np.testing.assert_allclose(_read(sound)[0], _whole_range(SMOOTH), atol=0.51)
    assert len(children) == 1
    with pytest.raises(DatasetError):
        _read(_compressed(JPEGLosslessSV1, LJPEG[: len(LJPEG) // 4], SMOOTH, 12))
    assert not Path(f"/proc/{children[0]}").exists()
    np.testing.assert_allclose(_read(sound)[0], _whole_range(SMOOTH), atol=0.51)
    os.kill(children[-1], signal.SIGKILL)
    np.testing.assert_allclose(_read(sound)[0], _whole_range(SMOOTH), atol=0.51)
    assert len(children) == 3


def test_films_that_are_decoded_at_once_each_get_their_own(children: list[int]) -> None:
    films = [np.roll(SMOOTH, shift, axis=0) for shift in range(4)]
    sent = [_compressed(JPEGLosslessSV1, imagecodecs.ljpeg_encode(film, bitspersample=12), film, 12) for film in films]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(_read, sent * 3))
    for number, (film, _) in enumerate(found):
        np.testing.assert_allclose(film, _whole_range(films[number % 4]), atol=0.51)
    assert len(children) <= 4


def test_a_decoding_process_ends_with_the_one_that_it_decodes_for(tmp_path: Path) -> None:
    """Killed, that one cannot end it itself."""
    (tmp_path / "film.dcm").write_bytes(_compressed(JPEGLosslessSV1, LJPEG, SMOOTH, 12))
    code = (
        "import pathlib, sys, time; from core.intake.dicom import read_dicom; from core.intake import gdcm_child\n"
        "read_dicom(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "print(gdcm_child._idle[0]._process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "film.dcm")]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        child = Path(f"/proc/{int(asking.stdout.readline())}")
        assert child.exists()
        asking.kill()
    until = time.monotonic() + 20
    while child.exists() and _state(child) != "Z" and time.monotonic() < until:
        time.sleep(0.05)
    assert not child.exists() or _state(child) == "Z"


def _state(process: Path) -> str:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_values_below_zero_in_jpeg_lossless() -> None:
    values = SMOOTH.astype(np.int16) - 2000
    frame = imagecodecs.ljpeg_encode((values & 0xFFF).astype(np.uint16), bitspersample=12)
    dataset = pydicom.dcmread(io.BytesIO(_compressed(JPEGLosslessSV1, frame, SMOOTH, 12)))
    dataset.PixelRepresentation = 1
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    np.testing.assert_allclose(_read(buffer.getvalue())[0], _whole_range(values), atol=0.51)


def test_a_jpeg_ls_frame_of_another_size_is_refused_before_it_is_decoded() -> None:
    frame = bytearray(imagecodecs.jpegls_encode(SMOOTH))
    place = frame.index(b"\xff\xf7") + 5
    frame[place : place + 4] = b"\xff\xff\xff\xff"
    with pytest.raises(DatasetError, match="break off"):
        _read(_compressed(JPEGLSLossless, bytes(frame), SMOOTH, 16))
