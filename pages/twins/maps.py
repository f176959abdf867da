"""Saliency maps judged by causes: against the region that moved a score, beside the drawn mask."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.errors import CoreError
from core.saliency.localization.summary import PairedDifference
from core.saliency.localization.table import LocalizationResults
from core.saliency.methods import method_of
from core.settings.titles import setting_title
from core.study import Study
from core.words import UNDEFINED, figure_words, signed_interval_words, signed_words, unbroken
from pages.shared import notices, take
from pages.twins import cache

_METRICS = {"energy": "Energy", "hit": "Pointing game", "average_precision": "Pixel average precision"}


def show(study: Study) -> None:
    """The table that the study holds; else the command that makes it."""
    st.header("Maps judged by causes")
    try:
        table = cache.causes(study)
    except CoreError as error:
        notices.show_error(error, title="Maps judged by causes cannot be shown")
        return
    if table is None:
        notices.missing(
            "Maps have not been compared with the regions that move scores yet.",
            f"python -m core twins {study.root} --maps",
        )
        return
    st.markdown(
        "The true map is known: the region in which a film differs from its twin without the finding.",
        help="Method and layer are chosen on validation films and read on test; patients resampled; the mean is over "
        "findings with 5 films or more.",
    )
    take.table(
        _rows(study, table), take.Of("maps-by-causes", "Maps judged by causes", split="test", said=take.RESAMPLED)
    )
    for note in table.notes:
        st.caption(notices.plain(note))


def _rows(study: Study, table: LocalizationResults) -> pd.DataFrame:
    rows = []
    for setting in table.settings:
        for metric, title in _METRICS.items():
            judged = cache.judged(study, setting, metric)
            if judged is None:
                rows.append({"Setting": setting_title(setting), "Measure": title, "Chosen on validation": UNDEFINED})
                continue
            chosen, found = judged
            layer = f", {chosen.of.layer}" if chosen.of.layer else ""
            against = {
                f"Minus {method_of(name).title.lower()}": _difference(entry)
                for name, entry in found.over_baselines.items()
            }
            rows.append(
                {
                    "Setting": setting_title(setting),
                    "Measure": title,
                    "Chosen on validation": notices.plain(f"{method_of(chosen.of.method).title}{layer}"),
                    "On test (95 %)": unbroken(figure_words(found.value, found.interval)),
                    **against,
                    "Films": f"{found.n_films:,}",
                }
            )
    return pd.DataFrame(rows).fillna(UNDEFINED).set_index("Setting")


def _difference(found: PairedDifference) -> str:
    ends = unbroken(signed_interval_words(found.interval))
    return UNDEFINED if found.value != found.value else f"**{signed_words(found.value)}** ({ends})"
