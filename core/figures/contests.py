"""Settings ranked: rows with whiskers, tables of differences, and what a gain cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from core.figures.forest import ForestRow, difference_row, figure_row
from core.figures.theme import GREY, as_written, laid_out, say_undefined, setting_style, unknown_settings
from core.metrics.difference import Difference
from core.report.contest import Contest, Contestant
from core.report.cost import COSTS, Cost
from core.report.groups import group_of
from core.settings.titles import setting_title
from core.settings.zero_shot import SETTING as ZERO_SHOT
from core.words import difference_words, figure_words, number_words


def contest_rows(found: Contest) -> list[ForestRow]:
    """Make a row for every setting, best first."""
    digits = found.figure.digits
    return [
        figure_row(
            setting_title(row.setting), row.value, row.interval, colour=_colour(found, row.setting), digits=digits
        )
        for row in found.rows
    ]


def contest_table(contests: Sequence[Contest]) -> pd.DataFrame:
    """Tabulate the figures of every setting, in the order of the first ranking, with their 95 % intervals, as Markdown
    text; what each is over stands in its heading.
    """
    settings = [row.setting for row in contests[0].rows]
    content = {}
    for one in contests:
        rows = {row.setting: row for row in one.rows}
        heading = ", ".join(filter(None, (one.figure.title, one.over)))
        content[heading] = [_figure_said(one, rows[name]) for name in settings]
    return pd.DataFrame(content, index=pd.Index([setting_title(name) for name in settings], name="Setting"))


def reference_of(found: Contest) -> str:
    """Choose what gains are over: zero-shot, or where it is not there the last of those that are defined."""
    settings = [row.setting for row in found.defined or found.rows]
    return ZERO_SHOT.name if ZERO_SHOT.name in settings else settings[-1]


def references(found: Contest) -> tuple[str, ...]:
    """List what settings are set against: the reference of gains, and the best where that is another."""
    return tuple(dict.fromkeys((reference_of(found), found.rows[0].setting)))


def difference_rows(found: Contest, reference: str) -> list[ForestRow]:
    """Make a row for every other setting: it minus the reference; a ring where that may be chance."""
    return [
        difference_row(
            setting_title(row.setting),
            found.difference(row.setting, reference),
            colour=_colour(found, row.setting),
            digits=found.figure.digits,
        )
        for row in found.rows
        if row.setting != reference
    ]


def difference_table(contests: Sequence[Contest]) -> pd.DataFrame:
    """Tabulate every setting less the reference of gains, and less the best by the first figure, as Markdown text."""
    first = contests[0]
    pairs = [
        (row.setting, reference)
        for reference in references(first)
        for row in first.rows
        if row.setting != reference and (reference != first.rows[0].setting or row.setting != reference_of(first))
    ]
    index = [f"{setting_title(one)} minus {setting_title(other)}" for one, other in pairs]
    content = {one.figure.heading: [_said(one, *pair) for pair in pairs] for one in contests}
    return pd.DataFrame(content, index=pd.Index(index, name="Difference"))


def cost_table(found: Contest, costs: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Tabulate what every setting cost beside its gain over the reference, as Markdown text.

    costs : by setting, by the name of a cost; NaN is a dash.
    """
    reference = reference_of(found)
    rows = [
        {
            "Kind": group_of(row.setting).title,
            **{cost.title: number_words(costs[row.setting][cost.name], cost.digits) for cost in COSTS},
            f"{found.figure.title}, gain over {setting_title(reference)}": number_words(math.nan)
            if row.setting == reference
            else _said(found, row.setting, reference),
        }
        for row in found.rows
    ]
    return pd.DataFrame(rows, index=pd.Index([setting_title(row.setting) for row in found.rows], name="Setting"))


def cost_figure(found: Contest, cost: Cost, costs: Mapping[str, Mapping[str, float]]) -> go.Figure:
    """Draw every setting's gain over the reference, with its interval, by what it cost on a scale of powers of ten.

    Settings whose cost nobody recorded, or is nothing, have no place on that scale; `not_drawn` names them.
    """
    reference, figure = reference_of(found), go.Figure()
    shown = {row.setting: costs[row.setting][cost.name] for row in found.rows if row.setting != reference}
    for setting, spent in shown.items():
        gain = found.difference(setting, reference)
        if spent > 0 and not math.isnan(gain.value):
            _point(figure, found, setting, spent, gain)
    laid_out(figure, height=340, showlegend=False)
    figure.add_hline(y=0, line={"color": GREY, "dash": "dash", "width": 1})
    figure.update_xaxes(title=cost.title, type="log", dtick=1, range=_decades(list(shown.values())))
    figure.update_yaxes(title=f"{found.figure.title}, gain over {setting_title(reference)}", zeroline=False)
    if not figure.data:
        say_undefined(figure, ["No setting has a cost that can be drawn"])
    return figure


def _decades(spent: Sequence[float]) -> list[float]:
    """From where to where the scale of powers of ten goes, with room for names at the right."""
    powers = [math.log10(one) for one in spent if one > 0]
    return [min(powers, default=0.0) - 0.3, max(powers, default=1.0) + 0.7]


def _point(figure: go.Figure, found: Contest, setting: str, spent: float, gain: Difference) -> None:
    style = setting_style(setting, unknown_settings(tuple(row.setting for row in found.rows)))
    interval, line = gain.interval, {"width": 1.5, "color": style.colour}
    words = difference_words(gain.value, interval, found.figure.digits)
    figure.add_scatter(
        x=[spent],
        y=[gain.value],
        error_y={
            "type": "data",
            "array": [interval.high - gain.value if interval.is_estimable else 0],
            "arrayminus": [gain.value - interval.low if interval.is_estimable else 0],
            "color": style.colour,
            "thickness": 1.5,
        },
        mode="markers+text",
        text=[as_written(setting_title(setting))],
        textposition="top right",
        marker={"color": style.colour, "symbol": style.symbol, "size": 11, "line": line},
        hovertemplate=f"{as_written(setting_title(setting))}: {words}<extra></extra>",
        cliponaxis=False,
    )


def not_drawn(found: Contest, cost: Cost, costs: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Say which settings have no place on the scale of a cost, and why, a sentence each."""
    reference = reference_of(found)
    shown = {row.setting: costs[row.setting][cost.name] for row in found.rows if row.setting != reference}
    title = cost.title.split(" (")[0].lower()
    unknown = [setting for setting, spent in shown.items() if math.isnan(spent)]
    free = [setting for setting, spent in shown.items() if spent == 0]
    undefined = [one for one in shown if math.isnan(found.difference(one, reference).value) and shown[one] > 0]
    kinds = ((unknown, f"no record of {title}"), (free, f"{title} 0"), (undefined, "no gain defined"))
    return [f"Not drawn, {why}: {', '.join(map(setting_title, settings))}." for settings, why in kinds if settings]


def _said(found: Contest, setting: str, reference: str) -> str:
    one = found.difference(setting, reference)
    return difference_words(one.value, one.interval, found.figure.digits) + " *" * one.is_clear


def _figure_said(found: Contest, row: Contestant) -> str:
    return figure_words(row.value, row.interval, found.figure.digits)


def _colour(found: Contest, setting: str) -> str:
    return setting_style(setting, unknown_settings(tuple(row.setting for row in found.rows))).colour
