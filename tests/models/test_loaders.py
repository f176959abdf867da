"""Every family of models: embeddings as its own library gives them, scores that follow prompts, maps that lie right."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from core.geometry import Geometry, map_to_film, model_geometry
from core.models.arrays import UInt8Array
from core.models.clip_model import ClipModel
from core.models.load import load_clip, load_visual
from core.models.loaders.registry import CONFIGS, LOADERS, loader_of
from core.models.source import weights_sha256
from core.saliency.film_maps import film_maps
from core.saliency.tower.layers import tower_layers
from core.saliency.tower.passes import read_layers
from core.saliency.tower.setting_model import SettingModel, Tower
from core.saliency.tower.targets import LogitTarget
from core.settings.zero_shot import prompts_for, zero_shot_margins
from tests.models import families
from tests.models.families import FAMILIES, Family
from tests.models.tiny import make_tiny_clip, random_films

PROMPTS = ("pneumothorax", "no pneumothorax", "pleural effusion")
each_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
with_text = pytest.mark.parametrize("family", [one for one in FAMILIES if one.texts], ids=lambda family: family.name)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("families")
    return {family.name: family.make(root / family.name.replace(" ", "-")) for family in FAMILIES}


@pytest.fixture(scope="module")
def kept() -> dict[str, ClipModel]:
    """The models that were loaded."""
    return {}


@pytest.fixture
def loaded(family: Family, folders: dict[str, Path], kept: dict[str, ClipModel], no_network: list[str]) -> ClipModel:
    """Loaded once, while the network must not be asked."""
    if family.name not in kept:
        kept[family.name] = load_clip(folders[family.name])
    return kept[family.name]


def films_for(family: Family, n: int = 3) -> list[UInt8Array]:
    """Films that are not square, but for the family whose library asks for other shapes than a square of them."""
    return random_films(n, height_px=90, width_px=90 if family.name == "SigLIP 2" else 76)


def test_every_loader_has_a_family_here() -> None:
    assert {family.loader for family in FAMILIES} == {loader.name for loader in LOADERS}
    assert len({loader.name for loader in LOADERS}) == len({loader.title for loader in LOADERS}) == len(LOADERS)
    assert CONFIGS[0] == "open_clip_config.json"


@each_family
def test_films_are_embedded_as_its_own_library_does(
    family: Family, loaded: ClipModel, folders: dict[str, Path]
) -> None:
    folder, films = folders[family.name], films_for(family)
    assert loader_of(folder).name == family.loader == loaded.facts.family
    assert [loader.name for loader in LOADERS if loader.is_one(folder)] == [family.loader]
    ours, theirs = loaded.encode_images(films), family.images(folder, films).numpy()
    assert ours.shape == (len(films), loaded.n_dimensions)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
    assert np.abs(theirs[0] - theirs[1]).max() > 0.01
    visual, transform = load_visual(folder)
    pixels = torch.stack([transform(film) for film in films])
    np.testing.assert_allclose(visual(pixels).numpy(), ours, rtol=1e-5, atol=1e-5)
    assert loaded.sha256 == weights_sha256(folder)
    assert not any(weight.requires_grad for weight in loaded.model.parameters())


@with_text
def test_prompts_are_embedded_as_its_own_library_does(
    family: Family, loaded: ClipModel, folders: dict[str, Path]
) -> None:
    assert family.texts is not None
    theirs = family.texts(folders[family.name], PROMPTS).numpy()
    np.testing.assert_allclose(loaded.encode_texts(PROMPTS), theirs, rtol=1e-5, atol=1e-5)
    assert np.abs(theirs[0] - theirs[1]).max() > 0.01


@pytest.mark.parametrize("family", [one for one in FAMILIES if one.logits], ids=lambda family: family.name)
def test_cosines_become_logits_as_its_facts_say(family: Family, loaded: ClipModel, folders: dict[str, Path]) -> None:
    assert family.logits is not None
    films, facts = films_for(family), loaded.facts
    sides = (np.asarray(part, np.float64) for part in (loaded.encode_images(films), loaded.encode_texts(PROMPTS)))
    images, texts = (part / np.linalg.norm(part, axis=1, keepdims=True) for part in sides)
    assert facts.logit_scale is not None
    assert (facts.score == "sigmoid") == (facts.logit_bias is not None)
    found = facts.logit_scale * images @ texts.T + (facts.logit_bias or 0.0)
    np.testing.assert_allclose(found, family.logits(folders[family.name], films, PROMPTS), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "family", [one for one in FAMILIES if one.texts or one.name == "open_clip"], ids=lambda family: family.name
)
def test_prompts_move_scores(family: Family, loaded: ClipModel) -> None:
    classes = ("Edema", "Fracture")
    prompts = prompts_for(classes)
    images, texts = loaded.encode_images(films_for(family)), loaded.encode_texts([one.text for one in prompts])
    margins = zero_shot_margins(images, texts, prompts, classes)
    other = loaded.encode_texts([one.text.replace("edema", "pleural effusion") for one in prompts])
    moved = zero_shot_margins(images, other, prompts, classes)
    assert np.abs(moved[:, 0] - margins[:, 0]).min() > 1e-5
    np.testing.assert_allclose(moved[:, 1], margins[:, 1], atol=1e-6)


@each_family
def test_its_facts_are_those_of_its_tower(family: Family, loaded: ClipModel) -> None:
    facts, layers = loaded.facts, tower_layers(loaded.visual)
    assert (facts.pooling == "class token") == layers.is_pooled_by_token
    assert layers.has_plain_attention
    assert layers.has_plain_pool
    assert json.loads(json.dumps(facts.to_json()))["evidence"] == facts.evidence
    assert loaded.has_text == (facts.score is not None) == (facts.context_length is not None)
    assert all(note.endswith(".") for note in facts.notes)
    said = {"geometry": loaded.transform.geometry.to_json()}
    assert model_geometry(said) == loaded.transform.geometry
    if loaded.has_text:
        assert loaded.context_length == facts.context_length


def setting_of(model: ClipModel) -> SettingModel:
    """A linear classifier with random weights on the tower of a model, and its opposite: one of the two has a map."""
    one = torch.randn(1, model.n_dimensions, generator=torch.Generator().manual_seed(1))
    weight = torch.cat([one, -one])
    tower = Tower(model.visual, model.transform, model.device)
    return SettingModel("linear_probe", ("Edema", "Fracture"), tower, LogitTarget(weight, torch.zeros(2)))


@each_family
@pytest.mark.parametrize("method", ["grad_cam", "attn_lrp", "legrad"])
def test_maps_have_a_gradient_and_differ_by_class(family: Family, method: str, loaded: ClipModel) -> None:
    found = film_maps(setting_of(loaded), films_for(family, 1)[0], method=method)
    assert found.problems == (None,)
    (values,) = found.values
    assert np.ptp(values, axis=(1, 2)).max() > 0
    assert np.abs(values[0] - values[1]).max() > 0.01 * values.max()
    assert found.geometry == loaded.transform.geometry


@each_family
@pytest.mark.parametrize(("height_px", "width_px"), [(150, 100), (100, 150), (120, 120)])
def test_what_changes_on_a_film_is_where_the_map_says(
    family: Family, height_px: int, width_px: int, loaded: ClipModel
) -> None:
    """A patch that is made bright is the one whose tokens change before any attention; outside the box none does."""
    film = random_films(1, height_px=height_px, width_px=width_px)[0] // 2
    model, layers = setting_of(loaded), tower_layers(loaded.visual)
    box = loaded.transform.geometry.box(height_px, width_px)
    assert layers.grid is not None
    x, y = int(box.left + 0.62 * box.width), int(box.top + 0.37 * box.height)
    bright = film.copy()
    bright[max(y - 3, 0) : y + 3, max(x - 3, 0) : x + 3] = 255

    def tokens(pixels: UInt8Array) -> np.ndarray:
        return read_layers(model, pixels, layers, layers.names[:1], set())[0][0].activations

    change = np.abs(tokens(bright) - tokens(film)).sum(axis=2)
    laid = np.nan_to_num(map_to_film(change, height_px, width_px, loaded.transform.geometry), nan=-1.0)
    peak = np.unravel_index(int(laid.argmax()), laid.shape)
    reach = 0.75 * np.array([box.height / layers.grid[0], box.width / layers.grid[1]])
    assert (np.abs(np.array(peak) - (y, x)) <= reach).all()
    seen = np.zeros(film.shape, bool)
    seen[_inside(box.top, box.height, height_px), _inside(box.left, box.width, width_px)] = True
    outside = np.where(seen, film, 255).astype(np.uint8)
    if not seen.all():
        np.testing.assert_allclose(tokens(outside), tokens(film), atol=1e-5)


def _inside(start: float, extent: float, length: int) -> slice:
    """The pixels of an interval, and a margin that interpolation reads."""
    return slice(max(0, int(start) - 8), min(length, int(np.ceil(start + extent)) + 8))


@pytest.mark.parametrize(
    ("registers", "gated", "image_px"), [(0, True, 70), (4, False, 70), (4, True, 112), (0, False, 56)]
)
def test_dinov2_of_every_build(registers: int, gated: bool, image_px: int, tmp_path: Path) -> None:
    """Registers, SwiGLU, and films of another size than the one that positions were trained for."""
    folder = families.dinov2(tmp_path / "dino", image_px=image_px, registers=registers, gated=gated)
    kind = "Dinov2WithRegistersModel" if registers else "Dinov2Model"
    films, model = random_films(2), load_clip(folder)
    assert model.crop_px == image_px
    theirs = families._hf_images(kind)(folder, films)
    np.testing.assert_allclose(model.encode_images(films), theirs, rtol=1e-5, atol=1e-5)
    assert tower_layers(model.visual).n_prefix == 1 + registers


def test_siglip_2_on_more_patches_than_it_has_positions(tmp_path: Path) -> None:
    folder = families.siglip2(tmp_path / "siglip2", patches=36)
    films, model = random_films(2, height_px=80, width_px=80), load_clip(folder)
    assert model.crop_px == 96
    theirs = families._hf_images("Siglip2Model")(folder, films)
    np.testing.assert_allclose(model.encode_images(films), theirs, rtol=1e-5, atol=2e-5)
    assert "squashed" in model.facts.notes[0]


@pytest.mark.parametrize("architecture", ["test_convnext", "test_resnet"])
def test_timms_convolutions_are_towers_too(architecture: str, tmp_path: Path) -> None:
    folder, films = families.timm_vit(tmp_path / "timm", architecture), random_films(2)
    model = load_clip(folder)
    assert model.facts.pooling == "mean"
    theirs = families._timm_images(folder, films)
    np.testing.assert_allclose(model.encode_images(films), theirs, rtol=1e-4, atol=1e-5)


def test_a_crop_from_a_larger_film_lies_where_it_was_cut(tmp_path: Path) -> None:
    """256 to 224 in small: the square is smaller than the film's short side."""
    folder = families.clip(tmp_path / "clip", shortest_px=76)
    films, model = random_films(2, height_px=93, width_px=140), load_clip(folder)
    geometry = model.transform.geometry
    assert geometry == Geometry("crop", 64, 76, "bicubic", floors=True)
    theirs = families._hf_images("CLIPModel")(folder, films)
    np.testing.assert_allclose(model.encode_images(films), theirs, rtol=1e-5, atol=1e-5)
    box, long = geometry.box(93, 140), 76 * 140 // 93
    assert (box.top, box.left) == pytest.approx((6 * 93 / 76, (long - 64) // 2 * 140 / long))


@pytest.mark.parametrize("rows", [100, 150])
def test_a_table_of_tokens_may_have_more_rows_than_there_are_tokens(rows: int, tmp_path: Path) -> None:
    for make in (families.clip, families.siglip):
        folder = make(tmp_path / f"{make.__name__}-{rows}", vocab_size=rows)  # type: ignore[operator]
        assert load_clip(folder).encode_texts(PROMPTS).shape[0] == len(PROMPTS)


def test_an_image_tower_alone_says_that_it_reads_no_prompts(folders: dict[str, Path]) -> None:
    from core.errors import ModelError

    model = load_clip(folders["DINOv2"])
    for ask in (lambda: model.encode_texts(["edema"]), lambda: model.context_length):
        with pytest.raises(ModelError, match="an image tower alone"):
            ask()


def test_several_files_of_weights_are_one_model(folders: dict[str, Path], tmp_path: Path) -> None:
    whole = load_clip(folders["CLIP"])
    parts = families.transformers.CLIPModel.from_pretrained(folders["CLIP"])
    folder = families.clip(tmp_path / "shards")
    (folder / "model.safetensors").unlink()
    parts.save_pretrained(folder, max_shard_size="100KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    model = load_clip(folder)
    films = random_films(1)
    np.testing.assert_array_equal(model.encode_images(films), whole.encode_images(films))
    assert len(model.sha256) == 64
    assert model.sha256 != whole.sha256


def test_what_open_clip_gave_before_it_gives_now(tmp_path: Path) -> None:
    model = load_clip(make_tiny_clip(tmp_path / "tiny"))
    assert (model.facts.family, model.facts.score, model.facts.pooling) == ("open_clip", "softmax", "class token")
    assert model.config.name == "open_clip_config.json"
