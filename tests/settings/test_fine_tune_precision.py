"""In which precision a tower is trained: measured, remembered, and never with another gradient."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from core.models.clip_model import ClipModel
from core.models.fastest import PrecisionChoice
from core.settings import fine_tune_precision
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tune_precision import FILE, chosen_precision, cosine_of, measured_choice
from core.settings.fine_tune_tower import TowerLearner
from core.settings.fine_tune_training import fine_tune
from core.settings.run import trained_weights
from tests.settings.adapted import TRAIN, VAL, films_of, labels


@pytest.fixture
def learner(tiny: ClipModel) -> TowerLearner:
    return TowerLearner.of(tiny, films_of(tiny), 3, FineTuneOptions(), "cpu")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A tower that counts as large, a processor with bf16, and what measuring says, the next first."""
    said = ["bf16", "fp32"]

    def measure(learner: TowerLearner) -> PrecisionChoice:
        return PrecisionChoice(said.pop(0), "measured", 1.5, 0.999)  # type: ignore[arg-type]

    monkeypatch.setattr(fine_tune_precision, "SMALL_TOWER", 0)
    monkeypatch.setattr(fine_tune_precision, "computes_bf16", lambda _: True)
    monkeypatch.setattr(fine_tune_precision, "measured_choice", measure)
    return said


def test_what_is_asked_for_is_done(learner: TowerLearner) -> None:
    assert chosen_precision(learner, "bf16", None, {}).precision == "bf16"
    assert chosen_precision(learner, "fp32", None, {}).precision == "fp32"


def test_a_small_tower_computes_in_single_precision(learner: TowerLearner, tmp_path: Path) -> None:
    choice = chosen_precision(learner, None, tmp_path, {})
    assert (choice.precision, choice.gain) == ("fp32", None)
    assert "small (0.3 M weights)" in choice.reason
    assert not list(tmp_path.iterdir())


def test_a_processor_without_bf16_is_not_measured(
    learner: TowerLearner, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fine_tune_precision, "computes_bf16", lambda _: False)
    assert "no instructions" in chosen_precision(learner, None, None, {}).reason
    assert len(measured) == 2


def test_what_was_measured_is_remembered_for_the_same_plan(
    learner: TowerLearner, measured: list[str], tmp_path: Path
) -> None:
    plan = {"key": "a"}
    assert chosen_precision(learner, None, tmp_path / "new", plan).precision == "bf16"
    assert chosen_precision(learner, None, tmp_path / "new", plan) == PrecisionChoice("bf16", "measured", 1.5, 0.999)
    assert chosen_precision(learner, None, tmp_path / "new", {"key": "b"}).precision == "fp32"
    assert not measured


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"plan": "x"}', '{"plan": 3, "choice": {"speed": 1}}'])
def test_a_damaged_note_is_measured_again(
    content: str, learner: TowerLearner, measured: list[str], tmp_path: Path
) -> None:
    (tmp_path / FILE).write_text(content)
    assert chosen_precision(learner, None, tmp_path, {}).precision == "bf16"
    assert json.loads((tmp_path / FILE).read_text())["choice"]["precision"] == "bf16"


def test_an_interrupted_run_goes_on_in_the_precision_that_it_began_with(
    tiny: ClipModel, measured: list[str], tmp_path: Path
) -> None:
    films = films_of(tiny)
    found = [
        fine_tune(tiny, films, labels(), TRAIN, VAL, FineTuneOptions(max_epochs=2), device="cpu", checkpoint=tmp_path)
        for _ in range(2)
    ]
    assert [one.precision.precision for one in found] == ["bf16", "bf16"]
    assert measured == ["fp32"]
    assert found[0].history == found[1].history


def test_measuring_compares_gradients_and_changes_nothing(learner: TowerLearner) -> None:
    before = [weight.detach().clone() for weight in trained_weights(learner.modules)]
    choice = measured_choice(learner)
    assert choice.gain is not None
    assert choice.least_cosine is not None
    assert 0.99 < choice.least_cosine < 1
    assert choice.precision == ("bf16" if choice.gain >= 1.1 else "fp32")
    for weight, was in zip(trained_weights(learner.modules), before, strict=True):
        assert torch.equal(weight, was)
        assert weight.grad is None


def test_the_cosine_of_millions_is_that_of_double_precision() -> None:
    one = torch.rand(3_000_000, generator=torch.Generator().manual_seed(0))
    other = one + 0.1
    a, b = one.double().numpy(), other.double().numpy()
    assert cosine_of(one, other) == pytest.approx(a @ b / np.sqrt((a @ a) * (b @ b)), abs=1e-7)
    assert cosine_of(one, one) <= 1 + 1e-12


def test_other_gradients_are_refused_however_fast(learner: TowerLearner, monkeypatch: pytest.MonkeyPatch) -> None:
    turned = {"fp32": torch.tensor([1.0, 0.0]), "bf16": torch.tensor([0.9, 0.3])}
    monkeypatch.setattr(fine_tune_precision, "_gradient", lambda _, precision: turned[precision])
    monkeypatch.setattr(fine_tune_precision, "LEAST_GAIN", 0.0)
    choice = measured_choice(learner)
    assert choice.precision == "fp32"
    assert choice.least_cosine == pytest.approx(0.9 / np.hypot(0.9, 0.3))


def test_attention_is_one_operation_in_single_precision_only(learner: TowerLearner) -> None:
    parts = learner.fused
    assert len(parts) == 6
    for precision, is_fused in (("bf16", False), ("fp32", True)):
        learner.compute_in(precision)  # type: ignore[arg-type]
        assert [part.fused_attn for part in parts] == [is_fused] * 6
