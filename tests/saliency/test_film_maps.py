"""Maps of a film: equal to pytorch-grad-cam, right on a planted patch, and in words where there is no map."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from pytorch_grad_cam import GradCAMPlusPlus

import core.saliency.tower.setting_model as loading
from core.datasets.films import film_pixels
from core.errors import SaliencyError
from core.models.clip_model import ClipModel
from core.paths import STUDIES
from core.saliency.film_maps import film_maps, maps_by_method
from core.saliency.layer_choice import LayerChoice
from core.saliency.methods import METHODS, Method, method_of
from core.saliency.methods.grad_cam_plus_plus import grad_cam_plus_plus, grad_cam_plus_plus_library
from core.saliency.randomization import random_tower
from core.saliency.tower.attention import watched_attention
from core.saliency.tower.layers import counterpart, find_layer, layer_choices, tower_layers
from core.saliency.tower.setting_model import SettingModel, load_setting_model
from core.saliency.tower.targets import LogitTarget
from core.study.open import open_study
from core.study.read import Study
from tests.models.tiny import random_films
from tests.saliency.reference import SHARED, Scores, library_readings, reference_maps, to_grid
from tests.saliency.towers import CLASSES, TOWERS, VITS, planted_film, planted_model, setting_model

SETTINGS = ("zero_shot", "linear_probe", "fine_tune")
FILMS = random_films(10)
MODEL_METHODS = [method for method in METHODS if not method.is_baseline]


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_shared_method_layer_and_class_equals_pytorch_grad_cam(study: Study, setting: str) -> None:
    model = load_setting_model(study, setting)
    layers = tower_layers(model.visual)
    ours = {name: film_maps(model, FILMS[0], method=name, layers=layers.names) for name in SHARED}
    for position, layer in enumerate(layers.names):
        theirs = reference_maps(model, FILMS[0], range(14), layer, list(SHARED))
        for name in SHARED:
            close(ours[name].values[position], theirs[name])


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_phantom_clip_equals_pytorch_grad_cam(setting: str) -> None:
    """The model that ships, every shared method, layer and class; most maps of the library's Grad-CAM++ are defined."""
    study = open_study(STUDIES / "phantom")
    model = load_setting_model(study, setting)
    layers = tower_layers(model.visual)
    for image_id in study.annotated_ids()[:4:3]:
        film = film_pixels(study, image_id)
        ours = maps_by_method(model, film, list(SHARED), layers=layers.names)
        n_defined = 0
        for position, layer in enumerate(layers.names):
            theirs = reference_maps(model, film, range(14), layer, list(SHARED))
            for name in SHARED:
                close(ours[name].values[position], theirs[name])
            n_defined += np.isfinite(theirs["grad_cam_plus_plus_library"]).all(axis=(1, 2)).sum()
        assert n_defined > 0.7 * 14 * len(layers.names)


@pytest.mark.parametrize("setting", SETTINGS)
def test_grad_cam_plus_plus_is_the_librarys_to_the_last_digit_on_the_same_numbers(setting: str) -> None:
    """Whatever its denominators: the library is a float32 program, and this is the same one."""
    study = open_study(STUDIES / "phantom")
    model, film = load_setting_model(study, setting), film_pixels(study, study.annotated_ids()[3])
    for layer in tower_layers(model.visual).names:
        activations, gradients = library_readings(model, film, range(14), layer)
        with GradCAMPlusPlus(Scores(model), [find_layer(model.visual, layer)], reshape_transform=to_grid(model)) as cam:
            theirs = cam.get_cam_image(None, None, None, activations, gradients, False)
        for index in range(14):
            ours = grad_cam_plus_plus_library(
                activations[index].transpose(1, 2, 0), gradients[index].transpose(1, 2, 0)[None]
            )
            np.testing.assert_array_equal(ours[0], np.maximum(theirs[index], 0))


