"""The converged linear probe: logistic regression on frozen embeddings, its strength chosen on val. Loads no torch."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.settings.base import Setting, Style
from core.settings.converged_options import ConvergedOptions
from core.settings.steps import BuildStep, MeasuredModel, PartTime, StepResult

_NAME: Final = "linear_probe_converged"


def _build(step: BuildStep, options: ConvergedOptions) -> StepResult:
    from core.settings.converged_training import fit_converged
    from core.settings.head import HEAD

    with step.timed(_NAME):
        head, record = fit_converged(
            step.embeddings, step.labels, step.train, step.val, step.patients, options, step.progress
        )
    files = {HEAD: head.to_bytes()}
    return StepResult(head.logits(step.embeddings), files, step.minutes(_NAME), training=record)


def _estimate(measured: MeasuredModel, options: ConvergedOptions) -> PartTime:
    """Two Newton steps of one class on made-up embeddings of the right size, times the usual number of steps."""
    from core.settings.logistic import fit_logistic

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(measured.n_train, measured.model.n_dimensions + 1))
    labels = rng.integers(0, 2, measured.n_train).astype(float)
    two = measured.seconds(lambda: fit_logistic(rows, labels, 1.0, tolerance=0.0, max_iterations=2), 5.0)
    steps = 4 * options.n_c * measured.n_classes
    basis = f"{two / 2:.3f} s per step, about {steps:,} steps"
    return PartTime("converged linear probe", two / 2 * steps, basis, _NAME)


SETTING: Final = Setting(
    name=_NAME,
    title="Converged probe",
    style=Style("#64a050", "14px,4px", "triangle-left"),
    description=(
        "Logistic regression for each class on the frozen image embeddings at length 1, to convergence; its L2 "
        "strength is the one with the lowest loss on val, each patient counted once."
    ),
    score_kind="logit",
    options=ConvergedOptions(),
    build=_build,
    stops_on_val=True,
    estimate=_estimate,
    notes=("its strength was chosen on the val films, one for each class.",),
)
