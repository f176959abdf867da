"""Losses for imbalance: their values and gradients against the papers' formulas in NumPy, and autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from core.settings.fine_tune_options import FineTuneOptions
from core.settings.losses.asymmetric import AsymmetricOptions
from core.settings.losses.base import LabelCounts, Objective, count_labels
from core.settings.losses.class_balanced import ClassBalancedOptions, balancing_weights
from core.settings.losses.focal import FocalOptions
from core.settings.losses.ldam import LdamOptions, margins
from core.settings.losses.logit_adjusted import LogitAdjustedOptions, log_odds
from core.settings.losses.registry import LOSSES, objective_of
from core.settings.training import masked_mean

N_POSITIVE, N_NEGATIVE = np.array([3.0, 40.0, 0.0]), np.array([97.0, 60.0, 80.0])
"""Of three classes: a rare one, a common one, one that nobody saw present."""

LOGITS = np.array([-4.0, -1.3, -0.2, 0.0, 0.7, 2.5, 5.0])
"""Away from where the asymmetric loss has its corner, p = .05, z = -2.94."""


def counts() -> LabelCounts:
    return LabelCounts(torch.tensor(N_POSITIVE).float(), torch.tensor(N_NEGATIVE).float())


def softplus(x: Any) -> Any:
    return np.logaddexp(0, x)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def signed(label: int) -> int:
    return 1 if label else -1


Formula = Callable[[Any, int, int], Any]
"""(z, label, class) -> the value, or the gradient by z, by hand."""


def cb_weight(label: int, k: int, beta: float) -> float:
    """By the definition: a geometric sum of n terms is the effective number."""
    if N_POSITIVE[k] == 0:
        return 1.0
    number = [sum(beta**i for i in range(int(n[k]))) for n in (N_NEGATIVE, N_POSITIVE)]
    return 2 * (1 / number[label]) / (1 / number[0] + 1 / number[1])


def margin(label: int, k: int) -> float:
    largest = 3**-0.25
    n = (N_NEGATIVE, N_POSITIVE)[label][k]
    return 0.0 if N_POSITIVE[k] == 0 else 0.5 * n**-0.25 / largest


def moved(z: Any, label: int, k: int) -> Any:
    return z - signed(label) * margin(label, k)


def odds(k: int) -> float:
    return 0.0 if N_POSITIVE[k] == 0 else float(np.log(N_POSITIVE[k] / N_NEGATIVE[k]))


def bce(z: Any, label: int) -> Any:
    return softplus(-signed(label) * z)


def bce_gradient(z: Any, label: int) -> Any:
    return sigmoid(z) - label


def focal_value(z: Any, label: int, k: int) -> Any:
    p = sigmoid(signed(label) * z)
    return -(0.25 if label else 0.75) * (1 - p) ** 2 * np.log(p)


def focal_gradient(z: Any, label: int, k: int) -> Any:
    """d/dx of the loss, x = +-z: a (1 - p)^g (g p log p + p - 1), from the paper's appendix B."""
    p = sigmoid(signed(label) * z)
    return signed(label) * (0.25 if label else 0.75) * (1 - p) ** 2 * (2 * p * np.log(p) + p - 1)


def asl_value(z: Any, label: int, k: int) -> Any:
    p = sigmoid(z)
    shifted = np.maximum(p - 0.05, 0)
    return -np.log(p) if label else -(shifted**4) * np.log(1 - shifted)


def asl_gradient(z: Any, label: int, k: int) -> Any:
    """dL/dp_m p (1 - p), where the label is absent and p above the margin."""
    p = sigmoid(z)
    shifted = np.maximum(p - 0.05, 0)
    slope = shifted**4 / (1 - shifted) - 4 * shifted**3 * np.log(1 - shifted)
    return p - 1 if label else slope * p * (1 - p)


BY_HAND: tuple[tuple[FineTuneOptions, Formula, Formula], ...] = (
    (
        ClassBalancedOptions(beta=0.9),
        lambda z, label, k: cb_weight(label, k, 0.9) * bce(z, label),
        lambda z, label, k: cb_weight(label, k, 0.9) * bce_gradient(z, label),
    ),
    (FocalOptions(), focal_value, focal_gradient),
    (AsymmetricOptions(), asl_value, asl_gradient),
    (
        LdamOptions(scale=3.0, beta=0.9),
        lambda z, label, k: cb_weight(label, k, 0.9) * bce(3 * moved(z, label, k), label),
        lambda z, label, k: cb_weight(label, k, 0.9) * 3 * bce_gradient(3 * moved(z, label, k), label),
    ),
    (
        LogitAdjustedOptions(tau=1.5),
        lambda z, label, k: bce(z + 1.5 * odds(k), label),
        lambda z, label, k: bce_gradient(z + 1.5 * odds(k), label),
    ),
    (FineTuneOptions(), lambda z, label, k: bce(z, label), lambda z, label, k: bce_gradient(z, label)),
)

each = pytest.mark.parametrize(
    ("options", "value", "gradient"), BY_HAND, ids=[type(options).__name__ for options, *_ in BY_HAND]
)
each_loss = pytest.mark.parametrize("kind", [asked for asked, _ in LOSSES], ids=lambda kind: str(kind.__name__))


def test_every_loss_of_the_registry_is_computed_by_hand() -> None:
    assert {asked for asked, _ in LOSSES} == {type(options) for options, *_ in BY_HAND}


