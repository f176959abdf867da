"""Who votes on what, the questions one after the other, and what the votes come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.arena.questions import (
    MOST_CONTENDERS,
    Question,
    competing_methods,
    draw_cases,
    methods_against,
    questions,
    settings_against,
    unanswered,
)
from core.arena.results import arena_results, planned_power
from core.arena.votes import Vote, add_votes, joined, read_votes, take_back, vote_file
from core.errors import CoreError, SaliencyError
from core.exports.arena import standings_csv, votes_csv
from core.figures.arena_tables import arena_sentences, figures_table, power_words, standings_table
from core.report.parts import ANNOTATE
from core.saliency.methods import method_of
from core.settings.registry import shown_first
from core.settings.titles import setting_title
from core.study import Study
from core.words import count_words
from pages.saliency import cache
from pages.saliency.arena.pair import arena_pair
from pages.saliency.marks import READER
from pages.serving import turns
from pages.shared import cache as shared_cache
from pages.shared import notices, selection, take

if TYPE_CHECKING:
    from core.saliency.localization.pairs import MapKey
    from core.saliency.maps import FilmMaps

_PAIR: Final = "arena_pair"
_ALONG: Final = "arena_along"
"""Votes of this session that could not be written into the study, and why."""
_ASKED: Final = "arena_asked"
_CONTROL: Final = "centre"
"""The baseline that competes at first: who trusts it trusts what no model said."""
_FIRST: Final = 3
_TRIED: Final = 20
"""Questions in a row that are passed over where a map cannot be made."""
_METHODS: Final = "arena_methods"
_NUMBERS: Final = {"15": 15, "30": 30, "60": 60, "all": 10**9}
_WHAT: Final = {"methods": "Methods", "settings": "Settings"}
_LAYERS: Final = {"usual": "Each its usual", "val": "Chosen on validation"}


def show(study: Study) -> None:
    """Choices, the question, and the results where they are asked for."""
    if not study.annotated_ids():
        notices.missing("Nobody drew on a film of this study, and only films with masks are voted on.", ANNOTATE)
        return
    if not competing_methods(study, of_settings=False):
        notices.missing("This study holds a model's output, not the model, so there are no maps to vote on.")
        return
    try:
        contenders, n_films = _contenders(study), _NUMBERS[_number()]
        cases = draw_cases(study, n_films)
    except SaliencyError as error:
        notices.show_error(error, title="There is nothing to vote on")
        return
    reader = _reader()
    voters = {vote.reader for vote in _votes(study)} | {reader or "you"}
    st.caption(power_words(planned_power(len(cases), len(voters), len(contenders))))
    _round(study, reader, questions(cases, contenders, reader))


@st.fragment
@notices.guarded
def _round(study: Study, reader: str, asked: tuple[Question, ...]) -> None:
    """One question and the results: what a vote runs again."""
    if reader:
        _question(study, reader, asked)
    else:
        st.info(
            "Name the reader to begin. The maps' names stay hidden until the results are opened.",
            icon=":material/person:",
        )
    _results(study)


def _contenders(study: Study) -> tuple[MapKey, ...]:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        what = "methods"
        if len(study.settings) > 1:
            what = selection.pick_one("What competes", list(_WHAT), default="methods", words=_WHAT, key="arena_what")
        if what == "settings":
            methods = {name: method_of(name).title for name in competing_methods(study, of_settings=True)}
            method = selection.pick_listed(
                "By the method", list(methods), default=next(iter(methods)), words=methods, key="arena_method"
            )
            return settings_against(study.settings[:MOST_CONTENDERS], method)
        words = {name: setting_title(name) for name in study.settings}
        setting = selection.pick_listed(
            "Setting", list(words), default=shown_first(study.settings), words=words, key="arena_setting", width=180
        )
        table = shared_cache.maps_table(study)
        layers = "usual"
        if table is not None:
            layers = selection.pick_listed(
                "Layers", list(_LAYERS), default="usual", words=_LAYERS, key="arena_layers", width=200
            )
        methods = {name: method_of(name).title for name in competing_methods(study, of_settings=False)}
        kept = [name for name in st.session_state.get(_METHODS, ()) if name in methods]
        st.session_state[_METHODS] = kept or _at_first(list(methods))
        chosen = st.multiselect(
            "Methods",
            list(methods),
            format_func=methods.__getitem__,
            max_selections=MOST_CONTENDERS,
            key=_METHODS,
            persist_state="session",
            width=520,
        )
    return methods_against(setting, chosen, table if layers == "val" else None)


def _at_first(methods: Sequence[str]) -> list[str]:
    """The first that tell classes apart, and a baseline: whoever looks at nothing must lose."""
    telling = [name for name in methods if method_of(name).is_class_specific and method_of(name).in_default_table]
    return [
        *[name for name in telling if not method_of(name).is_baseline][:_FIRST],
        *([_CONTROL] if _CONTROL in methods else []),
    ]


def _number() -> str:
    words = {name: f"{name} films" for name in _NUMBERS} | {"all": "All films"}
    return selection.pick_one("Films", list(_NUMBERS), default="15", words=words, key="arena_films")


def _reader() -> str:
    given = st.text_input(
        "Vote as", key=READER, persist_state="session", max_chars=80, placeholder="Your name", width=260
    )
    return str(given or "").strip()


def _votes(study: Study) -> tuple[Vote, ...]:
    """Those in the study's folder and those of this session."""
    return joined(read_votes(study.root), _along(study))


