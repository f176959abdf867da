"""Tables of readers hold what was computed, and say what cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from core.figures.class_tables import label_table
from core.figures.reader_tables import agreement_table, rater_table
from core.metrics.reader_agreement import ReaderAgreement, reader_agreement
from core.metrics.resampling import draw_resamples
from core.words import UNDEFINED, figure_words

nan = np.nan


@pytest.fixture(scope="module")
def compared() -> ReaderAgreement:
    rng = np.random.default_rng(4)
    truth = rng.random(80) < 0.4
    votes = {name: np.where(rng.random(80) < 0.1, ~truth, truth).astype(float) for name in ("R1", "R2", "R3")}
    return reader_agreement("Edema", votes, {"fine_tune": truth}, draw_resamples(None, 100, n_films=80))


def test_every_class_has_a_row_with_the_readers_beside_the_settings(compared: ReaderAgreement) -> None:
    (row,) = agreement_table([compared]).to_dict("records")
    assert (row["Class"], row["Films"]) == ("Edema", 80)
    assert row["Kappa"] == compared.kappa.value
    assert row["Readers' F1"] == compared.ceiling.f1.value
    assert row["Fine-tuning F1"] == compared.settings[0].f1.value
    assert " to " in row["Kappa, 95 %"]


def test_one_class_reader_by_reader(compared: ReaderAgreement) -> None:
    table = rater_table(compared)
    assert table.index.tolist() == ["R1", "R2", "R3", "All readers", "Fine-tuning"]
    second = compared.readers[1]
    assert table.loc["R2", "Kappa"] == figure_words(second.kappa.value, second.kappa.interval)
    assert table.loc["R2", "Films"] == "80"


def test_what_is_undefined_is_a_dash() -> None:
    votes = {"R1": np.zeros(6), "R2": np.zeros(6)}
    nothing = reader_agreement("Edema", votes, {}, draw_resamples(None, 20, n_films=6))
    assert rater_table(nothing).loc["All readers", "F1"] == UNDEFINED
    assert np.isnan(agreement_table([nothing])["Kappa"].iloc[0])


def test_labels_are_counted_by_class() -> None:
    labels = np.array([[1, 0], [1, nan], [0, nan], [1, 1]])
    table = label_table(("Edema", "Mass"), labels, ["a", "a", "b", "c"])
    assert table.to_numpy().tolist() == [["Edema", 3, 1, 0, 2], ["Mass", 1, 1, 2, 1]]
