"""Text tables are read strictly: every cell stands under its column, or the table is refused with its line."""

from __future__ import annotations

import csv
import gzip
import io
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DatasetError, StudyError
from core.text_tables import read_text_table

TABLE = "image_id,split,Edema,Mass\na.png,test,1,0\nb.png,val,,1\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.csv"


def cells(path: Path) -> list[list[str]]:
    frame = read_text_table(path).frame
    return [list(frame.columns), *frame.to_numpy().tolist()]


EXPECTED = [["image_id", "split", "Edema", "Mass"], ["a.png", "test", "1", "0"], ["b.png", "val", "", "1"]]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        b"\xfe\xff" + TABLE.encode("utf-16-be"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.replace("\n", ",,\n").replace("Mass,,", "Mass").encode(),
        TABLE.replace(",", ", ").encode(),
        f"\n{TABLE}\n\n".encode(),
        TABLE.replace("a.png", '"a.png"').encode(),
        gzip.compress(TABLE.encode(), mtime=0),
        TABLE.encode("utf-32"),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode("utf-16"),
        TABLE.replace(",", "|").encode(),
    ],
)
def test_the_same_table_in_several_forms(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert cells(path) == EXPECTED


def _saved(save: Callable[[io.BytesIO, np.ndarray], object]) -> bytes:
    """What a library writes of an array."""
    stream = io.BytesIO()
    save(stream, np.zeros((3, 2), np.float32))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (TABLE.replace("a.png,test,1,0", "a.png,test,0"), "line 2 has 3 cells, and the header has 4"),
        (TABLE.replace("b.png,val,,1", "b.png,val,,1,1"), "line 3 has 5 cells, and the header has 4"),
        (TABLE[:-3], "line 3 has 3 cells"),
        (TABLE.replace(",1,0", ',"1,0'), "unexpected end of data"),
        (TABLE.replace("a.png", '"a"png'), "expected after"),
        ('image_id,A,B\na,"1,0\nb,1",0\n', "line 2 holds a cell in quotes that goes on"),
        (TABLE.replace(",", ";").replace("Edema", "Edema, acute"), "commas and semicolons part it"),
        (TABLE.replace(",", "\t").replace("Edema", "Edema;Mass"), "semicolons and tabs part it"),
        ("image_id;A;B\na;0,5;0.25\n", r"A holds '0,5', beside '0\.25': whether its comma"),
        ("image_id;A\na;1,234\nb;12,345\n", "A holds '1,234', which may be thousands"),
        (TABLE.replace(",", ";").replace("val;;1", "val;1"), "line 3 has 3 cells, and the header has 4"),
        (TABLE.replace("Mass", "Edema"), "more than one column 'Edema'"),
        (TABLE.replace("a.png", "é.png").encode("cp1252"), r"line 2 is not text in UTF-8 \(byte e9\)"),
        (TABLE.encode("utf-16-le"), "zero bytes"),
        (TABLE.encode("utf-16")[:-1], "truncated"),
        ("", "it is empty"),
        ("\n\n", "it is empty"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (_saved(np.savez), "a NumPy archive, which names no film"),
        (_saved(np.savez_compressed), "a NumPy archive, which names no film"),
        (_saved(lambda to, array: torch.save(torch.tensor(array), to)), "what torch.save writes, which names no film"),
        (pickle.dumps(np.zeros(3)), "a pickle, which is not opened"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old spreadsheet"),
        (b"\x93NUMPY\x01\x00", "a NumPy array"),
        (b"PAR1....PAR1", "a Parquet table"),
        (b"\x1f\x8b\x08junk", "is not a CSV table"),
        (f"image_id,A\n{'x' * 200_000},1\n", "field larger"),
    ],
)
def test_what_is_refused(path: Path, content: str | bytes, words: str) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(StudyError, match=words) as error:
        read_text_table(path)
    assert str(path) in error.value.message
    assert "\n" not in error.value.message + error.value.remedy


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (TABLE.encode(), ()),
        (TABLE.replace(",", ";").encode(), ("semicolons, not commas, part its cells",)),
        (TABLE.replace(",", "|").encode(), ("vertical bars, not commas, part its cells",)),
        (TABLE.replace(",", "\t").encode("utf-16"), ("in UTF-16, as its first bytes say", "tabs, not commas")),
        (TABLE.encode("utf-32"), ("in UTF-32, as its first bytes say",)),
        (b"image_id;A\na;0,5\nb;1,25e-3\n", ("semicolons", "read as decimal points")),
    ],
)
def test_it_is_said_what_a_file_was_taken_for(path: Path, content: bytes, notes: tuple[str, ...]) -> None:
    path.write_bytes(content)
    found = read_text_table(path).notes
    assert len(found) == len(notes)
    assert all(words in note and note.startswith("labels.csv: ") for words, note in zip(notes, found, strict=True))


def test_decimal_commas_where_no_comma_parts_cells(path: Path) -> None:
    path.write_text("image_id;A;B;words\na,1;0,5;-1,25e-3;x, y\nb;1;0,123;,5\n")
    assert cells(path)[1:] == [["a,1", "0.5", "-1.25e-3", "x, y"], ["b", "1", "0.123", ",5"]]
    path.write_text("uid;text\n1;0,5\n")
    assert read_text_table(path, prose=True).frame["text"].tolist() == ["0,5"]


def test_a_name_in_quotes_parts_nothing(path: Path) -> None:
    path.write_text('image_id,"Edema; acute",Mass\na,0,1\n')
    assert cells(path)[0] == ["image_id", "Edema; acute", "Mass"]


def test_the_line_is_the_files_own(path: Path) -> None:
    path.write_text('uid,text\n\n1,"two\nlines"\n2,one\n3\n')
    with pytest.raises(DatasetError, match="line 6 has 1 cell, and the header has 2"):
        read_text_table(path, prose=True, error=DatasetError)
    path.write_text('uid,text\n\n1,"two\nlines"\n2, one\n')
    found = read_text_table(path, prose=True)
    assert found.frame["text"].tolist() == ["two\nlines", " one"]
    assert list(found.lines) == [3, 5]
    assert found.is_ended
    path.write_text("uid,text\n1,x")
    assert not read_text_table(path).is_ended


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp", "Cs")), max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 5).flatmap(lambda n: st.lists(st.lists(WORDS, min_size=n, max_size=n), min_size=1, max_size=5)))
def test_what_a_csv_writer_wrote_comes_back(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("tables") / "a.csv"
    header = [f"c{number}" for number in range(len(rows[0]))]
    stream = io.StringIO()
    csv.writer(stream).writerows([header, *rows])
    path.write_bytes(stream.getvalue().encode())
    assert cells(path) == [header, *rows]
