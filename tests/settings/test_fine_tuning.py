"""What settings that train the tower have in common: their options of the command, and what they cost."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.errors import StudyError
from core.models.clip_model import ClipModel
from core.settings import fine_tune, fine_tune_focal, fine_tune_ldam, lora
from core.settings.steps import MeasuredModel
from tests.settings.adapted import films_of


def asked(precision: str) -> argparse.Namespace:
    return argparse.Namespace(rate_scale=4.0, train_precision=precision)


def test_the_command_chooses_precision_and_rate() -> None:
    options = lora.SETTING.with_arguments(lora.SETTING.options, asked("bf16"))
    assert options == replace(lora.SETTING.options, precision="bf16", learning_rate=4e-4)
    assert fine_tune.SETTING.with_arguments(fine_tune.SETTING.options, asked("auto")).precision is None
    with pytest.raises(StudyError, match="--train-precision is 'fp8'") as error:
        fine_tune.SETTING.with_arguments(fine_tune.SETTING.options, asked("fp8"))
    assert "auto, fp32, bf16" in error.value.remedy


def test_towers_that_cost_the_same_are_measured_once(tiny: ClipModel) -> None:
    """Two of the three: a loss costs nothing beside the tower, and low-rank weights are another matter."""
    calls = []

    def seconds(work: Callable[[], object], enough: float) -> float:
        work()
        calls.append(enough)
        return 2.0

    measured = MeasuredModel(tiny, films_of(tiny)[:4], 100, 60, 20, 3, 0.5, seconds)
    parts = []
    for setting in (fine_tune_focal.SETTING, fine_tune_ldam.SETTING, lora.SETTING):
        assert setting.estimate is not None
        parts.append(setting.estimate(measured, setting.options))
    assert len(calls) == 4
    assert [part.seconds for part in parts] == pytest.approx([10 * 80 * 0.5 + 100 * 0.5] * 3)
    assert [part.setting for part in parts] == ["fine_tune_focal", "fine_tune_ldam", "lora"]
    assert np.isfinite(parts[0].seconds)
