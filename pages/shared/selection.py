"""Widgets in, frozen choices out; and the film that is chosen on one page and looked at on another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import StudyError, printable
from core.findings import NO_FINDING
from core.metrics.classification import OUTCOME_TITLES
from core.report.parts import IMPORT
from core.settings.registry import shown_first
from core.settings.titles import setting_title
from core.study import Study
from core.thresholds import ThresholdSet
from core.words import UNDEFINED, cut_words
from pages.shared import cache, notices

MAP_FINDING: Final = "saliency_finding"
"""Key of the class whose map is looked at."""
ANY_CLASS: Final = "any"
LABELLED: Final = "Labelled positive"
OUTCOME_WORDS: Final = {name: f"{OUTCOME_TITLES[name]} ({name})" for name in ("TP", "FN", "FP")}
"""What Saliency filters films by, in the session under `film_class`, `film_outcome`, `film_by` and `film_split`."""
_ADAPTED: Final = "How the model was adapted to the films: its setting."
_FILM: Final = "chosen_film"
ARRIVALS: Final = "arrivals"
"""Key of how often this session opened an address as if it were new."""
SPLIT_WORDS: Final = {
    "train": "Train",
    "val": "Validation",
    "test": "Test",
    "all": "All films",
}


def arrival() -> int:
    """The number of the address that this session shows, counted from 0.

    A browser that is shown another address numbers from its beginning: what it has sent of the one before, and what
    comes in after, is not of what is shown now.
    """
    return int(st.session_state.get(ARRIVALS, 0))


def controls(*, has_labels: bool = True, of: str = "") -> DeltaGenerator:
    """A line of widgets that say what is looked at; in a narrow window it wraps, and `lines.js` folds what is too much.

    has_labels : whether the widgets' labels are seen, for which the line then keeps room.
    of : what it is of, where it is not the one line at the head of a page.
    """
    key = "-".join(part for part in ("controls" if has_labels else "controls-bare", of) if part)
    return st.container(key=key, horizontal=True, gap="small", vertical_alignment="bottom")


def pick_split(
    study: Study, *, default: str = "test", label: str = "Films", key: str = "split", has_label: bool = True
) -> str:
    """A split that holds films, or all of them."""
    splits = study.splits()
    options = [*splits, *(["all"] if len(splits) > 1 else [])]
    return pick_one(
        label,
        options,
        default=default if default in options else options[0],
        words={name: f"{SPLIT_WORDS[name]} ({len(study.rows(name)):,})" for name in options},
        key=key,
        has_label=has_label,
    )


def pick_setting(study: Study, label: str = "Model", *, is_listed: bool = False, has_label: bool = True) -> str:
    """A setting of the study; says so and stops the page where it has none.

    is_listed : in a list that opens, where a line has no room for all of them.
    """
    if not study.settings:
        notices.missing("This study holds no scores, so there is nothing to measure.", IMPORT)
        st.stop()
    words, first = {name: setting_title(name) for name in study.settings}, shown_first(study.settings)
    if is_listed:
        return pick_listed(label, list(words), default=first, words=words, key="setting", width=170)
    return pick_one(label, list(words), default=first, words=words, key="setting", has_label=has_label, about=_ADAPTED)


def pick_finding(study: Study, label: str = "Class", key: str = "finding", *, width: int = 320) -> str:
    """A class of the study; at first the finding that most films have."""
    return pick_listed(label, list(study.classes), default=study.classes[telling_class(study)], key=key, width=width)


def setting_of(study: Study) -> str:
    """The setting that `pick_setting` will hold, where its widget is not drawn."""
    chosen = st.session_state.get("setting")
    return chosen if chosen in study.settings else _asked("setting", study.settings, shown_first(study.settings))


def finding_of(study: Study, key: str = "finding") -> str:
    """The class that `pick_finding` will hold, for what stands above it."""
    chosen = st.session_state.get(key)
    return chosen if chosen in study.classes else _asked(key, study.classes, study.classes[telling_class(study)])


def telling_class(study: Study) -> int:
    """The class with the most positive films, No Finding aside."""
    return study.classes.index(frequent_classes(study, 1)[0])


def frequent_classes(study: Study, number: int) -> list[str]:
    """The classes with the most positive films, the most frequent first, No Finding only where there is no other."""
    is_finding = np.array([name != NO_FINDING for name in study.classes])
    positives = np.where(is_finding, cache.n_positive(study), -1)
    return [study.classes[index] for index in np.argsort(-positives, kind="stable")[:number]]


def pick_one(
    label: str,
    options: list[str],
    *,
    default: str,
    words: Mapping[str, str],
    key: str,
    address: str | None = None,
    has_label: bool = True,
    about: str | None = None,
) -> str:
    """One of a few options; the default where the session holds one of another study.

    address : what it is called in the address, if not by its key.  has_label : whether the label is to be seen.
    about : what stands behind the label's mark.
    """
    _begin(key, _asked(address or key, options, default, label=label, widget=key), options)
    chosen = st.segmented_control(
        label,
        options,
        required=True,
        format_func=words.__getitem__,
        key=key,
        persist_state="session",
        help=about,
        label_visibility="visible" if has_label else "collapsed",
    )
    return _kept(address or key, chosen if chosen in options else default, default)


def pick_listed(
    label: str,
    options: Sequence[str],
    *,
    default: str,
    words: Mapping[str, str] | None = None,
    key: str,
    address: str | None = None,
    width: int = 260,
    may_type: bool = False,
) -> str:
    """One of many options, from a list that opens. may_type : whether another may be typed."""
    known = None if may_type else options
    _begin(key, _asked(address or key, known, default, label=label, widget=key), known)
    chosen = st.selectbox(
        label,
        options,
        format_func=str if words is None else words.__getitem__,
        key=key,
        persist_state="session",
        accept_new_options=may_type,
        width=width,
    )
    return _kept(address or key, chosen or default, default)


def pick_toggle(label: str, *, key: str, disabled: bool = False) -> bool:
    """Whether something is wanted; at first it is not."""
    _begin(key, st.query_params.get(key) == "1", (True, False))
    chosen = st.toggle(label, key=key, disabled=disabled, persist_state="session")
    _kept(key, "1" if chosen else "0", "0")
    return chosen


def _begin(key: str, value: object, options: Sequence[object] | None) -> None:
    """Let a widget begin with a value where the session holds none of its options; None: anything is one.

    A widget's own default would do for its first run only: what the session holds of one that was not drawn for a while
    is its value, and the browser would show the default. It is said again at every run, since another page has another
    widget, which begins with nothing where nobody has touched the one before.
    """
    kept = st.session_state.get(key, value)
    st.session_state[key] = value if options is not None and kept not in options else kept


def _asked(key: str, options: Sequence[str] | None, default: str, *, label: str = "", widget: str = "") -> str:
    """What the address asks for, if it is there to choose. A choice outlives its page, which `bind` would not do.

    What is not there is said, as long as nobody has chosen. label, widget : the widget's; "" = say nothing.
    """
    asked = st.query_params.get(key, default)
    if options is None or asked in options:
        return asked
    if label and widget not in st.session_state:
        say_absent(f"{label}: {asked}")
    return default


def say_absent(what: str) -> None:
    """Say that a link asks for something that is not here; it stands until it is closed, whatever runs meanwhile."""
    words = notices.plain(f"The link asks for something that is not here. {printable(what, 200)}")
    st.toast(words, icon=":material/link_off:", duration="infinite")


def _kept(key: str, value: str, default: str) -> str:
    """The value, written into the address unless it is what the address means without it."""
    write(key, None if value == default else value)
    return value


def write(key: str, value: str | None) -> None:
    """Write a parameter of the address where it is another one; None takes it out."""
    if value is None:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def choose_film(image_id: str | None) -> None:
    """Keeps the film that every page looks at, also in the address."""
    st.session_state[_FILM] = image_id
    write("film", image_id)


def chosen_film(study: Study) -> str | None:
    """The film that is chosen, from the address or this session; None where there is none, or not in this study."""
    asked = st.query_params.get("film") or st.session_state.get(_FILM)
    known = asked if asked is not None and _holds(study, asked) else None
    if asked is not None and known is None and asked != st.session_state.get(_FILM):
        say_absent(f"Film: {asked}")
    write("film", known)
    st.session_state[_FILM] = known
    return known


def _holds(study: Study, image_id: str) -> bool:
    try:
        study.row_of(image_id)
    except StudyError:
        return False
    return True


def look_at_outcome(finding: str, outcome: str, setting: str, split: str) -> None:
    """Let Saliency open on a class, among the films of a split that came out for it in one way under a setting.

    outcome : of OUTCOMES; films that are rightly silent are no list there, so all are shown.
    """
    listed = OUTCOME_WORDS.get(outcome)
    st.session_state.update(
        {
            MAP_FINDING: finding,
            "finding": finding,
            "film_class": ANY_CLASS if listed is None else finding,
            "film_outcome": listed or LABELLED,
            "film_by": setting,
            "film_split": split,
            "film_masks": False,
            "film_on_map": False,
        }
    )


def look_at_decisions(split: str, encoder: str | None) -> None:
    """Let the map open on what is right and wrong among the films of a split. encoder : whose map; None = as it was."""
    kept = {} if encoder is None else {"encoder": encoder}
    st.session_state.update({"colour": "outcome", "map_split": split, **kept})


def films_with(study: Study, *, split: str, finding: str | None, with_masks: bool) -> list[str]:
    """The ids of a split's films, of those labelled with a class, of those with a mask, in row order."""
    rows = study.rows(split)
    if finding is not None:
        rows = rows[study.labels[rows, study.classes.index(finding)] == 1]
    ids = [study.image_ids[row] for row in rows]
    annotated = set(study.annotated_ids()) if with_masks else set(ids)
    return [image_id for image_id in ids if image_id in annotated]


