"""Studies of labels alone, of films and marks alone, and of several readers: every page shows something sensible."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.building.importing import ImportSources, import_study
from core.intake.splits import Division
from core.study import write_study
from pages.shared import navigation
from tests.golden import make_study_v1, make_study_v2
from tests.pages.conftest import Open
from tests.study.test_import import write_films
from tests.study.test_marks import box

N = 40

READ = "Labels (radiologists):"


@pytest.fixture(scope="module")
def labels_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _imported(tmp_path_factory.mktemp("labels"), films=False)


@pytest.fixture(scope="module")
def films_and_marks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _imported(tmp_path_factory.mktemp("films"), films=True)


def _imported(folder: Path, *, films: bool) -> Path:
    ids = [f"f{row:02d}.png" for row in range(N)]
    table = pd.DataFrame({"image_id": ids, "Edema": np.arange(N) % 4 == 0, "Mass": np.arange(N) % 3 == 0})
    table.astype({"Edema": int, "Mass": int}).to_csv(folder / "labels.csv", index=False)
    sources = ImportSources(folder / "labels.csv", {}, division=Division(1))
    if films:
        marks = {
            "images": [{"id": 1, "file_name": ids[0], "height": 40, "width": 30}],
            "categories": [{"id": 1, "name": "Edema"}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 13, 14]}],
        }
        (folder / "marks.json").write_text(json.dumps(marks))
        shown = write_films(folder / "shown", *ids)
        sources = ImportSources(
            folder / "labels.csv", {}, images=shown, masks=folder / "marks.json", division=Division(1)
        )
    import_study(folder / "study", "Without scores", sources)
    return folder / "study"


@pytest.mark.parametrize("page", [entry.stem for entry in navigation.PAGES])
@pytest.mark.parametrize("kind", ["labels_alone", "films_and_marks"])
def test_every_page_opens(open_page: Open, request: pytest.FixtureRequest, kind: str, page: str) -> None:
    shown = open_page(page, request.getfixturevalue(kind))
    assert not shown.exception
    said = " ".join(element.value for part in (shown.info, shown.error, shown.markdown) for element in part)
    expected = {
        "overview": "This study holds no scores, so there are no results",
        "per_class": "This study holds no scores, so nothing can be said of a model",
        "thresholds": "This study holds no scores",
        "saliency": "Masks on this film" if kind == "films_and_marks" else "is not stored with the study",
        "embedding_space": "This study holds no image embeddings",
        "label_budget": "This study holds no image embeddings",
        "claims": "This study holds no scores, so nothing can be claimed of it",
        "twins": "This study holds no scores, so there is nothing to audit",
    }
    assert expected.get(page, "") in said


def test_classes_are_counted_without_scores(open_page: Open, labels_alone: Path) -> None:
    shown = open_page("per_class", labels_alone, split="all")
    (table,) = shown.dataframe
    assert table.value.to_dict("records") == [
        {"Class": "Edema", "Positive": 10, "Negative": 30, "Not labelled": 0, "Patients, positive": 10},
        {"Class": "Mass", "Positive": 14, "Negative": 26, "Not labelled": 0, "Patients, positive": 14},
    ]


def test_regions_of_several_readers_are_on_the_page(open_page: Open, tmp_path: Path) -> None:
    """Reader B drew the left half of what A drew."""
    drawn = [box(make_study_v1.IDS[0], reader="A"), box(make_study_v1.IDS[0], reader="B", geometry="[4,8,8,12]")]
    contents = replace(make_study_v1.golden_contents(), annotations=tuple(drawn))
    shown = open_page("per_class", write_study(tmp_path / "drawn", contents), split="all")
    shown.session_state["class_part"] = "Readers"
    shown.run()
    assert not shown.exception
    assert any("Regions that 2 readers drew" in one.value for one in shown.markdown)
    table = next(one.value for one in shown.dataframe if "Dice" in one.value)
    assert table[["Class", "Films", "Films of two"]].to_numpy().tolist() == [["Edema", 1, 1]]
    assert table["Dice"][0] == pytest.approx(2 / 3)
    assert table["IoU"][0] == pytest.approx(0.5)
    assert any(
        "0.667" in one.value and "A\N{NO-BREAK SPACE}and\N{NO-BREAK SPACE}B" in one.value for one in shown.markdown
    )


def test_readers_and_the_convention_are_on_the_page(open_page: Open) -> None:
    shown = open_page("per_class", make_study_v2.STUDY, class_part="Readers", split="all", finding="Edema")
    assert not shown.exception
    shown.session_state["class_part"] = "Readers"
    shown.run()
    assert not shown.exception
    assert any("3 readers (radiologists)" in one.value and "Fleiss" in one.value for one in shown.markdown)
    assert any("R1" in one.value and "All\N{NO-BREAK SPACE}readers" in one.value for one in shown.markdown)
    known = [one.proto.help.replace("\\", "") for one in shown.markdown]  # of the badge beside the study's name
    assert any(READ in one and "most decide" in one for one in known)
