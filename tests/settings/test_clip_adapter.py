"""CLIP-Adapter against plain torch layers, put together as the code published with arXiv 2110.04544 does it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.models.arrays import no_progress
from core.settings.clip_adapter_options import ClipAdapterOptions
from core.settings.clip_adapter_training import Weights, fit_clip_adapter, scores_of

rng = np.random.default_rng(11)
FILMS = (rng.normal(size=(24, 16)) * 3).astype(np.float32)
TEXTS = rng.normal(size=(3, 16)).astype(np.float32)
TEXTS /= np.linalg.norm(TEXTS, axis=1, keepdims=True)
LABELS = np.eye(3)[np.arange(24) % 3]
SCALE = np.float32(14.2857)
ROWS = np.arange(24)
NO_ROWS = ROWS[:0]


def layers(weights: Weights) -> torch.nn.Sequential:
    """The two layers without biases, each followed by a ReLU."""
    narrow, width = weights["down"].shape
    made = torch.nn.Sequential(
        torch.nn.Linear(width, narrow, bias=False),
        torch.nn.ReLU(),
        torch.nn.Linear(narrow, width, bias=False),
        torch.nn.ReLU(),
    )
    made.load_state_dict({"0.weight": weights["down"], "2.weight": weights["up"]})
    return made


def published(adapter: torch.nn.Module, ratio: float) -> torch.Tensor:
    """Its logits: the tower's own embeddings go in, and are normalised after the sum."""
    films = torch.from_numpy(FILMS)
    mixed = ratio * adapter(films) + (1 - ratio) * films
    return float(SCALE) * (mixed / mixed.norm(dim=-1, keepdim=True)) @ torch.from_numpy(TEXTS).T


def trained(options: ClipAdapterOptions) -> Weights:
    return fit_clip_adapter(FILMS, LABELS, ROWS, NO_ROWS, SCALE * TEXTS, options)[0]


@pytest.mark.parametrize("ratio", [0.2, 0.6, 1.0])
def test_logits_on_single_labels_are_those_of_the_published_layers(ratio: float) -> None:
    weights = trained(ClipAdapterOptions(ratio=ratio, max_epochs=3, batch_size=24))
    with torch.no_grad():
        wanted = published(layers(weights), ratio).numpy()
    np.testing.assert_allclose(scores_of(weights, SCALE * TEXTS, ratio, FILMS), wanted, atol=1e-5)


def test_an_epoch_of_one_batch_is_a_step_of_adamw_on_those_layers() -> None:
    """From the same start, by autograd through torch's own modules and loss."""
    options = ClipAdapterOptions(max_epochs=1, batch_size=24, learning_rate=1e-2)
    adapter = layers(trained(ClipAdapterOptions(max_epochs=1, batch_size=24, learning_rate=0.0)))
    optimizer = torch.optim.AdamW(adapter.parameters(), 1e-2, weight_decay=options.weight_decay)
    loss = torch.nn.BCEWithLogitsLoss()(published(adapter, options.ratio), torch.from_numpy(LABELS).float())
    loss.backward()
    optimizer.step()
    weights, record = fit_clip_adapter(FILMS, LABELS, ROWS, NO_ROWS, SCALE * TEXTS, options, no_progress)
    np.testing.assert_allclose(weights["down"], adapter[0].weight.detach(), atol=1e-6)
    np.testing.assert_allclose(weights["up"], adapter[2].weight.detach(), atol=1e-6)
    assert record.train_loss[0] == pytest.approx(loss.item(), rel=1e-6)


def test_where_val_judges_the_best_epoch_is_kept() -> None:
    """Labels of val that are turned round are fitted worse with each epoch: the first is kept, and it stops early."""
    films, labels = np.concatenate([FILMS, FILMS]), np.concatenate([LABELS, 1 - LABELS])
    options = ClipAdapterOptions(max_epochs=30, batch_size=24, learning_rate=1e-2, patience=4)
    _, record = fit_clip_adapter(films, labels, ROWS, ROWS + 24, SCALE * TEXTS, options)
    assert (record.kept, record.ended) == (0, "val")
    assert len(record.val_loss) == 5
