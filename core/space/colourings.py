"""By what the films of a map are coloured: groups or values, one for each film of the study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.findings import DOMAINS, NO_FINDING
from core.space import colour_by
from core.space.colouring import Colouring, ColourRequest

if TYPE_CHECKING:
    from core.study import Study


@dataclass(frozen=True)
class ColourBy:
    """A way to colour.

    needs : which of finding, findings, setting, thresholds the request must give.
    """

    name: str
    title: str
    make: Callable[[Study, ColourRequest], Colouring]
    is_there: Callable[[Study], bool] = lambda study: True
    needs: frozenset[str] = frozenset()


def available_colourings(study: Study) -> tuple[ColourBy, ...]:
    """List the colourings that the study has what it takes for."""
    return tuple(entry for entry in COLOURINGS if entry.is_there(study))


def colouring(study: Study, request: ColourRequest) -> Colouring:
    """Compute the colour of every film; ValueError for a name that is not one of COLOURINGS."""
    for entry in COLOURINGS:
        if entry.name == request.by:
            return entry.make(study, request)
    raise ValueError(f"{request.by!r} is no colouring.")


def _has_column(name: str) -> Callable[[Study], bool]:
    return lambda study: name in study.images and bool(study.images[name].notna().any())


def _has_domains(study: Study) -> bool:
    return bool({name for names in DOMAINS.values() for name in names} & set(study.classes))


def _has_scores(study: Study) -> bool:
    return bool(study.settings)


COLOURINGS: Final[tuple[ColourBy, ...]] = (
    ColourBy("class", "One class", colour_by.by_class, needs=frozenset({"finding"})),
    ColourBy("findings", "Several classes", colour_by.by_findings, needs=frozenset({"findings"})),
    ColourBy("n_findings", "Number of findings", colour_by.by_number),
    ColourBy("domain", "Domain", colour_by.by_domain, _has_domains),
    ColourBy("abnormal", "No Finding or abnormal", colour_by.by_abnormal, lambda study: NO_FINDING in study.classes),
    ColourBy("score", "Score", colour_by.by_score, _has_scores, frozenset({"finding", "setting"})),
    ColourBy(
        "outcome", "Right or wrong", colour_by.by_outcome, _has_scores, frozenset({"finding", "setting", "thresholds"})
    ),
    ColourBy("split", "Split", colour_by.by_split, lambda study: len(study.splits()) > 1),
    ColourBy("view", "View", colour_by.by_column("view", "View"), _has_column("view")),
    ColourBy("age", "Age", colour_by.by_age, _has_column("age")),
    ColourBy("sex", "Sex", colour_by.by_column("sex", "Sex"), _has_column("sex")),
    ColourBy(
        "patient", "Patient", colour_by.by_patient, lambda study: bool(study.images["patient_id"].duplicated().any())
    ),
)
"""Every way to colour the map."""
