"""Kinds of models beside BiomedCLIP's: CoCa, sizes as pairs, SigLIP's tokens, films that are squashed or padded."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.errors import ModelError, SaliencyError
from core.geometry import Resize
from core.models.load import load_clip, load_visual
from core.models.preprocess import film_transform
from core.models.tokens import Tokens
from core.models.torchvision_guard import open_clip
from core.saliency.film_maps import _blocks_to_begin_at
from core.saliency.methods import method_of
from core.saliency.tower.layers import TowerLayers
from core.saliency.tower.setting_model import _load_tower
from tests.models.tiny import random_films

_TEXT = {"context_length": 76, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}
_VISION = {"image_size": 64, "layers": 2, "width": 64, "patch_size": 16, "head_width": 32, "output_tokens": True}
COCA: dict[str, Any] = {
    "embed_dim": 32,
    "vision_cfg": {**_VISION, "attentional_pool": True, "attn_pooler_heads": 2},
    "text_cfg": {**_TEXT, "embed_cls": True, "output_tokens": True},
    "multimodal_cfg": {**_TEXT, "attn_pooler_heads": 2},
}


def test_coca_gives_embeddings_and_no_tuple(tmp_path: Path) -> None:
    torch.manual_seed(0)
    made = open_clip.CoCa(**COCA).eval()
    save_file(
        {name: value.contiguous() for name, value in made.state_dict().items()},
        tmp_path / "open_clip_model.safetensors",
    )
    cfg = {"mean": [0.5] * 3, "std": [0.25] * 3}
    (tmp_path / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": {**COCA, "custom_text": True}, "preprocess_cfg": cfg})
    )
    films = random_films(3)
    model = load_clip(tmp_path)
    visual, transform = load_visual(tmp_path)
    pixels = torch.stack([transform(film) for film in films])
    with torch.inference_mode():
        expected, tokens = made.visual(pixels)
        found = visual(pixels)
    assert tokens.ndim == 3
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(model.encode_images(films), expected, atol=1e-5)
    assert model.encode_texts(["a film showing edema", "a film"]).shape == (2, 32)


def test_a_size_may_be_a_pair() -> None:
    cfg = {"mean": [0.5] * 3, "std": [0.5] * 3}
    film = random_films(1)[0]
    pair, single = (film_transform({**cfg, "size": size}) for size in ([64, 64], 64))
    assert pair.crop_px == single.crop_px == 64
    np.testing.assert_array_equal(pair.crop(film), single.crop(film))
    with pytest.raises(ModelError, match="64 x 96"):
        film_transform({**cfg, "size": [64, 96]})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mean", "x"), ("mean", [0.5, 0.5]), ("mean", [0.5, 0.5, float("nan")]), ("std", 0), ("std", [0.5, 0, 0.5]),
        ("std", None), ("resize_mode", "weird"), ("resize_mode", None), ("interpolation", "lanczos"),
        ("size", -64), ("size", 0), ("size", [64]), ("size", "64"), ("size", [64, 64, 3]),
    ],
)  # fmt: skip
def test_a_preprocessing_that_is_none_is_refused_before_a_film_is_read(name: str, value: object) -> None:
    cfg = {"mean": [0.5] * 3, "std": [0.25] * 3, "size": 64}
    with pytest.raises(ModelError, match=f"preprocess_cfg: {name} is ") as error:
        film_transform({**cfg, name: value})
    assert "; expected " in error.value.message


@pytest.mark.parametrize(
    "change", [{"mean": "x"}, {"interpolation": "lanczos"}, {"std": [0, 0, 0]}, {"resize_mode": 3}, ["a list"]]
)
def test_a_folder_with_such_a_preprocessing_is_refused_by_both_ways_in(
    change: Any, tiny_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_folder, tmp_path / "model"))
    path = folder / "open_clip_config.json"
    config = json.loads(path.read_text())
    config["preprocess_cfg"] = {**config["preprocess_cfg"], **change} if isinstance(change, dict) else change
    path.write_text(json.dumps(config))
    for load in (load_clip, load_visual):
        with pytest.raises(ModelError):
            load(folder)


def test_a_token_that_the_tower_does_not_know_is_refused() -> None:
    def tokenizer(texts: list[str], context_length: int) -> torch.Tensor:
        return torch.tensor([[len(text), 0] for text in texts])

    tokens = Tokens(tokenizer, 2, 0, n_known=5)
    assert tokens.trimmed(["abcd", "ab"]).tolist() == [[4], [2]]
    with pytest.raises(ModelError, match="'abcde' has the token 5; the text tower knows 5"):
        tokens.trimmed(["ab", "abcde"])


@pytest.mark.parametrize(("mode", "resize"), [("squash", "squash"), ("longest", "pad")])
def test_a_model_lays_its_maps_as_the_study_says_or_not_at_all(
    mode: str, resize: Resize, tiny_folder: Path, tmp_path: Path
) -> None:
    """A study from before geometry was recorded says "crop"; its model, which does not, is refused."""
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    path = folder / "open_clip_config.json"
    config = json.loads(path.read_text())
    config["preprocess_cfg"]["resize_mode"] = mode
    path.write_text(json.dumps(config))
    found = load_visual(folder)[1].geometry
    assert found == load_clip(folder).transform.geometry
    assert (found.resize, found.input_px) == (resize, 64)
    assert _load_tower(folder, {"geometry": found.to_json()}, "a study").transform.geometry == found
    for said, words in (({"crop_px": 64}, "says that its model sees the central square"), ({}, "is not known")):
        with pytest.raises(SaliencyError, match=words):
            _load_tower(folder, said, "a study")
    assert load_visual(tiny_folder)[1].geometry.resize == "crop"


@pytest.mark.parametrize("name", ["rollout", "chefer"])
def test_attention_is_not_followed_to_a_token_that_no_score_reads(name: str) -> None:
    tower = TowerLayers(("b[0].norm1",), "b[0].norm1", "b", 5, (4, 4), is_pooled_by_token=True)
    assert _blocks_to_begin_at(method_of(name), tower, None) == ("b[0].norm1",)
    with pytest.raises(SaliencyError, match="do not pass through it"):
        _blocks_to_begin_at(method_of(name), replace(tower, is_pooled_by_token=False), None)
