"""Loading from a folder: nothing but the folder is needed, and what is missing or wrong is said in words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import ModelError
from core.models.clip_model import ClipModel
from core.models.load import load_clip, load_visual
from core.models.save import build_clip, save_clip_folder, wordpiece_tokenizer_files
from core.models.torchvision_guard import open_clip
from tests.models.tiny import CONTEXT, MEAN, STD, make_tiny_clip, model_cfg, random_films, text_config, vocabulary


@pytest.fixture
def copy(tiny_folder: Path, tmp_path: Path) -> Path:
    """The tiny model's folder, to be damaged."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "copy"))


def test_a_saved_model_comes_back_weight_by_weight(tmp_path: Path, no_network: list[str]) -> None:
    torch.manual_seed(3)
    model = build_clip(model_cfg(), text_config())
    files = wordpiece_tokenizer_files(vocabulary(), CONTEXT)
    folder = save_clip_folder(
        tmp_path / "m", model, files, model_cfg(), {"mean": MEAN, "std": STD}, text_config=text_config()
    )
    loaded = load_clip(folder)
    assert loaded.name == "m"
    assert loaded.crop_px == 64
    assert loaded.n_dimensions == 24
    assert loaded.context_length == CONTEXT
    assert loaded.logit_scale == pytest.approx(1 / 0.07)
    assert not loaded.model.training
    assert not any(weight.requires_grad for weight in loaded.model.parameters())
    for name, value in model.state_dict().items():
        assert torch.equal(value, loaded.model.state_dict()[name]), name


def test_half_precision_halves_the_file_and_loads_as_single(tiny_folder: Path, tmp_path: Path) -> None:
    model = load_clip(tiny_folder).model
    files = wordpiece_tokenizer_files(vocabulary(), CONTEXT)
    folder = save_clip_folder(tmp_path / "h", model, files, model_cfg(), {}, "fp16", text_config=text_config())
    weights = "open_clip_model.safetensors"
    assert (folder / weights).stat().st_size < 0.6 * (tiny_folder / weights).stat().st_size
    film = random_films(1)
    half, single = load_clip(folder), load_clip(tiny_folder)
    assert {weight.dtype for weight in half.model.parameters()} == {torch.float32}
    np.testing.assert_allclose(half.encode_images(film), single.encode_images(film), atol=5e-3)


