"""Maps on demand: made in another process, told of, kept, and read again without the libraries that made them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.mapping import cache as map_cache
from core.mapping.cache import finished_map, folder_of, keep_map
from core.mapping.jobs import SILENT_S, MapProgress, begin_map, map_progress, progress_path, write_progress
from core.mapping.request import MapError, MapRequest
from core.mapping.worker import main
from core.paths import PROJECT
from core.study import Study

PCA = MapRequest("frozen", "pca")


def wait(study: Study, request: MapRequest, seconds: float = 90) -> MapProgress:
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


def test_a_second_encoder_s_umap_starts_from_the_first_one_s(made: Study) -> None:
    request = MapRequest("fine_tuned", n_neighbors=10)
    assert main([str(made.root), request.to_json()]) == 0
    found = finished_map(made, request)
    assert found is not None
    assert found.record["started_from"] == "frozen"
    assert found.record["n_neighbors"] == 10
    assert not progress_path(made, request).exists()


def test_a_second_opening_loads_no_library_of_maps(made: Study, cache: Path) -> None:
    """Same study, same request, in a fresh process: the same points, to the bit."""
    assert main([str(made.root), PCA.to_json()]) == 0
    code = f"""
import sys
from core.study import open_study
from core.mapping.cache import finished_map
from core.mapping.jobs import map_progress
from core.mapping.request import MapRequest
study, request = open_study({str(made.root)!r}), MapRequest("frozen", "pca")
assert map_progress(study, request).state == "finished"
study.umap("frozen")
import core.mapping.placing
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
    assert main([str(made.root), request.to_json()]) == 1
    told = map_progress(made, request)
    assert told.state == "failed"
    assert "nobody" in told.error
    with pytest.raises(MapError, match="nobody"):
        begin_map(made, request)


def test_a_worker_that_fell_silent_is_given_up(made: Study) -> None:
    path = progress_path(made, PCA)
    path.parent.mkdir(parents=True)
    write_progress(path, MapProgress("running", 3, 10, "steps"))
    assert map_progress(made, PCA).share == 0.3
    os.utime(path, (0, time.time() - SILENT_S - 5))
    assert map_progress(made, PCA).state == "failed"


def test_no_more_than_two_maps_at_once(made: Study) -> None:
    for seed in (1, 2):
        path = progress_path(made, MapRequest("frozen", seed=seed))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_progress(path, MapProgress("running"))
    with pytest.raises(MapError, match="2 maps"):
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
    path = progress_path(made, PCA)
    path.parent.mkdir(parents=True)
    write_progress(path, MapProgress("running", 1, 2, "steps of the layout"))
    assert json.loads(path.read_text())["what"] == "steps of the layout"
