"""BiomedCLIP's full architecture, through the path that a user's copy takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import ModelError
from core.findings import CLASSES
from core.models.clip_model import ClipModel
from core.models.load import load_clip, load_visual
from core.saliency.film_maps import maps_by_method
from core.saliency.tower.setting_model import SettingModel, Tower
from core.saliency.tower.targets import text_target
from core.settings.zero_shot import margin_directions, name_logits, prompts_for, zero_shot_margins
from tests.models.biomedclip import REPOSITORY, make_biomedclip
from tests.models.test_source import put_into_cache
from tests.saliency.reference import SHARED, reference_maps

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The model's folder (780 MB), removed afterwards."""
    folder = make_biomedclip(tmp_path_factory.mktemp("biomedclip") / "biomedclip")
    yield folder
    (folder / "open_clip_model.safetensors").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def model(folder: Path) -> ClipModel:
    """The model, loaded from its folder."""
    return load_clip(folder)


@pytest.fixture(scope="module")
def texts(model: ClipModel) -> np.ndarray:
    """Embeddings of all prompts."""
    return model.encode_texts([prompt.text for prompt in prompts_for(CLASSES)])


@pytest.fixture(scope="module")
def films(real_data: Path) -> list[np.ndarray]:
    """Real films of IU-Xray, the least square first."""
    paths = sorted((real_data / "iu-xray-png").glob("*.png"))
    films = [np.asarray(Image.open(path).convert("L")) for path in paths]
    films.sort(key=lambda film: min(film.shape) / max(film.shape))
    assert len(films) >= 4
    assert films[0].shape[0] != films[0].shape[1]
    return films


def test_it_is_biomedclip_in_size(model: ClipModel) -> None:
    sizes = {name: sum(p.numel() for p in part.parameters()) for name, part in model.model.named_children()}
    assert sizes["visual"] == 86_191_872
    assert round(sizes["text"] / 1e6, 1) == 109.7
    assert (model.crop_px, model.n_dimensions, model.context_length) == (224, 512, 256)
    assert len(model.tokens.tokenizer.tokenizer) == 30522


def test_a_film_is_scored_against_the_classes(
    model: ClipModel, texts: np.ndarray, films: list[np.ndarray], no_network: list[str]
) -> None:
    images = model.encode_images(films)
    for scores in (
        zero_shot_margins(images, texts, prompts_for(CLASSES), CLASSES),
        name_logits(images, texts, prompts_for(CLASSES), CLASSES),
    ):
        assert scores.shape == (len(films), 14)
        assert np.isfinite(scores).all()
        assert len(np.unique(scores)) == scores.size


def test_trimmed_prompts_are_the_same(model: ClipModel) -> None:
    np.testing.assert_allclose(model.encode_texts(CLASSES[:3]), model.encode_texts(CLASSES[:3], trim=False), atol=1e-5)


def test_maps_of_a_real_film_equal_pytorch_grad_cams(
    model: ClipModel, texts: np.ndarray, films: list[np.ndarray]
) -> None:
    directions = margin_directions(texts, prompts_for(CLASSES), CLASSES)
    tower = Tower(model.visual, model.transform, torch.device("cpu"))
    setting = SettingModel("zero_shot", CLASSES, tower, text_target(directions, "margin", torch.device("cpu")))
    methods = [name for name in SHARED if name != "grad_cam_plus_plus_library"]  # its denominator may come near 0
    found = maps_by_method(setting, films[0], methods)
    maps = [found["grad_cam"].of(name) for name in CLASSES]
    assert {map_.values.shape for map_ in maps} == {(14, 14)}
    assert {map_.layer for map_ in maps} == {"trunk.blocks[11].norm1"}
    extents = [np.count_nonzero(map_.values) for map_ in maps]
    assert sum(extent > 30 for extent in extents) >= 3, extents
    assert all(map_.values.std() > 0.05 * map_.raw_maximum > 0 for map_ in maps[:2])
    for name, expected in reference_maps(setting, films[0], (0, 1), maps[0].layer, methods).items():
        largest = np.maximum(expected.max(axis=(1, 2), keepdims=True), 1e-12)
        np.testing.assert_allclose(found[name].values[0][:2] / largest, expected / largest, atol=1e-4)


def test_the_hugging_face_cache_gives_the_same_model(
    folder: Path,
    model: ClipModel,
    films: list[np.ndarray],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_network: list[str],
) -> None:
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    put_into_cache(tmp_path / "hub", folder, REPOSITORY)
    cached = load_clip("biomedclip")
    assert cached.name == REPOSITORY
    assert cached.folder != folder
    np.testing.assert_array_equal(cached.encode_images(films[:1]), model.encode_images(films[:1]))
    visual, _ = load_visual("biomedclip")
    ours, theirs = (tower.get_parameter("head.proj.weight") for tower in (visual, model.visual))
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("missing", [("vocab.txt", "tokenizer.json")])
def test_a_missing_tokenizer_is_refused(folder: Path, tmp_path: Path, missing: tuple[str, ...]) -> None:
    for path in folder.iterdir():
        if path.name not in missing:
            (tmp_path / path.name).symlink_to(path)
    with pytest.raises(ModelError, match=r"tokenizer's files are missing.*Copy tokenizer\.json"):
        load_clip(tmp_path)
