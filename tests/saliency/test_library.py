"""pytorch-grad-cam's own methods through the bridge: the library's numbers, raw, or the textbook's where it strays."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from pytorch_grad_cam import AblationCAM, FinerCAM, ScoreCAM, ShapleyCAM, XGradCAM
from pytorch_grad_cam.utils.model_targets import FinerWeightedTarget

from core.commands.saliency import add_arguments
from core.errors import SaliencyError
from core.saliency.film_maps import film_maps
from core.saliency.localization.table import LocalizationPlan
from core.saliency.methods import METHODS, library, method_of
from core.saliency.methods.library_tower import SPAN
from core.saliency.tower.layers import find_layer, tower_layers
from core.saliency.tower.setting_model import SettingModel, load_setting_model
from core.saliency.tower.targets import LogitTarget
from core.study.read import Study
from tests.models.tiny import random_films
from tests.saliency.reference import Scores, library_readings, to_grid
from tests.saliency.towers import CLASSES, TOWERS, setting_model

SETTINGS = ("zero_shot", "linear_probe", "fine_tune")
FILM = random_films(1)[0]
LAYERS = ("trunk.blocks[2].norm1", "trunk.blocks[5].norm1")


def film_for(model: SettingModel) -> np.ndarray:
    side = model.tower.transform.crop_px
    return random_films(1, height_px=side + 20, width_px=side)[0]


def raw_of(cam: Any, pixels: torch.Tensor, layer: torch.nn.Module, targets: list[Any]) -> np.ndarray:
    """What a CAM of the library makes in its own run, before it is scaled and blown up."""
    run = getattr(cam, "base_cam", cam)
    cam(pixels, targets)
    read = run.activations_and_grads
    gradients = read.gradients[0].numpy() if read.gradients else None
    raw = run.get_cam_image(pixels, layer, targets, read.activations[0].numpy(), gradients, False)
    read.release()
    return np.asarray(np.maximum(raw[0], 0))


def library_map(make: Callable[..., Any], model: SettingModel, film: np.ndarray, layer: str, target: Any) -> np.ndarray:
    """(rows, columns) of one call of the library on a copy of the tower. target : of the raw scores (C,)."""
    own = replace(model, tower=replace(model.tower, visual=model.tower.copied()))
    module = find_layer(own.visual, layer)
    cam = make(Scores(own), [module], reshape_transform=to_grid(own))
    pixels = model.tower.transform(film)[None].requires_grad_()
    return raw_of(cam, pixels, module, [target])


def like(found: np.ndarray, expected: np.ndarray, tolerance: float = 1e-3) -> None:
    """Equal to a part of the largest expected value."""
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * expected.max())


@pytest.mark.parametrize("setting", SETTINGS)
def test_xgrad_cam_is_the_librarys_to_the_last_digit_on_the_same_numbers(study: Study, setting: str) -> None:
    """Its map hangs on channels that sum to nearly 0, so that the library's own run agrees to fewer digits."""
    model = load_setting_model(study, setting)
    for layer in LAYERS:
        activations, gradients = map(np.ascontiguousarray, library_readings(model, FILM, range(14), layer))
        cam = XGradCAM(Scores(model), [find_layer(model.visual, layer)], reshape_transform=to_grid(model))
        theirs = np.maximum(cam.get_cam_image(None, None, None, activations, gradients, False), 0)
        cam.activations_and_grads.release()
        ours = method_of("xgrad_cam").compute(activations[0].transpose(1, 2, 0), gradients.transpose(0, 2, 3, 1))
        np.testing.assert_array_equal(ours, theirs)
        like(film_maps(model, FILM, method="xgrad_cam", layers=[layer]).values[0], theirs, 5e-3)


@pytest.mark.parametrize("setting", SETTINGS)
def test_finer_cam_is_the_librarys_on_scores_of_that_span(study: Study, setting: str) -> None:
    model = load_setting_model(study, setting)
    scores = model.scores(FILM)
    unit = float(np.ptp(scores)) / SPAN
    maps = film_maps(model, FILM, method="finer_cam", layers=LAYERS)
    assert all(values.max() > 0 for values in maps.values)
    for index in (0, int(scores.argmax()), int(scores.argmin())):
        nearest = sorted((abs(score - scores[index]), other) for other, score in enumerate(scores) if other != index)
        target = FinerWeightedTarget(index, [other for _, other in nearest[:3]], 1)
        for position, layer in enumerate(LAYERS):
            theirs = library_map(FinerCAM, model, FILM, layer, lambda found, target=target: target(found / unit))
            like(maps.values[position][index], unit * theirs)


def test_finer_cam_compares_with_every_class_of_the_study_whichever_are_asked_for(study: Study) -> None:
    model = load_setting_model(study, "linear_probe")
    whole = film_maps(model, FILM, method="finer_cam")
    some = film_maps(model.only(["Edema", "Fracture"]).only(["Fracture"]), FILM, method="finer_cam")
    like(some.of("Fracture").values, whole.of("Fracture").values, 1e-6)


