"""A build whose films are read and encoded elsewhere: the same study, and nothing read or encoded here."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.building.build import build_study
from core.building.chunk_work import Encoded, ReadFilms, Task, Worker, sizes
from core.building.films import CHUNK, FilmPreparation
from core.building.plan import BuildOptions, scratch_folder
from core.datasets.folder import FolderDataset
from core.errors import StudyError
from core.models.arrays import UInt8Array
from core.models.encode import EmbeddingChunks
from core.models.fastest import PrecisionChoice
from core.models.image_tower import ImageTower
from core.models.load import load_clip
from tests.building.crews import Backwards
from tests.building.interrupted import Counting, differences, first_dimensions, write_films
from tests.building.side_by_side import plan
from tests.models import families
from tests.models.tiny import make_tiny_clip

N_FILMS = 2 * CHUNK + 10
DAMAGED = "f0070.png"
OPTIONS = BuildOptions("elsewhere", ("zero_shot", "linear_probe"), films="all")
ALL = [0, CHUNK, 2 * CHUNK]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of them is damaged behind its header."""
    root = write_films(tmp_path_factory.mktemp("films") / "films", N_FILMS)
    content = (root / DAMAGED).read_bytes()
    (root / DAMAGED).write_bytes(content[: len(content) // 2])
    return root


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("models")
    return [make_tiny_clip(root / "tiny"), families.dinov2(root / "rad-dino")]


@pytest.fixture(scope="module")
def in_process(films: Path, folders: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("here") / "study"
    return build_study(plan(FolderDataset(films), folders, out, OPTIONS), project=first_dimensions).root


def test_the_study_is_the_same_and_nothing_is_read_or_encoded_here(
    films: Path, folders: list[Path], in_process: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two models, films stored, one film that cannot be read."""
    dataset, engine, told = Counting(films), Backwards(), list[tuple[int, int]]()
    planned = plan(dataset, folders, tmp_path / "study", OPTIONS)
    towers = {id(one.model.visual) for one in planned.models}
    encode = ImageTower.encode

    def elsewhere(tower: ImageTower, crops: UInt8Array) -> np.ndarray:
        assert id(tower.visual) not in towers
        return encode(tower, crops)

    monkeypatch.setattr(ImageTower, "encode", elsewhere)
    study = build_study(
        planned, project=first_dimensions, engine=engine, progress=lambda done, total, _: told.append((done, total))
    )
    assert study.manifest.timings["precision"] == "by a worker"
    assert differences(in_process, tmp_path / "study") == []
    assert dataset.n_read == 0
    assert engine.encoded == [ALL, ALL]
    assert engine.n_measured == 2
    assert told[:3] == [(1, 3), (2, 3), (3, 3)]


def test_only_what_is_missing_is_done_elsewhere(
    films: Path, folders: list[Path], in_process: Path, tmp_path: Path
) -> None:
    """A build in the process is stopped after its first chunk; an engine goes on, and finds out nothing again."""

    def stop(done: int, total: int, what: str) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "study"
    with pytest.raises(KeyboardInterrupt):
        build_study(plan(FolderDataset(films), folders, out, OPTIONS), project=first_dimensions, progress=stop)
    engine = Backwards()
    build_study(plan(FolderDataset(films), folders, out, OPTIONS), project=first_dimensions, engine=engine)
    assert engine.encoded == [ALL[1:], ALL]
    assert engine.n_measured == 1
    assert differences(in_process, out) == []


def test_a_precision_that_was_asked_for_is_not_measured(films: Path, folders: list[Path], tmp_path: Path) -> None:
    engine, asked = Backwards(), replace(OPTIONS, settings=("zero_shot",), precision="fp32")
    planned = plan(FolderDataset(films), folders[:1], tmp_path / "study", asked)
    study = build_study(planned, project=first_dimensions, engine=engine)
    assert engine.n_measured == 0
    assert study.manifest.timings["precision"] == "fp32: asked for."


@pytest.fixture
def work(films: Path, folders: list[Path], tmp_path: Path) -> Encoded:
    """What workers are told, in a scratch folder where nothing was done yet."""
    dataset, model, scratch = FolderDataset(films), load_clip(folders[0]), scratch_folder(tmp_path / "study")
    scratch.mkdir()
    (scratch / "plan.json").write_text("{}")
    preparation = FilmPreparation(dataset, range(N_FILMS), frozenset({3, 70}), model.transform, scratch / "films")
    preparation.make_room()
    begun = (scratch / "plan.json", (scratch / "plan.json").stat().st_mtime_ns)
    stored = EmbeddingChunks(scratch / "frozen", {}, model.n_dimensions)
    return Encoded(preparation, folders[0], begun, sizes([dataset.film_file(0)]), stored, "fp32")


def test_what_is_missing_is_told_by_the_files(work: Encoded) -> None:
    assert work.missing() == ALL
    Worker(work, 1).encode([CHUNK])
    assert work.missing() == [0, 2 * CHUNK]
    assert work.films.is_whole(CHUNK)
    assert isinstance(work.films, FilmPreparation)
    assert work.films._recorded(CHUNK) is not None
    embeddings = work.embeddings._folder / f"{CHUNK:08d}.npy"
    os.truncate(embeddings, embeddings.stat().st_size - 4)  # cut off
    assert work.missing() == ALL
    Worker(work, 1).encode(ALL)
    assert work.missing() == []
    also = replace(work, films=replace(work.films, keep=frozenset({3, 70, 80})))
    assert also.missing() == [CHUNK]  # 80 is to be stored now
    Worker(also, 1).encode([CHUNK])
    assert also.missing() == []


def test_films_that_were_read_for_all_models_are_cut_alike(tmp_path: Path) -> None:
    crops = np.random.default_rng(0).integers(0, 256, (CHUNK + 3, 4, 4), dtype=np.uint8)
    np.save(tmp_path / "crops.npy", crops)
    films = ReadFilms(tmp_path / "crops.npy", len(crops))
    assert np.array_equal(films.chunk(CHUNK), crops[CHUNK:])
    assert np.array_equal(films.chunk(0), crops[:CHUNK])
    assert films.is_whole(0)


def test_a_worker_that_does_not_see_the_films_makes_nothing(work: Encoded, tmp_path: Path) -> None:
    """It would call every film unreadable."""
    blind = replace(work, seen={tmp_path / "elsewhere.png": 10})
    with pytest.raises(StudyError, match=r"elsewhere\.png: a worker on .* does not see this file"):
        Worker(blind, 1).encode([0])
    assert work.missing() == ALL


def test_a_worker_of_a_build_that_was_begun_anew_makes_nothing(work: Encoded) -> None:
    path, time_ns = work.plan
    os.utime(path, ns=(time_ns + 1, time_ns + 1))
    with pytest.raises(StudyError, match=r"plan\.json: a worker"):
        Worker(work, 1).encode([0])
    assert work.missing() == ALL


def test_a_worker_finds_out_the_precision(work: Encoded) -> None:
    task = Task(work.films, work.model, work.plan, work.seen)
    found = Worker(task, 1).precision()
    assert isinstance(found, PrecisionChoice)
    assert found.precision == "fp32"
    assert work.films.is_whole(0)  # the chunk it was measured on need not be read again
