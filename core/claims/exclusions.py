"""Combinations of choices that make no sense, each with the reason that is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.claims.axes import AT_LEAST, MACRO, PUBLISHED, USUAL, Asked, Choices
from core.claims.figures import ClaimFigure, figure_named
from core.metrics.separation.conventions import CONVENTIONS
from core.metrics.separation.sampled import EXACT_UP_TO
from core.thresholds import policy_named

MOST_PAIRS: Final = min(EXACT_UP_TO, 4_000)
"""Films up to which pairs of them are resampled."""


@dataclass(frozen=True)
class Exclusion:
    """One reason. applies : to a claim asked of a study, under some choices, of the figure that these choose."""

    reason: str
    applies: Callable[[Asked, Choices, ClaimFigure], bool]


def _is_first(asked: Asked, choices: Choices, axis: str) -> bool:
    """Whether a choice that changes nothing stands where it is counted once."""
    return choices.get(axis) == asked.first_options.get(axis)


def _needs_fit(choices: Choices) -> bool:
    return "policy" in choices and policy_named(choices["policy"]).needs_films


def _by_pairs(choices: Choices) -> bool:
    return any(one.by_pairs and one.name == choices.get("convention") for one in CONVENTIONS)


EXCLUSIONS: Final[tuple[Exclusion, ...]] = (
    Exclusion(
        "the figure does not depend on decisions",
        lambda asked, choices, figure: not figure.is_decided and not _is_first(asked, choices, "policy"),
    ),
    Exclusion(
        "the figure is of whole films, so there is no mean over classes",
        lambda asked, choices, figure: not figure.is_averaged and not _is_first(asked, choices, "average"),
    ),
    Exclusion(
        "areas of classes are not pooled",
        lambda _, choices, figure: figure.kind == "areas" and choices.get("average") == "micro",
    ),
    Exclusion(
        "the figure is of whole films, so no class is left out",
        lambda asked, choices, figure: figure.kind in ("films", "ranking") and not _is_first(asked, choices, "classes"),
    ),
    Exclusion(
        "nothing of the figure is undefined",
        lambda _, choices, figure: figure.kind in ("films", "areas") and choices.get("undefined") == PUBLISHED,
    ),
    Exclusion(
        "pooled or weighted classes leave none undefined",
        lambda _, choices, figure: (
            choices.get("undefined") == PUBLISHED and figure.kind == "classes" and choices.get("average") != MACRO
        ),
    ),
    Exclusion(
        "as published, every class counts",
        lambda _, choices, __: (
            PUBLISHED in (choices.get("undefined"), choices.get("convention"))
            and choices.get("classes") in AT_LEAST[1:]
        ),
    ),
    Exclusion(
        "thresholds would be read on the films that they were fitted on",
        lambda _, choices, figure: figure.is_decided and choices.get("split") == "val" and _needs_fit(choices),
    ),
    Exclusion(
        "there are no validation films to fit thresholds on",
        lambda asked, choices, figure: (
            figure.is_decided
            and choices.get("split") in ("test", "all")
            and "val" not in asked.splits
            and _needs_fit(choices)
        ),
    ),
    Exclusion(
        "as published, distances are Euclidean",
        lambda _, choices, __: choices.get("convention") == PUBLISHED and choices.get("distance") == "cosine",
    ),
    Exclusion(
        f"over {MOST_PAIRS:,} films pairs of them are not resampled",
        lambda asked, choices, __: _by_pairs(choices) and len(asked.study.image_ids) > MOST_PAIRS,
    ),
    Exclusion(
        "the method was not computed at the layer",
        lambda asked, choices, __: (
            asked.maps is not None
            and choices.get("layer", USUAL) != USUAL
            and choices["layer"] not in asked.maps.layers(choices["method"])
        ),
    ),
)
"""The first that applies is told."""


def why_excluded(asked: Asked, choices: Choices) -> str | None:
    """Say why a combination makes no sense; None where it does."""
    figure = figure_named(choices["metric"])
    return next((one.reason for one in EXCLUSIONS if one.applies(asked, choices, figure)), None)