def _along(study: Study) -> tuple[Vote, ...]:
    return tuple(st.session_state.get(_ALONG, {}).get(str(study.root), ()))


def _question(study: Study, reader: str, asked: tuple[Question, ...]) -> None:
    votes = _votes(study)
    still = unanswered(asked, votes, reader)
    asked_now = _next(study, still[:_TRIED])
    if asked_now is None:
        if still:
            st.info("The next questions cannot be asked: one of their maps cannot be made.", icon=":material/block:")
        else:
            st.success(f"All {count_words(len(asked))} questions are answered.", icon=":material/check_circle:")
        _taking_back(study, reader, votes)
        return
    question, maps = asked_now
    st.session_state[_ASKED] = question
    done = len(asked) - len(still)
    st.progress(done / len(asked), f"Question {count_words(done + 1)} of {count_words(len(asked))}")
    film = shared_cache.film(study, question.case.image_id)
    arena_pair(question.token, question.case.finding, film, maps, key=_PAIR, on_vote=lambda: _take(study, reader))
    st.caption("Arrow keys: left, right, down for neither, up where you cannot tell. Each map is on its own scale.")
    _taking_back(study, reader, votes)


def _next(study: Study, still: Sequence[Question]) -> tuple[Question, tuple[FilmMaps, FilmMaps]] | None:
    """The first question whose maps can be had, with them."""
    with turns.one_look("Making both maps…"):
        for question in still:
            if (maps := _maps(study, question)) is not None:
                return question, maps
    return None


def _maps(study: Study, question: Question) -> tuple[FilmMaps, FilmMaps] | None:
    """Both maps of a question; None where one of them cannot be had, so that it is not asked."""
    case, found = question.case, []
    for of in (question.left, question.right):
        layers = None if of.layer is None else (of.layer,)
        try:
            maps = cache.film_maps(study, of.setting, case.image_id, of.method, layers)
            maps.of(case.finding)
        except SaliencyError:
            return None
        found.append(maps)
    return found[0], found[1]


def _take(study: Study, reader: str) -> None:
    """Keeps a vote that was sent; for callbacks."""
    sent, question = st.session_state[_PAIR].vote, st.session_state.get(_ASKED)
    if not sent or question is None or sent["token"] != question.token:
        return
    vote = question.answered(reader, str(sent["answer"]))
    try:
        add_votes(study.root, [vote])
    except CoreError:
        along = st.session_state.setdefault(_ALONG, {})
        along[str(study.root)] = joined(_along(study), [vote])


def _taking_back(study: Study, reader: str, votes: Sequence[Vote]) -> None:
    own = [vote for vote in votes if vote.reader == reader]
    if own:
        last = own[-1]
        st.button(
            "Take the last vote back", icon=":material/undo:", on_click=_undo, args=(study, last), type="tertiary"
        )
    if along := _along(study):
        st.warning(
            f"The study's folder cannot be written: {count_words(len(along))} votes are in this session only. "
            "Take them along; `python -m core arena STUDY --add FILE` puts them into a study.",
            icon=":material/save:",
        )
        st.download_button(
            "My votes", vote_file(along), f"votes-{study.fingerprint}.json", "application/json", on_click="ignore"
        )


def _undo(study: Study, vote: Vote) -> None:
    kept = tuple(one for one in _along(study) if one.question != vote.question)
    if len(kept) < len(_along(study)):
        st.session_state[_ALONG][str(study.root)] = kept
        return
    try:
        take_back(study.root, vote)
    except CoreError as error:
        st.toast(notices.plain(f"The vote stays. {error.message}"), icon=":material/error:")


def _results(study: Study) -> None:
    votes = _votes(study)
    if not votes:
        return
    card = st.expander(
        "Results, which name the maps", icon=":material/leaderboard:", key="arena_results", on_change="rerun"
    )
    if not card.open:
        return
    with card:
        found = arena_results(study, votes, shared_cache.maps_table(study))
        for number, one in enumerate(found, start=1):
            take.table(standings_table(one), take.Of(f"arena-standings-{number}", "Standings of the arena"))
            beside = figures_table(one)
            if len(beside):
                take.table(beside, take.Of(f"arena-figures-{number}", "Standings of the arena beside measured figures"))
            else:
                st.caption("Measured figures stand here once the table of all annotated films has been computed.")
            st.markdown("\n".join(f"- {notices.plain(sentence)}" for sentence in arena_sentences(one)))
        with st.container(horizontal=True):
            for title, name, text in (
                ("Standings as CSV", "arena", standings_csv(study, found)),
                ("All votes as CSV", "votes", votes_csv(votes)),
            ):
                st.download_button(
                    title,
                    text,
                    f"{name}-{study.fingerprint}.csv",
                    "text/csv",
                    icon=":material/download:",
                    on_click="ignore",
                )