def test_open_clip_alone_loads_the_layout(copy: Path, monkeypatch: pytest.MonkeyPatch, no_network: list[str]) -> None:
    """Plain `local-dir:` works from a working directory in which hf_model_name is the folder."""
    config = json.loads((copy / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"]["hf_model_name"] = copy.name
    (copy / "open_clip_config.json").write_text(json.dumps(config))
    monkeypatch.chdir(copy.parent)
    model, _, _transform = open_clip.create_model_and_transforms(f"local-dir:{copy.name}")
    assert sum(p.numel() for p in model.parameters()) > 200_000
    assert open_clip.get_tokenizer(f"local-dir:{copy.name}")(["edema"]).shape == (1, CONTEXT)


def test_the_project_registers_small_towers_for_open_clip() -> None:
    cfg = {"embed_dim": 16, "vision_cfg": {"timm_model_name": "vit_phantom_patch16_160", "image_size": 160}}
    cfg["vision_cfg"] |= {"timm_pool": "", "timm_proj": "linear"}  # type: ignore[operator]
    visual = build_clip({**cfg, "text_cfg": model_cfg()["text_cfg"]}, text_config()).visual
    trunk = visual.trunk  # type: ignore[union-attr]
    assert (trunk.embed_dim, len(trunk.blocks), trunk.global_pool) == (192, 6, "token")  # type: ignore[union-attr, arg-type]
    assert trunk.patch_embed.grid_size == (10, 10)  # type: ignore[union-attr]


def test_the_image_tower_alone_is_the_same(tiny: ClipModel, tiny_folder: Path, no_network: list[str]) -> None:
    visual, transform = load_visual(tiny_folder)
    films = random_films(2)
    with torch.inference_mode():
        embeddings = visual(torch.stack([transform(film) for film in films])).numpy()
    np.testing.assert_array_equal(embeddings, tiny.encode_images(films))


def test_weights_in_torchs_own_format_load(copy: Path, tiny: ClipModel) -> None:
    """As BiomedCLIP's open_clip_pytorch_model.bin; only tensors are unpickled."""
    torch.save(tiny.model.state_dict(), copy / "open_clip_pytorch_model.bin")
    (copy / "open_clip_model.safetensors").unlink()
    film = random_films(1)
    np.testing.assert_array_equal(load_clip(copy).encode_images(film), tiny.encode_images(film))
    visual, transform = load_visual(copy)
    np.testing.assert_array_equal(visual(transform(film[0])[None]).detach().numpy(), tiny.encode_images(film))


def test_a_config_without_a_text_tower_is_asked_for(copy: Path, no_network: list[str]) -> None:
    (copy / "config.json").unlink()
    with pytest.raises(ModelError, match=r"text tower tests/tiny-bert is not there.*Place the config\.json"):
        load_clip(copy)


@pytest.mark.parametrize("content", ["", "{", '{"model_cfg": {"embed_dim": 3}}', "[]"])
def test_a_damaged_configuration_is_refused(copy: Path, content: str) -> None:
    (copy / "open_clip_config.json").write_text(content)
    with pytest.raises(ModelError, match=r"open_clip_config\.json"):
        load_clip(copy)


@pytest.mark.parametrize("loader", [load_clip, load_visual])
def test_truncated_weights_are_refused(copy: Path, loader: object) -> None:
    path = copy / "open_clip_model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ModelError, match="cannot be loaded"):
        loader(copy)  # type: ignore[operator]


def test_weights_of_another_architecture_are_refused(copy: Path) -> None:
    path = copy / "open_clip_model.safetensors"
    state = load_file(path)
    del state["visual.trunk.cls_token"]
    save_file(state, path)
    with pytest.raises(ModelError, match="belong together"):
        load_clip(copy)


def test_missing_weights_are_refused_before_anything_is_built(copy: Path) -> None:
    (copy / "open_clip_model.safetensors").unlink()
    with pytest.raises(ModelError, match="there are no weights"):
        load_clip(copy)


def test_missing_tokenizer_files_are_refused(copy: Path, no_network: list[str]) -> None:
    for name in ("vocab.txt", "tokenizer.json"):
        (copy / name).unlink()
    with pytest.raises(ModelError, match=r"tokenizer's files are missing.*Copy tokenizer\.json"):
        load_clip(copy)


@pytest.mark.parametrize("kept", ["vocab.txt", "tokenizer.json"])
def test_either_form_of_the_vocabulary_is_enough(copy: Path, tiny: ClipModel, kept: str, no_network: list[str]) -> None:
    for name in {"vocab.txt", "tokenizer.json", "special_tokens_map.json"} - {kept}:
        (copy / name).unlink()
    np.testing.assert_allclose(load_clip(copy).encode_texts(["Edema"]), tiny.encode_texts(["Edema"]), atol=1e-6)


def test_a_tokenizer_of_five_tokens_is_refused(copy: Path) -> None:
    """transformers makes one without a word where the vocabulary is empty or lost."""
    files = wordpiece_tokenizer_files(vocabulary()[:5], CONTEXT)
    for name, content in files.items():
        (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match="the tokenizer has 5 tokens"):
        load_clip(copy)


def test_a_tokenizer_that_knows_no_word_is_refused(copy: Path) -> None:
    strange = vocabulary()[:5] + [f"[unused{index}]" for index in range(len(vocabulary()) - 5)]
    for name, content in wordpiece_tokenizer_files(strange, CONTEXT).items():
        (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match="cannot tell them apart"):
        load_clip(copy)


def test_a_vocabulary_must_begin_with_the_special_tokens() -> None:
    with pytest.raises(ModelError, match="does not begin"):
        wordpiece_tokenizer_files(["a", "b"], 8)
    with pytest.raises(ModelError, match="repeats one"):
        wordpiece_tokenizer_files([*vocabulary(), "edema"], 8)


def test_the_seed_decides_the_weights(tiny_folder: Path, tmp_path: Path) -> None:
    weights = "open_clip_model.safetensors"
    again, other = make_tiny_clip(tmp_path / "a"), make_tiny_clip(tmp_path / "b", seed=1)
    assert (again / weights).read_bytes() == (tiny_folder / weights).read_bytes() != (other / weights).read_bytes()


def test_open_clips_own_towers_load_too(tmp_path: Path, no_network: list[str]) -> None:
    """No Hugging Face text tower, no tokenizer files: open_clip's own byte-pair vocabulary."""
    vision = {"image_size": 32, "layers": 2, "width": 64, "patch_size": 16, "head_width": 32}
    text = {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}
    cfg = {"embed_dim": 16, "vision_cfg": vision, "text_cfg": text}
    model = open_clip.CLIP(**cfg)
    loaded = load_clip(save_clip_folder(tmp_path / "own", model, {}, cfg, {"mean": MEAN, "std": STD}))
    texts = loaded.encode_texts(["edema", "no edema"])
    np.testing.assert_allclose(texts, loaded.encode_texts(["edema", "no edema"], trim=False))
    visual, _ = load_visual(tmp_path / "own")
    assert loaded.encode_images(random_films(1)).shape == (1, 16)
    assert len(list(visual.parameters()))
