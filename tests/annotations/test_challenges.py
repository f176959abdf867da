"""The marks of RSNA, SIIM-ACR, MS-CXR and ChestX-Det: damaged files are named, packed ones read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from core.annotations.formats import read_annotations
from core.errors import StudyError

RSNA = "patientId,x,y,width,height,Target\n"
SIIM = "ImageId, EncodedPixels\n"
MS_CXR = "dicom_id,category_name,label_text,x,y,w,h,image_width,image_height\n"


def test_siim_s_runs_are_relative_and_go_down_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "train-rle.csv"
    path.write_text(SIIM + "a,1 2 1022 1\nb, -1\na,4096 1\n")
    (mark,) = read_annotations(path)
    assert np.argwhere(mark.mask().T).tolist() == [[0, 1], [0, 2], [1, 1], [4, 0]]


def test_packed_tables_are_read(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv.gz"
    path.write_bytes(gzip.compress((RSNA + "a,1,2,3,4,1\n").encode()))
    (mark,) = read_annotations(path, reader="R")
    assert (mark.finding, mark.geometry, mark.reader) == ("Pneumonia", "[1.0,2.0,3.0,4.0]", "R")
    boxes = tmp_path / "boxes.csv.gz"
    boxes.write_bytes(gzip.compress(b"Image Index,Finding Label,Bbox [x,y,w,h],,,\na.png,Mass,1,2,3,4\n"))
    assert read_annotations(boxes)[0].geometry == "[1.0,2.0,3.0,4.0]"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", RSNA + "a,1,2,3,,1\n", "line 2: '1, 2, 3, ' are not the numbers x, y, width, height"),
        ("t.csv", RSNA + "a,1,2,0,4,1\n", "line 2: a box must be"),
        ("t.csv", RSNA + "a,1,2\n", "line 2 has 3 cells"),
        ("t.csv", SIIM + "a,1 2 3\n", "line 2: '1 2 3' are no run lengths"),
        ("t.csv", SIIM + "a,1048570 9\n", "are no run lengths on 1024 x 1024"),
        ("t.csv", SIIM + "a,1 -2\n", "are no run lengths"),
        ("t.csv", SIIM + "a,one 2\n", "are no run lengths"),
        ("t.csv", MS_CXR + "a,Edema,text,1,2,3,4,wide,9\n", "are not the numbers image_height, image_width"),
        ("t.csv", MS_CXR + "a,Edema,text,90,2,3,4,9,9\n", "lies far outside the film"),
        ("t.csv", MS_CXR + "a,Edema,text,1,2,3,4,nan,9\n", "are not the numbers image_height, image_width"),
        ("t.json", json.dumps([{"file_name": "a", "syms": ["Mass"], "boxes": []}]), "1 syms and 0 shapes"),
        (
            "t.json",
            json.dumps([{"file_name": "a", "syms": ["Mass"], "boxes": [[1, 2]]}]),
            "no list of points or corners",
        ),
        ("t.json", json.dumps([{"file_name": 3, "syms": [], "boxes": []}]), "its image has no name"),
        ("t.json", json.dumps([{"file_name": "a", "syms": ["Mass"], "boxes": []}, 3]), "no list of films with syms"),
    ],
)
def test_damaged_files_are_named(tmp_path: Path, name: str, content: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(StudyError, match=words) as error:
        read_annotations(path)
    assert str(path) in error.value.message
    assert error.value.remedy.endswith(".")
