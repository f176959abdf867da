"""Settings added to a finished study: nothing that is there is made again, and all of it is written or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.__main__ import main
from core.building.adapt import ADAPTING, Adaptation, adapt_study
from core.building.plan import BuildOptions, scratch_folder
from core.datasets.folder import FolderDataset
from core.errors import StudyError
from core.models.clip_model import ClipModel
from core.models.image_tower import ImageTower
from core.models.load import load_clip
from core.settings.fine_tune_options import FineTuneOptions
from core.study import Study, check_study, open_study
from core.study.rewrite import changing, rewrite_study
from tests.building.interrupted import differences, first_dimensions, write_films
from tests.building.planned import built
from tests.models.tiny import make_tiny_clip
from tests.settings import prototype

N_FILMS = 70
TUNING = {"fine_tune": FineTuneOptions(max_epochs=2)}


@pytest.fixture(scope="module", autouse=True)
def one_line_more() -> Iterator[None]:
    with prototype.registered():
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    return load_clip(make_tiny_clip(tmp_path_factory.mktemp("model") / "tiny"))


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_films(tmp_path_factory.mktemp("films") / "films", N_FILMS)


def of(films: Path, model: ClipModel, out: Path, *settings: str) -> Study:
    options = BuildOptions("x", settings=settings, training=TUNING, precision="fp32")
    return built(FolderDataset(films), model, str(model.folder), out, options, project=first_dimensions)


def adapted(root: Path, folder: Path, *settings: str, **more: Any) -> Study:
    asked = Adaptation(root, settings, TUNING, lambda: FolderDataset(folder), first_dimensions)
    return adapt_study(replace(asked, **more))


def test_it_gives_the_study_that_a_build_of_all_gives(films: Path, model: ClipModel, tmp_path: Path) -> None:
    """Byte for byte, its towers and maps too."""
    all_at_once = of(films, model, tmp_path / "all", "zero_shot", "linear_probe", "fine_tune", "prototype")
    few = of(films, model, tmp_path / "few", "linear_probe")
    now = adapted(few.root, films, "prototype", "fine_tune", "zero_shot")
    assert check_study(now.root) == []
    assert now.settings == ("zero_shot", "linear_probe", "fine_tune", "prototype")
    assert differences(all_at_once.root, now.root) == []
    assert now.fingerprint == all_at_once.fingerprint
    assert now.manifest.timings["prototype"] == 0.25
    assert not scratch_folder(few.root, ADAPTING).exists()


def test_nothing_is_encoded_and_nothing_there_is_made_again(
    films: Path, model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = of(films, model, tmp_path / "few", "zero_shot", "linear_probe")
    kept, said = dict(before.manifest.files), list[str]()
    monkeypatch.setattr(ImageTower, "encode", lambda *_, **__: pytest.fail("a film is encoded"))
    now = adapted(before.root, films, "linear_probe", "prototype", films=None, say=said.append)
    assert said == ["Linear probe is in the study already, and stays as it is."]
    assert {part: now.manifest.files[part] for part in kept} == kept
    assert now.manifest.settings["linear_probe"] == before.manifest.settings["linear_probe"]
    assert now.settings == ("zero_shot", "linear_probe", "prototype")
    assert adapted(now.root, films, "prototype").fingerprint == now.fingerprint


def test_what_was_not_recorded_is_recalled_from_what_the_study_keeps(
    films: Path, model: ClipModel, tmp_path: Path
) -> None:
    """A study that was built before records were kept says of its probe what the same build says now."""
    study = of(films, model, tmp_path / "few", "linear_probe")
    entry = study.manifest.settings["linear_probe"]
    with changing(study.root) as now:
        rewrite_study(now, {}, settings={"linear_probe": replace(entry, training=None)})
    recalled = adapted(study.root, films, "prototype").manifest.settings["linear_probe"].training
    assert recalled == entry.training
    assert recalled is not None
    assert recalled.ended == "schedule"


def test_one_that_was_stopped_goes_on_and_the_study_is_as_it_was_until_then(
    films: Path, model: ClipModel, tmp_path: Path
) -> None:
    study, epochs = of(films, model, tmp_path / "few", "zero_shot"), set[str]()

    def stop(done: int, total: int, what: str) -> None:
        if what == "films in epoch 2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adapted(study.root, films, "fine_tune", progress=stop)
    assert open_study(study.root).fingerprint == study.fingerprint
    now = adapted(study.root, films, "fine_tune", progress=lambda _, __, what: epochs.add(what))
    assert "films in epoch 1" not in epochs
    assert "films in epoch 2" in epochs
    peace = of(films, model, tmp_path / "peace", "zero_shot", "fine_tune")
    assert differences(peace.root, now.root) == []


def test_what_is_missing_is_said_and_nothing_changes(films: Path, model: ClipModel, tmp_path: Path) -> None:
    study = of(films, model, tmp_path / "few", "zero_shot")
    others = write_films(tmp_path / "others", N_FILMS + 1)
    for path in others.glob("*.png"):
        path.write_bytes((others / "f0003.png").read_bytes())
    fewer = write_films(tmp_path / "fewer", N_FILMS - 1)
    for asked, message in (
        (lambda: adapted(study.root, films, "fine_tune", films=None), "does not hold the films"),
        (lambda: adapted(study.root, others, "fine_tune"), "is another than the study was built from"),
        (lambda: adapted(study.root, fewer, "fine_tune"), "holds no film 'f0069'"),
        (lambda: adapted(study.root, films, "nothing"), "There is no setting 'nothing'"),
        (lambda: adapted(study.root, films), "names nothing"),
    ):
        with pytest.raises(StudyError, match=message):
            asked()
    assert open_study(study.root).fingerprint == study.fingerprint


def test_a_study_that_another_took_the_place_of_is_not_written_over(
    films: Path, model: ClipModel, tmp_path: Path
) -> None:
    study, other = of(films, model, tmp_path / "few", "zero_shot"), of(films, model, tmp_path / "other", "prototype")

    def replaced(done: int, total: int, what: str) -> None:
        study.root.rename(tmp_path / "away")
        other.root.rename(study.root)

    with pytest.raises(StudyError, match="was replaced by another study while settings were added"):
        adapted(study.root, films, "prototype", progress=replaced)
    assert open_study(study.root).fingerprint == other.fingerprint


def test_the_command_says_what_each_took(
    films: Path, model: ClipModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = of(films, model, tmp_path / "few", "zero_shot").root
    assert main(["adapt", str(root), "--settings", "linear_probe,prototype", "--rest", "0.5"]) == 0
    said, study = capsys.readouterr().out, open_study(root)
    n_films = len(study.rows("train"))
    assert f"linear_probe: 75 trained parameters, {n_films} films, " in said
    assert "seed 42; ended: schedule." in said
    assert study.manifest.settings["prototype"].hyperparameters == {"rest": 0.5}
    record = study.manifest.settings["linear_probe"].training
    assert record is not None
    assert len(record.train_loss) == len(record.val_loss) == 10
    embeddings, labels = np.asarray(study.image_embeddings("frozen"), float), study.labels
    from core.settings.head import load_head

    head, rows = load_head(study.path("settings/linear_probe/head.safetensors")), study.rows("train")
    residual = 1 / (1 + np.exp(-(embeddings[rows] @ head.weight.T.astype(float) + head.bias))) - labels[rows]
    gradient = np.concatenate([(residual.T @ embeddings[rows]).ravel(), residual.sum(axis=0)]) / residual.size
    assert record.gradient_norm == pytest.approx(np.linalg.norm(gradient), rel=1e-4)
