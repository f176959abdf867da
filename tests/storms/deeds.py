"""What is done to a study, each as a command that may be repeated: from one known state to another."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from core.__main__ import main
from core.annotations.annotation import Annotation
from core.building.annotate import add_marks
from core.findings import CLASSES
from core.projection import beside, umap
from core.study.manifest import MANIFEST
from tests.building.interrupted import first_dimensions, write_films

N_FILMS: Final = 30
HEIGHT_PX, WIDTH_PX = 90, 76
STUDY: Final = "study"
READER: Final = "reader R"


@dataclass(frozen=True)
class Deed:
    """One thing that users do.

    start : the state that it begins in: "nothing", or one of `_STATES`.
    do : given the inputs and the folder to work in; it may be done again where it was done already.
    """

    name: str
    start: str
    do: Callable[[Path, Path], None]


def _command(*words: str) -> Callable[[Path, Path], None]:
    """A command line; `IN` and `AT` stand for the inputs and for the folder that is worked in."""

    def do(inputs: Path, at: Path) -> None:
        command([word.replace("IN/", f"{inputs}/").replace("AT/", f"{at}/") for word in words])

    return do


class RefusedError(Exception):
    """A command said in a sentence why it did nothing."""


def command(words: Sequence[str]) -> str:
    """What a command printed; raises RefusedError, with the sentence, where it ended in one."""
    said, refused = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(refused):
        code = main(words)
    if code:
        raise RefusedError(refused.getvalue().strip().rpartition("\n")[2])
    return said.getvalue()


def _mark(inputs: Path, at: Path) -> None:
    """What a press on "Save" in the app does."""
    mark = Annotation("f0005", CLASSES[0], READER, "box", HEIGHT_PX, WIDTH_PX, "[4,8,16,12]")
    add_marks(at / STUDY, [mark], replace=True)


_IMPORT: Final = (
    *("import", "--out", "AT/study", "--name", "imported", "--labels", "IN/films/labels.csv", "--images", "IN/films"),
    *("--scores", "zero_shot=IN/scores.csv", "--embeddings", "frozen=IN/rows.npy"),
)
_BUILD: Final = (
    *("build", "folder", "IN/model", "--root", "IN/films", "--out", "AT/study", "--films", "all"),
    *("--settings", "zero_shot,linear_probe", "--precision", "fp32"),
)

DEEDS: Final = (
    Deed("build", "nothing", _command(*_BUILD, "--replace")),
    Deed("replacing build", "imported", _command(*_BUILD, "--replace")),
    Deed("import", "nothing", _command(*_IMPORT, "--replace")),
    Deed("replacing import", "built", _command(*_IMPORT, "--replace")),
    Deed(
        "annotate",
        "built",
        _command("annotate", "AT/study", "IN/marks.json", "--reader", READER, "--replace-reader"),
    ),
    Deed("mark", "built", _mark),
    Deed("project", "built", _command("project", "AT/study", "--n-neighbors", "4", "--seed", "7")),
    Deed("fit", "fitted", _command("fit", "AT/study", "--policy", "youden", "--out", "AT/set.json", "--replace")),
    Deed(
        "decide",
        "fitted",
        _command(
            *("decide", "AT/study", "AT/set.json", "--setting", "zero_shot", "--scores", "IN/margins.csv"),
            *("--out", "AT/decided.csv", "--replace"),
        ),
    ),
    Deed("export", "marked", lambda inputs, at: _export(at)),
    Deed("saliency", "marked", _command("saliency", "AT/study", "--methods", "centre", "grad_cam", "--splits", "test")),
)


_STATES: Final = {
    "built": ("nothing", DEEDS[0].do),
    "imported": ("nothing", DEEDS[2].do),
    "fitted": ("built", _command("fit", "AT/study", "--out", "AT/set.json")),
    "marked": ("built", DEEDS[4].do),
}
"""Of each state the one before it, and what leads to it."""


def _export(at: Path) -> None:
    """The marks as a COCO file, unless an earlier run has written it."""
    if not (at / "marks.json").exists():
        command(["annotate", str(at / STUDY), "--export", str(at / "marks.json")])


@contextmanager
def _here() -> Any:
    """In the place of a process that makes maps: a process that is forked cannot wait for one that compiles."""
    yield first_dimensions


def quicken() -> None:
    """Make maps in this process and without UMAP, which is a library's; what is done with them is the product's."""
    beside.umap_beside = _here  # type: ignore[assignment]
    umap.project = first_dimensions  # type: ignore[assignment]
    from core.projection import remap

    remap.project = first_dimensions  # type: ignore[assignment]


class Workshop:
    """Inputs, the states that deeds begin in, each made when it is first asked for, and one folder to work in."""

    def __init__(self, root: Path, *, with_model: bool = True) -> None:
        self.inputs, self.at, self._states = root / "inputs", root / "at", root / "states"
        _make_inputs(self.inputs)
        if with_model:
            from tests.models.tiny import make_tiny_clip

            make_tiny_clip(self.inputs / "model")
        os.environ["CXR_CACHE"] = str(self.at / "cache")

    def lay_out(self, deed: Deed) -> None:
        """Put the folder to work in into the state that a deed begins in."""
        self._begin_in(deed.start)

    def do(self, deed: Deed) -> None:
        """Do it here and now."""
        deed.do(self.inputs, self.at)

    def _begin_in(self, state: str) -> None:
        if state != "nothing" and not (self._states / state).is_dir():
            before, do = _STATES[state]
            self._begin_in(before)
            do(self.inputs, self.at)
            shutil.copytree(self.at, self._states / state)
        shutil.rmtree(self.at, ignore_errors=True)
        if state == "nothing":
            self.at.mkdir(parents=True)
        else:
            shutil.copytree(self._states / state, self.at)


def _make_inputs(folder: Path) -> None:
    """Films and labels, scores of two kinds, embeddings, and marks."""
    write_films(folder / "films", N_FILMS)
    table = pd.read_csv(folder / "films/labels.csv")
    rng, classes = np.random.default_rng(0), list(table.columns[2:])
    probabilities = pd.DataFrame(rng.random((N_FILMS, len(classes))), columns=classes)
    probabilities.insert(0, "image_id", table["image_id"])
    probabilities.to_csv(folder / "scores.csv", index=False)
    probabilities.assign(**{name: probabilities[name] / 9 for name in classes}).to_csv(
        folder / "margins.csv", index=False
    )
    np.save(folder / "rows.npy", rng.normal(size=(N_FILMS, 8)).astype(np.float32))
    marked = table["image_id"][table["split"] == "test"].tolist()[:2]
    coco = {
        "images": [
            {"id": n, "file_name": f"{name}.png", "height": HEIGHT_PX, "width": WIDTH_PX}
            for n, name in enumerate(marked)
        ],
        "categories": [{"id": 1, "name": classes[0]}],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "bbox": [20, 20, 30, 40]} for n in range(len(marked))
        ],
    }
    (folder / "marks.json").write_text(json.dumps(coco))


def state_of(folder: Path) -> dict[str, object]:
    """What every file below a folder holds, by path; times that a build notes of itself do not count."""
    return {
        path.relative_to(folder).as_posix(): _content(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() or path.is_symlink()
    }


def _content(path: Path) -> object:
    if path.name != MANIFEST:
        return path.read_bytes()
    manifest = json.loads(path.read_text())
    settings = {name: {**entry, "minutes": None} for name, entry in manifest["settings"].items()}
    return {**manifest, "timings": None, "settings": settings}
