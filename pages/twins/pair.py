"""A film and its twin side by side, where they differ, and what every setting makes of it."""

from __future__ import annotations

import streamlit as st

from core.datasets.twins import AskedFilm, Renderer
from core.study import Study
from core.twins.look import TwinScores, look_at_pair, scores_table
from core.twins.pair import TwinPair, grey_change, make_pair
from core.twins.pictures import MOST_GREY, difference_picture, film_picture, twin_picture
from core.words import number_words
from pages.serving import turns
from pages.shared import notices, operating, take
from pages.twins import cache, controls


@st.fragment
@notices.guarded
def show(study: Study, renderer: Renderer) -> None:
    """The controls and all that follows them; a press runs nothing else of the page."""
    image_id, asked = controls.pick(study, renderer)
    with st.spinner("Taking the twin film…"):
        pair = make_pair(renderer, image_id, asked, cache.film(study, image_id))
    _pictures(renderer, image_id, pair)
    _greys(pair, asked, renderer.shown(image_id))
    with turns.one_look("Looking at both films…"), turns.turn(turns.MAPS):
        scorer = cache.scorer(study)
        thresholds = {setting: operating.current_decisions(study, setting) for setting in scorer.models}
        found = look_at_pair(study, image_id, pair, scorer, thresholds)
    _decisions(found)
    take.table(scores_table(found), take.Of("twin-scores", f"Scores of {image_id} and its twin", film=image_id))
    st.caption(
        "Film → twin, bold where the decision turns; SD: moved by so many standard deviations over the split's films.",
        help="Scores are raw, each of its setting's own kind. Thresholds are those in use on the other pages.",
    )
    for problem in scorer.problems.values():
        st.caption(notices.plain(f"{problem.message} {problem.remedy}"))


def _pictures(renderer: Renderer, image_id: str, pair: TwinPair) -> None:
    first, second, third = st.columns(3)
    with first:
        with st.container(key="pair-film"):
            st.image(film_picture(pair.film.pixels), width="stretch", alt=f"The film {image_id}")
        st.caption(f"**Film**: {controls.own_words(renderer, image_id)}")
    with second:
        with st.container(key="pair-twin"):
            st.image(twin_picture(pair), width="stretch", alt="The twin, with the region that differs outlined")
        names = ", ".join(pair.twin.masks) or "no finding"
        st.caption(f"**Twin**: {notices.plain(names)}")
    difference = difference_picture(pair)
    with third:
        if difference is None:
            st.info("The twin has another size, so no difference can be drawn.")
            return
        with st.container(key="pair-difference"):
            st.image(difference, width="stretch", alt="Twin minus film; the region that differs is outlined")
        st.caption(
            "**Twin minus film**: orange brighter, blue darker.",
            help=f"Full colour from {MOST_GREY:g} of 255 grey values. The outline holds every pixel whose ray meets a "
            "quarter of a centimetre more, or less, of soft tissue in place of lung, or what absorbs as much.",
        )


def _greys(pair: TwinPair, asked: AskedFilm, own: AskedFilm) -> None:
    """How far the change keeps to its region."""
    if pair.region is None:
        st.caption("Rays or development differ, so the whole film does; no region is the cause.")
        return
    if not pair.region.any():
        same = {name for name, _ in asked.findings} == set(own.names)
        st.caption("The twin is the film: press a finding." if same else "There is no room here for what was pressed.")
        return
    found = grey_change(pair)
    st.caption(
        f"Mean change in the outline **{number_words(found.inside, 1)}**, where only scatter reaches "
        f"**{number_words(found.outside, 2)}** of 255 grey values."
    )


def _decisions(found: TwinScores) -> None:
    """The decisions that turned, named."""
    if found.flips:
        st.markdown("\n".join(f"- {notices.plain(flip.words)}" for flip in found.flips))
    else:
        st.caption("No decision turns at the thresholds in use.")
