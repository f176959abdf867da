"""Maps on demand: made in another process, told of, kept, and read again without the libraries that made them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import jobs
from core.jobs import SILENT_S, JobError, JobProgress, write_progress
from core.paths import PROJECT
from core.projection import cache as map_cache
from core.projection import methods
from core.projection.cache import finished_map, folder_of, keep_map
from core.projection.jobs import begin_map, cancel_map, map_job, map_progress
from core.projection.methods import method_named, turned_onto
from core.projection.request import MapError, MapRequest
from core.projection.umap import ProjectionOptions, project
from core.projection.worker import main
from core.study import Study, open_study, write_study
from core.study.manifest import EncoderEntry
from tests.pages.embeddings_only import embeddings_only

PCA = MapRequest("frozen", "pca")


def wait(study: Study, request: MapRequest, seconds: float = 90) -> JobProgress:
    deadline = time.monotonic() + seconds
    while map_progress(study, request).state == "running" and time.monotonic() < deadline:
        time.sleep(0.1)
    return map_progress(study, request)


def test_a_map_is_made_in_a_process_of_its_own_and_kept_outside_the_study(made: Study, cache: Path) -> None:
    before = sorted(made.root.rglob("*"))
    assert map_progress(made, PCA).state == "absent"
    begin_map(made, PCA)
    begin_map(made, PCA)
    assert wait(made, PCA).state == "finished"
    found = finished_map(made, PCA)
    assert found is not None
    assert found.points.shape == (240, 2)
    assert found.record["library"].startswith("numpy ")
    assert 0 < found.record["quality"]["trustworthiness"] <= 1
    assert sorted(made.root.rglob("*")) == before
    assert folder_of(made, PCA).is_relative_to(cache)


def make(study: Study, request: MapRequest) -> int:
    """As the process does it."""
    return main([str(study.root), request.to_json(), str(map_job(study, request).path)])


def distance_between(first: np.ndarray, second: np.ndarray) -> float:
    """Mean distance between a film's two places, both maps centred and of spread 1."""
    one, other = ((points - points.mean(axis=0)) / points.std() for points in (first, second))
    return float(np.linalg.norm(one - other, axis=1).mean())


def test_a_second_encoder_s_umap_starts_from_the_first_one_s_by_the_same_parameters(made: Study) -> None:
    request = MapRequest("fine_tuned", n_neighbors=10)
    assert make(made, request) == 0
    found, first = finished_map(made, request), finished_map(made, replace(request, encoder="frozen"))
    assert found is not None
    assert first is not None, "the first encoder's map is made on the way"
    assert found.record["aligned_with"] == "frozen"
    assert found.record["n_neighbors"] == 10
    assert first.record["aligned_with"] is None
    assert not map_job(made, request).path.exists()
    rows = np.asarray(made.image_embeddings("fine_tuned"))
    options = ProjectionOptions(10, request.min_dist, request.metric, request.seed)
    np.testing.assert_array_equal(
        found.points, turned_onto(project(rows, 2, options, start=first.points), first.points)
    )


@pytest.mark.parametrize("method", ["umap", "tsne", "pca"])
def test_two_encoders_that_see_the_same_have_the_same_map(method: str, tmp_path: Path) -> None:
    """A rectangle of films; the second space is it turned and mirrored. The stored map says nothing of either."""
    contents = embeddings_only(120)
    first = np.random.default_rng(0).normal(0, 0.05, (120, 8)).astype(np.float32)
    first[:, :2] += np.random.default_rng(3).uniform(-2, 2, (120, 2)) * [1.5, 1]
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(8, 8)))[0]
    turn[:, 0] *= -1
    stored = np.random.default_rng(2).normal(size=(120, 2)).astype(np.float32)
    twice = replace(
        contents,
        encoders={name: EncoderEntry(8, normalised=False) for name in ("frozen", "turned")},
        image_embeddings={"frozen": first, "turned": first @ turn},
        umaps={name: {2: stored} for name in ("frozen", "turned")},
    )
    study = open_study(write_study(tmp_path / "study", twice))
    request = MapRequest("turned", method)
    assert make(study, request) == 0
    here, there = finished_map(study, replace(request, encoder="frozen")), finished_map(study, request)
    assert here is not None
    assert there is not None
    unaligned = method_named(method).make(first @ turn, request, stored, lambda *_: None)
    apart = distance_between(here.points, there.points)
    assert apart < {"pca": 1e-3, "umap": 0.3, "tsne": 0.8}[method]
    assert apart < 0.5 * distance_between(here.points, unaligned)


