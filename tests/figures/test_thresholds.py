from __future__ import annotations

import math

import numpy as np

from core.figures.thresholds import score_strip_figure
from core.metrics.threshold_counts import ThresholdCounts

LABELS = np.array([1.0, 1.0, 0.0, 0.0, 0.0, np.nan])
SCORES = np.array([0.9, 0.5, 0.5, 0.1, 0.1, 0.3])
COUNTS = ThresholdCounts.from_scores("Edema", LABELS, SCORES)


def test_every_read_film_is_in_one_bar() -> None:
    positives, negatives = score_strip_figure(COUNTS, 0.4, 0.0, 1.0).data
    assert sum(int(text.split()[0]) for text in positives.hovertext) == 2
    assert sum(int(text.split()[0]) for text in negatives.hovertext) == 3
    assert max(positives.y) == 1
    assert min(negatives.y) == -1


def test_the_threshold_is_a_line_inside_the_axis() -> None:
    figure = score_strip_figure(COUNTS, 4.0, 0.0, 1.0)
    assert figure.layout.shapes[0].x0 == 1.0
    assert not score_strip_figure(COUNTS, math.nan, 0.0, 1.0).layout.shapes