def test_of_one_class_there_is_no_finer_cam_and_that_is_said() -> None:
    model = setting_model("timm ViT")
    assert isinstance(model.target, LogitTarget)
    alone = replace(model, classes=("Edema",), target=LogitTarget(model.target.weight[2:], model.target.bias[2:]))
    with pytest.raises(SaliencyError, match="one class only"):
        film_maps(alone, FILM, method="finer_cam").of("Edema")
    assert film_maps(alone, FILM, method="shapley_cam").of("Edema").raw_maximum > 0


def test_shapley_cam_is_the_librarys_where_the_library_can() -> None:
    """On stages of a ResNet; with tokens its own run ends in an error."""
    model = setting_model("timm ResNet")
    film = film_for(model)
    for layer in tower_layers(model.visual).names[:3]:
        maps = film_maps(model, film, method="shapley_cam", layers=[layer])
        for index in range(len(CLASSES)):
            own = replace(model, tower=replace(model.tower, visual=model.tower.copied()))
            module = find_layer(own.visual, layer)
            cam = ShapleyCAM(Scores(own), [module])
            pixels = model.tower.transform(film)[None].requires_grad_()
            torch.autograd.grad(cam.activations_and_grads(pixels)[0, index], pixels, create_graph=True)
            read = cam.activations_and_grads
            raw = cam.get_cam_image(pixels, module, None, read.activations[0], read.gradients[0], False)[0]
            np.testing.assert_allclose(maps.values[0][index], np.maximum(raw, 0), atol=1e-5 * np.abs(raw).max())


@pytest.mark.parametrize("kind", TOWERS)
def test_shapley_cam_takes_half_the_curvature_off_the_gradient(kind: str) -> None:
    """Against a difference quotient of the gradient, in double precision: (g(A + e A) - g(A - e A)) / 2e = H A."""
    model = setting_model(kind)
    film = film_for(model)
    layers = tower_layers(model.visual)
    layer = layers.names[-2]
    visual = model.tower.copied().double()
    assert isinstance(model.target, LogitTarget)
    pixels = model.tower.transform(film)[None].double()

    def gradient(scale: float, index: int) -> tuple[np.ndarray, np.ndarray]:
        kept: list[torch.Tensor] = []

        def scaled(_: object, __: object, output: torch.Tensor) -> torch.Tensor:
            kept.append((scale * output.detach()).requires_grad_())
            return kept[-1]

        hook = find_layer(visual, layer).register_forward_hook(scaled)
        score = visual(pixels)[0] @ model.target.weight[index].double()  # type: ignore[attr-defined]
        hook.remove()
        found = torch.autograd.grad(score, kept[-1])[0]
        return layers.on_film(kept[-1].detach(), layer)[0].numpy(), layers.on_film(found, layer)[0].numpy()

    maps = film_maps(model, film, method="shapley_cam", layers=[layer])
    for index in range(len(CLASSES)):
        values, slope = gradient(1.0, index)
        curved = (gradient(1 + 1e-4, index)[1] - gradient(1 - 1e-4, index)[1]) / 2e-4
        expected = values @ (slope - 0.5 * curved).mean(axis=(0, 1))
        np.testing.assert_allclose(maps.values[0][index], np.maximum(expected, 0), atol=2e-3 * np.abs(expected).max())


@pytest.mark.parametrize("kind", ["timm ViT", "open_clip's ViT", "timm ResNet"])
def test_score_cam_is_the_librarys_on_scores_of_that_span(kind: str) -> None:
    model = setting_model(kind)
    film = film_for(model)
    layer = tower_layers(model.visual).names[-2]
    maps = film_maps(model, film, method="score_cam", layers=[layer])
    assert maps.values[0].max() > 0
    activations, _ = library_readings(model, film, [0], layer)
    seen = np.stack(
        [model.target(model.visual(masked[None]))[0].numpy() for masked in _masked(model, film, activations)]
    )
    for index in range(len(CLASSES)):
        unit = float(np.ptp(seen[:, index])) / SPAN
        theirs = library_map(ScoreCAM, model, film, layer, lambda scores, index=index, unit=unit: scores[index] / unit)
        like(maps.values[0][index], theirs)


def _masked(model: SettingModel, film: np.ndarray, activations: np.ndarray) -> torch.Tensor:
    """(d, 3, S, S): the film seen through each channel, from 0 where it is lowest to 1 where it is highest."""
    pixels = model.tower.transform(film)
    grown = torch.nn.functional.interpolate(
        torch.tensor(activations), size=tuple(pixels.shape[1:]), mode="bilinear", align_corners=True
    )[0]
    low, high = grown.amin(dim=(1, 2), keepdim=True), grown.amax(dim=(1, 2), keepdim=True)
    return pixels[None] * ((grown - low) / (high - low + 1e-8))[:, None]


