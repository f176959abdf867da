"""Adding marks to a finished study: what changes, what does not, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.__main__ import main
from core.annotations.annotation import Annotation, annotation_from_mask
from core.annotations.formats import read_annotations, write_coco
from core.study import StudyContents, check_study, open_study, rewrite, write_study
from core.study import write as writing
from core.thresholds import fit_thresholds
from core.thresholds.files import for_study
from tests.annotations.written import as_png_masks
from tests.conftest import PROJECT
from tests.golden.make_study_v1 import HEIGHT_PX, IDS, STUDY, WIDTH_PX, golden_contents
from tests.study.damage import refused, relist_files, tree

SIZE = (HEIGHT_PX, WIDTH_PX)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The golden study, with marks by readers A and B, and a stray file that it does not list."""
    root = write_study(tmp_path / "study", golden_contents())
    (root / ".notes").write_text("kept")
    return root


def _box(image_id: str, finding: str = "Edema", reader: str = "", size: tuple[int, int] = SIZE) -> Annotation:
    return Annotation(image_id, finding, reader, "box", *size, "[4,8,16,12]")


def _file(folder: Path, *marks: Annotation) -> str:
    path = folder / "marks.json"
    path.unlink(missing_ok=True)
    write_coco(path, marks)
    return str(path)


