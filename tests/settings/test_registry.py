"""What every setting keeps to, tomorrow's too: it says what it is, builds alone, and its target gives its scores."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.building.checked import plan_build
from core.building.estimate import estimate_build
from core.building.plan import BuildOptions
from core.building.stages import FILMS
from core.datasets.folder import FolderDataset
from core.errors import StudyError
from core.models.clip_model import ClipModel
from core.models.load import load_clip
from core.paths import PROJECT
from core.saliency.film_maps import film_maps
from core.saliency.tower.setting_model import load_setting_model
from core.settings import registry
from core.settings.base import FROZEN, Setting
from core.settings.titles import encoder_title, setting_title
from core.study import Study, check_study
from core.study.arrays import SCORE_RANGES
from core.study.layout import check_name
from tests.building.interrupted import first_dimensions, write_films
from tests.building.planned import built
from tests.models.tiny import make_tiny_clip
from tests.settings import prototype

OWN_WORDS = ("core/settings/", "core/paper/", "core/claims/paper/")
"""Where settings are called by name: their own files, what stands beside published figures, the paper's sentences."""

each_setting = pytest.mark.parametrize(
    "setting", [*registry.SETTINGS, prototype.SETTING], ids=lambda setting: str(setting.name)
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    return load_clip(make_tiny_clip(tmp_path_factory.mktemp("model") / "tiny"))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> FolderDataset:
    return FolderDataset(write_films(tmp_path_factory.mktemp("films") / "films", 40))


def built_alone(setting: Setting[Any], dataset: FolderDataset, model: ClipModel, out: Path) -> Study:
    """A study of one setting, as if there were no other."""
    with prototype.registered(setting):
        options = BuildOptions("alone", settings=(setting.name,), precision="fp32")
        return built(dataset, model, str(model.folder), out, options, project=first_dimensions)


@each_setting
def test_it_says_what_it_is(setting: Setting[Any]) -> None:
    check_name(setting.name, "a setting", "the registry")
    assert setting.title.strip()
    assert setting.title[0].isupper()
    assert re.fullmatch(r"#[0-9a-f]{6}", setting.style.colour)
    assert setting.description.endswith(".")
    assert not setting.encoder.description.endswith(".")
    assert all(note.endswith(".") for note in setting.notes)
    assert dataclasses.is_dataclass(setting.options)
    assert json.loads(json.dumps(dataclasses.asdict(setting.options))) == dataclasses.asdict(setting.options)
    assert setting.learns or not setting.stops_on_val
    assert setting.encoder == FROZEN or setting.encoder.is_trained


def test_no_two_are_taken_for_each_other() -> None:
    with prototype.registered():
        settings = registry.SETTINGS
        trained = [setting.encoder.name for setting in settings if setting.encoder.is_trained]
        folders = [*registry.names(), *trained, FILMS, FROZEN.name]
        assert len(set(folders)) == len(folders), "each has a folder of its own while a study is built"
        assert len({setting.title.lower() for setting in settings}) == len(settings)
        encoders = {setting.encoder for setting in settings}
        assert len({encoder.name for encoder in encoders}) == len(encoders)
        flags = {argument for setting in settings for argument in setting.arguments}
        assert len({argument.flag for argument in flags}) == len(flags)


@each_setting
def test_it_builds_alone_and_its_target_gives_its_scores(
    setting: Setting[Any], dataset: FolderDataset, model: ClipModel, tmp_path: Path
) -> None:
    study = built_alone(setting, dataset, model, tmp_path / "alone")
    assert check_study(study.root) == []
    assert study.settings == (setting.name,)
    entry, scores = study.manifest.settings[setting.name], np.asarray(study.scores(setting.name))
    assert (entry.score_kind, entry.encoder) == (setting.score_kind, setting.encoder.name)
    assert entry.hyperparameters == dataclasses.asdict(setting.options)
    assert (entry.minutes is not None) == setting.learns
    low, high = SCORE_RANGES.get(setting.score_kind, (-np.inf, np.inf))
    assert ((low <= scores) & (scores <= high)).all()
    assert (np.ptp(scores, axis=0) > 0).all()
    with prototype.registered(setting):
        seen = load_setting_model(study, setting.name)
    for row in (0, 17, 39):
        np.testing.assert_allclose(seen.scores(dataset.film(row)), scores[row], rtol=1e-3, atol=1e-4)
    assert study.classes[1] in seen.target.describe(study.classes[1])
    assert film_maps(seen, dataset.film(17)).problems[-1] is None


@each_setting
def test_what_learns_says_beforehand_how_long(
    setting: Setting[Any], dataset: FolderDataset, model: ClipModel, tmp_path: Path
) -> None:
    with prototype.registered(setting):
        plan = plan_build(
            lambda: dataset, lambda: model, str(model.folder), tmp_path / "out", BuildOptions("x", (setting.name,))
        )
        parts, _ = estimate_build(plan)
        assert [part.setting for part in parts] == [None, *([setting.name] if setting.learns else [])]
        assert all(part.seconds > 0 for part in parts)


@each_setting
def test_what_learns_asks_for_training_films_and_nothing_else_does(
    setting: Setting[Any], model: ClipModel, tmp_path: Path
) -> None:
    films = write_films(tmp_path / "films", 12)
    table = films / "labels.csv"
    table.write_text(table.read_text().replace("train", "test"))
    if setting.learns:
        with pytest.raises(StudyError, match="no training film"):
            built_alone(setting, FolderDataset(films), model, tmp_path / "out")
    else:
        assert built_alone(setting, FolderDataset(films), model, tmp_path / "out").settings == (setting.name,)


def test_the_papers_three_are_as_published() -> None:
    assert registry.names()[:3] == ("zero_shot", "linear_probe", "fine_tune")
    assert [setting.style.colour for setting in registry.SETTINGS[:3]] == ["#d0761b", "#189a8a", "#8b6fd8"]


def test_settings_from_elsewhere_come_last_and_keep_their_names() -> None:
    given = ("chexnet", "fine_tune", "aleph", "zero_shot")
    assert registry.in_order(given) == ("zero_shot", "fine_tune", "chexnet", "aleph")
    assert registry.known("chexnet") is None
    assert (setting_title("chexnet"), encoder_title("dense_net")) == ("chexnet", "dense net")


def test_nobody_else_asks_for_one_by_name() -> None:
    """A text with the name of a setting, or of an encoder that one trains, anywhere in the program."""
    names = {*registry.names(), *(setting.encoder.name for setting in registry.SETTINGS if setting.learns)} - {"frozen"}
    for path in [*PROJECT.glob("core/**/*.py"), *PROJECT.glob("pages/**/*.py"), PROJECT / "app.py"]:
        where = path.relative_to(PROJECT).as_posix()
        if not where.startswith(OWN_WORDS):
            asked = [text for text in _texts(path) if any(re.search(rf"\b{name}\b", text) for name in names)]
            assert not asked, f"{where} asks for a setting by name: {asked}"
    for path in [*PROJECT.glob("core/**/*.js"), *PROJECT.glob("pages/**/*.js")]:
        assert not [name for name in names if name in path.read_text()], path


def _texts(path: Path) -> list[str]:
    """Every text in a module that is not a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings]
    return [node.value for node in constants if isinstance(node.value, str)]