@pytest.mark.parametrize("kind", TOWERS)
def test_towers_of_every_kind_equal_pytorch_grad_cam(kind: str) -> None:
    model = setting_model(kind, unit=0.03)  # small enough that the denominator of Grad-CAM++ stays away from 0
    side = model.tower.transform.crop_px
    film = random_films(1, height_px=side + 20, width_px=side)[0]
    for layer in tower_layers(model.visual).names[::2]:
        theirs = reference_maps(model, film, range(len(CLASSES)), layer, list(SHARED))
        for name in SHARED:
            found = film_maps(model, film, method=name, layers=[layer]).values[0]
            if name == "hires_cam" and kind == "timm ConvNeXt" and layer != tower_layers(model.visual).default:
                # a patch's normalisation comes next, so that both are 0 but for rounding
                assert max(found.max(), theirs[name].max()) < 1e-2 * theirs["grad_cam"].max()
                continue
            close(found, theirs[name])


def test_grad_cam_plus_plus_is_the_librarys_in_a_unit_of_its_own() -> None:
    """The library's formula where the unit of each class keeps S g within 1; 1,000 makes its epsilon vanish."""
    rng = np.random.default_rng(4)
    activations = rng.normal(size=(4, 5, 7)).astype(np.float32)
    gradients = rng.normal(size=(2, 4, 5, 7)).astype(np.float32)
    found = grad_cam_plus_plus(activations, gradients)
    for index, gradient in enumerate(gradients):
        unit = np.abs(activations.sum(axis=(0, 1)) * gradient).max()
        arrays = [array.transpose(2, 0, 1)[None] for array in (activations / 1000, gradient * 1000 / unit)]
        weights = GradCAMPlusPlus.get_cam_weights(None, None, None, None, *arrays)[0]
        close(found[index], np.maximum(activations / 1000 @ weights * unit, 0))


@pytest.mark.parametrize("method", MODEL_METHODS, ids=lambda method: method.name)
def test_the_unit_of_the_score_is_as_the_method_says(method: Method) -> None:
    """The same target scaled by 85 and by 10,000: the same map, or a method that says that it is not."""
    one, other = (
        film_maps(setting_model("timm ViT", unit=unit), FILMS[0], method=method.name).values[0]
        for unit in (85.0, 10_000.0)
    )
    shapes = [values / np.maximum(values.max(axis=(1, 2), keepdims=True), 1e-12) for values in (one, other)]
    difference = np.abs(shapes[0] - shapes[1]).max()
    if method.is_scale_free:
        assert difference < 1e-3
    else:
        assert difference > 0.05
        assert "unit" in method.note


@pytest.mark.parametrize("kind", VITS)
@pytest.mark.parametrize("name", ["chefer", "rollout"])
def test_attention_methods_equal_their_matrix_form(kind: str, name: str) -> None:
    model = setting_model(kind)
    layers = tower_layers(model.visual)
    found = film_maps(model, FILMS[0], method=name, layers=layers.names)
    for index in range(len(CLASSES)):
        attention, gradients = attention_of(model, FILMS[0], index)
        for start in (0, len(layers.names) - 1):
            relevance = np.eye(attention[0].shape[-1])
            for a, g in zip(attention[start:], gradients[start:], strict=True):
                if name == "chefer":
                    relevance = relevance + np.maximum(a * g, 0).mean(axis=0) @ relevance
                else:
                    relevance = (0.5 * a.mean(axis=0) + 0.5 * np.eye(len(relevance))) @ relevance
            close(found.values[start][index], relevance[0, 1:].reshape(layers.grid))