def test_a_second_opening_loads_no_library_of_maps(made: Study, cache: Path) -> None:
    """Same study, same request, in a fresh process: the same points, to the bit."""
    assert make(made, PCA) == 0
    code = f"""
import sys
from core.study import open_study
from core.projection.cache import finished_map
from core.projection.jobs import map_progress
from core.projection.request import MapRequest
study, request = open_study({str(made.root)!r}), MapRequest("frozen", "pca")
assert map_progress(study, request).state == "finished"
study.umap("frozen")
import core.projection.placing
print(finished_map(study, request).points.tobytes().hex())
assert not {{"umap", "numba", "sklearn", "scipy", "torch"}} & set(sys.modules), sorted(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    here = finished_map(made, PCA)
    assert here is not None
    assert done.stdout.strip() == here.points.tobytes().hex()


def test_failure_is_told_with_its_remedy(made: Study) -> None:
    request = MapRequest("nobody", "pca")
    assert make(made, request) == 1
    told = map_progress(made, request)
    assert told.state == "failed"
    assert "nobody" in told.error
    with pytest.raises(MapError, match="nobody"):
        begin_map(made, request)


def test_a_study_that_cannot_be_opened_is_told_at_once(made: Study, tmp_path: Path) -> None:
    path = map_job(made, PCA).path
    assert main([str(tmp_path / "nowhere"), PCA.to_json(), str(path)]) == 1
    told = map_progress(made, PCA)
    assert told.state == "failed"
    assert "nowhere" in told.error


def test_a_map_that_failed_is_not_begun_anew_unless_it_is_asked_for_again(made: Study) -> None:
    path = map_job(made, PCA).path
    path.parent.mkdir(parents=True)
    write_progress(path, JobProgress("failed", error="No."))
    begin_map(made, PCA)
    assert map_progress(made, PCA).error == "No."
    begin_map(made, PCA, again=True)
    assert wait(made, PCA).state == "finished"


def test_a_folder_that_cannot_be_written_to_is_said_with_a_remedy(made: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXR_CACHE", "/proc/nowhere")
    with pytest.raises(JobError, match=r"/proc/nowhere.*CXR_CACHE"):
        begin_map(made, PCA)


def test_t_sne_of_very_many_films_is_refused_before_it_begins(made: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(method_named("tsne"), most_films=100)
    monkeypatch.setattr(methods, "MAP_METHODS", (few,))
    with pytest.raises(MapError, match="240 films"):
        begin_map(made, MapRequest("frozen", "tsne"))
    assert map_progress(made, MapRequest("frozen", "tsne")).state == "absent"


def test_a_map_can_be_cancelled_by_the_process_that_began_it(made: Study, cache: Path) -> None:
    request = MapRequest("fine_tuned", n_neighbors=12)
    begin_map(made, request)
    worker = jobs._workers[map_job(made, request).path]
    cancel_map(made, request)
    assert worker.poll() is not None
    assert map_progress(made, request).state == "absent"
    assert not list(cache.rglob("*.json*"))
    cancel_map(made, request)


def test_a_map_that_another_process_makes_is_not_cancelled(made: Study) -> None:
    path = map_job(made, PCA).path
    path.parent.mkdir(parents=True)
    write_progress(path, JobProgress("running"))
    cancel_map(made, PCA)
    assert map_progress(made, PCA).state == "running"


def test_a_worker_that_fell_silent_is_given_up(made: Study) -> None:
    path = map_job(made, PCA).path
    path.parent.mkdir(parents=True)
    write_progress(path, JobProgress("running", 3, 10, "steps"))
    assert map_progress(made, PCA).share == 0.3
    os.utime(path, (0, time.time() - SILENT_S - 5))
    assert map_progress(made, PCA).state == "failed"


def test_no_more_than_two_maps_at_once(made: Study) -> None:
    for seed in (1, 2):
        path = map_job(made, MapRequest("frozen", seed=seed)).path
        path.parent.mkdir(parents=True, exist_ok=True)
        write_progress(path, JobProgress("running"))
    with pytest.raises(JobError, match="2 maps"):
        begin_map(made, MapRequest("frozen", seed=3))


@pytest.mark.parametrize("damage", ["points.npy", "record.json"])
def test_a_damaged_map_counts_as_absent(made: Study, damage: str) -> None:
    keep_map(made, PCA, np.zeros((240, 2), np.float32), {})
    assert finished_map(made, PCA) is not None
    (folder_of(made, PCA) / damage).write_bytes(b"\x93NUMPY cut")
    assert finished_map(made, PCA) is None
    assert map_progress(made, PCA).state == "absent"


def test_maps_unused_for_longest_go_first(made: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_cache, "KEPT_BYTES", 4_500)
    requests = [MapRequest("frozen", seed=seed) for seed in range(3)]
    for age, request in enumerate(requests):
        keep_map(made, request, np.zeros((240, 2), np.float32), {})
        if age < 2:
            os.utime(folder_of(made, request), (0, 1000 - age))
    assert [finished_map(made, request) is not None for request in requests] == [True, False, True]


def test_progress_is_json_that_anyone_can_read(made: Study) -> None:
    path = map_job(made, PCA).path
    path.parent.mkdir(parents=True)
    write_progress(path, JobProgress("running", 1, 2, "steps of the layout"))
    assert json.loads(path.read_text())["what"] == "steps of the layout"
