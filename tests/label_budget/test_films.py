"""What a study gives to the label budget, what is cut off where it is wide, and what is said where there is nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.label_budget import films as films_module
from core.label_budget.films import MOST_DIMENSIONS, budget_films, budget_rows, encoders, part_words, why_not
from core.settings.zero_shot import zero_shot_margins
from core.study import Study, open_study, write_study
from core.study.contents import StudyContents
from tests.golden.make_study_v1 import STUDY
from tests.pages.embeddings_only import embeddings_only


def split_films(n: int) -> StudyContents:
    """Made-up films, a third of them in each split; patients in one only."""
    contents = embeddings_only(n)
    splits = np.array(["train", "val", "test"])[np.arange(n) // 2 % 3]
    return replace(contents, images=contents.images.assign(split=splits))


def imported(folder: Path, contents: StudyContents) -> Study:
    return open_study(write_study(folder / "study", contents))


def test_films_and_prompts_keep_their_angles(tmp_path: Path) -> None:
    study = open_study(STUDY)
    films = budget_films(study, "frozen")
    assert films.kept == 1
    assert films.has_texts
    rows = study.rows("test")
    margins = zero_shot_margins(
        study.image_embeddings("frozen"), study.text_embeddings("frozen"), study.manifest.prompts, study.classes
    )
    np.testing.assert_allclose(films.films["test"] @ films.texts.T, margins[rows], atol=1e-6)
    np.testing.assert_array_equal(films.labels["test"], study.labels[rows])
    assert list(films.image_ids) == [study.image_ids[row] for row in study.rows("train")]


def test_what_is_wide_is_turned_onto_its_strongest_directions_and_says_how_much_they_keep(tmp_path: Path) -> None:
    """Films that lie in 20 of 300 dimensions lose nothing; those that fill all lose what is said."""
    contents, rng = split_films(600), np.random.default_rng(0)
    name, entry = next(iter(contents.encoders.items()))
    flat = rng.normal(size=(600, 20)) @ rng.normal(size=(20, 300))
    for kind, embeddings in (("flat", flat), ("full", rng.normal(size=(600, 300)))):
        made = replace(
            contents,
            encoders={name: replace(entry, n_dimensions=300, normalised=False)},
            image_embeddings={name: embeddings.astype(np.float32)},
            text_embeddings={},
            prompts=(),
        )
        study = imported(tmp_path / kind, made)
        films = budget_films(study, name)
        assert films.texts.shape == (len(study.classes), MOST_DIMENSIONS)
        assert not films.has_texts
        unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
        train = unit[study.rows("train")]
        shares = np.linalg.svd(train, compute_uv=False) ** 2
        assert films.kept == pytest.approx(shares[:MOST_DIMENSIONS].sum() / shares.sum())
        assert (films.kept > 0.9999) == (kind == "flat")
        if kind == "flat":
            np.testing.assert_allclose(films.films["train"] @ films.films["train"].T, train @ train.T, atol=1e-5)


def test_encoders_that_were_trained_with_the_labels_are_not_offered() -> None:
    study = open_study(STUDY)
    assert "fine_tuned" in study.encoders
    assert encoders(study) == ("frozen",)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    contents = split_films(60)
    assert why_not(imported(tmp_path / "whole", contents)) is None
    bare = replace(contents, encoders={}, image_embeddings={}, text_embeddings={}, umaps={}, prompts=())
    assert "holds no image embeddings" in str(why_not(imported(tmp_path / "bare", bare)))
    for split in ("train", "test"):
        images = contents.images.assign(split=contents.images["split"].replace(split, "val"))
        study = imported(tmp_path / split, replace(contents, images=images))
        assert f"holds no {split} films" in str(why_not(study))
    unread = contents.labels.copy()
    is_train = (contents.images["split"] == "train").to_numpy()
    unread.loc[is_train, list(contents.classes)] = np.nan
    assert why_not(imported(tmp_path / "unread", replace(contents, labels=unread))) == (
        "No train film of this study is labelled."
    )


def test_of_many_films_whole_patients_are_drawn_and_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = imported(tmp_path, split_films(600))
    assert part_words(study) == ""
    np.testing.assert_array_equal(budget_rows(study, "test"), study.rows("test"))
    monkeypatch.setattr(films_module, "MOST_FILMS", 51)
    rows = budget_rows(study, "test")
    assert len(rows) == 50  # of 25 patients with two films each
    assert set(rows) <= set(study.rows("test"))
    assert len(set(study.patient_ids(rows))) == 25
    np.testing.assert_array_equal(rows, budget_rows(study, "test"))
    films = budget_films(study, encoders(study)[0])
    assert {split: len(own) for split, own in films.films.items()} == dict.fromkeys(("train", "val", "test"), 50)
    np.testing.assert_array_equal(films.labels["test"], study.labels[rows])
    assert part_words(study) == (
        "Of random patients' films only: 50 of 200 train, 50 of 200 validation, 50 of 200 test."
    )