@pytest.mark.parametrize(("bright", "dark"), [((0, 0), (2, 1)), ((1, 3), (0, 2)), ((3, 2), (3, 0))])
@pytest.mark.parametrize("method", MODEL_METHODS, ids=lambda method: method.name)
def test_every_method_peaks_at_the_only_patch_that_matters(
    method: Method, bright: tuple[int, int], dark: tuple[int, int]
) -> None:
    """One class is about bright patches, one about dark ones; on a grey film with one of each, each finds its own."""
    model = planted_model()
    if not method.is_class_specific:
        values = film_maps(model, planted_film(bright, None), method=method.name).values[0]
        turned = values.max(axis=(1, 2), keepdims=True) - values if method.name == "eigen_cam" else values
        peaks = [[np.unravel_index(v.argmax(), v.shape) for v in either] for either in (values, turned)]
        assert [bright, bright] in peaks  # EigenCAM's sign is arbitrary: it may show everything but the patch
        return
    maps = film_maps(model, planted_film(bright, dark), method=method.name)
    n = 1 if method.name == "gem" else 2  # in this tower no patch itself holds what the second class reads
    values = maps.values[0][:n]
    assert [np.unravel_index(v.argmax(), v.shape) for v in values] == [bright, dark][:n]
    assert (values.max(axis=(1, 2)) > 0).all()


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@pytest.mark.parametrize("kind", ["timm ViT", "open_clip's ViT", "timm ResNet"])
def test_every_method_gives_raw_maps_or_says_why_not(kind: str, method: Method) -> None:
    model = setting_model(kind)
    if method.towers == "vit" and kind not in VITS:
        with pytest.raises(SaliencyError, match="which this image tower is not"):
            film_maps(model, FILMS[0], method=method.name)
        return
    maps = film_maps(model, FILMS[0], method=method.name)
    assert maps.layers == ("",) or method.has_layers
    assert maps.values[0].shape[0] == len(maps.targets) == len(CLASSES)
    assert maps.values[0].dtype == np.float32
    assert np.isfinite(maps.values[0]).all()
    assert (maps.values[0] >= 0).all()
    np.testing.assert_allclose(maps.scores, model.scores(FILMS[0]), atol=1e-5)
    same_for_all = all(np.array_equal(maps.values[0][0], other) for other in maps.values[0])
    assert same_for_all == (not method.is_class_specific)


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_score_is_the_one_that_the_study_holds(study: Study, setting: str) -> None:
    model = load_setting_model(study, setting)
    stored = study.scores(setting)[0]
    np.testing.assert_allclose(model.scores(FILMS[0]), stored, atol=1e-5)
    maps = film_maps(model, FILMS[0])
    map_ = maps.of("Edema")
    assert map_.score == pytest.approx(stored[4], abs=1e-5)
    assert "Edema" in map_.target
    assert map_.method == "Grad-CAM"
    assert map_.layer == "trunk.blocks[5].norm1"
    assert map_.raw_maximum == map_.values.max() <= maps.maximum()
    assert map_.is_zero == (map_.raw_maximum == 0)


@pytest.mark.parametrize(
    "layer",
    ["blocks[-1]", "blocks[-1].attn", "blocks[-1].attn.proj", "blocks[-1].norm2", "blocks[-1].mlp", "trunk.norm"],
)
def test_layers_without_gradient_are_said_in_words(study: Study, layer: str) -> None:
    """The layer of the paper's last figure is among them: after it only the class token is read."""
    maps = film_maps(load_setting_model(study, "linear_probe"), FILMS[0], layers=["blocks[-1].norm1", layer])
    assert maps.problems[0] is None
    with pytest.raises(SaliencyError, match=r"gradient at the patch tokens of .* is zero"):
        maps.of("Edema", layer)


def test_a_method_without_gradients_has_a_map_there(study: Study) -> None:
    maps = film_maps(
        load_setting_model(study, "linear_probe"), FILMS[0], method="eigen_cam", layers=["blocks[-1].attn.proj"]
    )
    assert not maps.of("Edema").is_zero


@pytest.mark.parametrize("layer", ["blocks[9].norm1", "trunk.blocks.x", "nothing", "patch_embed.nothing", "blocks[-7]"])
def test_layers_that_are_not_there_are_said(study: Study, layer: str) -> None:
    with pytest.raises(SaliencyError, match="no layer"):
        film_maps(load_setting_model(study, "zero_shot"), FILMS[0], layers=[layer])


@pytest.mark.parametrize("layer", ["patch_embed.proj", "trunk.fc_norm"])
def test_layers_without_tokens_are_said(study: Study, layer: str) -> None:
    with pytest.raises(SaliencyError, match="tokens"):
        film_maps(load_setting_model(study, "zero_shot"), FILMS[0], layers=[layer])


def test_what_was_not_computed_is_said(study: Study) -> None:
    model = load_setting_model(study, "zero_shot")
    maps = film_maps(model, FILMS[0])
    with pytest.raises(SaliencyError, match="No map was computed"):
        maps.of("Edema", "trunk.blocks[0].norm1")
    with pytest.raises(SaliencyError, match="not a class"):
        maps.of("Gout")
    with pytest.raises(SaliencyError, match="begins at a block"):
        film_maps(model, FILMS[0], method="chefer", layers=["trunk.norm"])
    with pytest.raises(SaliencyError, match="no saliency method"):
        film_maps(model, FILMS[0], method="grad-cam")


