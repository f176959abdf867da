"""`python -m core describe`: what is there, on every dataset, with and without films."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.__main__ import main
from core.findings import CLASSES, PUBLISHED_POSITIVES
from tests.datasets.iu_xray_files import (
    UIDS,
    film_names,
    write_annotation,
    write_films,
    write_kaggle,
    write_labels,
    write_reports,
    write_tables,
)

KEYS = ["n_films", "n_frontal", "n_lateral", "n_patients", "splits", "per_class", "missing_files"]


def _described(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:  # type: ignore[type-arg]
    assert main(["describe", *arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert not set(KEYS) - set(found)
    return found


def test_tables_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _described(capsys, "iu-xray", "--root", str(write_tables(tmp_path)))
    assert [found[name] for name in KEYS[:4]] == [48, 24, 24, 24]
    assert found["splits"] == {"train": 16, "val": 4, "test": 4}
    assert found["per_class"]["No Finding"] == 9
    assert found["per_class"]["Cardiomegaly"] == 3
    assert len(found["missing_files"]) == 48
    assert list(found["per_class"]) == list(CLASSES)


def test_films_that_are_there_are_not_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _described(capsys, "iu-xray", "--root", str(write_kaggle(tmp_path, films=UIDS[1:])))
    assert found["missing_files"] == list(film_names(1))


def test_reports_alone_say_what_they_cannot_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _described(capsys, "iu-xray", "--root", str(write_reports(tmp_path)))
    assert [found[name] for name in KEYS[:5]] == [48, None, None, 24, None]
    assert found["counts"] == "studies"
    assert found["per_class"]["Cardiomegaly"] == 3
    assert "indiana_projections.csv" in found["notes"][0]


def test_r2gen_s_annotation_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(write_annotation(tmp_path))
    found = _described(capsys, "iu-xray", "--root", root)
    assert found["splits"] == found["r2gen_studies"] == {"train": 12, "val": 6, "test": 6}
    assert found["per_class"] is None
    assert found["labels"] is None
    assert any("no labels can be derived" in note for note in found["notes"])
    labels = write_labels(tmp_path / "table.csv", {"uid": UIDS}, [[1] + [0] * 13] * len(UIDS))
    found = _described(capsys, "iu-xray", "--root", root, "--labels", str(labels), "--split", "r2gen")
    assert found["per_class"]["Enlarged Cardiomediastinum"] == 24
    assert found["labels"]["file"] == "table.csv"


def test_what_is_unknown_is_null_and_never_nought(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The reports' table alone lists no film."""
    (write_tables(tmp_path) / "indiana_projections.csv").unlink()
    found = _described(capsys, "iu-xray", "--root", str(tmp_path))
    assert [found[name] for name in KEYS[:5]] == [None, None, None, 24, None]
    assert found["missing_files"] is None
    assert found["per_class"]["Cardiomegaly"] == 3
    assert "published_per_class" not in found
    assert main(["describe", "iu-xray", "--root", str(tmp_path)]) == 0
    assert "unknown films (unknown frontal, unknown lateral) of 24 patients" in capsys.readouterr().out


def test_the_published_counts_stand_beside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(write_tables(tmp_path))
    assert _described(capsys, "iu-xray", "--root", root)["published_per_class"] == dict(PUBLISHED_POSITIVES)
    assert main(["describe", "iu-xray", "--root", root]) == 0
    text = capsys.readouterr().out
    assert "Positives of 24 frontal films, and those published of 3,818:" in text
    assert f"  {'Cardiomegaly':<26}  {3:>6}  {415:>6}" in text.splitlines()
    assert "Labels: derived from OpenI's expert coding (rules version 1)." in text
    assert "they are not the labels of arXiv 2506.14136" in text


def test_films_without_a_label_and_films_that_a_split_leaves_out_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_annotation(write_tables(tmp_path), UIDS[:20])
    table = write_labels(tmp_path / "table.csv", {"uid": UIDS[:5]}, [[0] * 14] * 5)
    arguments = ["iu-xray", "--root", str(tmp_path), "--labels", str(table)]
    assert "19 of 24 frontal films have no label, and count as unlabelled." in _described(capsys, *arguments)["notes"]
    found = _described(capsys, *arguments, "--split", "r2gen")
    assert "4 of 24 frontal films are in none of R2Gen's splits and left out." in found["notes"]
    assert "15 of 20 frontal films have no label, and count as unlabelled." in found["notes"]
    assert sum(found["splits"].values()) == 20


