"""Grad-CAM: equal to pytorch-grad-cam, right on a planted patch, and in words where there is no map."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.errors import SaliencyError
from core.models.clip_model import ClipModel
from core.models.preprocess import film_transform
from core.models.torchvision_guard import open_clip
from core.saliency.grad_cam import grad_cam
from core.saliency.layers import find_layer, token_layers
from core.saliency.setting_model import SettingModel, Tower, load_setting_model
from core.saliency.targets import LogitTarget
from core.study.read import Study
from tests.models.tiny import MEAN, STD, random_films
from tests.saliency.reference import reference_map

SETTINGS = ("zero_shot", "linear_probe", "fine_tune")
FILMS = random_films(4)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(
    "layer", ["trunk.blocks[-1].norm1", "trunk.blocks[2].norm1", "trunk.blocks[0]", "blocks[3].attn"]
)
def test_raw_maps_equal_pytorch_grad_cams(study: Study, setting: str, layer: str) -> None:
    model = load_setting_model(study, setting)
    for class_index in (0, 7, 13):
        found = grad_cam(model, FILMS[0], class_index, layer=layer)
        expected = reference_map(model, FILMS[0], class_index, layer)
        assert found.values.shape == expected.shape == (4, 4)
        np.testing.assert_allclose(found.values, expected, atol=1e-4 * max(expected.max(), 1e-12))


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_score_is_the_one_that_the_study_holds(study: Study, setting: str) -> None:
    model = load_setting_model(study, setting)
    stored = study.scores(setting)[0]
    np.testing.assert_allclose(model.scores(FILMS[0]), stored, atol=1e-5)
    map_ = grad_cam(model, FILMS[0], 4)
    assert map_.score == pytest.approx(stored[4], abs=1e-5)
    assert "Edema" in map_.target
    assert map_.method == "Grad-CAM"
    assert map_.layer == "trunk.blocks[5].norm1"
    assert map_.raw_maximum == map_.values.max()
    assert map_.values.min() >= 0
    assert map_.is_zero == (map_.raw_maximum == 0)


@pytest.mark.parametrize(
    "layer",
    ["blocks[-1]", "blocks[-1].attn", "blocks[-1].attn.proj", "blocks[-1].norm2", "blocks[-1].mlp", "trunk.norm"],
)
def test_layers_without_gradient_are_said_in_words(study: Study, layer: str) -> None:
    """The layer of the paper's last figure is among them: after it only the class token is read."""
    with pytest.raises(SaliencyError, match=r"gradient at the patch tokens of .* is zero") as error:
        grad_cam(load_setting_model(study, "linear_probe"), FILMS[0], 0, layer=layer)
    assert "trunk.blocks[5].norm1" in error.value.remedy


@pytest.mark.parametrize("layer", ["blocks[9].norm1", "trunk.blocks.x", "nothing", "patch_embed.nothing", "blocks[-7]"])
def test_layers_that_are_not_there_are_said(study: Study, layer: str) -> None:
    with pytest.raises(SaliencyError, match="no layer"):
        grad_cam(load_setting_model(study, "zero_shot"), FILMS[0], 0, layer=layer)


@pytest.mark.parametrize("layer", ["patch_embed.proj", "head.proj"])
def test_layers_without_tokens_are_said(study: Study, layer: str) -> None:
    name = layer if layer.startswith("patch") else "trunk.fc_norm"
    with pytest.raises(SaliencyError, match="tokens"):
        grad_cam(load_setting_model(study, "zero_shot"), FILMS[0], 0, layer=name)


@pytest.mark.parametrize(("bright", "dark"), [((0, 0), (2, 1)), ((1, 3), (0, 2)), ((3, 2), (3, 0))])
def test_the_map_peaks_at_the_only_patch_that_matters(
    planted: SettingModel, bright: tuple[int, int], dark: tuple[int, int]
) -> None:
    """One class is about bright patches, one about dark ones; on a grey film with one of each, each finds its own."""
    film = np.full((64, 64), 128, np.uint8)
    for (row, column), grey in ((bright, 250), (dark, 5)):
        film[16 * row : 16 * row + 16, 16 * column : 16 * column + 16] = grey
    for class_index, patch in enumerate((bright, dark)):
        map_ = grad_cam(planted, film, class_index)
        assert {(int(row), int(column)) for row, column in np.argwhere(map_.values)} == {patch}
        assert map_.raw_maximum == map_.values[patch] > 0


