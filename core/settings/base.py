"""What a setting says of itself: its name and look, the encoder it reads, and how a build makes its scores."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from core.models.arrays import FloatArray
from core.settings.steps import BuildStep, MeasuredModel, PartTime, StepResult
from core.study.manifest import Prompt, ScoreKind
from core.study.training_record import TrainingRecord

if TYPE_CHECKING:
    import torch

    from core.saliency.tower.targets import Target
    from core.study.read import Study


@dataclass(frozen=True)
class Style:
    """How a setting is drawn, on light and on dark ground alike. dash and symbol are Plotly's names."""

    colour: str
    dash: str
    symbol: str


@dataclass(frozen=True)
class Encoder:
    """An image tower whose embeddings a study keeps.

    name, title : in files and on screen.
    description : for the study's manifest, a sentence without its full stop.
    is_trained : whether a setting trains it with the study's labels.
    """

    name: str
    title: str
    description: str
    is_trained: bool = False


FROZEN = Encoder("frozen", "Frozen", "The model's own image tower")
"""What every build has: the model's own tower, as it came."""


@dataclass(frozen=True)
class Argument:
    """One option of `python -m core build`; settings that list the same one share it.

    flag : with its dashes.
    """

    flag: str
    type: Callable[[str], Any]
    default: Any
    help: str


@dataclass(frozen=True)
class SettingOptions:
    """What a setting is trained with; each setting has a class of its own, of JSON values. This one is empty."""


Options = TypeVar("Options", bound=SettingOptions)


def _as_they_are(options: Options, args: argparse.Namespace) -> Options:
    return options


@dataclass(frozen=True)
class Setting(Generic[Options]):
    """One arm of the experiment.

    name, title : in files and on screen.
    style : in every figure.
    description : how its scores come about, one sentence for the study's manifest.
    score_kind : of its scores.
    options : those of a build where nothing else is asked for; written to the manifest.
    build : makes its scores, and what belongs to them, from what a build has made before.
    encoder : whose embeddings it reads; one that it trains is its own.
    is_usual : whether a build makes it where nothing is said of settings.
    learns : whether it learns from the labels of the train films.
    needs_text : whether it asks for the text tower, or for embeddings of prompts.
    is_closed_form : whether what it learns is computed from them at once, without training.
    stops_on_val : whether those of val end that.
    estimate : how long `build` will take; None is no time worth telling.
    target : what a saliency map's gradient is taken of, from what a study keeps of the setting; None is the linear
        classifier in its head.safetensors. Raises SaliencyError where the study lacks it.
    paper_scores : (image embeddings, text embeddings, prompts, classes) -> (n, C) logits in place of the stored scores
        under the protocol of arXiv 2506.14136, or None where there are none.
    arguments : options of the build command.
    with_arguments : the options as those say.
    converged : the name of the setting that answers the same question to convergence, where there is one.
    recall : how it was trained, from what a study keeps of it that was built before that was recorded.
    notes : what a reader of its figures must know, one sentence each.
    """

    name: str
    title: str
    style: Style
    description: str
    score_kind: ScoreKind
    options: Options
    build: Callable[[BuildStep, Options], StepResult]
    encoder: Encoder = FROZEN
    is_usual: bool = False
    learns: bool = True
    needs_text: bool = False
    is_closed_form: bool = False
    stops_on_val: bool = False
    estimate: Callable[[MeasuredModel, Options], PartTime] | None = None
    target: Callable[[Study, torch.device], Target] | None = None
    paper_scores: Callable[[FloatArray, FloatArray, Sequence[Prompt], Sequence[str]], FloatArray | None] | None = None
    arguments: tuple[Argument, ...] = ()
    converged: str | None = None
    recall: Callable[[Study], TrainingRecord | None] | None = None
    with_arguments: Callable[[Options, argparse.Namespace], Options] = _as_they_are
    notes: tuple[str, ...] = ()
