"""One choice between the paper's evaluation, ours, and both with what makes them differ."""

from __future__ import annotations

from typing import Final, Literal

import streamlit as st

from core.figures.both_evaluations import both_cells, both_html
from core.figures.results_table import sweep_table
from core.paper.differences import protocol_differences
from core.study import Study
from pages.shared import cache, selection, take

Evaluation = Literal["paper", "sound", "both"]
WORDS: Final[dict[str, str]] = {"paper": "Published", "sound": "Ours", "both": "Both"}
_HELP: Final = (
    "**Published:** as the paper evaluates, each film's scores are scaled to 0..1 on their own and cut at 0.5; "
    "undefined figures count as 0.\n\n**Ours:** one threshold per class, fitted on the validation films and then read "
    "on the test films; what is undefined is left out."
)


def pick(study: Study) -> Evaluation:
    """Which evaluation the results are of: at first ours, as the verdict is; `protocol` in the address."""
    key = f"protocol-{study.fingerprint}"
    chosen = selection.pick_one(
        "Evaluation", list(WORDS), default="sound", words=WORDS, key=key, address="protocol", about=_HELP
    )
    return "paper" if chosen == "paper" else "both" if chosen == "both" else "sound"


def show_both(study: Study, split: str) -> None:
    """Every figure of the results under both, with what makes it differ in its row; and the paper's sweep."""
    paper, ours = (cache.report(study, split, protocol) for protocol in ("paper", "sound"))
    published = {name: one.overall for name, one in paper.settings.items()}
    own = {name: one.overall for name, one in ours.settings.items()}
    differences = protocol_differences(study, paper, ours)
    of = take.Of("results-both", "The results under both evaluations", split=split, said="Published → ours.")
    take.drawing(both_html(published, own, differences), both_cells(published, own, differences), of)
    st.caption(
        "Published → **ours**: the paper's way of evaluating and ours, on the same films. The paper's own figures, of "
        "other films, stand below."
    )
    if steps := cache.sweep(study, split):
        with st.expander("Zero-shot at the published cuts, 0.20 to 0.90", icon=":material/swap_vert:"):
            st.markdown(
                "Each film's scores are scaled to 0..1 on their own; one cut serves all classes. Choosing the best row "
                "on the films that it is read on flatters it."
            )
            take.table(sweep_table(steps), take.Of("sweep", "Zero-shot at the published cuts", split=split))
