"""What a wording is worth: planted, by hand, and as a build's own functions have it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from core.figures.prompt_tables import denial_table, ensemble_table, style_table, wording_table
from core.metrics.overall_figures import MACRO_AUROC, MACRO_F1
from core.metrics.ranking import average_precision, roc_auc
from core.prompts.ensemble import direction_of
from core.prompts.films import films_asked
from core.prompts.survey import survey
from core.prompts.told import ensemble_words, spread_words, to_json
from core.settings.zero_shot import zero_shot_margins
from core.thresholds import ThresholdCounts, policy_named
from tests.prompts.made import D, asked_of, made_study

CLASSES = ("Edema", "Fracture")


def planted(seed: int = 0, n: int = 400, gap: float = 2.0):
    """Two classes with a direction each; wordings along it, across it, and denials that resemble what they deny."""
    rng = np.random.default_rng(seed)
    directions = np.eye(D)[:2]
    labels = (rng.random((n, 2)) < 0.25).astype(float)
    films = rng.normal(size=(n, D)) + gap * labels @ directions
    pairs = [
        ("Edema", directions[0], -directions[0]),
        ("Edema", np.eye(D)[5], -np.eye(D)[5]),
        ("Fracture", directions[1] + 0.2 * np.eye(D)[6], 0.9 * directions[1] + np.eye(D)[6]),
        ("Fracture", -directions[1], directions[1]),
    ]
    return made_study(labels, films, CLASSES, dict(zip(CLASSES, directions, strict=True))), asked_of(pairs), labels


def test_a_wording_s_scores_are_zero_shot_s_with_its_two_prompts() -> None:
    study, asked, _ = planted()
    films = films_asked(study, asked, "test")
    for number, wording in enumerate(asked.wordings):
        texts = np.stack([asked.vectors[asked.texts.index(prompt.text)] for prompt in wording.prompts])
        embeddings = study.image_embeddings("frozen")[study.rows("test")]
        expected = zero_shot_margins(embeddings, texts, wording.prompts, (wording.finding,))[:, 0]
        np.testing.assert_allclose(films.margins[:, number], expected, atol=1e-6)


def test_figures_of_a_wording_are_those_of_its_scores_on_the_split() -> None:
    study, asked, labels = planted()
    found = survey(study, asked)
    for split in ("val", "test"):
        films = films_asked(study, asked, split)
        figures = found.classes[0].splits[split]
        own = labels[study.rows(split), 0]
        for number in range(2):
            assert figures.auroc[number] == pytest.approx(roc_auc(own, films.margins[:, number]))
            assert figures.average_precision[number] == pytest.approx(average_precision(own, films.margins[:, number]))
        assert figures.own_auroc == pytest.approx(roc_auc(own, films.own[:, 0]))
    assert found.classes[0].splits["test"].auroc[0] > 0.85
    assert abs(found.classes[0].splits["test"].auroc[1] - 0.5) < 0.1
    assert found.classes[0].splits["test"].spread == (
        found.classes[0].splits["test"].auroc.min(),
        found.classes[0].splits["test"].auroc.max(),
    )


def test_a_denial_that_is_not_understood_is_seen() -> None:
    """Films with the finding resemble the prompt that denies it more, and the two prompts each other."""
    study, asked, _ = planted()
    edema, fracture = survey(study, asked).classes
    assert edema.splits["test"].denied[0] < 0.2
    assert edema.cosine[0] == pytest.approx(-1)
    assert fracture.splits["test"].denied[0] > 0.6
    assert fracture.cosine[0] == pytest.approx(1.1 / math.hypot(1, 0.2) / math.hypot(0.9, 1))


def test_variants_ask_all_classes_in_one_way_and_their_thresholds_come_from_val() -> None:
    study, asked, labels = planted()
    found = survey(study, asked).variants
    assert [(one.style, one.rank) for one in found.rows] == [("chexzero", 0), ("chexzero", 1)]
    val, test = (films_asked(study, asked, split) for split in ("val", "test"))
    f1, areas = [], []
    for column, index in ((0, 0), (2, 1)):
        truth = labels[study.rows("test"), index]
        fit = ThresholdCounts.from_scores("", labels[study.rows("val"), index], val.margins[:, column])
        cut = policy_named("max-f1").fit(fit)
        called = test.margins[:, column] >= cut
        f1.append(2 * (called * truth).sum() / (called.sum() + truth.sum()))
        areas.append(roc_auc(truth, test.margins[:, column]))
    assert found.rows[0].overall.macro_f1 == pytest.approx(np.mean(f1))
    assert found.rows[0].overall.macro_auroc == pytest.approx(np.mean(areas))
    low, high = found.spread(MACRO_F1)
    assert low < high == pytest.approx(np.mean(f1))
    assert "2 other ways" in spread_words(survey(study, asked))


def test_the_best_ensemble_beats_its_members_on_val_and_is_read_as_zero_shot_reads_one() -> None:
    rng = np.random.default_rng(3)
    labels = (rng.random((600, 1)) < 0.3).astype(float)
    films = rng.normal(size=(600, D)) + 1.2 * labels @ np.eye(D)[:2].sum(axis=0, keepdims=True)
    noisy = [np.eye(D)[0] + np.eye(D)[3], np.eye(D)[1] - np.eye(D)[3], -np.eye(D)[4]]
    study = made_study(labels, films, ("Edema",), {"Edema": np.eye(D)[0]})
    asked = asked_of([("Edema", one, -one) for one in noisy])
    (found,) = survey(study, asked).classes
    best = found.ensemble
    assert best is not None
    assert {member.phrase for member in best.members} == {"phrase 0", "phrase 1"}
    assert best.fitted > found.splits["val"].auroc.max()
    prompts = [prompt for member in best.members for prompt in member.prompts]
    texts = np.stack([asked.vectors[asked.texts.index(prompt.text)] for prompt in prompts])
    test = study.rows("test")
    margins = zero_shot_margins(study.image_embeddings("frozen")[test], texts, prompts, ("Edema",))[:, 0]
    assert best.read == pytest.approx(roc_auc(labels[test, 0], margins))
    scores = films_asked(study, asked, "test").films @ direction_of(asked, [0, 1])
    np.testing.assert_allclose(scores, margins, atol=1e-6)
    assert best.optimism.value == pytest.approx(best.fitted - best.read)
    assert best.gain.value == pytest.approx(best.read - found.splits["test"].own_auroc)
    assert best.gain.is_clear


def test_choosing_among_noise_flatters_and_the_optimism_shows_it() -> None:
    """Thirty wordings that know nothing: the best on 60 val films looks good, and is worth nothing elsewhere."""
    optimism, clear = [], 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        labels = (rng.random((240, 1)) < 0.3).astype(float)
        study = made_study(labels, rng.normal(size=(240, D)), ("Edema",), {"Edema": np.eye(D)[0]})
        asked = asked_of([("Edema", one, rng.normal(size=D)) for one in rng.normal(size=(30, D))])
        best = survey(study, asked).classes[0].ensemble
        assert best is not None
        assert best.fitted > 0.58
        optimism.append(best.optimism.value)
        clear += best.optimism.is_clear
        assert not (best.gain.is_clear and best.gain.value > 0.15)
    assert np.mean(optimism) > 0.1
    assert clear >= 3


def test_without_val_films_nothing_is_chosen_and_nothing_decided() -> None:
    study, asked, _ = planted()
    alone = made_study(study.labels, study.image_embeddings("frozen"), CLASSES, {}, val=False)
    found = survey(alone, asked)
    assert found.ensemble is None
    assert all(one.ensemble is None for one in found.classes)
    assert math.isnan(found.variants.spread(MACRO_F1)[0])
    assert found.variants.spread(MACRO_AUROC)[0] > 0
    assert math.isnan(found.classes[0].splits["test"].own_auroc)
    assert "No ensemble" in ensemble_words(found)
    assert set(ensemble_table(found)["AUROC, validation"]) == {"–"}


def test_a_class_without_positives_is_undefined_in_words_and_in_json() -> None:
    study, asked, _ = planted()
    labels = study.labels.copy()
    labels[:, 1] = 0
    bare = made_study(labels, study.image_embeddings("frozen"), CLASSES, {"Edema": np.eye(D)[0]})
    found = survey(bare, asked)
    assert wording_table(found).loc["Fracture", "All ways"] == "–"
    assert found.classes[1].ensemble is None
    content = json.loads(json.dumps(to_json(found), allow_nan=False))
    assert content["classes"]["Fracture"]["wordings"][0]["test"]["auroc"] is None
    assert content["classes"]["Fracture"]["own"]["test"]["auroc"] is None
    assert content["classes"]["Edema"]["ensemble"]["optimism"]["value"] == pytest.approx(
        found.classes[0].ensemble.optimism.value
    )


def test_tables_say_what_the_figures_are() -> None:
    study, asked, _ = planted()
    found = survey(study, asked)
    edema = found.classes[0].splits["test"]
    row = wording_table(found).loc["Edema"]
    assert row["All ways"] == f"{edema.auroc.min():.3f} to {edema.auroc.max():.3f}"
    assert row["Strongest"] == "“yes 0” / “no 0”"
    assert list(style_table(found).index) == ["“X” / “no X”"]
    assert denial_table(found).loc["Edema", "Cosine of the two prompts"] == "−1.00"


def test_prompts_of_the_study_are_only_of_classes_that_have_both_sides() -> None:
    study, asked, _ = planted()
    own = made_study(study.labels, study.image_embeddings("frozen"), CLASSES, {"Edema": np.eye(D)[0]})
    films = films_asked(own, asked, "test")
    assert np.isnan(films.own[:, 1]).all()
    assert np.isfinite(films.own[:, 0]).all()
