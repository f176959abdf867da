"""One look for every figure: colours that colour-blind people can tell apart, legible on light and on dark.

No meaning by colour alone: a setting also has its own marker and line, a group of films its own marker.
"""

from __future__ import annotations

from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from core.settings import registry
from core.settings.base import Style

ORANGE: Final = "#d0761b"
TEAL: Final = "#189a8a"
VIOLET: Final = "#8b6fd8"
BLUE: Final = "#3a86d4"
PINK: Final = "#cc5f97"
GREY: Final = "#8291a1"

OTHER_STYLES: Final = (Style(BLUE, "dashdot", "triangle-up"), Style(PINK, "longdash", "cross"))
"""Of settings that no line of `core.settings.registry` tells of, in turn."""

BESIDE_STYLES: Final = (
    Style("#7d38ee", "1px,2px,5px,2px", "diamond-wide"),
    Style("#78683a", "7px,3px", "star-triangle-up"),
    Style("#0da56c", "18px,3px", "circle-x"),
    Style("#909045", "3px,1px,1px,1px", "square-cross"),
    Style("#c61098", "11px,4px,1px,4px", "star-triangle-down"),
    Style("#a5590d", "2px,6px", "diamond-tall"),
)
"""Of settings of a study's other models, in turn."""

SEQUENTIAL: Final = ((0.0, "#cfe1f5"), (0.5, "#6ba3df"), (1.0, "#184f94"))
"""From light to dark blue: shares of films; a share of nothing is left clear."""


def setting_style(setting: str, others: tuple[str, ...] = ()) -> Style:
    """Give the style of a setting, the same in every figure.

    others : settings of the study that are none of the project's, which take OTHER_STYLES in turn, or are of another
        model, which take BESIDE_STYLES.
    """
    found = registry.known(setting)
    if found is not None and found.name in registry.names():
        return found.style
    styles = OTHER_STYLES if found is None else BESIDE_STYLES
    alike = [other for other in others if (registry.known(other) is None) == (found is None)]
    rank = alike.index(setting) if setting in alike else 0
    return styles[rank % len(styles)]


def unknown_settings(settings: tuple[str, ...]) -> tuple[str, ...]:
    """List the settings that are none of the project's, or are of a study's other models."""
    return tuple(setting for setting in settings if setting not in registry.names())


def as_written(name: str) -> str:
    """Return a name from a file so that a figure shows it as it is: Plotly takes `<b>` and the like for formatting."""
    return escape(name, quote=False)


def laid_out(figure: go.Figure, *, height: int, **layout: Any) -> go.Figure:
    """Lay out the figure with the house's margins, legend and transparent ground;
    colours of text come from the app's theme.

    height : in pixels.
    layout : further Plotly layout.
    """
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"align": "left"},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.01, "xanchor": "left", "x": 0, "title": None},
        uirevision="keep",
    )
    figure.update_xaxes(automargin=True, zeroline=False)
    figure.update_yaxes(automargin=True, zeroline=False)
    return figure.update_layout(**layout)


def say_undefined(figure: go.Figure, sentences: list[str]) -> None:
    """Write what could not be drawn into the figure: in its middle, or at its foot where something else is drawn."""
    if sentences:
        place = {"x": 0.5, "y": 0.03 if any(trace.hoverinfo != "skip" for trace in figure.data) else 0.5}
        text = "<br>".join(sentences)
        figure.add_annotation(text=text, **place, xref="paper", yref="paper", showarrow=False, font={"size": 13})
