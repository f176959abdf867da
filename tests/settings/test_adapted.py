"""Every way to train a tower: a run that is interrupted anywhere goes on to the same bits, and no two are alike."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.models.clip_model import ClipModel
from core.settings.fine_tune_options import FineTuneOptions
from core.settings.fine_tune_training import FineTuned, fine_tune
from core.settings.lora_options import LoraOptions
from core.settings.losses.asymmetric import AsymmetricOptions
from core.settings.losses.class_balanced import ClassBalancedOptions
from core.settings.losses.focal import FocalOptions
from core.settings.losses.ldam import LdamOptions
from core.settings.losses.logit_adjusted import LogitAdjustedOptions
from core.settings.losses.registry import LOSSES
from core.settings.registry import SETTINGS
from core.settings.tower import embed_with
from core.settings.training import batches, cosine_rate, xavier_head
from tests.settings.adapted import TRAIN, VAL, StoppedError, films_of, labels, stop_at
from tests.storms.forks import Steps, in_a_fork, kill_oneself

KINDS: tuple[FineTuneOptions, ...] = (
    ClassBalancedOptions(),
    FocalOptions(),
    AsymmetricOptions(),
    LdamOptions(deferred=0.5),
    LogitAdjustedOptions(),
    LoraOptions(),
    FineTuneOptions(precision="bf16"),
)
EPOCHS = 3


def short(options: FineTuneOptions) -> FineTuneOptions:
    """Three epochs of three steps, with a rate at which much moves."""
    return replace(options, max_epochs=EPOCHS, learning_rate=1e-3, batch_size=7)


def trained(tiny: ClipModel, options: FineTuneOptions, checkpoint: Path | None = None, stop: int = 10**6) -> FineTuned:
    films = films_of(tiny)
    return fine_tune(
        tiny, films, labels(), TRAIN, VAL, short(options), device="cpu", checkpoint=checkpoint, key="k",
        progress=stop_at(stop),
    )  # fmt: skip


def test_every_way_of_the_registry_is_here() -> None:
    towers = {type(setting.options) for setting in SETTINGS if isinstance(setting.options, FineTuneOptions)}
    assert {type(options) for options in KINDS} == towers
    assert {asked for asked, _ in LOSSES} <= towers


@pytest.mark.parametrize("options", KINDS, ids=lambda options: f"{type(options).__name__}-{options.precision}")
def test_a_run_that_is_stopped_twice_ends_with_the_same_bits(
    options: FineTuneOptions, tiny: ClipModel, tmp_path: Path
) -> None:
    expected = trained(tiny, options)
    for stop in (7, 18 + 14):
        with pytest.raises(StoppedError):
            trained(tiny, options, tmp_path, stop)
    found = trained(tiny, options, tmp_path)
    assert found.history == expected.history
    assert len(found.history) == EPOCHS
    assert found.record == expected.record
    np.testing.assert_array_equal(found.head.weight, expected.head.weight)
    assert found.visual_state.keys() == expected.visual_state.keys() == tiny.visual.state_dict().keys()
    for name, value in expected.visual_state.items():
        assert torch.equal(found.visual_state[name], value), name
    before = tiny.visual.state_dict()
    assert any(not torch.equal(value, before[name]) for name, value in expected.visual_state.items())


def test_a_run_that_is_killed_at_whatever_step_with_a_file_ends_with_the_same_bits(
    tiny: ClipModel, tmp_path: Path
) -> None:
    """SIGKILL at four places, one after another, in the same scratch folder: while a state is written, or an index."""
    expected, options = trained(tiny, LoraOptions()), LoraOptions()
    for step in (4, 9, 17, 26):
        ended, _ = in_a_fork(lambda: trained(tiny, options, tmp_path), steps=Steps(tmp_path, step, kill_oneself))
        assert ended.came_to == "killed", ended.said
    found = trained(tiny, options, tmp_path)
    assert found.history == expected.history
    np.testing.assert_array_equal(found.head.weight, expected.head.weight)
    for name, value in expected.visual_state.items():
        assert torch.equal(found.visual_state[name], value), name


@pytest.mark.parametrize("options", KINDS[:-1], ids=lambda options: str(type(options).__name__))
def test_none_trains_what_plain_fine_tuning_does(options: FineTuneOptions, tiny: ClipModel) -> None:
    plain, found = trained(tiny, FineTuneOptions()), trained(tiny, options)
    assert not np.allclose(plain.head.weight, found.head.weight, atol=1e-6)
    assert found.record is not None
    assert found.record.ended == "schedule"
    assert (found.record.n_films, found.record.seed) == (len(TRAIN), 42)
    assert found.record.gradient_norm is not None
    assert found.record.gradient_norm > 0


def test_fp32_is_the_plain_loop_bit_by_bit(tiny: ClipModel) -> None:
    """AdamW over all weights, written out once more: what studies before were made with."""
    options, films = short(FineTuneOptions()), films_of(tiny)
    targets = torch.tensor(labels(), dtype=torch.float32)
    visual = copy.deepcopy(tiny.visual).requires_grad_(True)
    head = xavier_head(3, tiny.n_dimensions, options.seed)
    weights = [*visual.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(weights, options.learning_rate, weight_decay=options.weight_decay)
    for epoch in range(EPOCHS):
        for group in optimizer.param_groups:
            group["lr"] = cosine_rate(options.learning_rate, epoch, EPOCHS)
        for batch in batches(TRAIN, 7, seed=42, epoch=epoch):
            logits = head(visual(tiny.transform.normalise(films[batch])))
            read = ~targets[batch].isnan()
            losses = torch.nn.functional.binary_cross_entropy_with_logits(
                logits, torch.where(read, targets[batch], 0.0), reduction="none"
            )
            optimizer.zero_grad()
            ((losses * read).sum() / read.sum()).backward()
            optimizer.step()
    found = fine_tune(tiny, films, labels(), TRAIN, VAL[:0], options, device="cpu")
    assert found.head.best_epoch == EPOCHS - 1
    for name, value in visual.state_dict().items():
        assert torch.equal(found.visual_state[name], value), name
    np.testing.assert_array_equal(found.head.weight, head.weight.detach())


def test_half_precision_follows_single(tiny: ClipModel) -> None:
    single, half = (trained(tiny, FineTuneOptions(precision=precision)) for precision in ("fp32", "bf16"))
    for one, other in zip(single.history, half.history, strict=True):
        assert other.train_loss == pytest.approx(one.train_loss, rel=0.03)
        assert other.train_loss != one.train_loss
    assert {value.dtype for value in half.visual_state.values()} == {torch.float32}
    films = films_of(tiny)
    np.testing.assert_allclose(
        embed_with(half.visual(tiny), films), embed_with(single.visual(tiny), films), rtol=0.1, atol=0.1
    )