def test_no_evidence_is_a_zero_map_not_an_error(study: Study) -> None:
    """Turning the target's sign turns the map's: where one is 0 everywhere before clipping, the map says so."""
    model = load_setting_model(study, "linear_probe")
    assert isinstance(model.target, LogitTarget)
    against = replace(model, target=LogitTarget(-model.target.weight, -model.target.bias))
    maps = [grad_cam(each, film, c) for each in (model, against) for film in FILMS for c in range(14)]
    assert all(map_.is_zero == (not map_.values.any()) for map_ in maps)
    opposite = zip(maps[: len(maps) // 2], maps[len(maps) // 2 :], strict=True)
    assert all(not (a.values * b.values).any() for a, b in opposite)


def test_four_threads_get_the_maps_that_each_gets_alone(study: Study) -> None:
    jobs = [(setting, film, c) for setting in SETTINGS for film in range(4) for c in (0, 5, 9)]

    def work(job: tuple[str, int, int]) -> np.ndarray:
        return grad_cam(load_setting_model(study, job[0]), FILMS[job[1]], job[2]).values

    alone = [work(job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(work, jobs))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-6)


def test_nothing_stays_behind_on_a_shared_model(study: Study) -> None:
    model = load_setting_model(study, "zero_shot")
    with pytest.raises(SaliencyError):
        grad_cam(model, FILMS[0], 0, layer="blocks[-1]")
    grad_cam(model, FILMS[0], 0)
    assert not any(module._forward_hooks for module in model.visual.modules())
    assert all(weight.grad is None and not weight.requires_grad for weight in model.visual.parameters())


def test_the_grid_and_the_layers_come_from_the_tower(tiny: ClipModel) -> None:
    layers = token_layers(tiny.visual)
    assert layers.grid == (4, 4)
    assert layers.n_prefix == 1
    assert layers.n_tokens == 17
    assert layers.names[-1] == layers.default == "trunk.blocks[5].norm1"
    assert len(layers.names) == 6
    assert find_layer(tiny.visual, "blocks[-1].norm1") is find_layer(tiny.visual, layers.default)


def test_the_grid_of_a_tower_with_a_convolutional_stem(tiny: ClipModel) -> None:
    """The project's own tower: 160 pixels, 10 x 10 patches of 16, embedded by strided convolutions."""
    vision = {"timm_model_name": "vit_phantom_patch16_160", "image_size": 160, "timm_pool": "", "timm_proj": "linear"}
    visual = open_clip.CustomTextCLIP(8, vision, {"width": 8, "heads": 1, "layers": 1}).visual.eval()
    assert token_layers(visual).grid == (10, 10)
    transform = film_transform({"size": 160, "mean": MEAN, "std": STD})
    tower = Tower(visual.requires_grad_(False), transform, torch.device("cpu"))
    model = SettingModel("linear_probe", ("Edema",), tower, LogitTarget(torch.randn(1, 8), torch.zeros(1)))
    film = random_films(1, height_px=200, width_px=160)[0]
    found = grad_cam(model, film, 0)
    expected = reference_map(model, film, 0, found.layer)
    np.testing.assert_allclose(found.values, expected, atol=1e-4 * max(found.raw_maximum, 1e-12))


def test_towers_without_patches_are_refused() -> None:
    with pytest.raises(SaliencyError, match="no patch tokens"):
        token_layers(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3)))


@pytest.fixture
def planted(tiny: ClipModel) -> SettingModel:
    """Class 0 adds up how bright the bright patches are, class 1 how dark the dark ones."""
    tower = Tower(PlantedTower(), tiny.transform, torch.device("cpu"))
    return SettingModel("linear_probe", ("Edema", "Fracture"), tower, LogitTarget(torch.eye(2), torch.zeros(2)))


class PlantedTower(torch.nn.Module):
    """Laid out like open_clip's own ViT: transformer.resblocks[i].ln_1, 4 x 4 patches after a class token."""

    grid_size = (4, 4)

    def __init__(self) -> None:
        super().__init__()
        block = torch.nn.Module()
        block.ln_1 = torch.nn.Identity()
        self.transformer = torch.nn.Module()
        self.transformer.resblocks = torch.nn.ModuleList([block])

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, 2): sums over patches of brightness above and darkness below the middle grey."""
        brightness = torch.nn.functional.avg_pool2d(pixels[:, :1], 16).flatten(1)
        patches = torch.stack([brightness - 0.5, -1.0 - brightness], dim=-1).relu()
        tokens = torch.cat([torch.zeros(len(pixels), 1, 2), patches], dim=1)
        return self.transformer.resblocks[0].ln_1(tokens).sum(dim=1)  # type: ignore[union-attr, index]
