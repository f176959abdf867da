"""The linear probe: the paper's defaults, the same head for the same seed, and unread labels left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import StudyError
from core.settings.head import LinearHead, load_head
from core.settings.linear_probe_options import LinearProbeOptions
from core.settings.linear_probe_training import fit_linear_probe

RNG = np.random.default_rng(0)
N = 240
TRAIN, VAL = np.arange(160), np.arange(160, 220)
EMBEDDINGS = RNG.normal(size=(N, 8)).astype(np.float32)
TRUTH = RNG.normal(size=(8, 3))
LABELS = (EMBEDDINGS @ TRUTH > 0).astype(float)
FAST = LinearProbeOptions(learning_rate=0.05, max_epochs=20)


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Share of positive-negative pairs in the right order."""
    return float((scores[labels == 1][:, None] > scores[labels == 0][None]).mean())


def test_the_defaults_are_the_papers() -> None:
    paper = LinearProbeOptions()
    assert (paper.learning_rate, paper.weight_decay, paper.batch_size) == (1e-4, 1e-2, 24)
    assert (paper.max_epochs, paper.patience, paper.min_delta, paper.seed) == (10, 5, 1e-4, 42)


def test_it_learns_what_is_linear_and_says_how() -> None:
    seen: list[tuple[int, int]] = []
    head = fit_linear_probe(EMBEDDINGS, LABELS, TRAIN, VAL, FAST, lambda done, total, _: seen.append((done, total)))
    assert head.weight.shape == (3, 8)
    assert head.bias.shape == (3,)
    assert head.weight.dtype == np.float32
    assert min(auc(head.logits(EMBEDDINGS[220:])[:, c], LABELS[220:, c]) for c in range(3)) > 0.95
    losses = [epoch.val_loss for epoch in head.history if epoch.val_loss is not None]
    assert len(seen) == len(losses)
    assert seen[-1][1] == 20
    assert losses[head.best_epoch] <= min(losses) + FAST.min_delta
    assert losses[0] > losses[-1]
    rates = [epoch.learning_rate for epoch in head.history]
    assert rates[0] == 0.05
    assert rates == sorted(rates, reverse=True)


def test_the_seed_decides() -> None:
    first, again = (fit_linear_probe(EMBEDDINGS, LABELS, TRAIN, VAL) for _ in range(2))
    np.testing.assert_array_equal(first.weight, again.weight)
    assert first.history == again.history
    other = fit_linear_probe(EMBEDDINGS, LABELS, TRAIN, VAL, LinearProbeOptions(seed=1))
    assert not np.array_equal(first.weight, other.weight)


def test_unread_labels_take_no_part() -> None:
    """A class whose unread labels are marked gets the head of that class trained without those films' labels."""
    labels = LABELS.copy()
    labels[::2, 0] = np.nan
    masked = fit_linear_probe(EMBEDDINGS, labels, TRAIN, VAL, FAST)
    lied = LABELS.copy()
    lied[::2, 0] = 1 - lied[::2, 0]
    assert auc(masked.logits(EMBEDDINGS[220:])[:, 0], LABELS[220:, 0]) > 0.95
    wrong = fit_linear_probe(EMBEDDINGS, lied, TRAIN, VAL, FAST)
    assert auc(wrong.logits(EMBEDDINGS[220:])[:, 0], LABELS[220:, 0]) < 0.9
    everything_unread = np.full_like(LABELS, np.nan)
    with pytest.raises(StudyError, match="no training film with a label"):
        fit_linear_probe(EMBEDDINGS, everything_unread, TRAIN, VAL)


def test_it_stops_when_nothing_improves_and_keeps_the_best() -> None:
    noise = np.random.default_rng(1).integers(0, 2, (N, 3)).astype(float)
    options = LinearProbeOptions(learning_rate=0.3, max_epochs=60, patience=3)
    head = fit_linear_probe(EMBEDDINGS, noise, TRAIN, VAL, options)
    assert len(head.history) == head.best_epoch + 1 + 3 < 60
    shorter = replace(options, max_epochs=60, patience=60)
    longer = fit_linear_probe(EMBEDDINGS, noise, TRAIN, VAL, shorter)
    assert longer.history[: len(head.history)] == head.history


def test_without_validation_films_the_last_epoch_is_kept() -> None:
    head = fit_linear_probe(EMBEDDINGS, LABELS, TRAIN, np.arange(0))
    assert head.best_epoch == 9
    assert [epoch.val_loss for epoch in head.history] == [None] * 10


def test_labels_must_fit_the_films() -> None:
    with pytest.raises(StudyError, match="240 films but 7 rows of labels"):
        fit_linear_probe(EMBEDDINGS, LABELS[:7], TRAIN, VAL)


def test_a_head_survives_the_disk(tmp_path: Path) -> None:
    head = fit_linear_probe(EMBEDDINGS, LABELS, TRAIN, VAL)
    loaded = load_head(head.save(tmp_path / "settings" / "head.safetensors"))
    np.testing.assert_array_equal(loaded.logits(EMBEDDINGS), head.logits(EMBEDDINGS))
    assert loaded.history == head.history
    assert loaded.best_epoch == head.best_epoch
    (tmp_path / "other.safetensors").write_bytes(b"not a head")
    for path in (tmp_path / "other.safetensors", tmp_path / "none.safetensors"):
        with pytest.raises(StudyError, match="cannot be read"):
            load_head(path)
    assert isinstance(loaded, LinearHead)
