"""BBox_List_2017: its header in every form that is about, and damaged rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.annotations.formats import read_annotations
from core.errors import StudyError
from tests.annotations.written import NIH_HEADER

ROW = "00013118_008.png,Atelectasis,225.084745762712,547.019216763771,86.7796610169491,79.1864406779661"


@pytest.mark.parametrize(
    "text",
    [
        f"{NIH_HEADER}\r\n{ROW},,,\r\n",
        f"Image Index,Finding Label,Bbox [x,y,w,h]\n{ROW}\n",
        f'Image Index,Finding Label,"Bbox [x,y,w,h]"\n{ROW}\n',
        f"\ufeffImage Index,Finding Label,Bbox [x, y, w, h],,,\n{ROW}\n\n,,,,,\n",
    ],
)
def test_every_form_of_the_header(tmp_path: Path, text: str) -> None:
    path = tmp_path / "boxes.csv"
    path.write_text(text, encoding="utf-8", newline="")
    (mark,) = read_annotations(path, reader="NIH")
    assert (mark.image_id, mark.finding, mark.reader) == ("00013118_008.png", "Atelectasis", "NIH")
    assert mark.geometry == "[225.084745762712,547.019216763771,86.7796610169491,79.1864406779661]"
    assert (mark.kind, mark.height_px, mark.width_px) == ("box", 1024, 1024)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a.png,Mass,1,2,3", "line 3 is no film, finding, x, y, width and height"),
        ("a.png,Mass,1,2,3,wide", "line 3 is no film"),
        ("a.png,Mass,1,2,3,4,5", "line 3 is no film"),
        ("a.png,Mass,1,2,3,nan", "line 3: holds a number that is not finite"),
        ("a.png,Mass,1,2,0,4", "line 3: a box must be"),
        (",Mass,1,2,3,4", "line 3: its image has no name"),
        ("a.png,,1,2,3,4", "line 3: its finding has no name"),
        ('a.png,"Mass,1,2,3,4', "is not CSV"),
    ],
)
def test_damaged_rows_are_named(tmp_path: Path, row: str, words: str) -> None:
    path = tmp_path / "boxes.csv"
    path.write_text(f"{NIH_HEADER}\n{ROW}\n{row}\n")
    with pytest.raises(StudyError, match=words) as error:
        read_annotations(path)
    assert str(path) in error.value.message
    assert error.value.remedy.endswith(".")


@pytest.mark.parametrize("content", [b"", b"image_id,finding,x,y,w,h\n", b"\xff\xfe"])
def test_other_tables(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "boxes.csv"
    path.write_bytes(content)
    with pytest.raises(StudyError, match=r"boxes\.csv"):
        read_annotations(path, format_name="nih-boxes")
    with pytest.raises(StudyError, match="a file was expected"):
        read_annotations(tmp_path, format_name="nih-boxes")
