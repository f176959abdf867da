"""Every format of the registry: recognised by itself alone, and the same pixels after writing and reading."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.annotations.annotation import Annotation, annotation_from_mask
from core.annotations.formats import FORMATS, format_of, read_annotations
from core.errors import StudyError
from tests.annotations.written import ONE_FINDING, WRITERS, Writer

SIZE = 1024
"""Boxes of NIH and RSNA, runs of SIIM-ACR and polygons of ChestX-Det are on films of this size."""

CASES = [(name, writer, kinds) for name, writers in WRITERS.items() for writer, kinds in writers]
IDS = [writer.__name__ for _, writer, _ in CASES]


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """Shared pixels over all pixels of two masks."""
    return float((one & other).sum() / (one | other).sum())


def _marks(kinds: tuple[str, ...]) -> list[Annotation]:
    """One of each kind on two films, findings with a space and an underscore."""
    rng = np.random.default_rng(3)
    marks = []
    for image_id in ("00000001_000.png", "00000002_013.png"):
        mask = np.zeros((SIZE, SIZE), dtype=bool)
        mask[100:180, 30:90] = rng.random((80, 60)) < 0.5
        mask[700, 1023] = True
        points = np.round(rng.uniform(5, 1000, 18), 5).tolist()
        drawn = {
            "rle": annotation_from_mask(image_id, "Pleural Effusion", "Anna", mask),
            "polygon": Annotation(
                image_id,
                "Pleural_Thickening",
                "Anna",
                "polygon",
                SIZE,
                SIZE,
                json.dumps([points], separators=(",", ":")),
            ),
            "box": Annotation(
                image_id, "Mass", "Anna", "box", SIZE, SIZE, "[225.084745762712,547.019216763771,86.75,79.5]"
            ),
        }
        marks += [drawn[kind] for kind in kinds]
    return marks


def test_every_format_is_written_here() -> None:
    assert list(WRITERS) == [entry.name for entry in FORMATS]


@pytest.mark.parametrize(("name", "writer", "kinds"), CASES, ids=IDS)
def test_a_format_recognises_its_own_and_no_other_does(
    tmp_path: Path, name: str, writer: Writer, kinds: tuple[str, ...]
) -> None:
    path = writer(tmp_path, _marks(kinds))
    assert [entry.name for entry in FORMATS if entry.recognise(path)] == [name]


@pytest.mark.parametrize(("name", "writer", "kinds"), CASES, ids=IDS)
def test_marks_come_back(tmp_path: Path, name: str, writer: Writer, kinds: tuple[str, ...]) -> None:
    """Masks have IoU 1, polygons the same points, boxes the same corners."""
    marks = [replace(mark, finding=ONE_FINDING.get(name, mark.finding)) for mark in _marks(kinds)]
    path = writer(tmp_path, marks)
    for found in (read_annotations(path, reader="Anna"), read_annotations(path, reader="Anna", format_name=name)):
        assert len(found) == len(marks)
        for mark, read in zip(marks, found, strict=True):
            assert (read.kind, read.finding, read.reader) == (mark.kind, mark.finding, "Anna")
            assert (read.height_px, read.width_px) == (SIZE, SIZE)
            assert Path(read.image_id).stem == Path(mark.image_id).stem
            assert iou(read.mask(), mark.mask()) == 1.0
            if mark.kind != "rle":
                np.testing.assert_allclose(json.loads(read.geometry), json.loads(mark.geometry), atol=1e-9)


@pytest.mark.parametrize(
    "writer",
    [writer for name, writer, kinds in CASES if "rle" in kinds and name not in ONE_FINDING],
    ids=lambda writer: writer.__name__,
)
@settings(max_examples=25, deadline=None)
@given(mask=arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))).filter(np.any))
def test_any_mask_comes_back(writer: Writer, mask: np.ndarray) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = writer(Path(folder), [annotation_from_mask("film.png", "Edema", "Anna", mask)])
        (read,) = read_annotations(path, reader="Anna")
    assert read.mask().shape == mask.shape
    assert iou(read.mask(), mask) == 1.0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("marks.json", b"", "is not JSON"),
        ("marks.json", b'{"images": [', "is not JSON"),
        ("marks.json", b'{"a": NaN}', "NaN is not allowed"),
        ("marks.json", b"[" * 100_000, "is not JSON"),
        ("marks.json", b'"\xff"', "is not JSON"),
        ("marks.json", b"{}", "no known format"),
        ("marks.json", b"[]", "no known format"),
        ("marks.json", b'{"images": []}', "no known format"),
        ("marks.json", b'{"film": {"Edema": 3}}', "no known format"),
        ("marks.csv", b"image_id,Edema\na,1\n", "no known format"),
        ("marks.csv", b"", "no known format"),
        ("film.png", b"\x89PNG\r\n", "no known format"),
    ],
)
def test_files_in_no_format(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(StudyError, match=words) as error:
        read_annotations(path)
    assert str(path) in error.value.message
    assert error.value.remedy.endswith(".")


def test_nothing_there_no_format_and_several(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no such file or folder"):
        read_annotations(tmp_path / "absent")
    with pytest.raises(StudyError, match="no known format"):
        read_annotations(tmp_path)
    with pytest.raises(StudyError, match="'dicom' is not a format") as error:
        format_of(tmp_path, "dicom")
    assert "nih-boxes" in error.value.remedy
    marks = _marks(("rle",))
    for writer, _ in (*WRITERS["labelme"], *WRITERS["png"]):
        for file in writer(tmp_path, marks).iterdir():
            file.rename(tmp_path / file.name)
    with pytest.raises(StudyError, match="could be any of labelme, png"):
        read_annotations(tmp_path)
    assert len(read_annotations(tmp_path, format_name="png")) == 2
    assert len(read_annotations(tmp_path, format_name="labelme")) == 2