@pytest.mark.parametrize("kind", TOWERS)
def test_ablation_cam_weighs_channels_by_how_far_the_score_falls_without_each(kind: str) -> None:
    model = setting_model(kind)
    film = film_for(model)
    layers = tower_layers(model.visual)
    layer = layers.names[-1]
    maps = film_maps(model, film, method="ablation_cam", layers=[layer])
    module = find_layer(model.visual, layer)
    activations, _ = library_readings(model, film, [0], layer)
    drops = []
    for channel in range(activations.shape[1]):
        hook = module.register_forward_hook(
            lambda _, __, output, channel=channel: _without(layers.grid, output, channel)
        )
        drops.append(maps.scores - model.scores(film))
        hook.remove()
    expected = np.einsum("dc,dhw->chw", np.stack(drops), activations[0])
    assert (maps.scores < 0).any()  # whose map the library would turn round
    for index in range(len(CLASSES)):
        np.testing.assert_allclose(
            maps.values[0][index], np.maximum(expected[index], 0), atol=1e-3 * np.abs(expected[index]).max()
        )


def _without(grid: object, output: torch.Tensor, channel: int) -> torch.Tensor:
    changed = output.clone()
    (changed[:, channel] if grid is None else changed[..., channel]).zero_()
    return changed


@pytest.mark.parametrize("name", ["score_cam", "ablation_cam", "finer_cam", "shapley_cam"])
def test_a_part_that_a_tower_lacks_is_no_hindrance(name: str) -> None:
    """As where a pooling was taken off a tower after it was built."""
    model, whole = setting_model("timm ViT"), setting_model("timm ViT")
    part = next(iter(model.visual.children()))
    part._modules = {"first": None, **part._modules}
    film = film_for(model)
    found, expected = (film_maps(each, film, method=name).values[0] for each in (model, whole))
    np.testing.assert_array_equal(found, expected)
    assert "first" in part._modules


def test_ablation_cam_is_the_librarys_where_values_and_score_are_not_negative() -> None:
    model = setting_model("timm ResNet")
    film = film_for(model)
    layer = tower_layers(model.visual).names[-1]
    maps = film_maps(model, film, method="ablation_cam", layers=[layer])
    assert library_readings(model, film, [0], layer)[0].min() == 0
    index = int(maps.scores.argmax())
    assert maps.scores[index] > 0
    theirs = library_map(AblationCAM, model, film, layer, lambda scores: scores[index])
    like(maps.values[0][index], theirs * maps.scores[index])


@pytest.mark.parametrize("name", ["finer_cam", "shapley_cam", "score_cam", "ablation_cam", "xgrad_cam"])
def test_a_vanished_gradient_is_said_by_those_that_read_it(study: Study, name: str) -> None:
    layers = ("trunk.blocks[5].norm1", "trunk.blocks[5].attn.proj")
    maps = film_maps(load_setting_model(study, "fine_tune"), FILM, method=name, layers=layers)
    if name in ("score_cam", "ablation_cam"):
        assert maps.problems == (None, None)
        assert all(values.max() > 0 for values in maps.values)
        return
    assert maps.problems[0] is None
    with pytest.raises(SaliencyError, match="gradient at the patch tokens"):
        maps.of("Edema")


@pytest.mark.parametrize("name", ["score_cam", "ablation_cam"])
def test_slow_methods_tell_their_progress_and_can_be_stopped(
    study: Study, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    model = load_setting_model(study, "linear_probe")
    told: list[tuple[int, int, str]] = []
    whole = film_maps(model, FILM, method=name, progress=lambda *words: told.append(words)).values[0]
    channels = [done for done, total, what in told if what == "channels" and total == 64]
    assert channels == sorted(channels)
    assert channels[-1] == 64

    def stop(*_: object) -> None:
        raise SaliencyError("Stopped.", remedy="Go on.")

    with pytest.raises(SaliencyError, match="Stopped"):
        film_maps(model, FILM, method=name, progress=stop)
    np.testing.assert_array_equal(film_maps(model, FILM, method=name).values[0], whole)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""


def test_the_default_table_is_of_quick_methods_that_are_meant_for_it() -> None:
    agreed = {
        "grad_cam", "grad_cam_plus_plus", "hires_cam", "layer_cam", "eigen_cam_signed", "chefer", "rollout", "random",
        "centre",
    }  # fmt: skip
    assert agreed <= set(LocalizationPlan().methods)
    chosen = {method.name for method in METHODS if method.name in LocalizationPlan().methods}
    assert chosen == {method.name for method in METHODS if method.in_default_table and not method.is_slow}


def test_the_command_offers_every_method() -> None:
    import argparse

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    names = [method.name for method in METHODS]
    assert {method.name for method in library.METHODS} <= set(names)
    assert parser.parse_args(["study", "--methods", *names]).methods == names


def test_the_registry_does_not_load_the_library() -> None:
    code = "import sys, core.saliency.methods; print({'torch', 'pytorch_grad_cam', 'cv2'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
