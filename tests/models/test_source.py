"""Finding a model: short names, folders, the Hugging Face cache; and words where it is not there."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from core.errors import ModelError
from core.models.load import load_clip
from core.models.registry import MODELS, known_model
from core.models.source import resolve

REPOSITORY = "some-lab/tiny-clip"
REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Hugging Face home."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    return tmp_path / "hf" / "hub"


def put_into_cache(cache: Path, folder: Path, repository: str = REPOSITORY) -> Path:
    """Lay a model out as huggingface_hub does: blobs, a snapshot of links, refs/main."""
    home = cache / f"models--{repository.replace('/', '--')}"
    snapshot = home / "snapshots" / REVISION
    (home / "blobs").mkdir(parents=True)
    snapshot.mkdir(parents=True)
    for number, path in enumerate(sorted(folder.iterdir())):
        blob = home / "blobs" / f"{number:040x}"
        os.link(path, blob)
        (snapshot / path.name).symlink_to(Path("../../blobs") / blob.name)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(REVISION)
    return snapshot


def test_a_folder_is_found_by_path_and_by_prefix(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve(tiny_folder) == resolve(f"local-dir:{tiny_folder}") == tiny_folder
    monkeypatch.chdir(tiny_folder.parent)
    assert resolve(tiny_folder.name).resolve() == tiny_folder.resolve()


def test_the_cache_is_used_without_a_network(tiny_folder: Path, cache: Path, no_network: list[str]) -> None:
    snapshot = put_into_cache(cache, tiny_folder)
    assert resolve(f"hf-hub:{REPOSITORY}") == resolve(snapshot.parent.parent) == snapshot
    model = load_clip(f"hf-hub:{REPOSITORY}")
    assert model.name == REPOSITORY
    assert len(model.encode_texts(["edema"])) == 1


def test_switched_off_network_is_an_error_at_once(
    cache: Path, monkeypatch: pytest.MonkeyPatch, no_network: list[str]
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(
        ModelError, match=r"not in the Hugging Face cache \(.*hf/hub/models--some-lab--tiny-clip\)"
    ) as error:
        resolve(f"hf-hub:{REPOSITORY}")
    assert "hf download some-lab/tiny-clip" in error.value.remedy


def test_an_unreachable_hub_is_an_error_within_seconds(cache: Path, no_network: list[str]) -> None:
    started = time.monotonic()
    with pytest.raises(ModelError, match="the hub cannot be reached") as error:
        resolve("biomedclip")
    assert time.monotonic() - started < 5
    assert no_network
    assert "open_clip_config.json" in error.value.remedy
    assert "python -m core fetch biomedclip" in error.value.remedy
    no_network.clear()


def test_a_cache_without_weights_is_not_a_model(
    tiny_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = put_into_cache(cache, tiny_folder)
    (snapshot / "open_clip_model.safetensors").unlink()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="not in the Hugging Face cache"):
        resolve(f"hf-hub:{REPOSITORY}")


@pytest.mark.parametrize("source", ["nowhere", "/no/such/folder", "local-dir:/no/such/folder", "hf-hub", ""])
def test_what_is_not_there_is_said(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError) as error:
        resolve(source)
    assert "open_clip_config.json" in str(error.value)


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no open_clip_config\.json"):
        resolve(tmp_path)


def test_short_names_are_unique_and_do_not_depend_on_case() -> None:
    assert len({model.name for model in MODELS}) == len(MODELS)
    assert known_model("BiomedCLIP") is MODELS[0]
    assert known_model("other") is None
