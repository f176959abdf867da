"""One choice between the published figures, ours, and both cell by cell with what makes them differ."""

from __future__ import annotations

from typing import Final, Literal

import streamlit as st

from core.figures.both_evaluations import Compared, compared_cells, compared_html
from core.figures.results_table import sweep_table
from core.paper import published
from core.paper.differences import protocol_differences, published_differences
from core.study import Study
from pages.shared import cache, selection, take

Evaluation = Literal["paper", "sound", "both"]
WORDS: Final[dict[str, str]] = {"paper": "Published", "sound": "Ours", "both": "Both"}
_HELP: Final = (
    "**Published:** the paper's figures, and this study's evaluated as the paper does: each film's scores are scaled "
    "to 0..1 on their own and cut at 0.5; undefined figures count as 0.\n\n**Ours:** one threshold per class, fitted "
    "on the validation films and then read on the test films; what is undefined is left out.\n\n**Both:** cell by "
    "cell, with the reason in each line that differs."
)


def pick(study: Study) -> Evaluation:
    """Whose figures the results are: at first ours, as the verdict is; `protocol` in the address."""
    key = f"protocol-{study.fingerprint}"
    chosen = selection.pick_one(
        "Whose figures", list(WORDS), default="sound", words=WORDS, key=key, address="protocol", about=_HELP
    )
    return "paper" if chosen == "paper" else "both" if chosen == "both" else "sound"


def show_both(study: Study, split: str) -> None:
    """Every figure as published and under both evaluations, with what makes it differ in its line; and the sweep."""
    paper, ours = (cache.report(study, split, protocol) for protocol in ("paper", "sound"))
    compared = Compared(
        published.OVERALL,
        {name: one.overall for name, one in paper.settings.items()},
        {name: one.overall for name, one in ours.settings.items()},
        published_differences(study, split),
        protocol_differences(study, paper, ours),
    )
    of = take.Of("results-both", "Published and ours, cell by cell", split=split, said=take.PROTOCOLS["sound"])
    take.drawing(compared_html(compared), compared_cells(compared), of, is_table=True)
    if steps := cache.sweep(study, split):
        with st.expander("Zero-shot at the published cuts, 0.20 to 0.90", icon=":material/swap_vert:"):
            st.markdown(
                "Each film's scores are scaled to 0..1 on their own; one cut serves all classes. Choosing the best row "
                "on the films that it is read on flatters it."
            )
            take.table(sweep_table(steps), take.Of("sweep", "Zero-shot at the published cuts", split=split))