def test_no_evidence_is_a_zero_map_not_an_error(study: Study) -> None:
    """Turning the target's sign turns the map's: where one is 0 everywhere before clipping, the map says so."""
    model = load_setting_model(study, "linear_probe")
    assert isinstance(model.target, LogitTarget)
    against = replace(model, target=LogitTarget(-model.target.weight, -model.target.bias))
    for film in FILMS[:4]:
        one, other = (film_maps(each, film) for each in (model, against))
        assert not (one.values[0] * other.values[0]).any()
        for maps in (one, other):
            assert all(maps.of(name).is_zero == (not maps.of(name).values.any()) for name in maps.classes)


@pytest.mark.parametrize("name", ["chefer", "grad_cam", "every method"])
def test_ten_viewers_of_a_server_that_has_just_started_get_the_maps_that_each_gets_alone(
    study: Study, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Nothing is loaded when they come: fine-tuning's tower is copied while others have hooks on the frozen one."""
    every = [method.name for method in METHODS if not method.is_slow and not method.is_baseline]
    layers = tower_layers(load_setting_model(study, "zero_shot").visual).names

    def view(film: int) -> list[np.ndarray]:
        method = every[film % len(every)] if name == "every method" else name
        found = []
        for setting in SETTINGS:
            maps = film_maps(load_setting_model(study, setting), FILMS[film], method=method, layers=layers)
            found += list(maps.values)
        return found

    alone = list(map(view, range(10)))
    for _ in range(4):
        monkeypatch.setattr(loading, "_models", loading.Recent(6))
        monkeypatch.setattr(loading, "_towers", loading.Recent(6))
        with ThreadPoolExecutor(10) as pool:
            together = list(pool.map(view, range(10)))
        for ours, theirs in zip(alone, together, strict=True):
            for one, other in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5 * one.max())
        for setting in SETTINGS:
            nothing_stays(load_setting_model(study, setting))


@pytest.mark.parametrize("kind", ["timm ViT", "open_clip's ViT"])
def test_a_tower_is_copied_only_while_nobody_has_hooks_on_it(kind: str) -> None:
    """A copy taken meanwhile would keep the hooks, and attention bound to the weights that it was copied from."""
    model = setting_model(kind)
    blocks = find_layer(model.visual, tower_layers(model.visual).blocks)
    with ThreadPoolExecutor(2) as pool:
        with model.tower.lock, watched_attention(blocks):  # type: ignore[arg-type]
            copies = [pool.submit(lambda: random_tower(model)), pool.submit(model.tower.copied)]
            time.sleep(0.2)
        random, copied = (each.result() for each in copies)
    nothing_stays(random)
    nothing_stays(replace(model, tower=replace(model.tower, visual=copied)))


@pytest.mark.parametrize("kind", TOWERS)
def test_nothing_stays_behind_on_a_shared_model(kind: str) -> None:
    model = setting_model(kind)
    attention = [module.__dict__.get("fused_attn") for module in model.visual.modules()]
    for method in MODEL_METHODS:
        if method.towers == "any" or kind in VITS:
            film_maps(model, FILMS[0], method=method.name)
    with pytest.raises(SaliencyError):
        film_maps(model, FILMS[0], layers=["trunk.nothing"])
    nothing_stays(model)
    assert attention == [module.__dict__.get("fused_attn") for module in model.visual.modules()]
    assert all(weight.grad is None and not weight.requires_grad for weight in model.visual.parameters())


def test_the_grid_and_the_layers_come_from_the_tower(tiny: ClipModel) -> None:
    layers = tower_layers(tiny.visual)
    assert layers.grid == (4, 4)
    assert layers.n_prefix == 1
    assert layers.names[-1] == layers.default == "trunk.blocks[5].norm1"
    assert len(layers.names) == 6
    assert find_layer(tiny.visual, "blocks[-1].norm1") is find_layer(tiny.visual, layers.default)


