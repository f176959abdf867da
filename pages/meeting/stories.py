"""The story of the study that is looked at: views with a sentence each, kept with the study or taken along."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import streamlit as st

from core.errors import CoreError
from core.story import Slide, Story, read_story, story_of, story_text, write_story
from core.study import Study
from pages.meeting.arrivals import STORY, base_address
from pages.meeting.routes import FOLLOW
from pages.shared import navigation, notices, studies

_SENTENCE: Final = "meeting-sentence"


def current() -> Story:
    """The story of the study that is looked at; an empty one where it is damaged, which `show` says."""
    study = studies.looked_at()
    if study is None:
        return Story()
    try:
        return _kept(study) or story_of(study.root)
    except CoreError:
        return Story()


def words_of(slide: Slide) -> str:
    """What a view is called: its sentence, else its page's title."""
    stem = slide.address.partition("?")[0]
    titles = {page.stem: page.title for page in navigation.PAGES}
    return slide.sentence or titles.get(stem, navigation.PAGES[0].title)


def show(study: Study, stem: str) -> None:
    """The story's views, and what is done with them. stem : the page that is looked at."""
    try:
        story = _kept(study) or story_of(study.root)
    except CoreError as error:
        notices.show_error(error, title="The story of this study cannot be read")
        return
    st.text_input("What to see here", key=_SENTENCE, persist_state="session", max_chars=400)
    st.button("Add this view", icon=":material/add:", on_click=_add, args=(study, stem), key="meeting-add")
    for place, slide in enumerate(story.slides):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"{place + 1}. {notices.plain(words_of(slide))}", width="stretch")
            for icon, after in ((":material/arrow_upward:", story.moved(place, -1)), (":material/close:", None)):
                args = (study, story.without(place) if after is None else after)
                st.button("", icon=icon, key=f"meeting-{icon}-{place}", on_click=_keep, args=args, type="tertiary")
    if story.slides:
        _files(study, story)
    st.file_uploader("A story that was taken along", type="json", key="meeting-file", on_change=_take, args=(study,))


def _files(study: Study, story: Story) -> None:
    name, base = study.root.name, base_address()  # read now: a file is written when no page runs
    with st.container(horizontal=True):
        st.download_button(
            "Story", story_text(story), f"{name}_story.json", "application/json", key="meeting-story-file",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "Deck", lambda: _deck(study, story, base), f"{name}_story.html", "text/html",
            key="meeting-deck", on_click="ignore", icon=":material/slideshow:",
        )  # fmt: skip


def _deck(study: Study, story: Story, base: str) -> str:
    """The deck. What makes it is imported when it is asked for: the first page waits for none of it."""
    from core.exports.story import story_deck
    from pages.meeting.slides import pictured

    return story_deck(study.name, pictured(study, story, base))


def _kept(study: Study) -> Story | None:
    """The story of this session, where it may not be written into the study's folder."""
    root, story = st.session_state.get(STORY, ("", None))
    return story if root == str(study.root) else None


def _add(study: Study, stem: str) -> None:
    """Add the view as the address has it now."""
    asked = [(name, value) for name in st.query_params if name != FOLLOW for value in st.query_params.get_all(name)]
    try:
        story = (_kept(study) or story_of(study.root)).with_slide(
            f"{stem}?{urlencode(asked)}", str(st.session_state.get(_SENTENCE) or "")
        )
    except CoreError as error:
        notices.show_error(error, title="This view was not added")
        return
    _keep(study, story)
    st.session_state[_SENTENCE] = ""


def _keep(study: Study, story: Story) -> None:
    """Keep it in the study's folder, else in this session."""
    try:
        write_story(study.root, story)
        st.session_state.pop(STORY, None)
    except CoreError as error:
        st.session_state[STORY] = (str(study.root), story)
        st.toast(notices.plain(f"Kept until this window is closed. {error.message} {error.remedy}"))


def _take(study: Study) -> None:
    """Take a story from a file, in place of the one that is there."""
    file = st.session_state.get("meeting-file")
    if file is None:
        return
    try:
        _keep(study, read_story(file.getvalue(), file.name))
    except CoreError as error:
        notices.show_error(error, title="This story was not taken")
