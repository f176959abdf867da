"""A build that goes on with other options: only what they change is made anew, and the user is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from core.building.plan import BuildOptions, Scratch, scratch_folder
from core.datasets.folder import FolderDataset
from core.models.clip_model import ClipModel
from core.models.image_tower import ImageTower
from core.models.load import load_clip
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.linear_probe_options import LinearProbeOptions
from core.study import open_study
from tests.building.interrupted import differences, first_dimensions, write_films
from tests.building.planned import built
from tests.models.tiny import make_tiny_clip

N_FILMS = 70
_built = partial(built, project=first_dimensions)
OPTIONS = BuildOptions("x", training={"fine_tune": FineTuneOptions(max_epochs=3)})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    return load_clip(make_tiny_clip(tmp_path_factory.mktemp("model") / "tiny"))


@pytest.fixture
def films(tmp_path: Path) -> Path:
    return write_films(tmp_path / "films", N_FILMS)


class Watched:
    """What a build encoded, trained and said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.n_encoded, self.epochs, self.said = 0, set[str](), list[str]()
        encode = ImageTower.encode

        def counted(tower: ImageTower, crops, **rest):  # type: ignore[no-untyped-def]
            self.n_encoded += len(crops)
            return encode(tower, crops, **rest)

        monkeypatch.setattr(ImageTower, "encode", counted)

    def progress(self, done: int, total: int, what: str) -> None:
        if "epoch " in what:
            self.epochs.add(what)


def _stopped_in_epoch_2(films: Path, model: ClipModel, out: Path) -> None:
    def stop(done: int, total: int, what: str) -> None:
        if what == "films in epoch 2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _built(FolderDataset(films), model, "tiny", out, OPTIONS, progress=stop)


def _labels_changed(films: Path) -> None:
    lines = (films / "labels.csv").read_text().splitlines()
    last = lines[-1].rsplit(",", 1)
    (films / "labels.csv").write_text("\n".join([*lines[:-1], f"{last[0]},{1 - int(last[1])}"]))


def _nothing(films: Path) -> None:
    pass


KEPT = "Kept from an interrupted build: films that were read, films that were encoded"
CASES = [
    pytest.param(OPTIONS, _nothing, [f"{KEPT}, fine-tuning."], N_FILMS, {2, 3}, id="the same"),
    pytest.param(replace(OPTIONS, films="all"), _nothing, [f"{KEPT}, fine-tuning."], N_FILMS, {2, 3}, id="films"),
    pytest.param(
        replace(OPTIONS, training={**OPTIONS.training, "linear_probe": LinearProbeOptions(max_epochs=1)}), _nothing,
        [f"{KEPT}, fine-tuning."], N_FILMS, {2, 3}, id="the probe",
    ),
    pytest.param(
        replace(OPTIONS, training={"fine_tune": FineTuneOptions(max_epochs=2)}), _nothing,
        [f"{KEPT}. Thrown away, as made from other films, labels or options: fine-tuning."], N_FILMS, {1, 2},
        id="fine-tuning",
    ),
    pytest.param(
        OPTIONS, _labels_changed,
        [f"{KEPT}. Thrown away, as made from other films, labels or options: fine-tuning."], N_FILMS, {1, 2, 3},
        id="labels",
    ),
    pytest.param(
        replace(OPTIONS, precision="bf16"), _nothing,
        ["Kept from an interrupted build: films that were read, fine-tuning. "
         "Thrown away, as made from other films, labels or options: films that were encoded."],
        2 * N_FILMS, {2, 3}, id="precision",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "change", "said", "n_encoded", "epochs"), CASES)
def test_only_what_an_option_changes_is_made_anew(
    settings: BuildOptions, change: Callable[[Path], None], said: list[str], n_encoded: int, epochs: set[int],
    films: Path, model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The study is byte for byte the one that is built in peace with these options."""
    out = tmp_path / "again"
    _stopped_in_epoch_2(films, model, out)
    change(films)
    with monkeypatch.context() as patched:
        watched = Watched(patched)
        _built(FolderDataset(films), model, "tiny", out, settings, progress=watched.progress, say=watched.said.append)
    assert watched.said == said
    assert watched.n_encoded == n_encoded
    assert watched.epochs == {f"films in epoch {number}" for number in epochs}
    peace = _built(FolderDataset(films), model, "tiny", tmp_path / "peace", settings)
    assert differences(peace.root, out) == []
    assert not scratch_folder(out).exists()


def test_films_that_are_to_be_stored_now_are_stored(films: Path, model: ClipModel, tmp_path: Path) -> None:
    out = tmp_path / "again"
    _stopped_in_epoch_2(films, model, out)
    _built(FolderDataset(films), model, "tiny", out, replace(OPTIONS, films="all"))
    study = open_study(out)
    assert all(study.film_path(image_id) is not None for image_id in study.image_ids)


def test_a_study_that_was_asked_for_with_more_settings_is_not_taken_for_the_one_that_is_there(
    films: Path, model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build is killed between the study's last rename and the end of its scratch folder."""
    out, few = tmp_path / "out", replace(OPTIONS, settings=("zero_shot",))
    with monkeypatch.context() as patched:
        patched.setattr(Scratch, "remove", lambda scratch: None)
        _built(FolderDataset(films), model, "tiny", out, few)
    assert scratch_folder(out).is_dir()
    _built(FolderDataset(films), model, "tiny", out, OPTIONS, replace=True)
    assert open_study(out).settings == OPTIONS.settings
