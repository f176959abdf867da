"""A story as it is made on the pages: added, kept with the study or in the session, taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.paths import PROJECT
from core.story import Slide, Story, StoryError, story_of, write_story
from pages.meeting import stories
from tests.pages.made_study import make_study


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study."""
    return make_study(tmp_path_factory.mktemp("studies") / "made-up", n_films=60)


@pytest.fixture
def app(made_up: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., AppTest]]:
    """The app on its first page: app(split="val")."""
    monkeypatch.setenv("CXR_STUDIES", str(made_up))
    monkeypatch.setenv("CXR_CACHE", str(tmp_path))

    def run(**asked: str) -> AppTest:
        page = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
        for name, value in {"study": "made-up", **asked}.items():
            page.query_params[name] = value
        return page.run()

    yield run
    write_story(made_up, Story())


def add(page: AppTest, sentence: str) -> AppTest:
    page.text_input(key="meeting-sentence").set_value(sentence)
    return page.button(key="meeting-add").click().run()


def test_a_view_is_added_with_its_address_and_sentence_and_kept_with_the_study(
    app: Callable[..., AppTest], made_up: Path
) -> None:
    page = add(app(protocol="paper"), "Which is best?")
    add(page, "Once more")
    first, second = story_of(made_up).slides
    assert first == Slide("overview?study=made-up&protocol=paper", "Which is best?")
    assert second.sentence == "Once more"
    page.button(key="meeting-:material/close:-0").click().run()
    assert story_of(made_up).slides == (second,)


def test_a_story_that_may_not_be_kept_with_the_study_stays_in_the_session(
    app: Callable[..., AppTest], made_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StoryError("It cannot be written.", remedy="Take it along.")

    monkeypatch.setattr(stories, "write_story", refuse)
    page = add(app(), "Kept here")
    assert "Take it along" in page.toast[0].value
    assert story_of(made_up) == Story()
    assert any("Kept here" in str(one.value) for one in page.markdown)


def test_a_damaged_story_is_said_and_the_page_is_there(app: Callable[..., AppTest], made_up: Path) -> None:
    (made_up / "story.json").write_text("{")
    page = app()
    assert any("story.json" in one.value for one in page.error)
    assert page.title[0].value == "Overview"


def test_a_view_without_a_sentence_is_called_as_its_page_is() -> None:
    assert stories.words_of(Slide("per_class?study=made-up", "")) == "Per class"
    assert stories.words_of(Slide("?study=made-up", "")) == "Overview"
    assert stories.words_of(Slide("per_class?study=made-up", "Look")) == "Look"
