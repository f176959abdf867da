"""Planted truths are found in every draw; `python -m tests.benchmarks.claims --draws 100` takes more of them."""

from __future__ import annotations

import pytest

from core.claims.verdict import verdict_words
from tests.claims.planted import PLANTS, Plant, result_of


@pytest.mark.parametrize("plant", PLANTS, ids=lambda one: one.name)
def test_what_was_planted_is_found(plant: Plant) -> None:
    for seed in range(3):
        result = result_of(plant, seed)
        assert len(result.codes) >= 60
        assert plant.is_found(result), verdict_words(result)


def test_the_sentence_names_what_all_that_contradict_have_in_common() -> None:
    said = verdict_words(result_of(PLANTS[2], 0))
    assert "all that contradict it use the paper's overall rule" in said
    assert said.endswith("or the highest classes of each film (cut rule).")
    assert said.startswith("Holds in ")
    assert verdict_words(result_of(PLANTS[0], 0)).startswith("Holds in all ")
    assert verdict_words(result_of(PLANTS[1], 0)).startswith("Contradicted in all ")
