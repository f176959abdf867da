"""A notebook that reads the study again and draws the same figures through `core`."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.exports.methods import methods_paragraph
from core.figures.thresholds import CURVES
from core.thresholds.files import threshold_file
from core.thresholds.sets import INTENDED_USE, ThresholdSet
from core.words import split_words

if TYPE_CHECKING:
    from core.study import Study

_SETUP = """\
import plotly.io

plotly.io.renderers.default = "plotly_mimetype+notebook"  # shown by Jupyter and by nbconvert, without a network

from core.exports.tables import metrics_csv
from core.figures.thresholds import CURVES
from core.study import open_study
from core.thresholds.curves import study_curves
from core.thresholds.files import for_study, read_threshold_file

study = open_study(STUDY)
sets = {one.setting: one for one in for_study(read_threshold_file(THRESHOLDS), study)}
curves = study_curves(study, SPLIT, sets)
draw = {name: function for name, _, function in CURVES}"""

_TABLE = """\
import io

import pandas as pd

pd.read_csv(io.StringIO(metrics_csv(study, SPLIT, sets)))"""


def notebook(study: Study, split: str, sets: Mapping[str, ThresholdSet]) -> str:
    """Write the text of an .ipynb (nbformat 4.5): thresholds inside, one cell per figure, the table, the methods.

    It is run from the project's folder, and refuses a study that is not the one it was made from.
    """
    sources = [
        f"STUDY = {str(study.root)!r}\nSPLIT = {split!r}\nTHRESHOLDS = {threshold_file([*sets.values()])!r}",
        _SETUP,
        _TABLE,
    ]
    title = f"{_plain(study.name)}: thresholds read on {split_words(split)} films"
    cells = [
        _words(f"# {title}\n\n{INTENDED_USE} Run it from the project's folder."),
        *(_code(source) for source in sources),
    ]
    for name, title, _ in CURVES:
        cells += [_words(f"## {title}"), _code(f"draw[{name!r}](curves)")]
    cells.append(_words(f"## Methods\n\n{_plain(methods_paragraph(study, split, sets))}"))
    content = {
        "cells": [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _plain(text: str) -> str:
    """Text that holds names, so that nothing in it is taken for Markdown, HTML or a formula."""
    return re.sub(r"([\\`*_{}\[\]#|~$])", r"\\\1", html.escape(" ".join(text.split()), quote=False))


def _words(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }
