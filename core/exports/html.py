"""A report in one file: tables, figures and methods, with everything that it needs inside."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from core.exports.methods import methods_paragraph
from core.exports.rows import SettingRows, setting_rows
from core.exports.tables import READING_WORDS
from core.figures.thresholds import CURVES, alt_of
from core.metrics.class_figures import ClassMetrics, class_figures_in
from core.metrics.difference import Difference
from core.metrics.overall_figures import overall_figures_in
from core.thresholds.compare import MOST_COMPARED, compare_all
from core.thresholds.curves import study_curves
from core.thresholds.sets import INTENDED_USE, ThresholdSet
from core.titles import setting_title
from core.words import UNDEFINED, count_words, crowded_words, difference_words, figure_words, threshold_words

if TYPE_CHECKING:
    from core.study import Study

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; color: #1c2733;
       background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; font-size: 13px; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #d5dce3; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.scroll { overflow-x: auto; } .note { color: #4c5a68; }
.banner { padding: .6rem 1rem; background: #fdf0dc; border-left: 4px solid #d0761b; }
"""
_COLUMNS: Final = 3


def html_report(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> str:
    """The report of the sets, read on the films of a split. It loads nothing from anywhere."""
    from plotly.offline import get_plotlyjs

    rows = setting_rows(study, split, sets)
    title = f"{study.name}: thresholds read on {split}"
    parts = [
        f"<h1>{_text(title)}</h1>",
        f'<p class="note">Study fingerprint {study.fingerprint}. {_text(INTENDED_USE)}</p>',
        *(f'<p class="banner">{_text(sentence)}</p>' for sentence in _warnings(study, rows)),
        "<h2>Over all classes</h2>",
        _overall_table(rows),
        *_comparison(study, split, sets),
        *(part for one in rows for part in _setting_section(one)),
        "<h2>Curves</h2>",
        *_figures(study, split, sets),
        "<h2>Methods</h2>",
        f"<p>{_text(methods_paragraph(study, split, sets))}</p>",
    ]
    head = (
        f"<meta charset='utf-8'><title>{_text(title)}</title><style>{_STYLE}</style><script>{get_plotlyjs()}</script>"
    )
    return f"<!doctype html>\n<html lang='en'><head>{head}</head>\n<body>\n" + "\n".join(parts) + "\n</body></html>\n"


def _warnings(study: Study, rows: Sequence[SettingRows]) -> list[str]:
    """What must be seen first."""
    synthetic = ["The films are synthetic."] if study.manifest.synthetic else []
    marked = [one for one in rows if one.reading in ("exploratory", "optimistic", "unfrozen")]
    return [*synthetic, *(f"{setting_title(one.chosen.setting)}: {READING_WORDS[one.reading]}" for one in marked)]


def _setting_section(rows: SettingRows) -> list[str]:
    titles = [figure.title for figure in class_figures_in("html")]
    heading = ["Class", "Read", "Positive", "Predicted", "Threshold", *titles]
    cells = [_class_cells(row) for row in rows.classes]
    fits = [f"{finding}: {fit.words()}" for finding, fit in rows.chosen.fits.items()]
    basis = rows.chosen.basis.removeprefix(f"{rows.chosen.setting}: ")
    details = "".join(f"<li>{_text(sentence)}</li>" for sentence in fits)
    return [
        f"<h2>{_text(setting_title(rows.chosen.setting))}</h2>",
        f"<p>{_text(basis[0].upper() + basis[1:])} {_text(READING_WORDS[rows.reading])}</p>",
        _table(heading, cells),
        f'<p class="note">In brackets: 95 % interval, not estimable below 5; {UNDEFINED}: undefined.</p>',
        f"<details><summary>How firm each threshold is</summary><ul>{details}</ul></details>" if fits else "",
    ]


def _class_cells(row: ClassMetrics) -> list[str]:
    figures = [crowded_words(row.value(figure), row.intervals.get(figure.name)) for figure in class_figures_in("html")]
    numbers = [count_words(n) for n in (row.n_read, row.n_positive, row.n_predicted)]
    return [row.finding, *numbers, threshold_words(row.threshold), *figures]


def _overall_table(rows: Sequence[SettingRows]) -> str:
    cells = [
        [
            figure.heading,
            *(figure_words(one.overall.value(figure), one.intervals.get(figure.name), figure.digits) for one in rows),
        ]
        for figure in overall_figures_in("html")
    ]
    return _table(["Figure", *(setting_title(one.chosen.setting) for one in rows)], cells)


def _comparison(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> list[str]:
    """Every pair of settings; nothing with one setting or without films, a sentence above MOST_COMPARED films."""
    n_films = len(study.rows(split))
    if len(sets) < 2 or not n_films:
        return []
    if n_films > MOST_COMPARED:
        return [f'<p class="note">Settings are not compared in pairs above {MOST_COMPARED:,} films.</p>']
    figures = overall_figures_in("comparison")
    pairs = compare_all(study, split, tuple(sets.values()))
    cells = [
        [
            f"{setting_title(pair.first)} less {setting_title(pair.second)}",
            *(_difference(pair.overall.get(figure.name)) for figure in figures),
        ]
        for pair in pairs
    ]
    return [
        "<h2>Settings compared on the same films</h2>",
        _table(["Difference", *(figure.title for figure in figures)], cells),
    ]


def _figures(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> list[str]:
    curves = study_curves(study, split, sets)
    parts = []
    for name, title, draw in CURVES:
        figure = draw(curves, _COLUMNS).update_layout(template="plotly_white")
        drawn = figure.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})
        words = _text(alt_of(name, curves))
        parts.append(f"<h3>{_text(title)}</h3><figure aria-label='{words}'>{drawn}</figure>")
    return parts


def _difference(difference: Difference | None) -> str:
    return UNDEFINED if difference is None else difference_words(difference.value, difference.interval)


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{_text(cell)}</th>" for cell in heading)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _text(text: str) -> str:
    return html.escape(text, quote=True)