@pytest.mark.parametrize(
    ("kind", "number", "extra"),
    [
        ("timm ViT", 6, "trunk.blocks[5].attn.proj"),
        ("open_clip's ViT", 3, "transformer.resblocks[2].ls_1"),
        ("timm ResNet", 4, None),
    ],
)
def test_layers_to_choose_say_where_there_is_no_gradient(kind: str, number: int, extra: str | None) -> None:
    model = setting_model(kind)
    choices = layer_choices(model.visual)
    assert sum(choice.is_in_strip for choice in choices) == number
    assert [choice.name for choice in choices if not choice.is_in_strip] == ([extra] if extra else [])
    maps = film_maps(model, FILMS[0], layers=[choice.name for choice in choices])
    assert [problem is None for problem in maps.problems] == [choice.has_gradient for choice in choices]
    assert all(("no map" in choice.label) == (not choice.has_gradient) for choice in choices)


def test_towers_of_another_kind_are_refused() -> None:
    with pytest.raises(SaliencyError, match="no patch tokens or stages"):
        tower_layers(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3)))


def test_baselines_look_at_no_model() -> None:
    centre, noise = method_of("centre"), method_of("random")
    hill = centre.compute(FILMS[0], 5, 5, 2)
    assert np.unravel_index(hill[0].argmax(), (5, 5)) == (2, 2)
    np.testing.assert_allclose(hill[0], hill[0][::-1, ::-1])
    assert np.array_equal(noise.compute(FILMS[0], 5, 5, 2), noise.compute(FILMS[0].copy(), 5, 5, 2))
    assert not np.array_equal(noise.compute(FILMS[0], 5, 5, 2), noise.compute(FILMS[1], 5, 5, 2))


def close(found: np.ndarray, expected: np.ndarray) -> None:
    """Equal to 1e-4 of the largest expected value of each map that is defined."""
    assert found.shape == expected.shape
    if np.isnan(expected).any():
        defined = np.isfinite(expected).all(axis=(-1, -2))
        found, expected = found[defined], expected[defined]
    largest = np.maximum(expected.max(axis=(-1, -2), keepdims=True), 1e-12)
    np.testing.assert_allclose(found / largest, expected / largest, atol=1e-4)


def attention_of(model: SettingModel, film: np.ndarray, index: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Attention of every block and its gradient for one class, each (heads, T, T)."""
    layers = tower_layers(model.visual)
    with watched_attention(find_layer(model.visual, layers.blocks)) as seen:  # type: ignore[arg-type]
        score = model.target(model.visual(model.tower.transform(film)[None]))[0, index]
    gradients = torch.autograd.grad(score, seen)
    return [a[0].detach().numpy() for a in seen], [g[0].numpy() for g in gradients]


def nothing_stays(model: SettingModel) -> None:
    """No hook, no replaced forward, no attention taken apart is left on a tower."""
    for module in model.visual.modules():
        assert not module._forward_hooks
        assert "forward" not in module.__dict__
        assert module.__dict__.get("fused_attn") is not False


def test_a_layer_has_its_like_in_a_tower_of_another_depth() -> None:
    """Of models side by side: as deep in the tower; the paper's own layer is never taken for a block."""

    def offered(n: int, *, extra: bool = True) -> list[LayerChoice]:
        blocks = [LayerChoice(f"trunk.blocks[{index}].norm1", "") for index in range(n)]
        return [*blocks, *([LayerChoice(f"trunk.blocks[{n - 1}].attn.proj", "", is_in_strip=False)] if extra else [])]

    six, twelve, stages = offered(6), offered(12), [LayerChoice(f"layer{number}", "") for number in range(1, 5)]
    found = [counterpart(choice.name, six, twelve) for choice in six]
    blocks = [0, 2, 4, 7, 9, 11]
    assert found == [*(f"trunk.blocks[{index}].norm1" for index in blocks), "trunk.blocks[11].attn.proj"]
    assert counterpart("trunk.blocks[0].norm1", six, stages) == "layer1"
    assert counterpart("trunk.blocks[5].norm1", six, stages) == "layer4"
    assert counterpart("layer4", stages, six) == "trunk.blocks[5].norm1"
    assert [counterpart(choice.name, six, six) for choice in six] == [choice.name for choice in six]
    assert counterpart("elsewhere", six, twelve) == "elsewhere"
