"""Examples in core's docstrings: they run, and the functions that a notebook calls most have one."""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEAST = 50
NOTEBOOK = (
    "core.study.open.open_study",
    "core.study.open.check_study",
    "core.report.report.compute_report",
    "core.thresholds.fitting.fit_thresholds",
    "core.thresholds.policies.policy_named",
    "core.metrics.ranking.compute_roc",
    "core.metrics.ranking.roc_auc",
    "core.metrics.ranking.average_precision",
    "core.metrics.calibration.expected_calibration_error",
    "core.metrics.intervals.wilson",
    "core.metrics.class_figures.class_intervals",
    "core.metrics.resampling.draw_resamples",
    "core.metrics.separation.conventions.class_distances",
    "core.space.separation.separation_of",
    "core.space.neighbours.film_neighbours",
    "core.metrics.localization.localize",
    "core.metrics.localization.mask_of",
    "core.metrics.localization.reader_agreement",
    "core.annotations.formats.registry.read_annotations",
    "core.annotations.formats.coco_writer.write_coco",
    "core.exports.tables.metrics_csv",
    "core.words.number_words",
)
"""What is called first in a notebook."""


def _modules_with_examples() -> Iterator[str]:
    for path in sorted((ROOT / "core").rglob("*.py")):
        if ">>>" in path.read_text(encoding="utf-8"):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _examples(module: str) -> list[doctest.DocTest]:
    return [test for test in doctest.DocTestFinder().find(import_module(module)) if test.examples]


@pytest.mark.parametrize("module", tuple(_modules_with_examples()))
def test_examples_run(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    tried = doctest.testmod(import_module(module))
    assert tried.attempted
    assert not tried.failed


def test_what_a_notebook_calls_has_an_example() -> None:
    named = {test.name for module in _modules_with_examples() for test in _examples(module)}
    assert set(NOTEBOOK) <= named
    assert len(named) >= LEAST
