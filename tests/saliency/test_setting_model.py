"""The model behind a setting: loaded once, without a network, and in words where it cannot be."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import core.saliency.tower.setting_model as module
from core.errors import ModelError, SaliencyError
from core.saliency.tower.model_key import maps_key, model_key
from core.saliency.tower.setting_model import load_setting_model
from core.study.manifest import FileEntry, SettingEntry
from core.study.read import Study


def altered(study: Study, **changes: Any) -> Study:
    """The study with other entries in its manifest, so another fingerprint."""
    return Study(study.root, replace(study.manifest, **changes))


def test_it_is_loaded_once_however_many_ask(
    study: Study, monkeypatch: pytest.MonkeyPatch, no_network: list[str]
) -> None:
    loads: list[Path] = []
    real = module.load_visual

    def counted(folder: Path, **arguments: Any) -> Any:
        loads.append(folder)
        return real(folder, **arguments)

    monkeypatch.setattr(module, "load_visual", counted)
    monkeypatch.setattr(module, "_models", module.Recent(4))
    monkeypatch.setattr(module, "_towers", module.Recent(4))
    names = ["zero_shot", "linear_probe", "fine_tune"] * 3
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(lambda name: load_setting_model(study, name), names))
    assert len(loads) == 1
    assert len({id(model) for model in models}) == 3
    assert models[0].tower is models[1].tower is not models[2].tower


def test_marks_and_names_leave_the_model_loaded_and_other_weights_do_not(study: Study) -> None:
    """The films' scores stand for the films: maps are kept by both."""
    for setting in study.settings:
        marked = altered(study, name="other", files={**study.manifest.files, "masks.parquet": FileEntry("0" * 64, 1)})
        assert marked.fingerprint != study.fingerprint
        assert load_setting_model(marked, setting) is load_setting_model(study, setting)
        assert maps_key(marked, setting) == maps_key(study, setting)
        model = {**(study.manifest.model or {}), "sha256": "1" * 64}
        assert model_key(altered(study, model=model), setting) != model_key(study, setting)
        part = {
            "zero_shot": "encoders/frozen/text_embeddings.npy",
            "linear_probe": "settings/linear_probe/head.safetensors",
            "fine_tune": "settings/fine_tune/visual.safetensors",
        }[setting]
        other = altered(study, files={**study.manifest.files, part: FileEntry("2" * 64, 1)})
        assert model_key(other, setting) != model_key(study, setting)
        scores = f"settings/{setting}/scores.npy"
        rescored = altered(study, files={**study.manifest.files, scores: FileEntry("3" * 64, 1)})
        assert maps_key(rescored, setting) != maps_key(study, setting)
    assert module._KEPT >= 6


def test_a_study_without_a_model_says_so(study: Study) -> None:
    with pytest.raises(ModelError, match="holds a model's output only"):
        load_setting_model(altered(study, model=None), "zero_shot")


def test_an_absent_model_is_named_with_what_to_do(study: Study) -> None:
    gone = altered(study, model={"name": "tiny-clip", "source": "/no/such/tiny-clip"})
    with pytest.raises(ModelError, match="needs its model tiny-clip") as error:
        load_setting_model(gone, "zero_shot")
    assert "open_clip_config.json" in error.value.remedy


def test_other_weights_under_the_same_name_are_refused(study: Study) -> None:
    other = altered(study, model={**(study.manifest.model or {}), "sha256": "0" * 64})
    with pytest.raises(ModelError, match="not those that the study tiny study was made with"):
        load_setting_model(other, "zero_shot")


def test_a_setting_that_is_not_there_is_said(study: Study) -> None:
    with pytest.raises(SaliencyError, match="has no setting 'other'"):
        load_setting_model(study, "other")


def test_scores_without_a_classifier_are_said(study: Study) -> None:
    imported = {**study.manifest.settings, "imported": SettingEntry("probability")}
    with pytest.raises(SaliencyError, match="not the classifier"):
        load_setting_model(altered(study, settings=imported), "imported")


@pytest.mark.parametrize(
    ("setting", "part", "said"),
    [
        ("zero_shot", "encoders/frozen/text_embeddings.npy", "prompts and text embeddings"),
        ("linear_probe", "settings/linear_probe/head.safetensors", "not the classifier"),
        ("fine_tune", "settings/fine_tune/visual.safetensors", "not hold the image tower"),
    ],
)
def test_missing_parts_are_said(study: Study, setting: str, part: str, said: str) -> None:
    files = {name: entry for name, entry in study.manifest.files.items() if name != part}
    with pytest.raises(SaliencyError, match=said):
        load_setting_model(altered(study, files=files), setting)


def test_the_scores_kind_decides_the_zero_shot_target(study: Study) -> None:
    for kind, words in (("similarity", "cosine to the words"), ("logit", "un-normalised"), ("margin", "minus cosine")):
        entry = SettingEntry(kind, "frozen")  # type: ignore[arg-type]
        model = load_setting_model(altered(study, settings={"zero_shot": entry}), "zero_shot")
        assert words in model.target.describe("Edema")


def test_a_study_may_be_moved(study: Study, tmp_path: Path) -> None:
    moved = Study(Path(shutil.copytree(study.root, tmp_path / "moved")), replace(study.manifest, name="moved"))
    assert load_setting_model(moved, "fine_tune").classes == study.classes
