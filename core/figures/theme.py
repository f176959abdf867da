"""One look for every figure: colours that colour-blind people can tell apart, legible on light and on dark.

No meaning by colour alone: a setting also has its own marker and line, a group of films its own marker.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from core.findings import SETTINGS


@dataclass(frozen=True)
class Style:
    """How one series is drawn. dash and symbol are Plotly's names."""

    colour: str
    dash: str
    symbol: str


ORANGE: Final = "#d0761b"
TEAL: Final = "#189a8a"
VIOLET: Final = "#8b6fd8"
BLUE: Final = "#3a86d4"
PINK: Final = "#cc5f97"
GREY: Final = "#8291a1"

_STYLES: Final = (
    Style(ORANGE, "dot", "circle"),
    Style(TEAL, "dash", "square"),
    Style(VIOLET, "solid", "diamond"),
    Style(BLUE, "dashdot", "triangle-up"),
    Style(PINK, "longdash", "cross"),
)

SEQUENTIAL: Final = ((0.0, "#cfe1f5"), (0.5, "#6ba3df"), (1.0, "#184f94"))
"""From light to dark blue: shares of films; a share of nothing is left clear."""


def setting_style(setting: str, others: tuple[str, ...] = ()) -> Style:
    """The style of a setting, the same in every figure.

    others : settings of the study that are none of the project's three; they take the styles after those.
    """
    if setting in SETTINGS:
        return _STYLES[SETTINGS.index(setting)]
    rank = others.index(setting) if setting in others else 0
    return _STYLES[len(SETTINGS) :][rank % (len(_STYLES) - len(SETTINGS))]


def unknown_settings(settings: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are none of the project's three."""
    return tuple(setting for setting in settings if setting not in SETTINGS)


def as_written(name: str) -> str:
    """Return a name from a file so that a figure shows it as it is: Plotly takes `<b>` and the like for formatting."""
    return escape(name, quote=False)


def laid_out(figure: go.Figure, *, height: int, **layout: Any) -> go.Figure:
    """The figure with the house's margins, legend and transparent ground; colours of text come from the app's theme.

    height : in pixels.  layout : further Plotly layout.
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
    """Writes what could not be drawn into the figure, below its top edge."""
    if sentences:
        figure.add_annotation(
            text="<br>".join(sentences), x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 13}
        )
