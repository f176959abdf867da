"""What a refused import says to do, done: then it goes through, and says nothing wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.study.damage import refused
from tests.study.test_import import IDS, LABELS, SCORES, imported, write_films, write_tables

Change = Callable[[pd.DataFrame], pd.DataFrame]


def named(rename: Callable[[str], str]) -> Change:
    return lambda table: table.assign(image_id=table["image_id"].map(rename))


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: f"films\\{name}",
        lambda name: f"C:\\data\\films\\{name}",
        lambda name: f"C:/data/films/{name}",
        lambda name: f"\\\\server\\films\\{name}",
        lambda name: f"..\\films\\{name}",
        lambda name: f"/data/films/{name}",
        lambda name: f"~/films/{name}",
        lambda name: f"file:///data/films/{name}",
    ],
)
def test_paths_from_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str], rename: Callable[[str], str]) -> None:
    films = ["--images", str(write_films(tmp_path / "films", *IDS))]
    elsewhere = named(rename)
    arguments = write_tables(tmp_path, elsewhere(LABELS), elsewhere(SCORES))
    line = refused([*arguments, *films], tmp_path, capsys)
    assert "trust its source" not in line
    assert f"Write the file's name alone, here '{IDS[0]}'" in line
    study = imported([*write_tables(tmp_path), *films])
    assert study.images["file"].notna().all()


def test_a_blank_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blank = SCORES.astype({"Edema": object})
    blank.loc[1, "Edema"] = None
    line = refused(write_tables(tmp_path, scores=blank), tmp_path, capsys)
    assert "fill it in, or take the film out of all tables" in line
    study = imported(write_tables(tmp_path, LABELS.drop(index=1), blank.drop(index=1)))
    assert study.image_ids == [name for name in IDS if name != IDS[1]]


def test_another_encoding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = write_tables(
        tmp_path, LABELS.rename(columns={"Edema": "Ödem"}), SCORES.rename(columns={"Edema": "Ödem"})
    )
    path = tmp_path / "labels.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="cp1252")
    assert "Save the table in UTF-8" in refused(arguments, tmp_path, capsys)
    path.write_text(text, encoding="utf-8")
    assert imported(arguments).classes == ("Ödem", "Mass")


def test_signs_that_cannot_be_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = write_tables(tmp_path)
    SCORES.to_csv(tmp_path / "scores.csv", index=False, sep=" ")
    assert "with commas between the cells" in refused(arguments, tmp_path, capsys)
    assert imported(write_tables(tmp_path)).settings == ("densenet",)


@pytest.mark.parametrize("form", ["csv", "semicolons", "parquet", "integers"])
def test_embeddings_that_are_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    """Joined by image_id in any order; without one, what is said to be done makes them readable."""
    rng = np.random.default_rng(0)
    vectors = rng.integers(1, 9, (len(IDS), 3)) if form == "integers" else rng.normal(size=(len(IDS), 3)).round(4)
    table = pd.DataFrame(vectors, columns=["x", "y", "z"])
    path = tmp_path / ("e.parquet" if form == "parquet" else "e.csv")

    def write(frame: pd.DataFrame) -> list[str]:
        if form == "parquet":
            frame.to_parquet(path)
        else:
            kind = {"sep": ";", "decimal": ","} if form == "semicolons" else {}
            frame.to_csv(path, index=False, **kind)
        return [*write_tables(tmp_path), "--embeddings", f"frozen={path}"]

    assert "The first column must be image_id" in refused(write(table), tmp_path, capsys)
    table.insert(0, "image_id", IDS)
    worded = table.assign(split="test")
    assert "take any other column out" in refused(write(worded), tmp_path, capsys)
    short = refused(write(table.iloc[1:]), tmp_path, capsys)
    assert f"1 labelled film ('{IDS[0]}') is missing" in short
    study = imported(write(table.iloc[::-1]))
    np.testing.assert_allclose(study.image_embeddings("frozen"), vectors, rtol=1e-6)
    assert "3 columns of numbers were taken as dimensions" in capsys.readouterr().out
    assert "3 columns of numbers were taken as dimensions" in study.manifest.notice


def test_text_with_another_ending(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "e.dat"
    vectors = np.random.default_rng(0).normal(size=(len(IDS), 3))
    np.savetxt(path, vectors)
    arguments = [*write_tables(tmp_path), "--embeddings", f"frozen={path}"]
    assert "numpy.save(FILE, array)" in refused(arguments, tmp_path, capsys)
    np.save(tmp_path / "e.npy", np.loadtxt(path))
    study = imported([*write_tables(tmp_path), "--embeddings", f"frozen={tmp_path / 'e.npy'}"])
    np.testing.assert_allclose(study.image_embeddings("frozen"), vectors, rtol=1e-6)
