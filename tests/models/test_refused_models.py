"""What is not loaded, in words: code, pickles, half of a model, another model's tokenizer or preparation of films."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import ModelError
from core.models.load import load_clip, load_visual
from core.models.save import wordpiece_tokenizer_files
from core.models.source import resolve, weights_sha256
from tests.models import families
from tests.models.tiny import make_tiny_clip, vocabulary

Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("made")
    kinds = {"clip": families.clip, "siglip": families.siglip, "dinov2": families.dinov2, "openai": families.openai}
    return {name: make(root / name) for name, make in {**kinds, "timm": families.timm_vit}.items()}  # type: ignore[operator]


def _config(file: str, **changes: Any) -> Change:
    """Changes entries of a JSON file; None takes one away."""

    def change(folder: Path) -> None:
        config = {**json.loads((folder / file).read_text()), **changes}
        (folder / file).write_text(json.dumps({name: value for name, value in config.items() if value is not None}))

    return change


def _weights(edit: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> Change:
    def change(folder: Path) -> None:
        path = folder / "model.safetensors"
        save_file(edit(load_file(path)), path, metadata={"format": "pt"})

    return change


def _without(name: str) -> Change:
    return _weights(lambda state: {key: value for key, value in state.items() if key != name})


def _with(name: str, *shape: int) -> Change:
    return _weights(lambda state: {**state, name: torch.zeros(shape)})


def _pickled(folder: Path) -> None:
    state = load_file(folder / "model.safetensors")
    torch.save(state, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def _bert_tokenizer(folder: Path) -> None:
    for path in [*folder.glob("token*"), *folder.glob("spiece*"), *folder.glob("*map.json"), *folder.glob("vocab*")]:
        path.unlink()
    for name, content in wordpiece_tokenizer_files(vocabulary(), 64).items():
        (folder / name).write_bytes(content)


def _clip_tokenizer(folder: Path) -> None:
    (folder / "spiece.model").unlink()
    families.clip_tokenizer(folder)


def _no_tokenizer(folder: Path) -> None:
    for path in [*folder.glob("token*.json"), *folder.glob("spiece*"), *folder.glob("vocab*"), *folder.glob("merges*")]:
        path.unlink()


def _clip_preparation(folder: Path) -> None:
    size = {"height": 64, "width": 64}
    families.transformers.CLIPImageProcessor(size={"shortest_edge": 64}, crop_size=size).save_pretrained(folder)


def _text_that_hears_nothing(folder: Path) -> None:
    _weights(lambda state: {**state, "text_projection.weight": torch.zeros_like(state["text_projection.weight"])})(
        folder
    )


class _Code:
    """What a pickle runs when it is opened."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path("/nowhere").exists, ())


def _saved(value: object) -> Change:
    return lambda folder: torch.save(value, folder / "weights.pt")


def _raw_pickle(folder: Path) -> None:
    (folder / "weights.pt").write_bytes(pickle.dumps({"weight": _Code()}))


AUTO_MAP = {"AutoModel": "modeling.OurModel"}


def test_all_are_loaded_as_they_were_made(made: dict[str, Path], no_network: list[str]) -> None:
    for folder in made.values():
        load_clip(folder)


