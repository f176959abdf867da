"""thresholds.json with values and bytes changed."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path

from core.study import open_study
from core.thresholds import fit_thresholds
from core.thresholds.files import for_study, read_threshold_file, threshold_file
from tests.fuzz.mutators import changed_json, json_text
from tests.golden.make_study_v1 import STUDY


@cache
def _text() -> str:
    study = open_study(STUDY)
    return threshold_file([fit_thresholds(study, name, "max-f1") for name in study.settings])


def threshold_case(folder: Path, rng: random.Random) -> str:
    """One file; what is read of it is what the JSON says, and is written again as it was read."""
    content = changed_json(json.loads(_text()), rng)
    raw = json_text(content, rng)
    sets = read_threshold_file(raw)
    said = json.loads(raw.decode(json.detect_encoding(raw)))
    for one, told in zip(sets, said["sets"], strict=True):
        assert dict(one.values) == told["values"]
    assert [one.to_json() for one in read_threshold_file(threshold_file(sets))] == [one.to_json() for one in sets]
    for_study(sets, open_study(STUDY))
    return "right"
