"""Several models in one study: films read once, and each model's part as a study of that model alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from core.__main__ import main
from core.building.adapt import Adaptation, adapt_study
from core.building.build import build_study
from core.building.plan import BuildOptions
from core.building.planned_model import model_keys
from core.errors import StudyError
from core.models.load import load_clip
from core.projection.record import map_record
from core.report.report import compute_report
from core.saliency.film_maps import film_maps
from core.saliency.tower.model_key import model_key
from core.saliency.tower.setting_model import load_setting_model
from core.space.study_model import study_model
from core.study import Study, check_study
from core.study.arrays import open_array
from tests.building.interrupted import Counting, first_dimensions, write_films
from tests.building.side_by_side import OPTIONS, SideBySide, make_side_by_side, plan

KEYS = ("", "med-siglip", "rad-dino")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Counting:
    return Counting(write_films(tmp_path_factory.mktemp("films") / "films", 40))


@pytest.fixture(scope="module")
def made(dataset: Counting, tmp_path_factory: pytest.TempPathFactory) -> SideBySide:
    return make_side_by_side(dataset, tmp_path_factory.mktemp("side"))


@pytest.fixture(scope="module")
def study(made: SideBySide) -> Study:
    return made.study


def test_it_is_sound_and_says_what_it_holds(made: SideBySide, study: Study) -> None:
    assert check_study(study.root) == []
    own = ("zero_shot", "linear_probe")
    assert study.settings == (*own, "zero_shot.med-siglip", "linear_probe.med-siglip", "linear_probe.rad-dino")
    assert study.encoders == ("frozen", "frozen.med-siglip", "frozen.rad-dino")
    assert tuple(study.manifest.beside) == KEYS[1:]
    assert "rad-dino has no text tower; left out: Zero-shot." in study.manifest.notice
    assert made.said == ("rad-dino has no text tower; left out: Zero-shot.",)
    assert not study.has("encoders/frozen.rad-dino/text_embeddings.npy")
    facts = study.manifest.beside["med-siglip"]["facts"]
    assert (facts["score"], facts["pooling"], facts["family"]) == ("sigmoid", "attention", "hugging_face_siglip")
    for encoder in study.encoders[1:]:
        assert map_record(study, encoder)["started_from"] == "frozen"


def test_films_are_read_once_for_all_models(made: SideBySide, dataset: Counting) -> None:
    assert dataset.n_read == len(made.study.image_ids) == 40


@pytest.mark.parametrize("key", KEYS)
def test_each_model_s_part_is_a_study_of_that_model_alone(
    key: str, made: SideBySide, dataset: Counting, tmp_path: Path
) -> None:
    """Byte for byte, but for where its map begins."""
    folder = made.folders[KEYS.index(key)]
    needed = OPTIONS if key != "rad-dino" else BuildOptions("alone", ("linear_probe",), films="all", precision="fp32")
    alone = build_study(plan(dataset, [folder], tmp_path / "alone", needed), project=first_dimensions)
    part = made.study.of_model(key)
    assert part.settings == alone.settings
    assert part.encoders == alone.encoders
    assert part.manifest.model == alone.manifest.model
    for name, entry in alone.manifest.files.items():
        if "umap" not in name:
            assert part.manifest.files[name].sha256 == entry.sha256, name
    assert set(part.manifest.files) == set(alone.manifest.files)
    for setting in alone.settings:
        np.testing.assert_array_equal(part.scores(setting), alone.scores(setting))
        assert part.manifest.settings[setting].encoder == "frozen"
        name = setting if not key else f"{setting}.{key}"
        assert made.study.of_setting(name) == (part, setting)
        assert model_key(made.study, name) == model_key(alone, setting)
    np.testing.assert_array_equal(part.labels, made.study.labels)


def test_a_part_of_a_study_is_shared_and_its_own(study: Study) -> None:
    assert study.of_model("rad-dino") is study.of_model("rad-dino")
    assert len({study.fingerprint, *(study.of_model(key).fingerprint for key in KEYS)}) == 4
    assert study.of_model("rad-dino").of_model("") is study.of_model("rad-dino")
    with pytest.raises(KeyError):
        study.of_model("another")
    part = study.of_model("med-siglip")
    stored = open_array(study.root / "encoders/frozen.med-siglip/text_embeddings.npy")
    np.testing.assert_array_equal(part.text_embeddings("frozen"), stored)
    assert study_model(part).name == "med.siglip"
    assert study_model(study).name == "tiny"


def test_every_setting_s_model_gives_its_scores_and_lays_its_maps(study: Study, dataset: Counting) -> None:
    film = dataset.film(17)
    sides = {}
    for setting in study.settings:
        model = load_setting_model(study, setting)
        np.testing.assert_allclose(model.scores(film), study.scores(setting)[17], rtol=1e-3, atol=1e-5)
        found = film_maps(model, film)
        assert found.problems == (None,)
        sides[setting] = (found.geometry.resize, found.geometry.input_px)
    assert sides["linear_probe"] == ("crop", 64)
    assert sides["linear_probe.med-siglip"] == ("squash", 64)
    assert sides["linear_probe.rad-dino"] == ("crop", 70)


def test_settings_are_compared_across_models(study: Study) -> None:
    report = compute_report(study).to_json()
    assert tuple(report["settings"]) == study.settings


def test_an_interrupted_build_goes_on_and_reads_no_film_again(
    made: SideBySide, dataset: Counting, tmp_path: Path
) -> None:
    class StoppedError(Exception):
        pass

    def stop(points: object, n: int, *_: object, **__: object) -> np.ndarray:
        raise StoppedError

    with pytest.raises(StoppedError):
        build_study(plan(dataset, made.folders, tmp_path / "study"), project=stop)
    before, said = dataset.n_read, list[str]()
    planned = plan(dataset, made.folders, tmp_path / "study")
    again = build_study(planned, project=first_dimensions, say=said.append)
    assert dataset.n_read == before
    assert said[0].startswith("Kept from an interrupted build: films that were read, films that were encoded")
    assert "films that were encoded (rad-dino)" in said[0]
    assert again.fingerprint == made.study.fingerprint


def test_settings_are_added_to_any_of_the_models(made: SideBySide, dataset: Counting, tmp_path: Path) -> None:
    """As a build of that model with them has them; what is there stays, byte for byte."""
    root = Path(shutil.copytree(made.study.root, tmp_path / "study"))
    names = ("linear_probe_converged.rad-dino", "ss_text.med-siglip", "ss_text")
    added = adapt_study(Adaptation(root, names))
    assert check_study(root) == []
    assert added.settings == (
        *made.study.settings[:2],
        "ss_text",
        *made.study.settings[2:],
        "ss_text.med-siglip",
        names[0],
    )
    alone = BuildOptions("alone", ("linear_probe", "linear_probe_converged"), precision="fp32")
    built = build_study(plan(dataset, [made.folders[2]], tmp_path / "alone", alone), project=first_dimensions)
    np.testing.assert_array_equal(added.scores(names[0]), built.scores("linear_probe_converged"))
    entry = added.manifest.settings["ss_text.med-siglip"]
    assert entry.encoder == "frozen.med-siglip"
    assert "ss-text (med-siglip)" in added.manifest.encoders["frozen.med-siglip"].description
    for name, file in made.study.manifest.files.items():
        assert added.manifest.files[name] == file
    np.testing.assert_allclose(
        load_setting_model(added, "ss_text.med-siglip").scores(dataset.film(17)),
        added.scores("ss_text.med-siglip")[17],
        atol=1e-5,
    )
    with pytest.raises(StudyError, match="holds no model 'other'"):
        adapt_study(Adaptation(root, ("ss_text.other",)))


def test_a_model_named_twice_and_a_setting_that_no_model_has_are_refused(
    made: SideBySide, dataset: Counting, tmp_path: Path
) -> None:
    with pytest.raises(StudyError, match="The model tiny is named twice"):
        plan(dataset, [made.folders[0]] * 2, tmp_path / "out")
    with pytest.raises(StudyError, match="rad-dino is an image tower alone, and Zero-shot asks for a text tower"):
        plan(dataset, made.folders[2:], tmp_path / "out", BuildOptions("x", ("zero_shot",)))
    turned = plan(dataset, made.folders[2:0:-1], tmp_path / "out", BuildOptions("x", ("linear_probe",)))
    assert turned.notes == ("Prompts that are typed ask the first model, which has none: name med.siglip first.",)
    assert not (tmp_path / "out").exists()


def test_each_model_says_what_it_is(made: SideBySide, dataset: Counting, tmp_path: Path) -> None:
    said = [planned.words for planned in plan(dataset, made.folders, tmp_path / "out").models]
    token = "class evidence enters at the class token alone, so that maps are read before the last block's attention."
    assert said == [
        "tiny (open_clip): sees the central square of the film at 64 pixels; softmax, prompts of up to 24 tokens; "
        f"{token}",
        "med.siglip (hugging_face_siglip): sees the whole film, squashed into a square at 64 pixels; sigmoid, prompts "
        "of up to 64 tokens; class evidence enters at every patch, weighed by an attention pool after the last block.",
        f"rad-dino (dinov2): sees the central square of the film at 70 pixels; no text tower; {token}",
    ]


def test_keys_are_short_names_of_folders(made: SideBySide, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    models = [load_clip(folder) for folder in made.folders]
    named = [replace(model, name=name) for model, name in zip(models, ("a", "lab/B.1 x", "other/B.1 x"), strict=True)]
    assert model_keys(named) == ("", "B-1-x", "B-1-x-2")
    long = [named[0], replace(named[1], name="lab/" + "very-long-name-" * 4)]
    assert len(model_keys(long)[1]) <= 24


def test_one_command_builds_it(
    made: SideBySide, dataset: Counting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(folder) for folder in made.folders[1:]]
    arguments = ["--root", str(dataset.root), "--out", str(tmp_path / "out"), "--settings", "linear_probe"]
    assert main(["build", "folder", *folders, *arguments, "--estimate"]) == 0
    said = capsys.readouterr().out
    assert "read and encode films: " in said
    assert "encode films (rad-dino): " in said
    assert "linear probe (rad-dino): " in said
