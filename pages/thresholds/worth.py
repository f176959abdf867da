"""What thresholds were worth on the films of their fit and on those read now: as they started, and as they stand."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.figures.promise_tables import kept_table, overall_shrinkage, shrinkage_figures, shrinkage_of, shrinkage_table
from core.metrics.arrays import MIN_POSITIVES
from core.metrics.class_figure import ClassFigure
from core.study import Study
from core.thresholds import ThresholdSet
from core.thresholds.worth import Worth
from pages.shared import selection, take
from pages.shared.selection import SPLIT_WORDS
from pages.shared.working_thresholds import WorkingThresholds
from pages.thresholds import cache, phase

_SIDE_WIDTH: Final = 440
"""Pixels that a class with its three numbers takes; in narrower windows one side stands below the other."""


def show(study: Study, split: str, now: WorkingThresholds) -> None:
    """Before and after the hand moved, each with its shrinkage and what became of its promises."""
    start, stands = now.start, now.reference_set() if now.is_beside_frozen else now.as_set()
    moved = None if stands.values == start.values and stands.uppers == start.uppers else stands
    if cache.worth(study, split, start) is None:
        st.caption(_why_not(split, start))
        if split == start.split == "val":
            phase.offer_lock(study, start.setting, key="freeze-worth")
        return
    if now.is_beside_frozen:
        st.caption(":material/lock: These are the locked thresholds, not the ones that stand in the deck.")
    sides: list[tuple[str, ThresholdSet, ThresholdSet | None]] = [("Before: as it started", start, None)]
    if moved is None:
        st.caption(
            "No threshold was moved, so there is no after. In brackets: the films read now minus those of the fit."
        )
    else:
        sides.append((f"After: as {'it stands' if now.frozen is None else 'locked'}", moved, start))
    figure = _pick_figure()
    found = [cache.worth(study, split, chosen, promised) for _, chosen, promised in sides]
    is_wide = any(one is not None and one.kept for one in found)  # promises are told in sentences
    with st.grid(1 if is_wide else len(sides), min_column_width=_SIDE_WIDTH, gap="large"):
        for (title, chosen, _), worth in zip(sides, found, strict=True):
            with st.container():
                st.markdown(f"**{title}**")
                _side(worth, chosen, title, figure)


def _pick_figure() -> ClassFigure:
    """The figure of a class that is set side by side."""
    known = {figure.name: figure for figure in shrinkage_figures()}
    words = {name: figure.title for name, figure in known.items()}
    last = list(known)[-1]
    return known[selection.pick_one("Figure of every class", list(known), default=last, words=words, key="worth_of")]


def _side(worth: Worth | None, chosen: ThresholdSet, title: str, figure: ClassFigure) -> None:
    """One set on both films; in words where it has no other films to be read on."""
    if worth is None:
        st.caption("Chosen while looking at these very films: there are no others here to read it on.")
        return

    def of(name: str, words: str) -> take.Of:
        side = title.partition(":")[0]
        return take.Of(f"worth-{side.lower()}-{name}", f"{side}: {words}", chosen.setting, worth.read_on, chosen.basis)

    heads = [SPLIT_WORDS[name] for name in (worth.fitted_on, worth.read_on)]
    fitted_on, read_on = (name.lower() for name in heads)
    if worth.kept:
        st.caption("Promised and kept, with exact 95 % intervals.")
        take.table(kept_table(worth.kept, fitted_on, read_on), of("promises", "What was promised, and kept"))
    st.caption(f"Figures on {fitted_on} → {read_on} films, and the change; too few: positives, below {MIN_POSITIVES}.")
    take.table(overall_shrinkage(worth), of("overall", "Figures over all classes, and their change"))
    take.table(
        shrinkage_of(worth, figure, *heads),
        of("classes", f"{figure.title} of every class, and its change"),
        whole=shrinkage_table(worth),
    )


def _why_not(split: str, start: ThresholdSet) -> str:
    if start.split is None or not start.is_defined:
        return "The starting point was fitted on no films, so there is nothing to set side by side."
    if split == start.split == "val":
        return "These are the films of the fit. Lock the thresholds, and the test films stand beside them."
    words = SPLIT_WORDS[start.split].lower()
    if split in (start.split, "all"):
        return f"Fitted on {words} films: choose other films above to set both side by side."
    return "There are no films to set side by side."
