"""Curves of a film that loses its patches, against a model whose answer is known; imputation; random weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from pytorch_grad_cam.metrics.road import NoisyLinearImputer

from core.saliency.faithfulness import deletion_insertion, impute, road
from core.saliency.film_maps import film_maps
from core.saliency.maps import SaliencyMap
from core.saliency.methods import METHODS
from core.saliency.randomization import random_tower, randomization_check, randomization_checks, rank_correlation
from core.saliency.tower.targets import LogitTarget
from tests.models.tiny import random_films
from tests.saliency.towers import planted_film, planted_model, setting_model

FILM = planted_film((0, 0), (2, 1))


def test_deleting_the_patch_that_matters_takes_the_score_at_once() -> None:
    model = planted_model()
    good = film_maps(model, FILM).of("Edema")
    bad = replace(good, values=good.values.max() - good.values)
    ours, worst = (deletion_insertion(model, FILM, "Edema", map_, n_steps=16) for map_ in (good, bad))
    assert ours.score_full == ours.deletion[0] == pytest.approx(float(model.scores(FILM)[0]), abs=1e-5)
    assert ours.score_full == pytest.approx(ours.insertion[-1], abs=1e-5)
    np.testing.assert_allclose(ours.deletion[1:], ours.score_empty, atol=1e-5)
    np.testing.assert_allclose(ours.insertion[1:], ours.score_full, atol=1e-5)
    np.testing.assert_allclose([ours.deletion_area, ours.insertion_area], [1 / 32, 31 / 32], atol=1e-4)
    np.testing.assert_allclose([worst.deletion_area, worst.insertion_area], [31 / 32, 1 / 32], atol=1e-4)


def test_areas_of_a_score_that_cannot_change_are_undefined_in_words() -> None:
    film = np.full((64, 64), 128, np.uint8)
    model = planted_model()
    curves = deletion_insertion(model, film, "Edema", film_maps(model, film, method="centre").of("Edema"))
    assert np.isnan([curves.deletion_area, curves.insertion_area]).all()
    assert "no more than an empty one" in curves.problem


def test_a_film_that_scores_below_an_empty_one_has_no_areas() -> None:
    """Between the two, upside down, the best map would look worst."""
    model = planted_model()
    assert isinstance(model.target, LogitTarget)
    against = replace(model, target=LogitTarget(-model.target.weight, model.target.bias))
    good = film_maps(model, FILM).of("Edema")
    curves = deletion_insertion(against, FILM, "Edema", good)
    assert curves.score_full < curves.score_empty
    assert np.isnan([curves.deletion_area, curves.insertion_area]).all()
    assert "Edema" in curves.problem
    assert not deletion_insertion(model, FILM, "Edema", good).problem


@pytest.mark.parametrize("height", [0.0, 2.0])
def test_a_map_that_ranks_nothing_has_no_figures(height: float) -> None:
    model = planted_model()
    flat = replace(film_maps(model, FILM).of("Edema"), values=np.full((4, 4), height, np.float32))
    curves, found = deletion_insertion(model, FILM, "Edema", flat), road(model, FILM, "Edema", flat)
    assert np.isnan([curves.deletion_area, curves.insertion_area, found.value]).all()
    assert "ranks no patch" in curves.problem
    assert curves.problem == found.problem


@pytest.mark.parametrize("bright", [(0, 0), (1, 2), (3, 3)])
def test_ties_are_taken_in_random_order(bright: tuple[int, int]) -> None:
    """A map that is 0 but at one wrong patch: half-way, the patch that matters is gone half of the time.

    Row by row, it would always be gone at the top of the film, and always there at its foot.
    """
    model, film = planted_model(), planted_film(bright, None)
    values = np.zeros((4, 4), np.float32)
    values[2, 1] = 1
    map_ = replace(film_maps(model, film).of("Edema"), values=values)
    curves = [
        deletion_insertion(model, film, "Edema", map_, n_steps=2, rng=np.random.default_rng(seed)) for seed in range(60)
    ]
    half_way = np.mean([[curve.deletion[1], curve.insertion[1]] for curve in curves], axis=0)
    full = curves[0].score_full
    np.testing.assert_allclose(half_way, full * np.array([8 / 15, 7 / 15]), atol=0.15 * full)
    np.testing.assert_allclose(curves[0].deletion, deletion_insertion(model, film, "Edema", map_, n_steps=2).deletion)


def test_road_tells_a_map_from_its_opposite() -> None:
    model = planted_model()
    good = film_maps(model, FILM).of("Edema")
    bad = replace(good, values=good.values.max() - good.values)
    assert road(model, FILM, "Edema", good).value > 0.3 * float(model.scores(FILM)[0])
    assert road(model, FILM, "Edema", bad).value < 0
    again = road(model, FILM, "Edema", good)
    np.testing.assert_array_equal(again.most_first, road(model, FILM, "Edema", good).most_first)


def test_imputation_is_pytorch_grad_cams_but_for_the_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.saliency.faithfulness._NOISE", 0.0)
    film = random_films(1, height_px=20, width_px=20)[0]
    film = film if film.ndim == 2 else film[..., 0]
    gone = np.zeros((20, 20), bool)
    gone[4:9, 7:12] = gone[15:18, 2:6] = True
    ours = impute(film, gone, np.random.default_rng(0))
    pixels = torch.tensor(film, dtype=torch.float32)[None]
    theirs = NoisyLinearImputer(noise=0.0)(pixels, torch.tensor(~gone, dtype=torch.float32))[0].numpy()
    assert (ours[~gone] == film[~gone]).all()
    np.testing.assert_allclose(ours, theirs, atol=1.0)  # ours are whole greys


def test_imputed_pixels_are_the_mean_of_their_neighbours() -> None:
    ramp = np.repeat(np.arange(0, 200, 10, dtype=np.uint8)[None], 20, axis=0)
    gone = np.zeros((20, 20), bool)
    gone[5:15, 5:15] = True
    assert np.abs(impute(ramp, gone, np.random.default_rng(1)).astype(int) - ramp).max() < 12
    colour = np.repeat(ramp[..., None], 3, axis=2)
    assert impute(colour, gone, np.random.default_rng(1)).shape == colour.shape
    assert np.ptp(impute(ramp, np.ones_like(gone), np.random.default_rng(1))) == 0


def test_rank_correlation_by_hand() -> None:
    """Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: 4.5 over the root of 4.5 times 5."""
    one, other = np.array([[0.1, 0.2], [0.2, 9.0]]), np.array([[-1.0, 5.0], [0.0, 6.0]])
    assert rank_correlation(one, other) == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    assert rank_correlation(one, -other) == pytest.approx(-4.5 / np.sqrt(4.5 * 5))
    assert rank_correlation(one, one) == pytest.approx(1)
    assert np.isnan(rank_correlation(one, np.zeros((2, 2))))


def test_a_method_that_does_not_look_at_the_weights_says_so() -> None:
    films = random_films(2)
    names = [method.name for method in METHODS if not method.is_slow]
    checks = randomization_checks(setting_model("timm ViT"), films, names)
    assert not checks["centre"].is_sensitive
    assert checks["centre"].correlation == pytest.approx(1)
    assert "hardly changes" in checks["centre"].sentence
    assert checks["grad_cam"].is_sensitive
    assert "changes when" in checks["grad_cam"].sentence
    assert all(check.sentence.endswith((".", "learnt.")) for check in checks.values())
    assert randomization_check(setting_model("timm ViT"), films, "hires_cam").correlation == pytest.approx(
        checks["hires_cam"].correlation, abs=1e-3
    )


def test_random_weights_keep_their_values_and_leave_the_model_alone() -> None:
    model = setting_model("timm ViT")
    before = {name: weight.clone() for name, weight in model.visual.named_parameters()}
    other = random_tower(model)
    for name, weight in other.visual.named_parameters():
        assert torch.equal(weight.flatten().sort().values, before[name].flatten().sort().values)
    assert all(torch.equal(weight, before[name]) for name, weight in model.visual.named_parameters())
    moved = [name for name, weight in other.visual.named_parameters() if not torch.equal(weight, before[name])]
    assert len(moved) > 10
    assert isinstance(film_maps(other, FILM).of("Edema"), SaliencyMap)
