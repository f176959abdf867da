"""What each label is worth: closed-form adaptation at every number of labelled films, recomputed while a hand moves."""

from __future__ import annotations

import sys
from pathlib import Path

if (project := str(Path(__file__).resolve().parents[2])) not in sys.path:
    sys.path.insert(0, project)  # so that the page also runs without the app

import streamlit as st

from core.label_budget.curves import MEASURES, groups
from core.label_budget.films import encoders, part_words, why_not
from core.label_budget.orders import STRATEGIES
from core.settings.titles import encoder_title
from core.words import count_words, share_words
from pages.label_budget import cache, views
from pages.label_budget.budget import component
from pages.shared import navigation, notices, selection, take, truth_dial

_KEY = "label-budget"
_HOW = (
    "Each class is a least-squares line through the labelled films, pulled towards its prompts as if by three "
    "films. Thresholds for F1 are fitted on the validation films, which are labelled all along, and read on the test "
    "films. Patients are drawn whole."
)

study = navigation.begin("label_budget")
study = truth_dial.turned(study)
if reason := why_not(study):
    notices.missing(reason)
    st.stop()

offered = encoders(study)
with selection.controls():
    measure = selection.pick_one("Figure", list(MEASURES), default="auroc", words=MEASURES, key="measure")
    counted = selection.pick_one(
        "Counted",
        ["films", "positives"],
        default="films",
        words={"films": "Films, over all", "positives": "Positives, per class"},
        key="counted",
    )
    strategy = selection.pick_one("Labelled next", list(STRATEGIES), default="random", words=STRATEGIES, key="next")
    draws = {str(number): f"Draw {number + 1}" for number in range(cache.N_DRAWS)}
    draw = "0"
    if strategy == "random":
        draw = selection.pick_listed("Draw", list(draws), default="0", words=draws, key="draw", width=120)
    encoder = offered[0]
    if len(offered) > 1:
        titles = {name: encoder_title(name) for name in offered}
        encoder = selection.pick_listed("Encoder", list(offered), default=offered[0], words=titles, key="encoder")

by_class = counted == "positives"
with st.spinner("Adapting at every budget, over draws of patients"):
    films, curves = cache.films(study, encoder), cache.curves(study, encoder, by_class)
component.send_films(cache.packed(study, encoder))
judged = groups(films)
most = int(curves.budgets[-1])
order = int(draw) if strategy == "random" else cache.N_DRAWS + list(STRATEGIES).index(strategy) - 1

said = f"{MEASURES[measure]}. Bands hold nine tenths of {cache.N_DRAWS} draws of patients."


def _asked() -> int:
    """The budget that the address asks for; a tenth of all where it asks for none that is there."""
    text = st.query_params.get("budget", "")
    return min(int(text), most) if text.isdecimal() and len(text) < 10 else most // 10


def _moved() -> None:
    budget = component.moved_to(_KEY)
    if budget is not None:
        selection.write("budget", str(budget))


@st.fragment
def _slider() -> None:
    with take.whole(take.Of("label-budget", f"{MEASURES[measure]} by labels", encoder, "test", said)):
        _draw()


def _draw() -> None:
    component.draw_slider(
        {
            "token": cache.token(study, encoder),
            "classes": list(films.classes),
            "groups": judged,
            "measure": list(MEASURES).index(measure),
            "measureName": MEASURES[measure],
            "order": order,
            "byClass": by_class,
            "budget": _asked(),
            "most": most,
            "budgets": [int(budget) for budget in curves.budgets],
            "curves": views.curve_data(curves, judged["all"], measure),
            "beats": [views.beats(curves, k, measure, judged["all"]) for k in range(len(films.classes))],
        },
        key=_KEY,
        moved=_moved,
    )


_slider()
st.caption(
    f"Beats: from so many on, nine of ten draws stay above no label at all. Bands hold nine tenths of "
    f"{cache.N_DRAWS} draws.",
    help=_HOW,
)
if words := part_words(study):
    st.caption(words, help="The browser holds all of them, and adapts anew at every step of a hand.")
if not films.has_texts:
    st.caption("This study holds no prompts for this encoder, so nothing is known before the first label.")
if films.kept < 1:
    st.caption(
        f"Embeddings are cut to {count_words(films.texts.shape[1])} directions, which keep "
        f"{share_words(films.kept, 1)} of them."
    )

st.header("Head, medium and tail", help="Classes by their train positives, as papers on long tails cut them.")
take.table(
    views.group_table(curves, judged, measure), take.Of("groups", "Head, medium and tail", encoder, "test", said)
)
st.header("Which films to label next", help="Unsure: by the model of the films before. Unlike: k-centre.")
take.table(
    views.order_table(curves, judged["all"], measure), take.Of("orders", "Films to label next", encoder, "test", said)
)

if study.settings:
    st.header("What settings reach with all labels", help="The same figures of the scores that the study holds.")
    title = "What settings reach with all labels"
    take.table(views.setting_table(cache.of_settings(study), judged, measure), take.Of("settings", title, "", "test"))
