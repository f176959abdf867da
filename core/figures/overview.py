"""Figures of the overview: how uneven the classes are, and how many labels are predicted.

Plain bars as HTML, which a browser draws at once: Plotly's script alone would take as long to load as the whole page.
Lengths are shares of the width, so that a phone shows them as well; text takes the colour of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from core.figures.theme import BLUE, GREY, setting_style, unknown_settings
from core.findings import NO_FINDING
from core.metrics.arrays import IntArray
from core.metrics.overall_figures import Overall
from core.settings.titles import setting_title

_LONGEST: Final = 75.0
"""Per cent of the place beside the labels that the longest bar takes."""


@dataclass(frozen=True)
class Bar:
    """One bar.

    text : what stands at its end.
    hover : more, for a pointer and a screen reader.
    """

    label: str
    value: float
    text: str
    colour: str
    hover: str


def class_count_bars(classes: Sequence[str], counts: Mapping[str, IntArray]) -> list[Bar]:
    """Count the positive films of every class, the most frequent first.

    counts : by split, (n_classes,) positive films; a bar is their sum, its hover gives the splits.
    """
    totals = np.sum(list(counts.values()), axis=0)
    return [
        Bar(
            label=classes[i],
            value=float(totals[i]),
            text=f"{totals[i]:,}",
            colour=GREY if classes[i] == NO_FINDING else BLUE,
            hover=", ".join(f"{split} {numbers[i]:,}" for split, numbers in counts.items()),
        )
        for i in np.argsort(-totals, kind="stable")
    ]


def label_count_bars(overall: Mapping[str, Overall], n_films: int) -> list[Bar]:
    """Compute the mean number of labels a film: as read, and as each setting predicts.

    overall : by setting; one without decisions is left out.
    """
    others = unknown_settings(tuple(overall))
    truth = next((figures.n_true_labels for figures in overall.values()), 0)
    bars = [_labels_bar("Labelled", truth, n_films, None, GREY)]
    for name, figures in overall.items():
        if figures.n_predicted_labels is not None:
            colour = setting_style(name, others).colour
            bars.append(_labels_bar(setting_title(name), figures.n_predicted_labels, n_films, truth, colour))
    return bars


def bars_html(bars: Sequence[Bar], *, title: str) -> str:
    """Write the bars as a list in HTML, as wide as its place.

    title : what a screen reader says of it.
    """
    longest = max((bar.value for bar in bars), default=0.0) or 1.0
    rows = "".join(_row(bar, _LONGEST * bar.value / longest) for bar in bars)
    grid = "display: grid; grid-template-columns: max-content 1fr; gap: 0.3rem 0.6rem; font-size: 0.9rem"
    return f'<div role="list" aria-label="{escape(title)}" style="{grid}">{rows}</div>'


def bar_cells(bars: Sequence[Bar]) -> list[list[str]]:
    """Return the bars as cells of a table, headings first."""
    return [["Label", "Value", "Text", "More"], *([one.label, repr(one.value), one.text, one.hover] for one in bars)]


def _row(bar: Bar, length: float) -> str:
    line = f'<div style="width: {length:.3f}%; height: 1rem; border-radius: 2px; background: {bar.colour}"></div>'
    return (
        f'<div role="listitem" title="{escape(f"{bar.label}: {bar.hover}")}" style="display: contents">'
        f'<div style="text-align: right">{escape(bar.label)}</div>'
        f'<div style="display: flex; align-items: center; gap: 0.5rem">{line}'
        f'<div style="white-space: nowrap">{escape(bar.text)}</div></div></div>'
    )


def _labels_bar(label: str, number: int, n_films: int, truth: int | None, colour: str) -> Bar:
    mean = number / max(n_films, 1)
    text = f"{mean:.2f} ({number / truth:.1f} x)" if truth else f"{mean:.2f}"
    return Bar(label, mean, text, colour, f"{number:,} labels on {n_films:,} films")
