"""Deletion and insertion as they are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from core.figures.faithfulness import perturbation_figure
from core.saliency.faithfulness import PerturbationCurves


def _curves(full: float, empty: float) -> PerturbationCurves:
    shares = np.linspace(0, 1, 5)
    falling = np.linspace(full, empty, 5, dtype=np.float32)
    problem = "" if full > empty else "Nothing to take away."
    return PerturbationCurves(shares, falling, falling[::-1], 0.5, 0.5, full, empty, problem)


def test_scores_lie_between_the_empty_and_the_whole_film() -> None:
    deletion, insertion = perturbation_figure({"fine_tune": _curves(3.0, -1.0)}).data
    np.testing.assert_allclose(deletion.y, np.linspace(1, 0, 5), atol=1e-6)
    np.testing.assert_allclose(insertion.y, np.linspace(0, 1, 5), atol=1e-6)
    assert (deletion.name, insertion.name) == ("Fine-tuning, deletion", "Fine-tuning, insertion")
    assert deletion.line.dash != insertion.line.dash
    np.testing.assert_allclose(deletion.x, [0, 25, 50, 75, 100])


@pytest.mark.parametrize("empty", [1.0, 2.0])
def test_a_film_that_scores_no_more_than_an_empty_one_is_left_out(empty: float) -> None:
    """Between them the curves would be upside down: good would look bad."""
    assert len(perturbation_figure({"fine_tune": _curves(1.0, empty), "zero_shot": _curves(1.0, 0.0)}).data) == 2
