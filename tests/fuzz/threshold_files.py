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
    asked = (("max-f1", None, None), ("promised-sensitivity", 0.3, 0.5), ("rule-out-rule-in", 0.05, 0.5))
    sets = [
        fit_thresholds(study, name, policy, parameter=parameter, confidence=confidence)
        for name, (policy, parameter, confidence) in zip(study.settings, asked, strict=True)
    ]
    assert [one.has_grey_zone for one in sets] == [False, False, True]
    return threshold_file(sets)


def threshold_case(folder: Path, rng: random.Random) -> str:
    """One file; what is read of it is what the JSON says, and is written again as it was read."""
    content = changed_json(json.loads(_text()), rng)
    raw = json_text(content, rng)
    sets = read_threshold_file(raw)
    said = json.loads(raw.decode(json.detect_encoding(raw)))
    for one, told in zip(sets, said["sets"], strict=True):
        assert (dict(one.values), dict(one.uppers)) == (told["values"], told["uppers"])
    assert [one.to_json() for one in read_threshold_file(threshold_file(sets))] == [one.to_json() for one in sets]
    for_study(sets, open_study(STUDY))
    return "right"
