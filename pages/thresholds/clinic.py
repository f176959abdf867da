"""One class among a clinic's own patients: 1,000 of them as a picture, and the groups in which a promise breaks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from core.figures.patients import icon_array, icon_words
from core.metrics.class_figures import steady_figures
from core.metrics.classification import Confusion
from core.metrics.prevalence import WEIGHT, expected_at
from core.report.broken_promises import broken_promises
from core.report.subgroups import available_groupings
from core.study import Study
from core.thresholds import ThresholdSet
from core.words import figure_words, share_words
from pages.shared import cache as shared_cache
from pages.shared import notices, selection, take
from pages.shared.working_thresholds import WorkingThresholds
from pages.thresholds import cache

_KEPT: Final = "clinic"
_PROMISED: Final = {"sensitivity": "recall", "specificity": "specificity"}
"""Promises of a share that groups can be compared by, and the figure of a class that they are of."""


def asked(study: Study) -> dict[str, Any]:
    """The clinic of this session, else the address's, as JSON values: by class its prevalence, None as here; what a
    found case weighs. The address goes on saying it.
    """
    fingerprint, kept = st.session_state.get(_KEPT, ("", None))
    if kept is None:
        keep(study, read_link(st.query_params.get(_KEPT, ""), len(study.classes)))
        fingerprint, kept = st.session_state[_KEPT]
    found = kept if fingerprint == study.fingerprint else _nobody(len(study.classes))
    selection.write(_KEPT, to_link(found) or None)
    return dict(found)


def _nobody(n_classes: int) -> dict[str, Any]:
    return {"prevalence": [None] * n_classes, "weight": WEIGHT}


def to_link(clinic: Mapping[str, Any]) -> str:
    """A clinic for an address: its weight, then place and share of every class that it differs in; "" for none."""
    shares = [f"{place}-{share:g}" for place, share in enumerate(clinic["prevalence"]) if share is not None]
    return "_".join([f"{clinic['weight']:g}", *shares]) if shares or clinic["weight"] != WEIGHT else ""


def read_link(text: str, n_classes: int) -> dict[str, Any]:
    """The clinic of an address; what cannot be read there, or is of no class here, is as if it were not said."""
    clinic = _nobody(n_classes)
    weight, *shares = text.split("_")
    clinic["weight"] = _number(weight) or WEIGHT
    for word in shares:
        place, _, share = word.partition("-")
        if place.isdecimal() and int(place) < n_classes:
            clinic["prevalence"][int(place)] = _number(share)
    return clinic


def _number(text: str) -> float | None:
    """A number above or at 0; None where a text is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < math.inf else None


def keep(study: Study, event: Any) -> None:
    """Keeps the clinic that the browser sends; what is none is left out."""
    if not isinstance(event, Mapping) or len(event.get("prevalence", ())) != len(study.classes):
        return
    shares = [None if one is None or not 0 <= float(one) <= 1 else float(one) for one in event["prevalence"]]
    weight = float(event.get("weight", WEIGHT))
    st.session_state[_KEPT] = (study.fingerprint, {"prevalence": shares, "weight": weight if weight > 0 else WEIGHT})


def show(study: Study, split: str, now: WorkingThresholds) -> None:
    """The picture of 1,000 patients, then figures by group."""
    finding, chosen = selection.finding_of(study), now.as_set()
    counts = cache.operating_figures(study, split, chosen).per_class[finding]
    prevalence = asked(study)["prevalence"][study.classes.index(finding)]
    _patients(finding, counts, prevalence, split, chosen)
    _groups(study, split, finding, chosen, now.start)


def _patients(finding: str, counts: Confusion, prevalence: float | None, split: str, chosen: ThresholdSet) -> None:
    n_read = counts.n_read
    here = (counts.tp + counts.fn) / n_read if n_read else 0.0
    share = here if prevalence is None else prevalence
    where = "as on these films" if prevalence is None else "at the clinic's prevalence"
    st.markdown(
        f"**{notices.plain(finding)}, of 1,000 patients like these**; {share_words(share, 1)} have it, {where}",
        help="“At my clinic” beside the deck sets another prevalence. Recall and specificity stay as they are.",
    )
    expected = expected_at(counts, share)
    of = take.Of(f"patients-{finding}", icon_words(finding, expected), chosen.setting, split, chosen.basis)
    take.chart(icon_array(expected), of, key="patients")


def _groups(study: Study, split: str, finding: str, chosen: ThresholdSet, start: ThresholdSet) -> None:
    groupings = available_groupings(study)
    if not groupings:
        st.caption("This study records no age, sex or view to group films by.")
        return
    words = {one.column: one.title for one in groupings}
    column = selection.pick_one("Groups by", list(words), default=groupings[0].column, words=words, key="groups_by")
    groups = shared_cache.grouped(study, split, chosen, column)
    fit = start.fits.get(finding)
    made = [one for one in (fit.promises if fit else ()) if one.is_made and one.figure in _PROMISED]
    levels = [(_PROMISED[one.figure], one.level) for one in made]
    broken = broken_promises(groups, finding, levels)
    titles = {figure.name: figure.title for figure in steady_figures()}
    for one in broken:
        words_of = figure_words(one.value, one.interval)
        st.warning(
            f"The promise breaks in **{notices.plain(one.group)}**: {titles[one.figure].lower()} {words_of}, "
            f"promised {share_words(one.level, 1)}.",
            icon=":material/group_remove:",
        )
    if not broken:
        st.caption("No group is shown to break the promise." if levels else "No recall or specificity is promised.")
    rows = {
        group.title: {
            "Films": group.n_films,
            **{
                figure.title: figure_words(
                    group.per_class[finding].value(figure), group.per_class[finding].intervals[figure.name]
                )
                for figure in steady_figures()
                if figure.of_decisions is not None
            },
        }
        for group in groups
    }
    take.frame(
        pd.DataFrame.from_dict(rows, orient="index").rename_axis("Group"),
        take.Of(
            f"promise-groups-{finding}",
            f"{finding} in groups of films at this threshold",
            chosen.setting,
            split,
            f"{chosen.basis} 95 % intervals.",
        ),
        key="promise-groups",
        height="content",
    )
