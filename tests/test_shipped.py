"""What ships: the phantom study and the phantom CLIP, as their READMEs say, and the phenomenon that they show."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.datasets.films import film_pixels
from core.datasets.phantom.dataset import PhantomDataset
from core.findings import CLASSES, FINDINGS, PUBLISHED_POSITIVES
from core.metrics.ranking import roc_auc
from core.paths import CHECKPOINTS, STUDIES
from core.report.report import StudyReport, compute_report
from core.settings.registry import in_order, names, usual
from core.study import Study, check_study, open_study

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(STUDIES / "phantom")


@pytest.fixture(scope="module")
def paper(study: Study) -> StudyReport:
    return compute_report(study, "test", "paper")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_what_ships_is_small() -> None:
    assert _size(CHECKPOINTS / "phantom-clip") <= 30 * MEGABYTE
    assert _size(CHECKPOINTS / "phantom-clip") + _size(STUDIES / "phantom") <= 60 * MEGABYTE


def test_the_study_is_whole_and_has_the_published_shape(study: Study) -> None:
    assert check_study(study.root) == []
    assert study.manifest.synthetic
    assert study.classes == CLASSES
    assert set(usual()) <= set(study.settings) <= set(names())
    assert study.settings == in_order(study.settings)
    assert study.splits() == {"train": 2670, "val": 575, "test": 573}
    assert dict(zip(CLASSES, study.labels.sum(axis=0).astype(int), strict=True)) == dict(PUBLISHED_POSITIVES)


def test_the_study_was_made_from_this_model_and_these_films(study: Study) -> None:
    from core.models.source import weights_sha256

    assert study.manifest.model is not None
    assert study.manifest.model["sha256"] == weights_sha256(CHECKPOINTS / "phantom-clip")
    phantom = PhantomDataset()
    test_rows = study.rows("test")
    for row in test_rows[:: len(test_rows) // 4]:
        stored, made = film_pixels(study, study.image_ids[row]), phantom.film(int(row))
        difference = np.abs(stored.astype(int) - made)
        assert difference.max() <= 1, "another processor may round one grey level apart"
        assert (difference > 0).mean() < 1e-3


@pytest.mark.slow
def test_stored_embeddings_are_the_model_s(study: Study) -> None:
    from core.models.load import load_clip

    model = load_clip("phantom-clip")
    rows = study.rows("test")[:6]
    films = [film_pixels(study, study.image_ids[row]) for row in rows]
    np.testing.assert_allclose(model.encode_images(films), study.image_embeddings("frozen")[rows], rtol=1e-3, atol=1e-3)
    texts = model.encode_texts([prompt.text for prompt in study.manifest.prompts])
    np.testing.assert_allclose(texts, study.text_embeddings("frozen"), rtol=1e-3, atol=1e-3)


def test_zero_shot_over_predicts_under_the_paper_s_protocol(paper: StudyReport) -> None:
    overall = paper.settings["zero_shot"].overall
    assert overall.n_predicted_labels is not None
    assert overall.n_predicted_labels >= 3 * overall.n_true_labels


def test_training_on_the_target_helps_under_the_paper_s_protocol(paper: StudyReport) -> None:
    zero_shot = paper.settings["zero_shot"].overall
    for setting in ("linear_probe", "fine_tune"):
        trained = paper.settings[setting].overall
        assert trained.macro_f1 > zero_shot.macro_f1
        assert trained.lrap > zero_shot.lrap
        assert trained.coverage_error < zero_shot.coverage_error


def test_fine_tuning_separates_the_classes_best(paper: StudyReport) -> None:
    ratios = {setting: paper.settings[setting].overall.distance_ratio for setting in paper.settings}
    assert ratios["fine_tune"] > ratios["zero_shot"] == pytest.approx(ratios["linear_probe"])


def test_a_probe_that_converged_ranks_far_better_than_the_published_schedule_s(study: Study) -> None:
    """Over classes with at least 10 positive test films; the published schedule ends long before its optimum."""
    rows = study.rows("test")
    common = [k for k in range(len(CLASSES)) if (study.labels[rows, k] == 1).sum() >= 10]
    converged, published = (
        np.mean([roc_auc(study.labels[rows, k], np.asarray(study.scores(name)[rows, k])) for k in common])
        for name in ("linear_probe_converged", "linear_probe")
    )
    assert converged >= 0.83
    assert converged - published >= 0.05


def test_wordings_and_twin_films_ship_with_the_study(study: Study) -> None:
    from core.prompts.stored import asked_prompts
    from core.twins.stored import stored_effects

    assert asked_prompts(study) is not None
    effects = stored_effects(study)
    assert effects is not None
    assert set(effects.settings) == set(study.settings)


def test_the_model_has_learnt_and_the_target_is_out_of_its_distribution(study: Study) -> None:
    record = json.loads((CHECKPOINTS / "phantom-clip" / "training.json").read_text(encoding="utf-8"))
    rows = study.rows("test")
    target = np.mean(
        [roc_auc(study.labels[rows, k], np.asarray(study.scores("zero_shot")[rows, k])) for k in range(len(FINDINGS))]
    )
    assert record["source_test_zero_shot_mean_auroc"] >= 0.85
    assert 0.6 < target < record["source_test_zero_shot_mean_auroc"]


@pytest.mark.slow
def test_the_record_of_the_training_can_be_measured_again() -> None:
    from core.datasets.phantom.film import render
    from core.datasets.phantom.tables import source_table
    from core.models.load import load_clip
    from core.settings.zero_shot import prompts_for, zero_shot_margins

    folder = CHECKPOINTS / "phantom-clip"
    record = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    table = source_table(record["dataset"]["seed"], record["dataset"]["n_films"])
    rows = np.flatnonzero((table.images["split"] == "test").to_numpy())[:300]
    model, prompts = load_clip(folder), prompts_for(CLASSES)
    embeddings = model.encode_images([render(table.specs[row]).pixels for row in rows])
    margins = zero_shot_margins(embeddings, model.encode_texts([p.text for p in prompts]), prompts, CLASSES)
    again = np.mean([roc_auc(table.labels[rows, k], margins[:, k]) for k in range(len(FINDINGS))])
    assert again == pytest.approx(record["source_test_zero_shot_mean_auroc"], abs=0.03)
