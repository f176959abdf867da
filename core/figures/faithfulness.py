"""A class score as a film loses and gains the patches that a map ranks highest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import laid_out, setting_style, unknown_settings
from core.settings.titles import setting_title

if TYPE_CHECKING:
    from core.saliency.faithfulness import PerturbationCurves


def perturbation_figure(curves: Mapping[str, PerturbationCurves]) -> go.Figure:
    """Deletion (falling where the map is good) and insertion (rising), each score between empty film and whole film.

    curves : by setting. Those with a problem are left out: there is nothing between the two to lose or to gain.
    """
    figure = go.Figure()
    others = unknown_settings(tuple(curves))
    for setting, found in curves.items():
        if found.problem:
            continue
        span = found.score_full - found.score_empty
        style = setting_style(setting, others)
        for name, scores, dash in (("deletion", found.deletion, "dot"), ("insertion", found.insertion, "solid")):
            figure.add_scatter(
                x=100 * np.asarray(found.shares),
                y=(np.asarray(scores) - found.score_empty) / span,
                mode="lines",
                line={"color": style.colour, "dash": dash, "width": 2},
                name=f"{setting_title(setting)}, {name}",
            )
    laid_out(figure, height=300)
    figure.update_xaxes(title="patches greyed, or brought back, highest first (%)")
    figure.update_yaxes(title="score, 0 = empty film, 1 = whole")
    return figure
