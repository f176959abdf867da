"""Fine-tuning on the tiny model: it learns, it can be interrupted, and it leaves the model alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import StudyError
from core.models.clip_model import ClipModel
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tune_training import FineTuned, fine_tune
from core.settings.head import load_head
from core.settings.tower import embed_with, load_visual_state, tuned_visual
from tests.models.tiny import random_films

TRAIN, VAL = np.arange(36), np.arange(36, 48)
OPTIONS = FineTuneOptions(learning_rate=1e-3, max_epochs=4)


@pytest.fixture(scope="module")
def films(tiny: ClipModel) -> np.ndarray:
    """48 cropped films (48, 64, 64); the upper half is bright in every other one."""
    crops = np.stack([tiny.transform.crop(film) for film in random_films(48, height_px=64, width_px=64)])
    crops[::2, :32] = np.minimum(crops[::2, :32].astype(int) + 60, 255)
    return crops


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    """(48, 2): whether the upper half is bright; noise, half of it unread."""
    bright = (np.arange(48) % 2 == 0).astype(float)
    noise = np.random.default_rng(0).integers(0, 2, 48).astype(float)
    noise[::3] = np.nan
    return np.stack([bright, noise], axis=1)


@pytest.fixture(scope="module")
def tuned(tiny: ClipModel, films: np.ndarray, labels: np.ndarray) -> FineTuned:
    """One uninterrupted run."""
    return fine_tune(tiny, films, labels, TRAIN, VAL, OPTIONS, device="cpu")


def test_the_defaults_are_the_papers() -> None:
    paper = FineTuneOptions()
    assert (paper.learning_rate, paper.weight_decay, paper.batch_size) == (1e-5, 1e-2, 24)
    assert (paper.max_epochs, paper.patience, paper.min_delta, paper.seed) == (10, 5, 1e-4, 42)


def test_it_learns_and_changes_every_part_of_the_tower(
    tiny: ClipModel, films: np.ndarray, labels: np.ndarray, tuned: FineTuned
) -> None:
    embeddings = embed_with(tuned.visual(tiny), films)
    decided = tuned.head.logits(embeddings[VAL])[:, 0] > 0
    assert (decided == (labels[VAL, 0] == 1)).mean() > 0.9
    losses = [epoch.val_loss for epoch in tuned.history if epoch.val_loss is not None]
    assert losses[-1] < losses[0]
    assert tuned.minutes > 0
    before = tiny.visual.state_dict()
    changed = {name for name, value in tuned.visual_state.items() if not torch.equal(value, before[name])}
    assert changed == set(before)


def test_the_model_itself_is_left_alone(tiny: ClipModel, films: np.ndarray, labels: np.ndarray) -> None:
    before = {name: value.clone() for name, value in tiny.model.state_dict().items()}
    fine_tune(tiny, films, labels, TRAIN, VAL, FineTuneOptions(max_epochs=1), device="cpu")
    assert all(torch.equal(value, before[name]) for name, value in tiny.model.state_dict().items())
    assert not tiny.model.training
    assert not any(weight.requires_grad for weight in tiny.model.parameters())


class StoppedError(Exception):
    """What a killed run looks like from inside."""


@pytest.mark.parametrize("broken_at", [1, 2 * 36 + 10])
def test_an_interrupted_run_ends_like_an_uninterrupted_one(
    tiny: ClipModel, films: np.ndarray, labels: np.ndarray, tuned: FineTuned, tmp_path: Path, broken_at: int
) -> None:
    def interrupt(done: int, total: int, what: str) -> None:
        if done >= broken_at:
            raise StoppedError(what)

    with pytest.raises(StoppedError):
        fine_tune(
            tiny, films, labels, TRAIN, VAL, OPTIONS, device="cpu", progress=interrupt, checkpoint=tmp_path, key="k"
        )
    seen: list[int] = []
    resumed = fine_tune(
        tiny, films, labels, TRAIN, VAL, OPTIONS, device="cpu", checkpoint=tmp_path, key="k",
        progress=lambda done, *_: seen.append(done),
    )  # fmt: skip
    assert seen[0] == 24 + 36 * (broken_at // 36)
    assert seen[-1] == 4 * 36
    assert resumed.history == tuned.history
    assert resumed.head.best_epoch == tuned.head.best_epoch
    np.testing.assert_array_equal(resumed.head.weight, tuned.head.weight)
    for name, value in tuned.visual_state.items():
        assert torch.equal(resumed.visual_state[name], value), name
    assert len(list(tmp_path.glob("*.safetensors"))) == 2
    assert not list(tmp_path.glob("*.pt"))


def test_a_checkpoint_of_another_run_is_not_used(
    tiny: ClipModel, films: np.ndarray, labels: np.ndarray, tmp_path: Path
) -> None:
    def run(key: str) -> list[int]:
        seen: list[int] = []
        fine_tune(
            tiny, films, labels, TRAIN, VAL, FineTuneOptions(max_epochs=1), device="cpu", checkpoint=tmp_path,
            key=key, progress=lambda done, *_: seen.append(done),
        )  # fmt: skip
        return seen

    assert run("a") == [24, 36]
    assert run("a") == []
    assert run("b") == [24, 36]


def test_early_stopping_keeps_the_best_epoch(tiny: ClipModel, films: np.ndarray) -> None:
    noise = np.random.default_rng(3).integers(0, 2, (48, 2)).astype(float)
    options = FineTuneOptions(learning_rate=3e-3, max_epochs=12, patience=2)
    tuned = fine_tune(tiny, films, noise, TRAIN, VAL, options, device="cpu")
    assert len(tuned.history) == tuned.head.best_epoch + 1 + 2 < 12
    embeddings = embed_with(tuned.visual(tiny), films[VAL])
    logits = tuned.head.logits(embeddings)
    loss = np.mean(np.logaddexp(0, logits) - noise[VAL] * logits)
    assert loss == pytest.approx(tuned.history[tuned.head.best_epoch].val_loss, rel=1e-4)


def test_it_survives_the_disk(tiny: ClipModel, films: np.ndarray, tuned: FineTuned, tmp_path: Path) -> None:
    folder = tuned.save(tmp_path / "full")
    half = tuned.save(tmp_path / "half", "fp16")
    visual = tuned_visual(tiny.visual, load_visual_state(folder / "visual.safetensors"))
    np.testing.assert_array_equal(embed_with(visual, films), embed_with(tuned.visual(tiny), films))
    assert load_head(folder / "head.safetensors").history == tuned.history
    rounded = tuned_visual(tiny.visual, load_visual_state(half / "visual.safetensors"))
    np.testing.assert_allclose(embed_with(rounded, films), embed_with(visual, films), atol=0.02)
    assert {weight.dtype for weight in rounded.parameters()} == {torch.float32}
    (folder / "visual.safetensors").write_bytes(b"broken")
    with pytest.raises(StudyError, match="cannot be read"):
        load_visual_state(folder / "visual.safetensors")
    with pytest.raises(StudyError, match="does not fit the model"):
        tuned_visual(tiny.visual, {})


def test_embedding_cropped_films_is_encoding_films(tiny: ClipModel) -> None:
    films = random_films(5)
    crops = np.stack([tiny.transform.crop(film) for film in films])
    np.testing.assert_allclose(embed_with(tiny.visual, crops, batch_size=2), tiny.encode_images(films), atol=1e-6)


def test_films_that_are_not_cropped_are_refused(tiny: ClipModel, films: np.ndarray, labels: np.ndarray) -> None:
    with pytest.raises(StudyError, match="64 x 64 pixels"):
        fine_tune(tiny, films[:, :40], labels, TRAIN, VAL)
    with pytest.raises(StudyError, match="type float64"):
        embed_with(tiny.visual, films / 255)  # type: ignore[arg-type]