def test_marks_are_added_and_all_else_is_the_same(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, opened = tree(study), open_study(study)
    old = opened.annotations()
    rng = np.random.default_rng(2)
    masks = {image_id: rng.random(SIZE) < 0.3 for image_id in (IDS[0], IDS[7])}
    marks = [annotation_from_mask(image_id, "Edema", "", mask) for image_id, mask in masks.items()]
    folder = as_png_masks(tmp_path, marks)
    assert main(["annotate", str(study), str(folder), "--reader", "Anna"]) == 0
    assert check_study(study) == []
    after, again = tree(study), open_study(study)
    changed = {part for part in before | after if before.get(part) != after.get(part)}
    assert changed == {"manifest.json", "masks.parquet"}
    assert [entry for entry in again.annotations() if entry.reader != "Anna"] == list(old)
    stored = pq.read_table(study / "masks.parquet")
    assert stored.slice(0, len(old)).equals(pq.read_table(STUDY / "masks.parquet"))
    for image_id, mask in masks.items():
        (added,) = (entry for entry in again.annotations(image_id) if entry.reader == "Anna")
        assert (added.mask() == mask).all()
    assert again.fingerprint != opened.fingerprint
    kept = [fit_thresholds(opened, setting) for setting in opened.settings]
    assert for_study(kept, again) == tuple(kept)
    source = again.manifest.dataset["annotations"]["Anna"]
    assert (source["name"], source["format"], len(source["sha256"])) == ("masks", "png", 64)
    same = {**vars(again.manifest), "dataset": opened.manifest.dataset, "files": opened.manifest.files}
    assert all(same[name] == value for name, value in vars(opened.manifest).items() if name != "fingerprint")
    printed = capsys.readouterr().out
    assert "2 marks by Anna: 1 finding on 2 films." in printed
    assert "masks as png." in printed
    assert f"was {opened.fingerprint} and is {again.fingerprint}" in printed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["masks", "study"]


def test_bytes_of_another_parquet_writer_stay(study: Path, tmp_path: Path) -> None:
    """Tables are carried over, not written again."""
    for part in ("images.parquet", "labels.parquet"):
        pq.write_table(pq.read_table(study / part), study / part, compression="none")
    relist_files(study)
    before = tree(study)
    assert main(["annotate", str(study), _file(tmp_path, _box(IDS[0])), "--reader", "Anna"]) == 0
    after = tree(study)
    assert {part for part in before | after if before.get(part) != after.get(part)} == {
        "manifest.json",
        "masks.parquet",
    }
    assert check_study(study) == []


def test_a_study_without_marks_and_sizes_gets_both(tmp_path: Path) -> None:
    contents = StudyContents(
        name="small",
        classes=("Edema",),
        dataset={"name": "small"},
        images=pd.DataFrame({"image_id": ["one", "two"], "patient_id": ["1", "2"], "split": "test", "age": [5, None]}),
        labels=pd.DataFrame({"image_id": ["one", "two"], "Edema": [0, 1]}),
    )
    root = write_study(tmp_path / "study", contents)
    before = pq.read_table(root / "images.parquet")
    assert main(["annotate", str(root), _file(tmp_path, _box("two.png", reader="R"))]) == 0
    assert check_study(root) == []
    again = open_study(root)
    assert again.images["height_px"].tolist() == [pd.NA, HEIGHT_PX]
    assert again.images["width_px"].tolist() == [pd.NA, WIDTH_PX]
    others = [name for name in before.schema.names if name not in ("height_px", "width_px")]
    assert pq.read_table(root / "images.parquet").select(others).equals(before.select(others))
    assert again.annotations("two")[0].mask().sum() == 16 * 12


def test_a_readers_marks_give_way_only_when_asked(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["annotate", str(study), _file(tmp_path, _box(IDS[3])), "--reader", "reader A"]
    line = refused(arguments, tmp_path, capsys)
    assert "1 reader ('reader A') is in the study already. Add --replace-reader" in line
    assert main([*arguments, "--replace-reader"]) == 0
    assert "1 mark by reader A in place of 2" in capsys.readouterr().out
    found = [(entry.image_id, entry.reader) for entry in open_study(study).annotations()]
    assert found == [(IDS[0], "reader B"), (IDS[3], "reader A")]
    assert check_study(study) == []
    once = tree(study)
    assert main([*arguments, "--replace-reader"]) == 0
    assert tree(study) == once


def test_several_readers_of_one_file(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marks = [_box(IDS[1], reader="C"), _box(IDS[2], reader="D")]
    line = refused(["annotate", str(study), _file(tmp_path, *marks, _box(IDS[2]))], tmp_path, capsys)
    assert "nobody is named as reader of 1 marks. Add --reader NAME." in line
    assert main(["annotate", str(study), _file(tmp_path, *marks), "--reader", "E"]) == 0
    assert "names its own readers; 'E' would be the reader of marks that name none" in capsys.readouterr().out
    assert [entry.reader for entry in open_study(study).annotations()] == ["reader A", "reader B", "C", "D", "reader A"]


def test_findings_keep_their_names_or_are_mapped(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _file(tmp_path, _box(IDS[1], "Effusion"), _box(IDS[1], "Hernia"))
    arguments = ["annotate", str(study), path, "--reader", "Anna"]
    assert "'Effusions'" in refused([*arguments, "--map", "Effusions=Pleural Effusion"], tmp_path, capsys)
    assert "'Fluid' is not a class of the study" in refused([*arguments, "--map", "Effusion=Fluid"], tmp_path, capsys)
    assert "is not FINDING=CLASS" in refused([*arguments, "--map", "Effusion"], tmp_path, capsys)
    assert main([*arguments, "--map", "Effusion = Pleural Effusion"]) == 0
    assert "marks.json: 1 finding ('Hernia') is drawn, but no class" in capsys.readouterr().out
    assert [entry.finding for entry in open_study(study).annotations(IDS[1])] == ["Pleural Effusion", "Hernia"]


def test_unknown_films_are_named_or_skipped(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strangers = [_box(f"other-{number}.png") for number in range(5)]
    arguments = ["annotate", str(study), _file(tmp_path, *strangers), "--reader", "Anna"]
    named = "5 films ('other-0.png', 'other-1.png', 'other-2.png', ...) are not in the study."
    assert named in refused(arguments, tmp_path, capsys)
    assert named in refused([*arguments, "--skip-unknown"], tmp_path, capsys)
    arguments[2] = _file(tmp_path, _box(f"{IDS[1]}.png"), *strangers)
    assert f"{named} Name films by image_id or file name, or add" in refused(arguments, tmp_path, capsys)
    assert main([*arguments, "--skip-unknown"]) == 0
    assert "marks.json: 5 films ('other-0.png'" in capsys.readouterr().out
    assert len(open_study(study).annotations(IDS[1])) == 1


def test_chexperts_paths_are_chexlocalizes_names(tmp_path: Path) -> None:
    ids = [f"CheXpert-v1.0/valid/patient{number}/study1/view1_frontal.jpg" for number in (1, 2)]
    contents = StudyContents(
        name="small",
        classes=("Edema",),
        dataset={"name": "small"},
        images=pd.DataFrame({"image_id": ids, "patient_id": ids, "split": "test"}),
        labels=pd.DataFrame({"image_id": ids, "Edema": [0, 1]}),
    )
    root = write_study(tmp_path / "study", contents)
    mask = annotation_from_mask("patient2_study1_view1_frontal", "Edema", "", np.ones((4, 5), dtype=bool))
    empty = annotation_from_mask("patient9_study1_view1_frontal", "Edema", "", np.zeros((4, 5), dtype=bool))
    films = {mark.image_id: {"Edema": json.loads(mark.geometry)} for mark in (mask, empty)}
    (tmp_path / "gt.json").write_text(json.dumps(films))
    assert main(["annotate", str(root), str(tmp_path / "gt.json"), "--reader", "R"]) == 0
    assert open_study(root).annotated_ids() == (ids[1],)
    assert main(["annotate", str(root), "--export", str(tmp_path / "out.json")]) == 0
    assert read_annotations(tmp_path / "out.json") == list(open_study(root).annotations())


def test_marks_without_a_pixel_are_left_out(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outside = Annotation(IDS[1], "Edema", "", "polygon", *SIZE, "[[100,100,110,100,110,110]]")
    beside = Annotation(IDS[1], "Edema", "", "box", *SIZE, "[100,8,12,12]")
    empty = annotation_from_mask(IDS[1], "Edema", "", np.zeros(SIZE, dtype=bool))
    arguments = ["annotate", str(study), _file(tmp_path, outside, beside, empty), "--reader", "Anna"]
    assert "holds no mark" in refused(arguments, tmp_path, capsys)
    arguments[2] = _file(tmp_path, outside, beside, empty, _box(IDS[2]))
    assert main(arguments) == 0
    assert "marks.json: 3 marks hold no pixel of their films and are left out." in capsys.readouterr().out
    assert [entry.image_id for entry in open_study(study).annotations() if entry.reader == "Anna"] == [IDS[2]]


def test_other_sizes_formats_and_paths_arerefused(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _file(tmp_path, _box(IDS[1], size=(128, 100)))
    start = ["annotate", str(study)]
    words = "was drawn on 128 x 100 pixels, but the film has 64 x 48"
    assert words in refused([*start, path, "--reader", "Anna"], tmp_path, capsys)
    assert "object of findings" in refused(
        [*start, path, "--reader", "A", "--format", "chexlocalize"], tmp_path, capsys
    )
    assert "no such file or folder" in refused([*start, str(tmp_path / "absent"), "--reader", "A"], tmp_path, capsys)
    assert "no such folder" in refused(["annotate", str(tmp_path / "absent"), path, "--reader", "A"], tmp_path, capsys)
    assert "either FILE" in refused(start, tmp_path, capsys)
    assert "either FILE" in refused([*start, path, "--export", str(tmp_path / "out.json")], tmp_path, capsys)


def test_a_damaged_study_is_not_touched(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _file(tmp_path, _box(IDS[1]))
    (study / "labels.parquet").write_bytes(b"short")
    assert "labels.parquet has 5 bytes" in refused(["annotate", str(study), path, "--reader", "A"], tmp_path, capsys)


def test_damage_that_was_there_can_still_be_seen(study: Path, tmp_path: Path) -> None:
    """Hashes of files that are carried over are those that were written, not those of what is there now."""
    film = study / "images" / f"{IDS[0]}.png"
    film.write_bytes(film.read_bytes()[:-1] + b"\0")
    assert main(["annotate", str(study), _file(tmp_path, _box(IDS[1])), "--reader", "A"]) == 0
    (problem,) = check_study(study)
    assert "has changed since" in problem.message


@pytest.mark.parametrize("moment", ["_flush_all", "_check_written", "move_into_place"])
def test_nothing_is_lost_where_it_fails(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], moment: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk is gone")

    path = _file(tmp_path, _box(IDS[1]))
    monkeypatch.setattr(writing, moment, fail)
    assert "disk is gone" in refused(["annotate", str(study), path, "--reader", "A"], tmp_path, capsys)


def test_a_disk_without_shared_files_copies_them(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("not here")

    monkeypatch.setattr(rewrite.os, "link", fail)
    assert main(["annotate", str(study), _file(tmp_path, _box(IDS[1])), "--reader", "A"]) == 0
    assert check_study(study) == []
    assert (study / ".notes").read_text() == "kept"


def test_a_stop_between_the_two_renames_is_mended(study: Path, tmp_path: Path) -> None:
    """The process ends while the old study is aside and the new one is not yet in place: the next run goes on."""
    path, before = _file(tmp_path, _box(IDS[1])), tree(study)
    command = ["annotate", str(study), path, "--reader", "A"]
    code = f"""
import os
from pathlib import Path
from core.__main__ import main
rename = Path.rename
Path.rename = lambda old, new: os._exit(9) if new.name == "study" else rename(old, new)
main({command!r})
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 9
    assert not study.exists()
    assert main(command) == 0
    assert check_study(study) == []
    after = tree(study)
    assert {part for part in before | after if before.get(part) != after.get(part)} == {
        "manifest.json",
        "masks.parquet",
    }
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["marks.json", "study"]


def test_export_and_back(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marks, out = list(open_study(study).annotations()), tmp_path / "out.json"
    assert "has no such marks; its readers: reader A, reader B" in refused(
        ["annotate", str(study), "--export", str(out), "--reader", "Z"], tmp_path, capsys
    )
    assert main(["annotate", str(study), "--export", str(out)]) == 0
    assert read_annotations(out) == marks
    before = _parts(study)
    assert main(["annotate", str(study), str(out), "--replace-reader"]) == 0
    assert list(open_study(study).annotations()) == marks
    assert _parts(study) == before
    assert main(["annotate", str(study), "--export", str(tmp_path / "b.json"), "--reader", "reader B"]) == 0
    assert [entry.reader for entry in read_annotations(tmp_path / "b.json")] == ["reader B"]


def _parts(study: Path) -> dict[str, str]:
    """Hashes of all but the manifest and the marks, whose order may be another one."""
    return {part: digest for part, digest in tree(study).items() if part not in ("manifest.json", "masks.parquet")}
