"""A story: kept with a study, taken along, refused in sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.story import Slide, Story, StoryError, read_story, story_of, story_text, write_story
from core.story.story import MOST_SLIDES
from core.study.layout import STORY

TWO = Story((Slide("overview?study=a", "Which is best?"), Slide("thresholds?study=a&finding=Edema", "What it costs")))


def test_a_story_is_kept_in_a_studys_folder_and_an_empty_one_leaves_no_file(tmp_path: Path) -> None:
    assert story_of(tmp_path) == Story()
    write_story(tmp_path, TWO)
    assert story_of(tmp_path) == TWO
    write_story(tmp_path, Story())
    assert not (tmp_path / STORY).exists()


def test_a_story_that_is_taken_along_is_the_same_elsewhere() -> None:
    assert read_story(story_text(TWO).encode(), "story.json") == TWO


def test_views_are_added_moved_and_taken_away() -> None:
    three = TWO.with_slide("saliency?film=x", "  Where \n it looks ")
    assert three.slides[2] == Slide("saliency?film=x", "Where it looks")
    assert three.moved(2, -1).slides == (three.slides[0], three.slides[2], three.slides[1])
    assert three.moved(0, -1) == three
    assert three.moved(2, 1) == three
    assert three.without(0).slides == three.slides[1:]
    assert three.without(7) == three


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is no JSON"),
        ("[]", "holds no story"),
        ('{"story": [3]}', "holds no story"),
        ('{"story": [{"address": "https://elsewhere.example", "sentence": ""}]}', "view 1: 'https:"),
        ('{"story": [{"address": "javascript:alert(1)", "sentence": ""}]}', "is no address"),
        ('{"story": [{"address": "overview", "sentence": 3}]}', "view 1: its sentence"),
        (json.dumps({"story": [{"address": "overview", "sentence": ""}] * (MOST_SLIDES + 1)}), "holds 201 views"),
    ],
)
def test_what_is_no_story_is_refused_in_a_sentence(content: str, words: str) -> None:
    with pytest.raises(StoryError, match=words):
        read_story(content, "mine.json")


def test_a_full_story_takes_no_more() -> None:
    full = Story((Slide("overview", ""),) * MOST_SLIDES)
    with pytest.raises(StoryError, match="as many as one may"):
        full.with_slide("overview", "")


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / STORY).mkdir()
    with pytest.raises(StoryError, match="cannot be written"):
        write_story(tmp_path, TWO)
