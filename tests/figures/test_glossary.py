"""The glossary: every figure of the registries, every word once, every meaning a sentence."""

from __future__ import annotations

from core.figures.glossary import TERMS, glossary
from core.metrics.class_figures import CLASS_FIGURES
from core.metrics.overall_figures import OVERALL_FIGURES


def test_every_figure_and_every_term_is_explained_in_a_sentence() -> None:
    meanings = glossary()["What it means"]
    assert meanings.index.is_unique
    assert {figure.title for figure in (*CLASS_FIGURES, *OVERALL_FIGURES)} <= set(meanings.index)
    assert list(meanings.index[: len(TERMS)]) == [word for word, _ in TERMS]
    assert meanings["Macro F1"] == "Mean F1 over the classes with a positive film."
    assert all(said.endswith(".") and "|" not in said for said in meanings)
    assert len(meanings) >= len(TERMS) + len(CLASS_FIGURES)
