"""Every figure at every threshold equals scikit-learn's at the same decisions, over 200 random tables."""

from __future__ import annotations

import numpy as np
import pytest

from core.metrics.threshold_counts import ThresholdCounts
from core.thresholds.live_counts import DeckTables, overall_figures
from core.thresholds.packed_counts import browser_tables
from tests.thresholds.cases import N_CASES, Case, case, decide, expected

SHARES = ("precision", "recall", "specificity", "f1")


def check_state(chosen: Case, state, wanted: dict) -> None:
    for index, figures in enumerate(wanted["classes"]):
        counts = state.confusion(index)
        assert (counts.tp, counts.fp, counts.fn, counts.tn) == tuple(figures[name] for name in ("tp", "fp", "fn", "tn"))
        for name in SHARES:
            assert getattr(counts, name) == pytest.approx(figures[name], rel=1e-12, nan_ok=True), name
    overall = state.overall().of_decisions()
    for name, value in wanted["overall"].items():
        assert overall[name] == pytest.approx(value, rel=1e-12, nan_ok=True), name


@pytest.mark.parametrize("seeds", [range(start, start + 20) for start in range(0, N_CASES, 20)], ids=str)
def test_figures_equal_scikit_learn_after_any_moves(seeds: range) -> None:
    """Straight to the thresholds, and by a walk that ends there."""
    for seed in seeds:
        chosen = case(seed)
        tables = DeckTables.from_arrays(chosen.labels, chosen.scores)
        wanted = expected(chosen)
        check_state(chosen, tables.start(chosen.thresholds), wanted)
        rng = np.random.default_rng(seed)
        state = tables.start(case(seed).thresholds * 0.5)
        for _ in range(20):
            column = int(rng.integers(chosen.labels.shape[1]))
            state.move(column, float(rng.choice(chosen.scores[:, column])))
        for column, threshold in enumerate(chosen.thresholds):
            state.move(column, float(threshold))
        check_state(chosen, state, wanted)


def test_film_wise_decisions_have_the_same_figures() -> None:
    chosen = case(7)
    found, wanted = overall_figures(chosen.labels, decide(chosen)).of_decisions(), expected(chosen)["overall"]
    assert {name: found[name] for name in wanted} == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize("seed", range(0, N_CASES, 8))
def test_the_packed_tables_decide_as_the_scores_do(seed: int) -> None:
    chosen = case(seed)
    header = browser_tables(chosen.classes, chosen.labels, chosen.scores, chosen.patients).content()
    arrays = header["arrays"]
    n_films, offsets = header["n_films"], arrays["offsets"]
    for column, threshold in enumerate(chosen.thresholds):
        edges = arrays["edges"][offsets[column] : offsets[column + 1]]
        step = len(edges) if np.isnan(threshold) else int((edges < threshold).sum())
        own = arrays["steps"][column * n_films : (column + 1) * n_films]
        read = arrays["labels"][column * n_films : (column + 1) * n_films] != 2
        np.testing.assert_array_equal((own >= step)[read], decide(chosen)[read, column])
        cuts = arrays["cuts"][offsets[column] + column : offsets[column + 1] + column + 1]
        counts = ThresholdCounts.from_scores("a", chosen.labels[:, column], chosen.scores[:, column])
        np.testing.assert_array_equal(cuts, [counts.threshold(index) for index in range(len(edges) + 1)])
    assert ("patients" in arrays) == (len(set(chosen.patients)) < n_films)
    assert header["n_patients"] == len(set(chosen.patients))


def test_merged_steps_count_exactly_and_keep_the_fitted_threshold() -> None:
    rng = np.random.default_rng(0)
    labels = (rng.random((4000, 2)) < [0.005, 0.4]).astype(float)
    scores = (rng.normal(size=labels.shape) + labels).astype(np.float32)
    keep = np.array([1.2345, np.nan])
    tables = browser_tables(("a", "b"), labels, scores, keep=keep, most_cells=1000, most_steps=64)
    assert not tables.is_exact
    assert tables.steps.dtype == np.uint8
    assert all(len(edges) <= 65 for edges in tables.edges)
    for column in range(2):
        counts = ThresholdCounts.from_scores("a", labels[:, column], scores[:, column])
        for step, cut in enumerate(tables.cuts[column]):
            predicted = tables.steps[column] >= step
            assert counts.at(float(cut)).n_predicted == predicted.sum()
            assert counts.at(float(cut)).tp == (predicted & (labels[:, column] == 1)).sum()
    positives = np.unique(scores[labels[:, 0] == 1, 0])
    assert set(positives.astype(float)) <= set(tables.edges[0])  # a rare class keeps every step that costs a positive
    exact = ThresholdCounts.from_scores("a", labels[:, 0], scores[:, 0])
    assert exact.scores[exact.step(keep[0])] in tables.edges[0]