@each
@pytest.mark.parametrize("label", [0, 1])
def test_values_and_gradients_are_the_formulas(
    options: FineTuneOptions, value: Formula, gradient: Formula, label: int
) -> None:
    logits = torch.tensor(np.repeat(LOGITS[:, None], 3, axis=1), dtype=torch.float64, requires_grad=True)
    targets = torch.full((len(LOGITS), 3), float(label), dtype=torch.float64)
    losses = objective_of(options, counts()).elementwise(logits, targets)
    losses.sum().backward()
    assert logits.grad is not None
    for k in range(3):
        np.testing.assert_allclose(losses[:, k].detach(), value(LOGITS, label, k), rtol=2e-6)
        np.testing.assert_allclose(logits.grad[:, k], gradient(LOGITS, label, k), rtol=2e-6, atol=1e-12)


@each_loss
def test_autograd_agrees_with_differences(kind: type[FineTuneOptions]) -> None:
    loss = objective_of(kind(), counts()).elementwise
    logits = torch.randn(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1), requires_grad=True)
    targets = (torch.arange(18).reshape(6, 3) % 2).double()
    assert torch.autograd.gradcheck(lambda z: loss(z, targets), (logits,))


@each_loss
def test_a_label_that_nobody_read_moves_nothing(kind: type[FineTuneOptions]) -> None:
    loss = objective_of(kind(), counts()).elementwise
    logits = torch.tensor([[0.3, -0.4, 1.0], [90.0, 0.1, -90.0]], requires_grad=True)
    labels = torch.tensor([[1.0, 0.0, torch.nan], [torch.nan, 1.0, torch.nan]])
    mean, n_labels = masked_mean(loss, logits, labels)
    mean.backward()
    assert int(n_labels) == 3
    assert logits.grad is not None
    assert (logits.grad == 0).tolist() == labels.isnan().tolist()
    alone = loss(logits[:, :2], torch.nan_to_num(labels[:, :2])) if kind in _COUNTLESS else None
    if alone is not None:
        assert mean.item() == pytest.approx((alone[0, 0] + alone[0, 1] + alone[1, 1]).item() / 3, rel=1e-6)
    mean, n_labels = masked_mean(loss, logits, torch.full((2, 3), torch.nan))
    assert (mean.item(), int(n_labels)) == (0, 0)


_COUNTLESS = (FineTuneOptions, FocalOptions, AsymmetricOptions)


@each_loss
@pytest.mark.parametrize("size", [30.0, 200.0])
def test_logits_that_are_large_give_finite_losses_and_gradients(kind: type[FineTuneOptions], size: float) -> None:
    loss = objective_of(kind(), counts()).elementwise
    for label in (0.0, 1.0):
        logits = torch.tensor([[-size, 0.0, size]], requires_grad=True)
        values = loss(logits, torch.full((1, 3), label))
        values.sum().backward()
        assert logits.grad is not None
        assert bool(torch.isfinite(values).all())
        assert bool(torch.isfinite(logits.grad).all())


@each_loss
def test_a_class_without_a_positive_film_is_learnt_all_the_same(kind: type[FineTuneOptions]) -> None:
    loss = objective_of(kind(), counts()).elementwise
    logits = torch.zeros(1, 3, requires_grad=True)
    loss(logits, torch.zeros(1, 3)).sum().backward()
    assert logits.grad is not None
    assert logits.grad[0, 2] > 0


def test_labels_are_counted_where_they_were_read() -> None:
    found = count_labels(torch.tensor([[1.0, torch.nan], [1.0, 0.0], [0.0, torch.nan]]))
    assert found.n_positive.tolist() == [2, 0]
    assert found.n_negative.tolist() == [1, 1]
    assert found.has_both.tolist() == [True, False]


def test_weights_go_from_none_to_inverse_numbers() -> None:
    present, absent = balancing_weights(counts(), 0.0)
    assert present.tolist() == absent.tolist() == [1, 1, 1]
    present, absent = balancing_weights(counts(), 1 - 1e-9)
    assert present.tolist() == pytest.approx([2 * 97 / 100, 2 * 60 / 100, 1], rel=1e-4)
    assert (present + absent).tolist() == pytest.approx([2, 2, 2])


def test_the_rarest_label_has_the_largest_margin() -> None:
    present, absent = margins(counts(), 0.5)
    assert present[0].item() == pytest.approx(0.5)
    assert present[1].item() == pytest.approx(0.5 * (3 / 40) ** 0.25)
    assert absent[0].item() == pytest.approx(0.5 * (3 / 97) ** 0.25)
    assert (present[2].item(), absent[2].item()) == (0, 0)
    nothing = LabelCounts(torch.zeros(2), torch.zeros(2))
    assert margins(nothing, 0.5)[0].tolist() == [0, 0]


def test_log_odds_are_those_of_the_train_labels() -> None:
    assert log_odds(counts()).tolist() == pytest.approx([np.log(3 / 97), np.log(40 / 60), 0])


def test_weights_of_margins_begin_late_and_judge_every_epoch() -> None:
    late = objective_of(LdamOptions(max_epochs=10), counts())
    logits, targets = torch.zeros(1, 3), torch.ones(1, 3)
    early, weighted = (late.at(epoch)(logits, targets) for epoch in (7, 8))
    present, _ = balancing_weights(counts(), LdamOptions().beta)
    torch.testing.assert_close(weighted, present * early)
    assert early[0].tolist() == pytest.approx([bce(moved(0.0, 1, k), 1) for k in range(3)])
    assert late.at(8) is late.elementwise
    assert LdamOptions().patience >= LdamOptions().max_epochs


def test_the_others_are_the_same_in_every_epoch() -> None:
    found = objective_of(FocalOptions(), counts())
    assert isinstance(found, Objective)
    assert found.at(0) is found.at(9) is found.elementwise
