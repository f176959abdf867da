"""Studies with anything in them changed: manifest, tables, arrays, heads, records, films."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from core.errors import CoreError
from core.projection.record import map_record
from core.report.parts import parts_of
from core.report.report import compute_report
from core.settings.head import load_head
from core.study import Study, check_study, layout, open_study
from core.study.manifest import MANIFEST
from tests.fuzz.mutators import changed_bytes, changed_header, changed_json, json_text, something_else
from tests.golden.make_study_v1 import STUDY
from tests.study.damage import relist_files
from tests.study.test_golden import FINGERPRINT


def study_case(folder: Path, rng: random.Random) -> str:
    """One study; opening, checking and every reader of a part."""
    root = folder / "study"
    shutil.copytree(STUDY, root)
    is_relisted = _damage(root, rng)
    problems = check_study(root)
    try:
        study = open_study(root)
    except CoreError:
        assert problems, "opening refuses what check finds nothing wrong with"
        raise
    assert is_relisted or study.fingerprint != FINGERPRINT or not _is_changed(study), "another content, the same name"
    _compare(study)
    _use(study)
    return "right"


def _damage(root: Path, rng: random.Random) -> bool:
    """Whether the manifest was made to agree, as if faulty software had written it."""
    parts = sorted(path for path in root.rglob("*") if path.is_file() and path.name != MANIFEST)
    path, deed = rng.choice(parts), rng.randrange(6)
    if deed <= 1:
        content = changed_json(json.loads((root / MANIFEST).read_text()), rng)
        (root / MANIFEST).write_bytes(json_text(content, rng))
        return False
    if deed == 2:
        something_else(rng.choice((*parts, root / MANIFEST)), rng)
        return False
    if deed == 3 and path.suffix == ".npy":
        changed_header(path, rng)
    elif path.suffix == ".json" and rng.random() < 0.7:
        path.write_bytes(json_text(changed_json(json.loads(path.read_text()), rng), rng))
    else:
        path.write_bytes(changed_bytes(path.read_bytes(), rng))
    is_relisted = rng.random() < 0.7
    if is_relisted:
        relist_files(root)
    return is_relisted


def _is_changed(study: Study) -> bool:
    """Whether a table or an array is another than the golden study's."""
    return any(
        (study.root / part).read_bytes() != (STUDY / part).read_bytes()
        for part in study.manifest.files
        if not part.startswith(layout.FILMS)
    )


def _compare(study: Study) -> None:
    """What the study gives against what the files hold, read by the libraries alone."""
    labels = pq.read_table(study.root / layout.LABELS).to_pandas()
    np.testing.assert_array_equal(study.labels, labels[list(study.classes)].to_numpy(np.float64, na_value=np.nan))
    for setting in study.settings:
        raw = np.load(study.root / layout.scores_part(setting), allow_pickle=False)
        np.testing.assert_array_equal(study.scores(setting), raw)


def _use(study: Study) -> None:
    """Every part is read; what is damaged in one is said in words."""
    uses = [lambda: compute_report(study, "all"), lambda: parts_of(study)]
    uses += [lambda mark=mark: mark.mask() for mark in study.annotations()]
    uses += [lambda name=name: map_record(study, name) for name in study.encoders]
    heads = [f"settings/{name}/head.safetensors" for name in study.settings]
    uses += [lambda part=part: load_head(study.path(part)) for part in heads if study.has(part)]
    refusals: list[CoreError] = []
    for use in uses:
        try:
            use()
        except CoreError as error:
            refusals.append(error)
    if refusals:
        raise refusals[0]
