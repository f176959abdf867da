"""What was said, on disk: the golden study of version 2, what is wrong with others, and that nothing loses it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.__main__ import main
from core.building.annotate import add_marks
from core.errors import StudyError
from core.labels.convention import Convention
from core.study import check_study, open_study, write_study
from core.study.rewrite import migrate_study
from tests.golden import make_study_v1, make_study_v2
from tests.golden.make_study_v2 import CONVENTION, IDS, golden_contents_v2, golden_readings
from tests.study.damage import edit_manifest, edit_table, relist_files, set_cell, tree

FINGERPRINT = "457a0271292f3f0d"


def _copy(folder: Path, study: Path = make_study_v2.STUDY) -> Path:
    return Path(shutil.copytree(study, folder / "study"))


def test_the_golden_study_of_version_2_opens_as_it_was_written() -> None:
    study = open_study(make_study_v2.STUDY)
    assert check_study(make_study_v2.STUDY) == []
    assert study.fingerprint == FINGERPRINT
    assert study.manifest.schema_version == 2
    assert study.convention == CONVENTION
    found, expected = study.readings, golden_readings()
    assert found is not None
    assert found.fingerprint == expected.fingerprint
    assert found.source_names == ("radiologists", "reports")
    assert found.reader_names("radiologists") == ("R1", "R2", "R3")
    # by hand: of golden-00, Cardiomegaly is said to be there by all three, and is
    votes = found.codes[(found.films == 0) & (found.sources == "radiologists"), 1]
    assert votes.tolist() == [1, 1, 1]
    assert study.labels[0, 1] == 1
    np.testing.assert_array_equal(study.labels, expected.resolve(12, CONVENTION))


def test_nobody_looked_is_null_on_disk_and_nothing_else_is() -> None:
    study, expected = open_study(make_study_v2.STUDY), golden_readings()
    table = study.readings_table
    assert table is not None
    codes = np.array([table.column(name).to_pylist() for name in study.classes], dtype=object).T
    assert {None, 1, 0, -1, -2} == set(codes.ravel())
    np.testing.assert_array_equal(codes == None, expected.codes == -3)  # noqa: E711


def test_the_same_contents_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (write_study(tmp_path / name, golden_contents_v2()) for name in ("one", "two"))
    assert tree(one) == tree(two)


Table = Callable[[pa.Table], pa.Table]


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        (
            "labels.parquet",
            lambda t: set_cell(t, "Edema", 3, 1),
            "Edema of 'golden-03' is 1; what was said of it comes",
        ),
        ("labels.parquet", lambda t: set_cell(t, "Edema", 3, None), r"is empty; .* comes to 0 .* \(1 in all\)"),
        (
            "readings.parquet",
            lambda t: set_cell(t, "Edema", 3, -3),
            "Edema of 'golden-03' is -3; a reading is 1, 0",
        ),
        ("readings.parquet", lambda t: set_cell(t, "Edema", 3, 2), "Edema of 'golden-03' is 2; a reading is 1, 0"),
        ("readings.parquet", lambda t: set_cell(t, "image_id", 3, "x"), r"1 image \('x'\) is not in images"),
        ("readings.parquet", lambda t: set_cell(t, "reader", 3, None), "reader of row 3 is empty"),
        ("readings.parquet", lambda t: pa.concat_tables([t, t.slice(0, 1)]), "R1 read film 0 more than once"),
        ("readings.parquet", lambda t: t.drop(["Edema"]), "no column 'Edema'"),
        ("readings.parquet", lambda t: t.append_column("X", t.column(3)), "'X', which is not a class"),
        ("readings.parquet", lambda t: t.slice(0, 0), "no labels of the source 'radiologists'"),
    ],
)
def test_readings_that_are_wrong(tmp_path: Path, part: str, change: Table, words: str) -> None:
    root = _copy(tmp_path)
    edit_table(root, part, change)
    relist_files(root)
    with pytest.raises(StudyError, match=words):
        open_study(root)
    assert any(part in problem.message for problem in check_study(root))


@pytest.mark.parametrize(
    ("convention", "words"),
    [
        (None, "names no convention"),
        ({"blank": "maybe"}, "'convention': blank: 'maybe' is no convention"),
        ({"readers": "one R9"}, "'R9' is no reader of 'radiologists'"),
        ({"source": "mined"}, "no labels of the source 'mined'"),
        ({"blank": "negative", "readers": "any", "source": "radiologists"}, "under the manifest's convention"),
    ],
)
def test_conventions_that_are_wrong(tmp_path: Path, convention: object, words: str) -> None:
    root = _copy(tmp_path)
    edit_manifest(root, lambda manifest: manifest.update(convention=convention))
    with pytest.raises(StudyError, match=words):
        open_study(root)


def test_another_convention_is_another_study(tmp_path: Path) -> None:
    """By its fingerprint too, even where every label stays the same."""
    contents = golden_contents_v2()
    other = dataclasses.replace(CONVENTION, blank="not looked at")
    same = golden_readings().resolve(12, other)
    np.testing.assert_array_equal(same, golden_readings().resolve(12, CONVENTION))
    study = open_study(write_study(tmp_path / "study", dataclasses.replace(contents, convention=other)))
    assert study.fingerprint != FINGERPRINT


def test_labels_that_are_not_what_was_said_are_not_written(tmp_path: Path) -> None:
    wrong = dataclasses.replace(golden_contents_v2(), convention=Convention("negative", "positive"))
    with pytest.raises(StudyError, match="under the manifest's convention"):
        write_study(tmp_path / "study", wrong)
    assert not (tmp_path / "study").exists()


def test_marks_are_added_and_what_was_said_stays(tmp_path: Path) -> None:
    root = _copy(tmp_path)
    before = (root / "readings.parquet").read_bytes()
    mark = open_study(root).annotations(IDS[9])[0]
    study = add_marks(root, [dataclasses.replace(mark, reader="another")])
    assert len(study.annotations(IDS[9])) == 2
    assert (root / "readings.parquet").read_bytes() == before
    assert study.convention == CONVENTION
    assert check_study(root) == []


def _report(root: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["report", str(root), "--json"]) == 0
    return capsys.readouterr().out


def test_a_study_of_version_1_reports_the_same_figures_after_migration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = _copy(tmp_path, make_study_v1.STUDY)
    before, files, fingerprint = _report(root, capsys), tree(root), open_study(root).fingerprint
    assert main(["migrate", str(root)]) == 0
    assert "was of version 1 and is of version 2" in capsys.readouterr().out
    study = open_study(root)
    assert json.loads((root / "manifest.json").read_text())["schema_version"] == 2
    assert (study.convention, study.readings, study.fingerprint) == (None, None, fingerprint)
    assert _report(root, capsys) == before
    assert {name: content for name, content in tree(root).items() if name != "manifest.json"} == {
        name: content for name, content in files.items() if name != "manifest.json"
    }
    assert check_study(root) == []


def test_migration_changes_nothing_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = _copy(tmp_path)
    before = tree(root)
    assert migrate_study(root)[0] == 2
    assert main(["migrate", str(root)]) == 0
    assert "already; nothing was changed" in capsys.readouterr().out
    assert tree(root) == before


def test_whatever_changes_a_study_migrates_it(tmp_path: Path) -> None:
    root = _copy(tmp_path, make_study_v1.STUDY)
    mark = open_study(root).annotations(IDS[9])[0]
    assert add_marks(root, [dataclasses.replace(mark, reader="another")]).manifest.schema_version == 2
