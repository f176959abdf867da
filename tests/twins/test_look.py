"""A film beside its twin: how far scores moved, which decisions turned, and the pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.own_film.scorer import load_scorer
from core.study.read import Study
from core.thresholds import fit_thresholds
from core.twins.look import look_at_pair, scores_table
from core.twins.pair import make_pair, study_renderer
from core.twins.pictures import ENLARGED, MOST_GREY, difference_picture, film_colours, twin_picture
from tests.twins.planted_study import CLASSES, SETTING


def test_scores_decisions_and_pictures_of_a_pair(planted: Study) -> None:
    renderer, scorer = study_renderer(planted), load_scorer(planted)
    row = next(row for row, name in enumerate(planted.image_ids) if not renderer.shown(name).names)
    image_id = planted.image_ids[row]
    pair = make_pair(renderer, image_id, renderer.shown(image_id).with_finding("Support Devices"))
    scores = scorer.scores([pair.film.pixels, pair.twin.pixels])[SETTING]
    between, above = float(scores[:, 0].mean()), float(scores.max() + 1)
    usual = fit_thresholds(planted, SETTING, exploratory=True)
    cuts = replace(usual, values=dict(zip(CLASSES, (between, above), strict=True)), uppers={})
    found = look_at_pair(planted, image_id, pair, scorer, {SETTING: cuts})

    spread = np.std(np.asarray(planted.scores(SETTING), dtype=np.float64), axis=0)
    assert found.moved[SETTING] == pytest.approx((scores[1] - scores[0]) / spread, rel=1e-4)
    (turned,) = found.flips
    rises = bool(scores[1, 0] > scores[0, 0])
    expected = (("Pneumothorax",), ()) if rises else ((), ("Pneumothorax",))
    assert (turned.gained, turned.lost) == expected
    assert turned.words.endswith(
        "redicted on the twin: Pneumothorax." if rises else "no longer predicted: Pneumothorax."
    )
    table = scores_table(found)
    assert [text.startswith("**") for text in table.iloc[:, 0]] == [True, False]

    assert pair.region is not None
    height, width = pair.film.pixels.shape
    marked = twin_picture(pair)
    assert marked.shape == (ENLARGED * height, ENLARGED * width, 3)
    large = np.kron(pair.region, np.ones((ENLARGED, ENLARGED), dtype=bool))
    coloured = marked[..., 0] != marked[..., 2]
    assert coloured.any()
    assert not (coloured & ~large).any()
    assert difference_picture(pair) is not None


def test_brighter_is_orange_darker_is_blue_and_the_same_is_grey() -> None:
    colours = film_colours(np.array([[MOST_GREY, -MOST_GREY, 0.0, 10 * MOST_GREY]], dtype=np.float32))[0, ::ENLARGED]
    assert colours[0, 0] > colours[0, 2]
    assert colours[1, 2] > colours[1, 0]
    assert np.ptp(colours[2].astype(int)) < 20
    assert (colours[3] == colours[0]).all()
