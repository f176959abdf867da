"""Whether a setting's probabilities mean what they say."""

from __future__ import annotations

import streamlit as st

from core.figures.class_tables import INTERVAL, calibration_sources, calibration_table
from core.settings.titles import setting_title
from core.study import Study
from core.thresholds.calibration import CHOICES
from core.words import UNDEFINED
from pages.shared import cache, notices, selection, take

WORDS = {
    "as-is": "As the model gives them, logits through the sigmoid. Margins and similarities are no probabilities: "
    "Platt's curve is fitted to them on validation films.",
    "platt": "A logistic curve per class (slope and offset), fitted on the validation films.",
    "temperature": "Every logit divided by one number per class, fitted on the validation films: it sharpens or "
    "softens, and cannot mend what is off on average.",
}


def pick_choice() -> str:
    """How scores become probabilities, and what that means in a sentence."""
    choice = selection.pick_one("Probabilities", list(CHOICES), default="as-is", words=CHOICES, key="probabilities")
    st.caption(WORDS[choice])
    return choice


def show(study: Study, setting: str, split: str) -> None:
    """Every class of a setting: mean probability against the share labelled positive, ECE, Brier."""
    choice = pick_choice()
    if split in ("val", "all"):
        st.caption(":material/warning: What is fitted on validation films looks better on them than it is.")
    with st.spinner("Resampling patients"):
        rows = cache.calibrations(study, split, setting, choice)
    three = st.column_config.NumberColumn(format="%.3f")
    take.frame(
        calibration_table(rows),
        take.Of(
            "calibration",
            f"Calibration of every class, {setting_title(setting)}",
            setting,
            split,
            f"{CHOICES[choice]}. 95 % intervals over resampled patients.",
        ),
        key="calibration-table",
        hide_index=True,
        height="content",
        placeholder=UNDEFINED,
        column_config={
            "Class": st.column_config.TextColumn(pinned=True, width="medium"),
            "Mean probability": st.column_config.NumberColumn(
                format="%.3f", help="Equal to the share if right on average"
            ),
            "Share positive": three,
            "ECE": st.column_config.NumberColumn(
                format="%.3f", help="Expected calibration error: mean gap in ten groups of films; 0 is perfect"
            ),
            "ECE by chance": st.column_config.NumberColumn(
                format="%.3f",
                help="95 % of perfectly calibrated models stay below this on as many films. An ECE below it is no "
                "sign of bad calibration.",
            ),
            "Brier": st.column_config.NumberColumn(format="%.3f", help="Mean squared gap to the label; 0 is perfect"),
            f"Brier{INTERVAL}": st.column_config.TextColumn(help="95 % interval over resamples of the patients"),
            "Brier at prevalence": st.column_config.NumberColumn(
                format="%.3f", help="Of a model that says the share of positives for every film, whatever it shows"
            ),
        },
    )
    st.caption(notices.readable(" ".join(calibration_sources(rows)), study.settings))
    st.caption("Curves of calibration and net benefit, class by class, are on the thresholds page, under Curves.")
