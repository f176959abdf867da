"""The variants of a claim in a study: every combination of its choices that makes sense, and why others do not."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.claims.axes import Asked, Choices, OpenAxis, stand_ins
from core.claims.claim import Claim
from core.claims.exclusions import why_excluded
from core.claims.figures import FIGURES, ClaimFigure
from core.settings.titles import setting_title
from core.study import layout

if TYPE_CHECKING:
    from core.saliency.localization.table import LocalizationResults
    from core.study import Study


@dataclass(frozen=True, eq=False)
class Variants:
    """axes : those that have an option, in the order of the registry.  choices : of every variant.

    excluded : by reason, how many combinations.
    missing : what the study lacks, as a sentence; None where the claim can be asked.
    """

    axes: tuple[OpenAxis, ...]
    choices: tuple[Choices, ...]
    excluded: Mapping[str, int]
    missing: str | None = None


def variants_of(asked: Asked) -> Variants:
    """List the variants; none, and what is missing, where a study lacks what the claim is about."""
    lacking = what_is_missing(asked)
    if lacking is not None:
        return Variants((), (), {}, lacking)
    axes = asked.axes
    excluded: Counter[str] = Counter()
    kept: list[Choices] = []
    for names in itertools.product(*([one.name for one in axis.options] for axis in axes)):
        choices = dict(zip([axis.name for axis in axes], names, strict=True))
        reason = why_excluded(asked, choices)
        if reason is None:
            kept.append(choices)
        else:
            excluded[reason] += 1
    if not kept:
        reason = max(excluded, key=lambda one: excluded[one]) if excluded else "none of the choices asked for is here"
        return Variants(axes, (), dict(excluded), f"No variant is left: {reason}.")
    return Variants(axes, tuple(kept), dict(excluded))


def unasked(study: Study, claims: Sequence[Claim], maps: LocalizationResults | None) -> dict[str, str]:
    """Say what a study lacks, by the name of each claim that it cannot be asked; {} where it lacks nothing.

    maps : its table of maps against masks, where there is one.
    """
    found = {one.name: what_is_missing(Asked(study, one, maps)) for one in claims}
    return {name: lacking for name, lacking in found.items() if lacking is not None}


def askable_figures(study: Study, maps: LocalizationResults | None) -> tuple[ClaimFigure, ...]:
    """List the figures that some setting of a study has, so that a claim may be about them."""

    def has(figure: ClaimFigure) -> bool:
        claims = (Claim("any", "", "", (figure.name,), setting, 0.0) for setting in study.settings)
        return any(what_is_missing(Asked(study, one, maps)) is None for one in claims)

    return tuple(one for one in FIGURES if has(one))


def what_is_missing(asked: Asked) -> str | None:
    """Say what a study lacks to be asked; None where it lacks nothing."""
    study, claim = asked.study, asked.claim
    without = [name for name in claim.settings if not stand_ins(study, name)]
    if without:
        here = ", ".join(setting_title(name) for name in study.settings) or "none"
        return f"The study has no scores of {_listed(without)}; it has {here}."
    if asked.has("distances") and (lacking := _without_embeddings(study, claim)):
        return f"The study has no image embeddings for {_listed(lacking)}."
    if asked.has("maps"):
        return _without_maps(asked)
    return None


def _listed(settings: list[str]) -> str:
    return " and ".join(setting_title(name) for name in settings)


def _without_embeddings(study: Study, claim: Claim) -> list[str]:
    encoders = {name: study.manifest.settings[name].encoder for name in claim.settings if name in study.settings}
    return [
        name
        for name in claim.settings
        if (encoder := encoders.get(name)) is None or not study.has(layout.image_embeddings_part(encoder))
    ]


def _without_maps(asked: Asked) -> str | None:
    if asked.maps is None:
        return "Maps have not been compared with masks: `python -m core saliency STUDY` does so."
    without = [name for name in asked.claim.settings if name not in asked.maps.settings]
    return f"The table of maps holds none of {_listed(without)}." if without else None
