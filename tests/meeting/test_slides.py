"""A story as a deck: what each slide shows, that it loads nothing, and that text from a story stays text."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from core.datasets.films import film_pixels
from core.exports.story import story_deck
from core.story import Slide, Story
from core.study import Study, open_study
from core.thresholds.links import encode_thresholds
from pages.meeting.slides import pictured
from pages.shared import operating
from tests.golden.make_study_v1 import STUDY

BASE = "http://localhost:8501/"


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study(STUDY)


def shown(study: Study, *addresses: str) -> list[dict]:
    """What slides of these addresses hold."""
    return [vars(one) for one in pictured(study, Story(tuple(Slide(one, "See") for one in addresses)), BASE)]


def test_a_slide_of_thresholds_counts_under_the_thresholds_of_its_address(study: Study) -> None:
    setting = study.settings[0]
    lowest = np.full(len(study.classes), -1e6)
    word = encode_thresholds(study.scores_fingerprint(setting), lowest)
    usual, moved = shown(
        study, f"thresholds?setting={setting}", f"thresholds?setting={setting}&thresholds=0~{word}&finding=Edema"
    )
    heading, rows = moved["table"]
    place = heading.index("Predicted")
    read = heading.index("Positive"), heading.index("Negative")
    n_films = len(study.rows("val"))
    labelled = [row for row in rows if int(row[read[0]]) + int(row[read[1]]) == n_films]
    assert labelled
    assert {row[place] for row in labelled} == {str(n_films)}
    assert usual["table"] != moved["table"]
    assert moved["finding"] == "Edema"
    assert moved["link"] == f"{BASE}thresholds?setting={setting}&thresholds=0~{word}&finding=Edema"


def test_a_slide_of_a_film_shows_its_pixels(study: Study) -> None:
    image_id = study.image_ids[3]
    (slide,) = shown(study, f"saliency?film={image_id}&map_of=Edema")
    with Image.open(io.BytesIO(slide["film"])) as picture:
        assert np.array_equal(np.asarray(picture), film_pixels(study, image_id))
    assert slide["facts"][-2:] == ("Edema", image_id)
    assert slide["table"] is None


def test_what_cannot_be_shown_is_said(study: Study) -> None:
    gone, damaged = shown(study, "saliency?film=nowhere", "thresholds?thresholds=0~zzzz")
    assert "nowhere" in gone["problem"]
    assert "damaged" in damaged["problem"]
    assert damaged["table"] is None


def test_a_deck_loads_nothing_and_keeps_text_as_text(study: Study) -> None:
    sentence = "<script>alert(1)</script> & so on"
    story = Story((Slide("overview", sentence), Slide(f"saliency?film={study.image_ids[0]}", "Where it looks")))
    text = story_deck(study.name, pictured(study, story, BASE))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; so on" in text
    assert sentence not in text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', text)
    films = [one for one in loaded if one.startswith("data:image/png;base64,")]
    assert len(films) == 1
    assert base64.b64decode(films[0].split(",")[1]).startswith(b"\x89PNG")
    assert all(one.startswith(BASE) for one in loaded if one not in films)
    assert text.count("<section") == 2


def test_thresholds_of_a_link_leave_those_of_the_session_as_they_are(study: Study) -> None:
    setting = study.settings[0]
    before = operating.sets_of_link(study, [])[setting]
    word = encode_thresholds(study.scores_fingerprint(setting), np.zeros(len(study.classes)))
    assert set(operating.sets_of_link(study, [f"0~{word}"])[setting].values.values()) == {0.0}
    assert operating.sets_of_link(study, [])[setting].values == before.values
