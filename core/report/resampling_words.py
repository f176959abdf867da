"""How the figures of a split were resampled, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.metrics.first_order import EXACT_UP_TO
from core.metrics.patients import number_patients
from core.metrics.resampling import n_resamples_for
from core.words import count_words

if TYPE_CHECKING:
    from core.study import Study


def resampling_words(study: Study, split: str) -> str:
    """Say how many resamples of the patients of a split are drawn, and how areas over them are computed.

    >>> from core.study import open_study
    >>> resampling_words(open_study("tests/golden/study_v1"), "test")
    '1,000 resamples of the patients.'
    """
    rows = study.rows(split)
    n_patients = number_patients(study.patient_numbers(rows), len(rows)).n
    drawn = f"{count_words(n_resamples_for(n_patients))} resamples of the patients."
    return f"{drawn} {FIRST_ORDER}" if len(rows) > EXACT_UP_TO else drawn


FIRST_ORDER: Final = (
    f"With over {count_words(EXACT_UP_TO)} films, areas under the ROC curve are to the first order: each film's place "
    "among the others (DeLong’s placement value) is resampled, and films are not ranked anew."
)
"""What is said of areas that are not ranked anew."""
