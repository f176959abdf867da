"""Where each film stands among those of the other kind: what areas under the ROC curve and their intervals rest on."""

from __future__ import annotations

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.cumulative import CumulativeCounts


def placements(labels: FloatArray, counts: CumulativeCounts, steps: IntArray) -> tuple[FloatArray, FloatArray]:
    """Give the share of the negatives below each positive, and of the positives above each negative, ties one half.

    labels : (n_films,) of {0, 1, NaN = unread}.
    counts, steps : of `counts_and_steps` for these films.
    Returns two arrays (n_films,), 0 for a film of another kind, and where there is no film to compare with.
    Source: the placement values of DeLong et al., Biometrics 1988.

    >>> from core.metrics.cumulative import counts_and_steps
    >>> labels, scores = np.array([0.0, 1, 0, 1]), np.array([0.1, 0.4, 0.4, 0.8])
    >>> below, above = placements(labels, *counts_and_steps(labels, scores))
    >>> below.tolist(), above.tolist()
    ([0.0, 0.75, 0.0, 1.0], [1.0, 0.0, 0.75, 0.0])
    """
    below, above = np.zeros(len(labels)), np.zeros(len(labels))
    if counts.n_positive and counts.n_negative:
        positive, negative = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
        negatives, positives = (of_kind[:-1] + of_kind[1:] for of_kind in (counts.negatives, counts.positives))
        below[positive] = (2 * counts.n_negative - negatives[steps[positive]]) / (2 * counts.n_negative)
        above[negative] = positives[steps[negative]] / (2 * counts.n_positive)
    return below, above
