"""What a build will refuse is said before a film is encoded, and before the model is loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.building.plan import BuildOptions
from core.datasets.folder import FolderDataset
from core.errors import CoreError
from core.labels.convention import Asked
from core.models.clip_model import ClipModel
from core.models.image_tower import ImageTower
from core.models.load import load_clip
from tests.building.interrupted import write_films
from tests.building.planned import built
from tests.models.tiny import make_tiny_clip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    return load_clip(make_tiny_clip(tmp_path_factory.mktemp("model") / "tiny"))


@pytest.fixture
def films(tmp_path: Path) -> Path:
    return write_films(tmp_path / "films", 12)


def _no_training_film(films: Path) -> None:
    table = films / "labels.csv"
    table.write_text(table.read_text().replace("train", "test"))


def _unread(films: Path) -> None:
    lines = (films / "labels.csv").read_text().splitlines()
    rows = [",".join([*line.split(",")[:2], "", "", ""]) if "train" in line else line for line in lines]
    (films / "labels.csv").write_text("\n".join(rows))


def _same_name(films: Path) -> None:
    (films / "a").mkdir()
    (films / "f0000.png").rename(films / "a" / "b.png")
    (films / "f0005.png").rename(films / "a_b.png")
    table = films / "labels.csv"
    table.write_text(table.read_text().replace("f0000,", "a/b,").replace("f0005,", "a_b,"))


CASES = [
    (_no_training_film, "no training film with a label"),
    (_unread, "no training film with a label"),
    (_same_name, r"Two films would be stored as 'a_b\.png'"),
]


@pytest.mark.parametrize(("damage", "said"), CASES)
def test_it_is_refused_before_anything_is_encoded(
    damage, said: str, films: Path, model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    def encode(*_: object, **__: object) -> None:
        raise AssertionError("a film was encoded")

    monkeypatch.setattr(ImageTower, "encode", encode)
    damage(films)
    with pytest.raises(CoreError, match=said):
        built(FolderDataset(films, Asked(blank="not looked at")), model, "tiny", tmp_path / "out", BuildOptions("x"))
    assert [path.name for path in tmp_path.iterdir()] == ["films"]


def test_zero_shot_needs_no_training_film(films: Path, model: ClipModel, tmp_path: Path) -> None:
    _no_training_film(films)
    settings = BuildOptions("x", ("zero_shot",))
    with pytest.raises(StopIteration):
        built(FolderDataset(films), model, "tiny", tmp_path / "out", settings, progress=_stop)


def _stop(done: int, total: int, what: str) -> None:
    raise StopIteration


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rate-scale", "-1"], "--rate-scale is -1"),
        (["--rate-scale", "nan"], "--rate-scale is nan"),
        (["--rate-scale", "inf"], "--rate-scale is inf"),
        (["--limit", "0"], "--limit is 0"),
        (["--limit", "-3"], "--limit is -3"),
    ],
)
def test_options_are_checked_first(
    options: list[str], said: str, films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["build", "folder", "no/such/model", "--root", str(films), "--out", str(tmp_path / "out"), *options]
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_films_are_looked_at_before_the_model(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in films.glob("*.png"):
        path.write_bytes(b"<html>")
    assert main(["build", "folder", "no/such/model", "--root", str(films), "--out", str(tmp_path / "out")]) == 2
    assert "12 of 12 films cannot be read" in capsys.readouterr().err


def test_labels_that_are_not_what_was_said_are_not_built(films: Path, model: ClipModel, tmp_path: Path) -> None:
    table = pd.read_csv(films / "labels.csv")
    table.iloc[0, 3] = np.nan
    table.to_csv(films / "labels.csv", index=False)
    dataset = FolderDataset(films)
    assert dataset.card.readings is not None
    dataset.labels[0, 1] = 1
    with pytest.raises(CoreError, match="its labels are not what was said of its films"):
        built(dataset, model, "tiny", tmp_path / "out", BuildOptions("x"))
