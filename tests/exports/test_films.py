"""The films and maps of a report: each is what it is called."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.exports.films import ReportPicture, commonest, maps_of, outcome_films
from core.exports.html import html_report
from core.figures.film_map import SIDE, map_picture
from core.figures.theme import GREY, ORANGE
from core.findings import NO_FINDING
from core.study import Study, open_study
from core.thresholds import fit_thresholds
from tests.pages.made_study import make_study
from tests.pages.scores_only import make_scores_only

KINDS = {"Found": (1, True), "Missed": (1, False), "False alarm": (0, True), "Rightly silent": (0, False)}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(make_study(tmp_path_factory.mktemp("films") / "study", n_films=200))


def picture_of(one: ReportPicture) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(one.source.partition(",")[2])))


def test_the_most_frequent_finding_is_no_absence(study: Study) -> None:
    counts = {
        name: int((study.labels[:, column] == 1).sum())
        for column, name in enumerate(study.classes)
        if name != NO_FINDING
    }
    column = commonest(study)
    assert column is not None
    assert study.classes[column] == max(counts, key=lambda name: counts[name])


def test_every_film_is_of_the_kind_that_it_stands_for(study: Study) -> None:
    chosen = fit_thresholds(study, "zero_shot")
    column = commonest(study)
    assert column is not None
    cut = chosen.values[study.classes[column]]
    assert cut is not None
    shown = outcome_films(study, "all", chosen)
    assert shown
    for one in shown:
        label, is_called = KINDS[one.title.partition(":")[0]]
        row = study.row_of(one.words.partition(",")[0])
        scores, labels = study.scores("zero_shot")[:, column], study.labels[:, column]
        assert labels[row] == label
        assert (scores[row] >= cut) == is_called
        number = int(((labels == label) & ((scores >= cut) == is_called)).sum())
        assert one.words.endswith(f"one of {number}")
        assert max(picture_of(one).size) <= 280


def test_a_film_is_the_one_in_the_middle_of_those_that_can_be_looked_at(study: Study) -> None:
    chosen, column = fit_thresholds(study, "zero_shot"), commonest(study)
    assert column is not None
    scores = study.scores("zero_shot")[:, column]
    silent = next(one for one in outcome_films(study, "all", chosen) if one.title.startswith("Rightly"))
    kept = study.images["file"].notna().to_numpy() & (study.labels[:, column] == 0)
    ranked = sorted(float(score) for score in scores[kept & (scores < chosen.values[study.classes[column]])])
    assert scores[study.row_of(silent.words.partition(",")[0])] == ranked[len(ranked) // 2]


def test_nothing_is_shown_where_no_threshold_decides(study: Study) -> None:
    by_film = fit_thresholds(study, "zero_shot", "top-k", parameter=1)
    assert by_film.is_film_wise
    assert outcome_films(study, "test", by_film) == ()


def test_a_map_has_its_points_where_they_are() -> None:
    points = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    picture = map_picture(points, np.array([0.0, 1.0, np.nan]))
    assert picture.size == (SIDE, 470)
    named = [picture.getpixel(place) for place in ((20, 450), (SIDE - 20, 450), (20, 20))]
    colour = {name: tuple(int(name[at : at + 2], 16) for at in (1, 3, 5)) for name in (GREY, ORANGE)}
    assert named == [colour[GREY], colour[ORANGE], (255, 255, 255)]
    assert picture.getpixel((25, 20)) == colour[GREY]


def test_the_report_holds_them_all(study: Study) -> None:
    sets = {name: fit_thresholds(study, name) for name in study.settings}
    text = html_report(study, "test", sets)
    pictures = re.findall(r'<img src="data:image/(\w+);base64,', text)
    films = sum(len(outcome_films(study, "test", chosen)) for chosen in sets.values())
    maps = maps_of(study, "test")
    assert [one.title for one in maps] == ["Map of the films, Frozen", "Map of the films, Fine-tuned"]
    assert sorted(pictures) == ["jpeg"] * films + ["png"] * len(maps)
    assert films > 0


def test_a_study_without_films_and_maps_has_a_report(tmp_path: Path) -> None:
    bare = open_study(make_scores_only(tmp_path / "bare", ("Mass", "Edema")))
    sets = {name: fit_thresholds(bare, name) for name in bare.settings}
    assert "<img" not in html_report(bare, "test", sets)
