"""Marks drawn in the app: added one save after another, taken away again, by several readers at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.annotations.annotation import Annotation, annotation_from_mask
from core.annotations.formats import read_annotations, write_coco
from core.building.annotate import add_marks, remove_marks
from core.errors import StudyError
from core.study import check_study, open_study, write_study
from tests.golden.make_study_v1 import HEIGHT_PX, IDS, WIDTH_PX, golden_contents
from tests.study.damage import tree

SIZE = (HEIGHT_PX, WIDTH_PX)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The golden study, with marks by readers A and B."""
    return write_study(tmp_path / "study", golden_contents())


def box(film: str, finding: str = "Edema", reader: str = "C", geometry: str = "[4,8,16,12]") -> Annotation:
    return Annotation(film, finding, reader, "box", *SIZE, geometry)


def test_what_is_saved_is_found_again(study: Path, tmp_path: Path) -> None:
    before = open_study(study)
    mask = np.zeros(SIZE, bool)
    mask[5:9, 3:20] = True
    brushed = annotation_from_mask(IDS[1], "Fracture", "C", mask)
    polygon = Annotation(IDS[0], "Edema", "C", "polygon", *SIZE, "[[1,1,9,1,9,9]]")
    now = add_marks(study, [brushed, polygon])
    assert now.fingerprint != before.fingerprint
    assert check_study(study) == []
    assert set(open_study(study).annotations()) == {*before.annotations(), brushed, polygon}
    np.testing.assert_array_equal(now.annotations(IDS[1])[-1].mask(), mask)
    assert now.manifest.dataset["annotations"]["C"]["name"] == "drawn in the app"
    write_coco(tmp_path / "marks.json", now.annotations())
    assert {entry.image_id for entry in read_annotations(tmp_path / "marks.json")} >= {IDS[0], IDS[1]}


def test_a_reader_goes_on_drawing_or_draws_anew(study: Path) -> None:
    add_marks(study, [box(IDS[0])])
    more = add_marks(study, [box(IDS[0], geometry="[1,1,5,5]"), box(IDS[1])])
    assert len([entry for entry in more.annotations() if entry.reader == "C"]) == 3
    anew = add_marks(study, [box(IDS[0], geometry="[2,2,6,6]")], replace=True)
    own = {(entry.image_id, entry.geometry) for entry in anew.annotations() if entry.reader == "C"}
    assert own == {(IDS[0], "[2,2,6,6]"), (IDS[1], "[4,8,16,12]")}


def test_marks_are_taken_away_by_reader_film_and_finding(study: Path) -> None:
    before = open_study(study).annotations()
    add_marks(study, [box(IDS[0]), box(IDS[0], "Fracture"), box(IDS[1])])
    assert len(remove_marks(study, IDS[0], "C", "Edema").annotations()) == len(before) + 2
    assert len(remove_marks(study, IDS[0], "C").annotations()) == len(before) + 1
    assert remove_marks(study, IDS[1], "C").annotations() == before
    with pytest.raises(StudyError, match="'C' drew nothing"):
        remove_marks(study, IDS[1], "C")


def test_all_marks_of_a_study_can_be_taken_away(study: Path) -> None:
    for film, reader in {(entry.image_id, entry.reader) for entry in open_study(study).annotations()}:
        remove_marks(study, film, reader)
    assert open_study(study).annotations() == ()
    assert check_study(study) == []


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (box("nowhere"), "no image 'nowhere'"),
        (box(IDS[0], reader=""), "nobody is named"),
        (box(IDS[0], geometry="[100,100,4,4]"), "no mark holds a pixel"),
        (box(IDS[0], geometry="[4,8,-1,2]"), "positive width"),
        (Annotation(IDS[0], "Edema", "C", "box", 7, 9, "[1,1,2,2]"), "was drawn on 7 x 9"),
    ],
)
def test_a_mark_that_does_not_fit_changes_nothing(study: Path, mark: Annotation, words: str) -> None:
    before = tree(study)
    with pytest.raises(StudyError, match=words):
        add_marks(study, [mark])
    assert tree(study) == before


def test_readers_who_save_at_once_all_find_their_marks(study: Path) -> None:
    readers = [f"reader {number}" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda reader: add_marks(study, [box(IDS[0], reader=reader)]), readers))
    found = open_study(study)
    assert set(readers) <= {entry.reader for entry in found.annotations(IDS[0])}
    assert set(readers) <= json.loads((study / "manifest.json").read_text())["dataset"]["annotations"].keys()
