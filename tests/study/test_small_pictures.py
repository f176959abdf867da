"""Small pictures in one file: each film's own, none where there is none, and refused where the list is another's."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.errors import StudyError
from core.study import check_study, layout, open_study
from core.study.contents import StudyContents
from core.study.read import Study
from core.study.small_pictures import SIDE, pack, packed_picture, small_picture
from core.study.write import write_study

FILMS = [np.full((300, 200), grey, np.uint8) for grey in (10, 120, 240)]


def _study(out: Path, begins: np.ndarray, packed: bytes) -> Study:
    ids = [f"film-{row}" for row in range(4)]
    content = io.BytesIO()
    np.save(content, begins)
    contents = StudyContents(
        name="small",
        classes=("Edema",),
        dataset={"name": "grey"},
        images=pd.DataFrame({"image_id": ids, "patient_id": ids, "split": "test"}),
        labels=pd.DataFrame({"image_id": ids, "Edema": [0, 1, 0, 1]}),
        extra={layout.SMALL_PICTURES: packed, layout.SMALL_BEGINS: content.getvalue()},
    )
    return open_study(write_study(out, contents))


@pytest.fixture
def packed(tmp_path: Path) -> tuple[np.ndarray, bytes]:
    """The third film has none."""
    files: list[Path | None] = []
    for row, film in enumerate(FILMS):
        files.append(tmp_path / f"{row}.jpg")
        (tmp_path / f"{row}.jpg").write_bytes(small_picture(film))
    files.insert(2, None)
    begins = pack(files, tmp_path / "packed")
    return begins, (tmp_path / "packed").read_bytes()


def test_each_film_has_its_own(packed: tuple[np.ndarray, bytes], tmp_path: Path) -> None:
    study = _study(tmp_path / "study", *packed)
    assert check_study(study.root) == []
    for row, film in ((0, FILMS[0]), (1, FILMS[1]), (3, FILMS[2])):
        content = packed_picture(study, row)
        assert content == small_picture(film)
        with Image.open(io.BytesIO(content)) as picture:
            assert picture.size == (round(SIDE * 200 / 300), SIDE)
            assert abs(float(np.asarray(picture).mean()) - film.mean()) < 2
    assert packed_picture(study, 2) is None


def test_a_study_without_any_has_none(tmp_path: Path) -> None:
    assert packed_picture(open_study("tests/golden/study_v2"), 0) is None


@pytest.mark.parametrize("change", ["short", "beyond", "backward", "floats"])
def test_a_list_of_others_is_refused(change: str, packed: tuple[np.ndarray, bytes], tmp_path: Path) -> None:
    begins, content = packed
    wrong = {
        "short": begins[:-1],
        "beyond": begins + np.array([0, 0, 0, 0, 1]),
        "backward": begins[[0, 2, 1, 3, 4]] + np.array([0, 1, 0, 0, 0]),
        "floats": begins.astype(float),
    }[change]
    with pytest.raises(StudyError, match=r"small_pictures\.npy"):
        _study(tmp_path / "study", wrong, content)
