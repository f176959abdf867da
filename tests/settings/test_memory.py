"""Training where memory is short: the same weights from half the activations."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from core.models.clip_model import ClipModel
from core.settings import fine_tune_tower, memory
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tune_training import FineTuned, fine_tune
from core.settings.memory import checkpoint_activations, fits, training_bytes
from tests.models.tiny import random_films

ROWS = np.arange(8)


@pytest.fixture(scope="module")
def films(tiny: ClipModel) -> np.ndarray:
    return np.stack([tiny.transform.crop(film) for film in random_films(10)])


def tuned(tiny: ClipModel, films: np.ndarray, **options: object) -> FineTuned:
    """Two epochs on eight films."""
    labels = (np.arange(10)[:, None] % (2, 3) == 0).astype(float)
    chosen = FineTuneOptions(max_epochs=2, learning_rate=1e-3, batch_size=4, **options)  # type: ignore[arg-type]
    return fine_tune(tiny, films, labels, ROWS, np.array([8, 9]), chosen, device="cpu")


def assert_same(one: FineTuned, other: FineTuned) -> None:
    for name, weight in one.visual_state.items():
        torch.testing.assert_close(weight, other.visual_state[name], rtol=0, atol=1e-6)


def test_checkpointing_changes_no_weight(tiny: ClipModel, films: np.ndarray) -> None:
    assert_same(tuned(tiny, films, checkpointing=False), tuned(tiny, films, checkpointing=True))


def test_checkpointing_keeps_less(tiny: ClipModel, films: np.ndarray) -> None:
    visual = copy.deepcopy(tiny.visual).requires_grad_(True)
    pixels = tiny.transform.normalise(films[:1])
    plain = training_bytes(visual, pixels, 100)
    assert checkpoint_activations(visual)
    assert training_bytes(visual, pixels, 100) < 0.6 * plain


def test_weights_and_every_film_of_the_batch_are_counted(tiny: ClipModel, films: np.ndarray) -> None:
    """One film is one film's; ten are ten times that; and four copies of the weights are always there."""
    visual = copy.deepcopy(tiny.visual).requires_grad_(True)
    pixels = tiny.transform.normalise(films[:1])
    weights = 4 * 4 * sum(weight.numel() for weight in visual.parameters())
    one, ten = (training_bytes(visual, pixels, size) - weights for size in (1, 10))
    assert one > 0
    assert ten == 10 * one


def test_it_is_switched_on_where_a_batch_does_not_fit(
    tiny: ClipModel, films: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    visual, pixels = copy.deepcopy(tiny.visual).requires_grad_(True), tiny.transform.normalise(films[:1])
    needed = training_bytes(visual, pixels, 24)
    for free, enough in ((needed, False), (2 * needed, True), (None, True)):
        monkeypatch.setattr(memory, "free_memory", lambda _, free=free: free)
        assert fits(visual, pixels, 24) is enough


def test_memory_that_runs_out_in_a_step_is_met_by_checkpointing(
    tiny: ClipModel, films: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = tuned(tiny, films, checkpointing=False)
    logits, calls = fine_tune_tower.TowerLearner.logits, []

    def short_of_memory(learner: fine_tune_tower.TowerLearner, batch: np.ndarray) -> torch.Tensor:
        calls.append(learner.is_checkpointing)
        if not learner.is_checkpointing:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return logits(learner, batch)

    monkeypatch.setattr(fine_tune_tower, "fits", lambda *_: True)
    monkeypatch.setattr(fine_tune_tower.TowerLearner, "logits", short_of_memory)
    assert_same(expected, tuned(tiny, films))
    assert calls[0] is False
    assert all(calls[1:])
