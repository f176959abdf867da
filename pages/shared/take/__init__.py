"""What every chart, table and map gives: PNG at twice its size, SVG, CSV, LaTeX where it is a table, and copies.

Each kind of file is a word beside the figure, where there is room for words, and an entry of a small menu.

The browser makes the pictures of what is on the screen; Python says what they are called and what stands below them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from pandas.io.formats.style import Styler
from streamlit.elements.plotly_chart import PlotlyState

from core.exports.latex import NEEDS, latex_table
from core.exports.shown import shown_rows, without_markdown
from core.exports.spreadsheets import csv_of, csv_of_rows
from core.figures.forest import ForestRow, forest_cells, forest_html
from core.figures.glossary import EVALUATIONS
from core.figures.overview import Bar, bar_cells, bars_html
from core.figures.results_table import Cell
from core.report.settings import Protocol
from core.settings.titles import setting_title
from core.study import Study
from core.words import UNDEFINED, split_words
from pages.shared import notices
from pages.shared.components import register

RESAMPLED: Final = "95 % intervals over resampled patients."
PROTOCOLS: Final[Mapping[Protocol, str]] = {
    name: f"{word}: {meaning[0].lower()}{meaning[1:]}" for name, (word, meaning) in EVALUATIONS.items()
}
"""What stands below a table of figures without intervals under either."""
SOUND: Final = f"{PROTOCOLS['sound']} {RESAMPLED}"
_HERE: Final = Path(__file__).resolve().parent
_MENU: Final = register("take_figures", _HERE / "take.js", html="<i></i>", css=(_HERE / "take.css",), is_apart=False)
_STUDY: Final = "taken_study"
_MOST_DRAWN: Final = 60
"""Rows of a table that its picture and its LaTeX show; its CSV has all."""
_PLAIN: Final = {"displayModeBar": False}
_KINDS: Final = {"png": "PNG", "svg": "SVG", "csv": "CSV", "tex": "LaTeX"}
"""What files are called, by how their names end; `filesOf` of files.js makes them."""


@dataclass(frozen=True)
class Of:
    """What a figure is of: its files' names and its caption.

    name : of the figure, in small letters; one of a name is on a page.
    title : what it shows, in words; what a screen reader says of it.
    setting : empty for several, or for none.
    split : of the films; empty where it is of none.
    said : protocol and interval, in sentences.
    film : where it is of one.
    has_legend : whether its legend is what `legend` drew, for several figures.
    """

    name: str
    title: str
    setting: str = ""
    split: str = ""
    said: str = ""
    film: str = ""
    has_legend: bool = False


def begin(folder: str, study: Study) -> None:
    """Say which study the page's figures are of. folder : the name that it is picked by."""
    said = [
        f"{study.name} ({study.fingerprint}).",
        study.labels_read,
        "Synthetic films." if study.manifest.synthetic else "",
    ]
    words = " ".join(one for one in said if one)
    st.session_state[_STUDY] = {"stem": folder, "words": words, "settings": study.settings}


def mount() -> None:
    """Draw the menu's half that runs in the browser; once on a page."""
    _MENU(key="take-figures", data=None)


def offer_all() -> None:
    """Offer all figures of the page in one ZIP; the browser, which draws them, makes it."""
    st.button("All figures of this page (ZIP)", key="take-all", icon=":material/folder_zip:")


def file_name(setting: str, split: str, name: str) -> str:
    """Return study, setting, split (or film) and figure as the name of a file. name : with or without its ending."""
    stem = st.session_state.get(_STUDY, {}).get("stem", "study")
    parts = (stem, setting or "all-settings", split or "all", name)
    return "_".join(re.sub(r"[^\w.-]+", "-", part).strip("-") for part in parts)


def chart(
    figure: go.Figure, of: Of, *, key: str | None = None, config: dict[str, Any] | None = None, **how: Any
) -> PlotlyState:
    """Draw a Plotly chart. how : as of `st.plotly_chart`, which says what comes back."""
    with _place(of, {}):
        state: PlotlyState = st.plotly_chart(figure, key=key or of.name, alt=of.title, config=config or _PLAIN, **how)
    return state


def table(content: pd.DataFrame, of: Of, *, whole: pd.DataFrame | None = None, is_text: bool = False) -> None:
    """Draw a small table of Cells or of Markdown text; on a phone it scrolls by itself.

    whole : what its files hold, where they hold more than is seen, or call it otherwise.
    is_text : whether its cells are sentences, which share the width there is with the names, a third of it at most.
    """
    held = content if whole is None else whole
    cells = held.to_numpy()
    rows = [[str(held.index.name or ""), *map(str, held.columns)]]
    rows += [[str(name), *map(_text, row)] for name, row in zip(held.index, cells, strict=True)]
    plain = [[without_markdown(cell) for cell in row] for row in rows]
    best = {
        (line, place)
        for line, row in enumerate(cells, start=1)
        for place, cell in enumerate(row, start=1)
        if isinstance(cell, Cell) and cell.mark == "best"
    }
    key = f"table-of-{of.name}{'-text' * is_text}"
    with _place(of, _files_of(plain, of, best)), st.container(key=key, horizontal=True, wrap=False):
        st.markdown(markdown_table(content, is_text=is_text))


