"""As published beside sound: each sentence carries the figures of both reports, and says where nothing changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score
from sklearn.preprocessing import minmax_scale

from core.figures.results_table import sweep_table
from core.metrics.overall_figures import MINUTES
from core.paper import published
from core.paper.differences import protocol_differences, published_differences
from core.paper.sweep import CUTS, paper_sweep
from core.paths import STUDIES
from core.report.report import compute_report
from core.saliency.tower.layers import find_layer
from core.study import Study, open_study
from tests.pages.made_study import make_study


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(make_study(tmp_path_factory.mktemp("studies") / "made-up", n_films=200))


@pytest.fixture(scope="module")
def phantom() -> Study:
    return open_study(STUDIES / "phantom")


def differences(study: Study) -> dict[str, tuple[str, str]]:
    paper, sound = compute_report(study, protocol="paper"), compute_report(study)
    return {entry.title: (entry.words, entry.effect) for entry in protocol_differences(study, paper, sound)}


def test_each_effect_holds_both_reports_figures(phantom: Study) -> None:
    found, reports = differences(phantom), [compute_report(phantom, protocol="paper"), compute_report(phantom)]
    assert list(found) == [
        "Prompts", "Cut over all classes", "Cut in the table of classes", "Undefined figures", "Films without a label",
        "Labels behind class distances", "Layer of Grad-CAM",
    ]  # fmt: skip
    for title, figure, setting, digits in (
        ("Prompts", "macro_auroc", "zero_shot", 3),
        ("Cut over all classes", "exact_match", "fine_tune", 3),
        ("Undefined figures", "macro_f1", "linear_probe", 3),
        ("Labels behind class distances", "distance_ratio", "fine_tune", 3),
    ):
        values = [getattr(report.settings[setting].overall, figure) for report in reports]
        assert " → ".join(f"{value:.{digits}f}" for value in values) in found[title][1]
    predicted = [
        sum(row.n_predicted or 0 for row in report.settings["zero_shot"].per_class.values()) for report in reports
    ]
    assert f"Zero-shot {predicted[0]:,} → {predicted[1]:,}" in found["Cut in the table of classes"][1]
    assert "changes nothing" in found["Films without a label"][1]


def test_every_words_and_effect_is_whole_sentences(phantom: Study, made: Study) -> None:
    for study in (phantom, made):
        for words, effect in differences(study).values():
            assert words.startswith("The paper ")
            assert words.endswith(".")
            assert len(words.split()) < 25, words
            assert effect.endswith(".")
            assert "nan" not in words + effect
            assert words.count(". ") == 0, "one sentence on each difference"


def test_what_a_study_lacks_is_not_compared(made: Study) -> None:
    """No model, so no map; no text embeddings, so the same zero-shot scores under both."""
    assert not {"Prompts", "Layer of Grad-CAM"} & set(differences(made))


def test_films_without_a_label_are_counted(made: Study, tmp_path: Path) -> None:
    import pandas as pd

    from core.building.importing import ImportSources, import_study

    ids = [f"f{number}" for number in range(6)]
    labels = pd.DataFrame({"image_id": ids, "Edema": [1, 0, 0, 1, 0, 0], "Mass": [0, 1, 0, 0, 0, 1]})
    labels.to_csv(tmp_path / "labels.csv", index=False)
    labels.assign(Edema=np.linspace(0.1, 0.9, 6), Mass=0.5).to_csv(tmp_path / "scores.csv", index=False)
    imported = import_study(
        tmp_path / "in", "few", ImportSources(tmp_path / "labels.csv", {"net": tmp_path / "scores.csv"})
    )
    study = open_study(imported.root)
    split = next(iter(study.splits()))
    reports = [compute_report(study, split, protocol) for protocol in ("paper", "sound")]
    effect = next(e.effect for e in protocol_differences(study, *reports) if e.title == "Films without a label")
    assert effect.startswith("2 of 6 films. LRAP: net ")


def test_the_published_layer_exists_and_is_named(tiny_visual) -> None:  # type: ignore[no-untyped-def]
    assert find_layer(tiny_visual, published.GRAD_CAM_LAYER) is tiny_visual.trunk.blocks[-1].attn.proj
    assert published.GRAD_CAM_LAYER in published.GRAD_CAM_WORDS


@pytest.fixture(scope="module")
def tiny_visual(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    from core.models.load import load_visual
    from tests.models.tiny import make_tiny_clip

    return load_visual(make_tiny_clip(tmp_path_factory.mktemp("tiny") / "clip"))[0]


def test_the_sweep_is_scikit_learn_s_at_the_published_cuts(phantom: Study) -> None:
    assert CUTS == (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
    rows = phantom.rows("test")
    names = [row for row, prompt in enumerate(phantom.manifest.prompts) if prompt.role == "name"]
    logits = (
        np.asarray(phantom.image_embeddings("frozen")[rows]) @ np.asarray(phantom.text_embeddings("frozen"))[names].T
    )
    scaled = minmax_scale(logits.astype(np.float64), axis=1)
    truth = phantom.labels[rows]
    steps = paper_sweep(phantom, "test")
    for step in steps:
        decided = scaled >= step.cut
        assert step.macro_f1 == pytest.approx(f1_score(truth, decided, average="macro", zero_division=0), abs=2e-3)
        assert step.labels_per_film == pytest.approx(decided.sum() / len(rows), abs=0.01)
    middle = steps[CUTS.index(0.5)]
    assert middle.macro_f1 == pytest.approx(
        compute_report(phantom, protocol="paper").settings["zero_shot"].overall.macro_f1
    )
    table = sweep_table(steps)
    assert len(table) == 15
    assert [cell.mark for cell in table["Macro F1"]].count("best") == 1


def test_a_study_without_zero_shot_has_no_sweep(made: Study) -> None:
    assert paper_sweep(made, "test", "cnn") == ()
    assert sweep_table(()).empty


def test_what_makes_a_study_differ_from_the_published_figures_names_both(phantom: Study, made: Study) -> None:
    films, computer = published_differences(phantom, "test")
    assert "BiomedCLIP on IU-Xray, 573 frontal test films" in films.words
    assert films.words.endswith("; these, evaluated likewise, are of phantom-clip on phantom, 573 test films.")
    assert films.figures == published.COLUMNS
    assert computer.figures == (MINUTES,)
    (of_all, _) = published_differences(made, "all")
    assert of_all.words.endswith("200 films.")
