"""The command does each check and each measurement once, and says what comes next without opening the study again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.building import checked, encoding, estimate
from core.intake import films as films_module
from core.models.fastest import PrecisionChoice
from core.projection import beside
from core.study import open as opening
from core.study import open_study, write
from core.study.read import Study
from tests.building.interrupted import first_dimensions, write_films
from tests.models.tiny import make_tiny_clip

N_FILMS = 12


def test_a_build_checks_and_measures_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    films, model = write_films(tmp_path / "films", N_FILMS), make_tiny_clip(tmp_path / "model")
    counts: Counter[str] = Counter()
    monkeypatch.setattr(beside, "umap_beside", lambda: nullcontext(first_dimensions))
    for where, name in ((films_module, "read_film"), (checked, "chosen_rows"), (checked, "check_out")):
        monkeypatch.setattr(where, name, _counted(counts, name, getattr(where, name)))
    for where in (estimate, encoding):
        monkeypatch.setattr(where, "fastest_precision", _counted(counts, "precision", _measured))
    for where, name in ((write, "WHOLE_CHECKS"), (opening, "CHECKS")):
        monkeypatch.setattr(where, name, (_counted(counts, "study", _nothing), *getattr(where, name)))
    out = tmp_path / "study"
    arguments = ["build", "folder", str(model), "--root", str(films), "--out", str(out), "--settings", "zero_shot"]
    assert main(arguments) == 0
    assert counts == {"read_film": N_FILMS, "chosen_rows": 1, "check_out": 1, "precision": 1, "study": 1}
    assert open_study(out).manifest.timings["precision"] == "as measured"


def _counted(counts: Counter[str], name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    def counting(*arguments: Any, **options: Any) -> Any:
        counts[name] += 1
        return work(*arguments, **options)

    return counting


def _measured(*_: object) -> PrecisionChoice:
    return PrecisionChoice("fp32", "as measured")


def _nothing(study: Study) -> list[Exception]:
    return []
