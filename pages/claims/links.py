"""The address of the page that shows one figure of a variant, in exactly the state that the variant stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from core.claims.axes import AS_WRITTEN, MACRO, PUBLISHED, STORED, USUAL, Choices, positions
from core.claims.claim import CHANCE
from core.claims.compute import side_of
from core.claims.figures import MAPS, ClaimFigure, figure_named
from core.claims.films import DEALT
from core.claims.ledger import ClaimResult
from core.labels.dial import position_in_use
from core.study import Study
from pages.shared import operating, truth_dial
from pages.shared.cache import DEFAULT_POLICY
from pages.shared.threshold_address import written_parts
from pages.shared.working_thresholds import begin

ON_DECK: Final[Mapping[tuple[str, str | None], str]] = {
    ("f1", MACRO): "macro_f1",
    ("f1", "micro"): "micro_f1",
    ("exact_match", None): "exact_match",
    ("hamming", None): "hamming",
    ("cardinality", None): "cardinality",
}
"""Figures that the page of thresholds shows, by figure and average: their names there."""
ON_OVERVIEW: Final[Mapping[tuple[str, str | None], str]] = {
    ("f1", MACRO): "Macro F1",
    ("exact_match", None): "Exact match",
    ("lrap", None): "LRAP",
    ("coverage_error", None): "Coverage error",
    ("inter", None): "Inter-class distance",
    ("intra", None): "Intra-class distance",
    ("ratio", None): "Inter / intra",
    ("auroc", MACRO): "Macro AUROC",
}
"""Figures that the overview shows: the heading of their column there."""


_ROW_BY_ROW: Final = "paper-row-min-max"


@dataclass(frozen=True)
class Destination:
    """One page in one state.

    stem : the page.  query : of its address.  figure : what the figure is called there.
    setting : whose figure.
    """

    stem: str
    query: tuple[tuple[str, str], ...]
    figure: str
    setting: str

    @property
    def address(self) -> str:
        """The address, from a page beside it."""
        return f"{self.stem}?{urlencode(self.query)}"


def destination(study: Study, name: str, result: ClaimResult, variant: int, place: int) -> Destination | str:
    """Where the figure of one side of a variant stands, or in a sentence why no page shows it.

    name : of the study, as it is picked.  place : 0 is the first setting, 1 the second.
    """
    choices, claim = result.choices(variant), result.claim
    if place and (not isinstance(claim.second, str) or claim.second == CHANCE):
        return "What it is set against is no setting's figure."
    if claim.films != "all":
        return "No page is of films with several findings alone."
    figure = figure_named(choices["metric"])
    if figure.kind == "maps":
        return _maps(name, result, choices, place)
    if why := _nowhere(choices, figure):
        return why
    side = side_of(claim, place, choices)
    others = [side_of(claim, other, choices).setting for other in range(len(claim.settings))]
    if figure.kind != "distances" and len({tuple(study.untrained(setting)) for setting in others}) > 1:
        return "Here a class that one setting learnt nothing of counts for neither; pages leave it out of one alone."
    if figure.kind == "distances":
        return _distances(study, name, choices, figure, side.setting)
    average = choices.get("average") if figure.is_averaged else None
    if figure.is_decided and side.prompts == STORED and choices.get("undefined") != PUBLISHED:
        return _deck(study, name, choices, side.setting, (figure.name, average))
    return _overview(study, name, choices, side.setting, (figure.name, average), side.prompts)


def _nowhere(choices: Choices, figure: ClaimFigure) -> str:
    """Why no page can be in such a state; "" where one may."""
    if choices["split"].startswith(DEALT):
        return "No page deals patients out anew."
    if choices.get("classes", "1") != "1":
        return "No page leaves out classes with few positives."
    if choices.get("average") == "weighted" and figure.is_averaged:
        return "No page weights classes by their positives."
    return ""


def _deck(study: Study, name: str, choices: Choices, setting: str, figure: tuple[str, str | None]) -> Destination | str:
    """The page of thresholds at the policy, on the films, with labels read as chosen."""
    if figure not in ON_DECK:
        return "No page shows this figure over all classes."
    convention = positions(study)[choices.get("labels", AS_WRITTEN)]
    seen = study if convention is None else study.under(convention)
    query = [("study", name), ("setting", setting), ("read_on", choices["split"])]
    if convention is not None:
        query += [("labels", truth_dial.key_of(position_in_use(study.readings, convention)))]  # type: ignore[arg-type]
    start = operating.fitted(seen, setting, choices["policy"])
    parts = written_parts(seen, setting, begin(start, epoch="claim"), usual=DEFAULT_POLICY)
    query += [("thresholds", "~".join([str(study.settings.index(setting)), *parts]))] if parts else []
    return Destination("thresholds", tuple(query), ON_DECK[figure], setting)


def _overview(
    study: Study, name: str, choices: Choices, setting: str, figure: tuple[str, str | None], prompts: str
) -> Destination | str:
    """The overview: as published, or sound."""
    if choices["split"] != "test" or choices.get("labels", AS_WRITTEN) != AS_WRITTEN:
        return "The overview is of the test films, with labels as they were written."
    if figure not in ON_OVERVIEW:
        return "No page shows this figure over all classes."
    kind = figure_named(figure[0])
    is_published = kind.is_decided or choices.get("undefined") == PUBLISHED
    if kind.is_decided and choices["policy"] != _ROW_BY_ROW:
        return "The overview decides as published only by scaling every film."
    if kind.kind == "classes" and choices["undefined"] != PUBLISHED:
        return "The overview counts undefined figures as published where it decides so."
    wants = "names" if is_published and "names" in _published_prompts(study, setting) else STORED
    if prompts != wants:
        return "The overview is of other prompts."
    query = (("study", name), ("protocol", "paper" if is_published else "sound"))
    return Destination("overview", query, ON_OVERVIEW[figure], setting)


def _published_prompts(study: Study, setting: str) -> tuple[str, ...]:
    """The prompts that the published protocol reads a setting with, where it has any of its own."""
    from core.report.settings import SplitData, paper_scores

    kind = paper_scores(SplitData(study, study.rows("test")[:1]), setting)[1]
    return () if kind == study.manifest.settings[setting].score_kind else ("names",)


def _distances(study: Study, name: str, choices: Choices, figure: ClaimFigure, setting: str) -> Destination | str:
    """The embedding space, in the part on separation."""
    if choices.get("labels", AS_WRITTEN) != AS_WRITTEN:
        return "The embedding space reads labels as they were written."
    query = [
        ("study", name),
        ("space_part", "Do the classes separate?"),
        ("separation_split", choices["split"]),
    ]
    if choices["convention"] != PUBLISHED:
        query += [("separation_deep", "1"), ("separation_by", choices["convention"])]
        query += [("separation_metric", choices["distance"])]
    titles = {"inter": "Inter", "intra": "Intra", "ratio": "Inter / intra"}
    return Destination("embedding_space", tuple(query), titles[figure.name], setting)


def _maps(name: str, result: ClaimResult, choices: Choices, place: int) -> Destination | str:
    query = [
        ("study", name),
        ("view", "annotated"),
        ("annotated_split", choices["split"]),
        ("annotated_metric", choices["metric"].removeprefix(MAPS)),
        ("annotated_method", choices["method"]),
    ]
    if choices.get("layer", USUAL) != USUAL:
        query += [("annotated_layer", choices["layer"])]
    return Destination("saliency", tuple(query), choices["metric"], result.claim.settings[place])