def labels_and_scores(study: Study, image_id: str) -> pd.DataFrame:
    """One row per class: its label, and the raw score of every setting."""
    row = study.row_of(image_id)
    read = [{1.0: "yes", 0.0: "no"}.get(float(value), "unlabelled") for value in study.labels[row]]
    scores = {setting_title(name): np.asarray(study.scores(name)[row], dtype=float) for name in study.settings}
    return pd.DataFrame({"Labelled": read, **scores}, index=pd.Index(study.classes, name="Class"))


def decisions_of(study: Study, setting: str, image_id: str, chosen: ThresholdSet) -> pd.DataFrame:
    """One row per class: a film's label, its score, the threshold, and what that decides."""
    row = study.row_of(image_id)
    read = [{1.0: "yes", 0.0: "no"}.get(float(value), "unlabelled") for value in study.labels[row]]
    scores = np.asarray(study.scores(setting)[row], dtype=float)
    left = chosen.left_to_reader(scores[None])[0]
    called = [{1.0: "yes", 0.0: "no"}.get(float(one), UNDEFINED) for one in chosen.decided(scores[None])[0]]
    decided = np.where(left, "look", called)
    cuts = [cut_words(value, chosen.uppers.get(finding)) for finding, value in chosen.values.items()]
    columns = {"Labelled": read, "Score": scores, "Threshold": cuts, "Decided": decided}
    return pd.DataFrame(columns, index=pd.Index(study.classes, name="Class"))
