"""The clinic of a link: what is written is read again, and what cannot be read is as if it were not said."""

from __future__ import annotations

from typing import Any

import pytest

from core.metrics.prevalence import WEIGHT
from pages.thresholds.clinic import read_link, to_link


@pytest.mark.parametrize(
    ("prevalence", "weight", "text"),
    [
        ([None, None, None], WEIGHT, ""),
        ([None, 0.02, None], WEIGHT, f"{WEIGHT:g}_1-0.02"),
        ([0.5, None, 0.00001], 4.5, "4.5_0-0.5_2-1e-05"),
        ([None, None, None], 3.0, "3"),
        ([0.0, 1.0, None], WEIGHT, f"{WEIGHT:g}_0-0_1-1"),
    ],
)
def test_a_clinic_goes_through_a_link(prevalence: list[float | None], weight: float, text: str) -> None:
    clinic: dict[str, Any] = {"prevalence": prevalence, "weight": weight}
    assert to_link(clinic) == text
    assert read_link(text, 3) == clinic


@pytest.mark.parametrize("text", ["", "much", "nan_1-inf", "-2_7-0.1", "9_1-x_a-0.2_-0.3", "9_1--0.5"])
def test_what_cannot_be_read_is_not_said(text: str) -> None:
    assert read_link(text, 3) == {"prevalence": [None, None, None], "weight": WEIGHT}