REFUSED: tuple[tuple[str, str, Change, str], ...] = (
    ("clip", "code of a model", _config("config.json", auto_map=AUTO_MAP), "code of its own"),
    ("siglip", "code of a tokenizer", _config("tokenizer_config.json", auto_map=AUTO_MAP), "code of its own"),
    ("dinov2", "code of a preparation", _config("preprocessor_config.json", auto_map=AUTO_MAP), "code of its own"),
    ("clip", "an unknown class with code", _config("config.json", model_type="ours", auto_map=AUTO_MAP), "code of its"),
    ("clip", "an unknown class", _config("config.json", model_type="conceptclip"), "a model 'conceptclip'"),
    ("clip", "a pickle", _pickled, "a pickle can run code"),
    ("siglip", "a pickle, SigLIP", _pickled, "a pickle can run code"),
    ("timm", "a pickle, timm", _pickled, "a pickle can run code"),
    ("openai", "code in a pickle", _raw_pickle, "it is damaged, or holds code"),
    ("openai", "an object", _saved({"weight": _Code()}), "it is damaged, or holds code"),
    ("openai", "other than tensors", _saved({"epoch": 3, "state_dict": {}}), "other things than weights .epoch"),
    ("openai", "a tensor alone", _saved(torch.zeros(3)), "other things than weights .the whole"),
    ("openai", "another architecture", _saved({"weight": torch.zeros(3)}), "cannot be loaded"),
    ("openai", "no preparation", lambda folder: (folder / "preprocess.json").unlink(), "how films are prepared"),
    ("openai", "a preparation of none", _config("preprocess.json", like="theirs"), "expected one of openai, chexzero"),
    ("openai", "half a preparation", _config("preprocess.json", like=None, mean=[0.5] * 3), "std is missing"),
    ("clip", "a weight that is missing", _without("visual_projection.weight"), "lack visual_projection.weight"),
    ("siglip", "half of the text tower", _without("text_model.head.weight"), "lack text_model.head.weight"),
    ("dinov2", "a block that is missing", _without("encoder.layer.1.norm1.weight"), "lack encoder.layer.1.norm1"),
    ("timm", "a weight that is missing, timm", _without("cls_token"), "belong together"),
    ("clip", "an adapter on top", _with("vision_model.encoder.lora_A.weight", 2, 2), "hold besides vision_model"),
    ("clip", "another shape", _with("visual_projection.weight", 24, 60), "have in another shape visual_projection"),
    ("siglip", "BERT's tokenizer", _bert_tokenizer, "is a BertTokenizer.*; expected that of Siglip"),
    ("clip", "BERT's tokenizer, CLIP", _bert_tokenizer, "is a BertTokenizer.*; expected that of CLIP"),
    ("siglip", "CLIP's tokenizer", _clip_tokenizer, "is a CLIPTokenizer.*; expected that of Siglip"),
    ("siglip", "no tokenizer", _no_tokenizer, "tokenizer's files are missing"),
    ("clip", "a prompt that ends elsewhere", lambda folder: _end(folder, 5), "reads a prompt at its end token 5"),
    ("clip", "a text tower that hears nothing", _text_that_hears_nothing, "the same embedding"),
    ("siglip", "CLIP's preparation", _clip_preparation, "prepared by CLIPImageProcessor.*; expected what belongs"),
    ("siglip", "no preparation, SigLIP", lambda folder: (folder / "preprocessor_config.json").unlink(), "does not say"),
    ("clip", "another size", _config("preprocessor_config.json", crop_size={"height": 32, "width": 32}), "32 pixels"),
    ("clip", "greys of 0 to 255", _config("preprocessor_config.json", do_rescale=False), "cannot be had here"),
    ("clip", "no crop", _config("preprocessor_config.json", do_center_crop=False), "cannot be had here"),
    ("clip", "nearest neighbours", _config("preprocessor_config.json", resample=0), "interpolation"),
    ("timm", "no preparation, timm", _config("config.json", pretrained_cfg={}), "does not say how films are prepared"),
    ("timm", "no architecture", _config("config.json", architecture="vit_of_ours"), "timm has no architecture"),
)


def _end(folder: Path, token: int) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["eos_token_id"] = token
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(("kind", "what", "change", "said"), REFUSED, ids=[entry[1] for entry in REFUSED])
def test_it_is_refused_in_words(
    kind: str, what: str, change: Change, said: str, made: dict[str, Path], tmp_path: Path, no_network: list[str]
) -> None:
    folder = Path(shutil.copytree(made[kind], tmp_path / "model"))
    change(folder)
    with pytest.raises(ModelError, match=said) as error:
        load_clip(folder)
    assert error.value.remedy.endswith((".", "`"))
    assert str(folder) in error.value.message


def test_a_file_of_several_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = families.clip(tmp_path / "clip")
    model = families.transformers.CLIPModel.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="100KB")
    gone = sorted(folder.glob("model-*.safetensors"))[1]
    gone.unlink()
    for look in (resolve, load_clip, weights_sha256):
        with pytest.raises(ModelError, match=f"are missing, such as {gone.name}"):
            look(folder)


def test_a_list_of_weights_elsewhere_is_refused(made: dict[str, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made["clip"], tmp_path / "model"))
    (folder / "model.safetensors").rename(tmp_path / "model.safetensors")
    index = {"weight_map": {"logit_scale": "../model.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match="or others than safetensors beside it"):
        load_clip(folder)


def test_an_unusual_mean_is_told_and_used(made: dict[str, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made["siglip"], tmp_path / "model"))
    _config("preprocessor_config.json", image_mean=[0.48, 0.46, 0.41])(folder)
    model = load_clip(folder)
    assert model.transform.mean == (0.48, 0.46, 0.41)
    assert "trained with 0.5" in model.facts.notes[0]
    assert load_clip(made["siglip"]).facts.notes == ()


@pytest.mark.parametrize("load", [load_clip, load_visual])
def test_a_siglip_of_open_clip_must_say_how_films_are_prepared(load: Callable[[Path], object], tmp_path: Path) -> None:
    """open_clip takes OpenAI's mean and crop where nothing is said."""
    folder = make_tiny_clip(tmp_path / "tiny")
    path = folder / "open_clip_config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "preprocess_cfg": {}}))
    load(folder)
    config["model_cfg"]["init_logit_bias"] = -10.0
    path.write_text(json.dumps({**config, "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.5] * 3}}))
    with pytest.raises(ModelError, match="does not say resize_mode; open_clip would take those of OpenAI"):
        load(folder)


def test_nothing_in_a_state_dict_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = families.openai(tmp_path / "openai")
    ran: list[str] = []
    monkeypatch.setattr(Path, "exists", lambda path, **_: ran.append(str(path)) or False)  # type: ignore[func-returns-value]
    _raw_pickle(folder)
    with pytest.raises(ModelError, match="holds code"):
        load_clip(folder)
    assert "/nowhere" not in ran
