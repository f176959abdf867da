"""Votes between three maps whose strengths are known, and the figures that go with them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from core.arena.questions import draw_cases
from core.arena.results import MEASURED
from core.arena.votes import Vote
from core.saliency.localization.pairs import MapKey
from core.saliency.localization.table import LocalizationResults
from core.study import Study

A, B, C = (MapKey("fine_tune", method) for method in ("grad_cam", "chefer", "gem"))


def vote_of(
    reader: str = "One", film: str = "film", answer: str = "left", sides: tuple[MapKey, MapKey] = (A, B)
) -> Vote:
    """A vote on one film."""
    return Vote(reader, film, "Edema", *sides, answer)  # type: ignore[arg-type]


def row_of(film: str, of: MapKey, value: float, finding: str = "Edema") -> dict[str, object]:
    """A row of the table of maps against masks, all figures of one value."""
    about = {"image_id": film, "patient_id": film, "split": "test", "finding": finding, "reader": "R"}
    about |= {"setting": of.setting, "method": of.method, "layer": "", "is_default": True}
    about |= {"is_zero": False, "is_below_resolution": False, "is_defined": True}
    numbers = ("chance", "outside", "readers_iou", "readers_dice")
    return {**about, **dict.fromkeys(numbers, 0.1), **dict.fromkeys(MEASURED, value)}


def planted(study: Study, n_films: int) -> tuple[list[Vote], LocalizationResults]:
    """Three readers, maps of strength 4, 2 and 1, energy in the same order; one answer in ten is neither."""
    rng, films = np.random.default_rng(5), [case.image_id for case in draw_cases(study, n_films)]
    strength, votes = {A: 4.0, B: 2.0, C: 1.0}, []
    for reader in ("One", "Two", "Three"):
        for film in films:
            for left, right in combinations((A, B, C), 2):
                prefers = rng.random() < strength[left] / (strength[left] + strength[right])
                answer = "neither" if rng.random() < 0.1 else "left" if prefers else "right"
                votes.append(vote_of(reader, film, answer, (left, right)))
    rows = [row_of(film, of, 0.1 * value) for film in films for of, value in strength.items()]
    return votes, LocalizationResults(pd.DataFrame(rows), study.fingerprint)
