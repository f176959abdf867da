"""Areas under the ROC curve over resamples; of many films to the first order, so that none is sorted again.

The area of a resample is A + (mean of a over its positives) + (mean of b over its negatives) + a rest. A is the area of
the films as they are; a, of a positive, the share of the negatives below it less A; b, of a negative, the share of the
positives above it less A. The rest is a mean over pairs of what is left of each, which has mean 0 over either film and
varies like 1 / (positives x negatives): of thousands of films it is nothing beside the two means, and is left out.
Source: Hoeffding, Annals of Mathematical Statistics 1948; the parts are those of DeLong et al., Biometrics 1988, summed
over a patient's films as by Obuchowski, Biometrics 1997.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from core.metrics.arrays import FloatArray, ratios
from core.metrics.bootstrap import resample_auroc
from core.metrics.cumulative import counts_and_steps
from core.metrics.placements import placements
from core.metrics.resampling import Resamples

EXACT_UP_TO: Final = 10_000
"""Films up to which every resample ranks its own films: 1,000 resamples of more take minutes."""


def resampled_areas(labels: FloatArray, scores: FloatArray, resamples: Resamples) -> FloatArray:
    """Compute (n_resamples, n_classes) AUROC; NaN where a resample lacks a kind of film.

    labels {0, 1, NaN = unread}, scores : (n_films, n_classes), finite where read. Up to EXACT_UP_TO films as the area
    of the resample's own films, of more to the first order.
    """
    if len(labels) <= EXACT_UP_TO:
        return resample_auroc(labels, scores, resamples.film_weights())
    return expanded_areas(labels, scores, resamples)


def expanded_areas(labels: FloatArray, scores: FloatArray, resamples: Resamples) -> FloatArray:
    """Compute the same to the first order, whatever the number of films."""
    n_classes = labels.shape[1]
    columns = zip(np.ascontiguousarray(labels.T), np.ascontiguousarray(scores.T), strict=True)
    by_patient = [resamples.patients.sums(auroc_parts(*column).T) for column in columns]
    sums = resamples.of_patients(np.concatenate(by_patient, axis=1)).reshape(resamples.n, n_classes, 4)
    whole = np.stack([one.sum(axis=0) for one in by_patient])
    positive, negative, of_positive, of_negative = np.moveaxis(sums, 2, 0)
    return ratios(of_positive, positive) + ratios(of_negative, negative) - ratios(whole[:, 2], whole[:, 0])


def auroc_parts(labels: FloatArray, scores: FloatArray) -> FloatArray:
    """Give (4, n_films): whether a film is positive, and negative; then both of its `placements`.

    labels (n_films,) of {0, 1, NaN = unread}, scores (n_films,) finite where read.
    """
    return np.stack([labels == 1, labels == 0, *placements(labels, *counts_and_steps(labels, scores))])