def test_the_agreement_with_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table is the coding's, but that it misses all fractures and calls two normal studies pneumonia."""
    root = write_tables(tmp_path / "root")
    rows = [[0] * 14 for _ in UIDS]
    for uid in UIDS:
        for name in {2: ["Cardiomegaly", "Atelectasis"], 3: ["Lung Opacity"], 4: ["Lung Lesion"]}.get(
            (uid - 1) % 8 + 1, []
        ):
            rows[uid - 1][CLASSES.index(name)] = 1
    for uid in (1, 9):
        rows[uid - 1][CLASSES.index("Pneumonia")] = 1
    table = write_labels(tmp_path / "chexbert.csv", {"uid": UIDS}, rows)
    arguments = ["iu-xray", "--root", str(root), "--agreement", str(table), "--half", "all"]
    agreement = _described(capsys, *arguments)["agreement"]
    assert agreement["n_studies"] == 24
    assert agreement["per_class"]["Cardiomegaly"]["kappa"] == 1
    assert agreement["per_class"]["Fracture"] == {
        "n_derived": 3,
        "n_table": 0,
        "n_both": 0,
        "kappa": 0,
        "kappa_where_the_impression_speaks": None,
    }
    lines = {(line["finding"], line["rule"]): line for line in agreement["differences"]}
    assert lines["Fracture", "fracture"]["n_silent"] == 3
    assert lines["Pneumonia", None]["n_table_only"] == 2
    assert lines["Pneumonia", None]["n_hedged"] == 0
    assert main(["describe", *arguments]) == 0
    text = capsys.readouterr().out
    assert "Mean kappa of the findings with at least 20 positives in the table: –" in text
    assert "fracture" in text


def test_the_halves_are_apart_and_fixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_tables(tmp_path / "root")
    table = write_labels(tmp_path / "chexbert.csv", {"uid": UIDS}, [[0] * 14] * len(UIDS))
    arguments = ["iu-xray", "--root", str(root), "--agreement", str(table), "--half"]
    sizes = [_described(capsys, *arguments, half)["agreement"]["n_studies"] for half in ("rules", "held")]
    assert sum(sizes) == 24
    assert min(sizes) > 0


def test_the_phantom_is_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    found = _described(capsys, "phantom")
    assert [found[name] for name in KEYS[:4]] == [3818, 3818, 0, 3689]
    assert found["splits"] == {"train": 2670, "val": 575, "test": 573}
    assert found["per_class"] == dict(PUBLISHED_POSITIVES)
    assert found["missing_files"] == []


def test_a_folder_of_one_s_own_with_and_without_films(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "labels.csv").write_text("image_id,patient_id,split,Edema\na,p,train,1\nb,p,train,\nc,q,test,1\n")
    found = _described(capsys, "folder", "--root", str(tmp_path))
    assert [found[name] for name in KEYS[:4]] == [3, None, None, 2]
    assert found["missing_files"] == ["a", "b", "c"]
    write_films(tmp_path, ["a.png", "c.png"])
    found = _described(capsys, "folder", "--root", str(tmp_path))
    assert found["missing_files"] == ["b"]
    assert found["per_class"] == {"Edema": 2}
    assert found["splits"] == {"train": 2, "val": 0, "test": 1}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "There is no dataset"),
        (["iu-xray"], "--root"),
        (["folder", "--root", "absent"], "there is no such folder"),
        (["iu-xray", "--root", "absent"], "there is no such folder"),
        (["phantom", "--split", "r2gen"], "takes no --split"),
        (["phantom", "--agreement", "x.csv"], "--agreement compares labels"),
    ],
)
def test_bad_commands_get_a_sentence(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_the_text_names_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_reports(write_tables(tmp_path))
    projections = tmp_path / "indiana_projections.csv"
    projections.write_text("\n".join(projections.read_text().splitlines()[:-1]) + "\n")
    assert main(["describe", "iu-xray", "--root", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "47 films (24 frontal, 23 lateral) of 24 patients" in text
    assert "Split (paper), frontal films: train 16, val 4, test 4." in text
    assert "XML and tables differ: uid 24, film" in text
    assert "Without a file: 47 films, such as 1_IM-0001-1001" in text