def frame(content: pd.DataFrame | Styler, of: Of, *, key: str | None = None, **how: Any) -> Any:
    """Draw a table that sorts and scrolls. how : as of `st.dataframe`, which says what comes back."""
    data: pd.DataFrame = content.data if isinstance(content, Styler) else content  # type: ignore[attr-defined]
    has_index = not how.get("hide_index", False)
    formats = {
        name: (config or {}).get("type_config", {}).get("format")
        for name, config in how.get("column_config", {}).items()
    }
    rows = shown_rows(data.head(_MOST_DRAWN), formats, has_index=has_index)
    note = f"The first {_MOST_DRAWN} of {len(data):,} rows." if len(data) > _MOST_DRAWN else ""
    files = {"csv": csv_of(data, index=has_index), "tex": _tex(rows, of), "rows": rows, "note": note}
    with _place(of, files):
        return st.dataframe(content, key=key, alt=of.title, **how)


def forest(rows: Sequence[ForestRow], of: Of, *, zero: bool = False) -> None:
    """Draw values with whiskers. zero : whether the scale holds 0."""
    drawing(forest_html(rows, title=of.title, zero=zero), forest_cells(rows), of)


def bars(rows: Sequence[Bar], of: Of) -> None:
    """Draw bars."""
    drawing(bars_html(rows, title=of.title), bar_cells(rows), of)


def drawing(html: str, rows: Sequence[Sequence[str]], of: Of, *, is_table: bool = False) -> None:
    """Draw HTML of our own. rows : its data as text, headings first. is_table : whether it is LaTeX, too."""
    with _place(of, _files_of(rows, of) if is_table else {"csv": _csv(rows)}):
        st.html(html)


def legend(html: str) -> None:
    """Draw the legend that several figures share: a picture of each of them has it too. html : of our own."""
    with st.container(key="legend-of-figures"):
        st.html(html)


@contextmanager
def whole(of: Of) -> Iterator[None]:
    """Hold a component that is a figure; its element may carry `figure`, for which see types.d.ts.

    Its first line keeps room for the button at the right: above it stand controls.
    """
    with _place(of, {}, top_px=0):
        yield


@contextmanager
def _place(of: Of, files: dict[str, Any], top_px: int = -26) -> Iterator[None]:
    """A container with the button, and what is drawn within. top_px : where the button begins; words stand above."""
    told = {
        "stem": file_name(of.setting, of.film or of.split, of.name),
        "title": _readable(of.title),
        "caption": _caption(of),
        **files,
    }
    told |= {"legend": True} if of.has_legend else {}
    with st.container(key=f"figure-{of.name}", gap=None):
        st.html(_button(told, top_px))
        yield


def _button(told: dict[str, Any], top_px: int) -> str:
    data, title = escape(json.dumps(told, ensure_ascii=False)), escape(told["title"])
    style = f"position: absolute; right: 0; top: {top_px}px"
    kinds = [name for name in _KINDS if name != "tex" or "tex" in told] if top_px < 0 else []
    words = [
        f'<button type="button" data-ending="{one}" aria-label="{_KINDS[one]}: {title}">{_KINDS[one]}</button>'
        for one in kinds
    ]
    return (
        f'<span class="take-kinds">{"".join(words)}</span>'
        f'<button type="button" class="take-figure" style="{style}" aria-haspopup="menu" aria-expanded="false" '
        f'aria-label="Take along: {title}" data-figure="{data}"></button>'
    )


def _caption(of: Of) -> str:
    words = st.session_state.get(_STUDY, {}).get("words", "")
    setting = setting_title(of.setting) if of.setting else ""
    films = f"{split_words(of.split)} films" if of.split else ""
    where = ", ".join(one for one in (setting, films, of.film and f"film {of.film}") if one)
    said = [words, f"{where[0].upper()}{where[1:]}." if where else "", _readable(of.said), "Not for clinical use."]
    return " ".join(one for one in said if one)


def _readable(words: str) -> str:
    """Words of a report as the pages say them."""
    return without_markdown(notices.readable(words, st.session_state.get(_STUDY, {}).get("settings", ())))


def _files_of(rows: Sequence[Sequence[str]], of: Of, bold: Collection[tuple[int, int]] = ()) -> dict[str, str]:
    return {"csv": _csv(rows), "tex": _tex(rows, of, bold)}


def _tex(rows: Sequence[Sequence[str]], of: Of, bold: Collection[tuple[int, int]] = ()) -> str:
    return f"{NEEDS}\n{latex_table(rows, _caption(of), name=of.name, bold=bold)}\n"


def _csv(rows: Sequence[Sequence[str]]) -> str:
    """What is undefined is empty."""
    return csv_of_rows([["" if cell == UNDEFINED else cell for cell in row] for row in rows])


def _text(cell: object) -> str:
    return cell.text if isinstance(cell, Cell) else str(cell)


def markdown_table(table: pd.DataFrame, *, is_text: bool = False) -> str:
    """Write a table as Markdown, index first: a browser shows it with what it has already loaded.

    is_text : whether names may go on in a second line.
    """
    space = " " if is_text else "\N{NO-BREAK SPACE}"
    headings = [str(table.index.name or ""), *(str(name) for name in table.columns)]
    rows = [
        [str(name).replace(" ", space), *(_drawn(cell) for cell in row)]
        for name, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _drawn(cell: object) -> str:
    """A cell as Markdown: the best blue and bold, the worst red and italic."""
    if not isinstance(cell, Cell):
        return str(cell)
    marks = {"best": f":blue[**{cell.text}**]", "worst": f":red[*{cell.text}*]", None: cell.text}
    return marks[cell.mark]
