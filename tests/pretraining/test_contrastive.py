"""Contrastive training: the loss by hand, the centre exactly, an interrupted run as one in peace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.models.load import load_clip
from core.pretraining.contrastive import ContrastiveOptions, augment, centred, contrastive_loss, fold_mean
from core.pretraining.phantom_clip import PretrainOptions, pretrain

FEW = PretrainOptions(
    n_films={"train": 16, "val": 8, "test": 40},
    workers=1,
    contrastive=ContrastiveOptions(epochs=2, coarse_epochs=1, batch_size=8),
)


def test_the_loss_of_two_films_by_hand() -> None:
    images, texts = torch.tensor([[2.0, 0.0], [0.0, 3.0]]), torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    cosines = np.array([[1.0, np.sqrt(0.5)], [0.0, np.sqrt(0.5)]])
    rows = -np.log(np.exp(cosines[[0, 1], [0, 1]]) / np.exp(cosines).sum(axis=1))
    columns = -np.log(np.exp(cosines[[0, 1], [0, 1]]) / np.exp(cosines).sum(axis=0))
    expected = (rows.mean() + columns.mean()) / 2
    assert float(contrastive_loss(images, texts, torch.tensor(1.0))) == pytest.approx(expected, rel=1e-6)


def test_collapsed_embeddings_are_at_chance() -> None:
    same = torch.ones(32, 8)
    assert float(contrastive_loss(same, same, torch.tensor(14.0))) == pytest.approx(np.log(32), rel=1e-5)
    assert float(centred(torch.randn(16, 4) + 100).mean().abs()) < 1e-4


def test_folding_the_mean_moves_every_embedding_by_it() -> None:
    torch.manual_seed(0)
    norm, projection = torch.nn.LayerNorm(12), torch.nn.Linear(12, 5, bias=False)
    hidden = torch.randn(40, 12)
    before = projection(norm(hidden)).detach()
    fold_mean(norm.bias, projection.weight, before.mean(dim=0))
    np.testing.assert_allclose(projection(norm(hidden)).detach(), before - before.mean(dim=0), atol=1e-5)


def test_augmentation_keeps_films_films_and_sides_sides() -> None:
    films = torch.zeros(8, 1, 40, 40)
    films[..., :20] = 0.8
    moved = augment(films, ContrastiveOptions(), torch.Generator().manual_seed(0))
    assert moved.shape == films.shape
    assert 0 <= float(moved.min()) <= float(moved.max()) <= 1
    assert (moved[..., :10].mean(dim=(1, 2, 3)) > moved[..., 30:].mean(dim=(1, 2, 3))).all()


@pytest.mark.slow
def test_an_interrupted_training_ends_with_the_same_weights(tmp_path: Path) -> None:
    peace = pretrain(tmp_path / "peace", FEW)

    def stop(done: int, total: int, what: str) -> None:
        if what.startswith("steps") and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrain(tmp_path / "resumed", FEW, stop)
    resumed = pretrain(tmp_path / "resumed", FEW)
    first, second = (load_file(folder / "open_clip_model.safetensors") for folder in (peace, resumed))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[key], second[key]) for key in first)
    model = load_clip(resumed)
    assert model.encode_texts(["no fracture"]).shape == (1, 128)
    other = pretrain(tmp_path / "other", replace(FEW, contrastive=replace(FEW.contrastive, learning_rate=1e-5)))
    changed = load_file(other / "open_clip_model.safetensors")
    assert any(not torch.equal(first[key], changed[key]) for key in first)
