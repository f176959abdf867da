"""Fitting on validation, frozen, or read on test: where a reader stands, and what may be said of the figures."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.report import parts
from core.study import Study
from pages.shared import navigation, notices, operating, selection, working_thresholds

GOES_TO: Final = "film-goes-to"
"""Key of the page that opens when the deck runs next."""
_STEPS: Final = (
    "With so many films, a dragged threshold stops only at some of each class's scores; the counts at those are exact, "
    "and so is everything that Python says after release, at any threshold that is typed too."
)


def show(study: Study, setting: str, split: str, *, is_exact: bool) -> None:
    """Where the reader stands between fitting, freezing and reading, and the button that goes on."""
    now, is_val = operating.current(study, setting), split == "val"
    with selection.controls(has_labels=False, of="phase"):
        _badge(now, is_val)
        if is_val:
            offer_lock(study, setting, key="freeze")
        if now.is_beside_frozen:
            offer_back(study, setting, key="back-to-locked")
        elif now.frozen is not None:
            st.button("Unlock", icon=":material/lock_open:", key="unfreeze", on_click=_unfreeze, args=(study, setting))
        if navigation.is_in_app() and parts.embedded(study):
            icon = navigation.entry("embedding_space").icon
            st.button("On the map", icon=icon, type="tertiary", on_click=look_on_map, args=(study, setting, split))
        with st.popover("Where these come from", type="tertiary", icon=":material/info:"):
            st.markdown(notices.readable(now.as_set().basis, study.settings))
            st.markdown("Thresholds chosen on the films they are judged on flatter every figure: choose on validation.")
            if not is_exact:
                st.markdown(_STEPS)
    if st.session_state.pop("frozen-just-now", False):
        st.rerun(scope="app")


def offer_lock(study: Study, setting: str, *, key: str) -> None:
    """The button that locks the thresholds and goes on to the test films. key : of the button."""
    st.button(
        "Lock and check on test films",
        icon=":material/lock:",
        key=key,
        on_click=_freeze,
        args=(study, setting),
        disabled=not len(study.rows("test")),
    )


def offer_back(study: Study, setting: str, *, key: str) -> None:
    """The button that puts the locked thresholds back. key : of the button."""
    st.button("Back to the locked ones", icon=":material/lock:", key=key, on_click=_go_back, args=(study, setting))


def look_on_map(study: Study, setting: str, split: str) -> None:
    """Open the map on what these thresholds get right and wrong; for callbacks."""
    encoder = study.manifest.settings[setting].encoder
    selection.look_at_decisions(split, encoder if encoder in parts.embedded(study) else None)
    st.session_state[GOES_TO] = "embedding_space"


def _badge(now: working_thresholds.WorkingThresholds, is_val: bool) -> None:
    if now.is_beside_frozen:
        _badge_beside_locked(now)
    elif now.as_set().is_exploratory:
        st.badge(f"Exploratory: {_exploration(now)}", icon=":material/explore:", color="orange")
    elif now.n_moved:
        st.badge(f"{_moves(now)} on validation films", icon=":material/tune:", color="blue")
    elif now.frozen is not None:
        words = "Locked" if is_val or now.as_set().split is None else "Locked on validation, checked here"
        st.badge(words, icon=":material/lock:", color="green")
    else:
        st.badge("At the starting point", icon=":material/flag:", color="blue")


def _badge_beside_locked(now: working_thresholds.WorkingThresholds) -> None:
    """That the locked thresholds stand, and how many are looked at beside them."""
    if not now.as_set().is_exploratory:
        st.badge(f"The locked thresholds stand; {now.n_moved} moved beside them", icon=":material/tune:", color="blue")
        return
    films = f" on {_called(now.explored_on)} films" if now.explored_on else ""
    words = f"Exploratory: the locked thresholds stand; {now.n_moved} explored{films}"
    st.badge(words, icon=":material/explore:", color="orange")


def _called(split: str) -> str:
    """The films of a split within a sentence, before "films"."""
    words = selection.SPLIT_WORDS[split]
    return f"{words[0].lower()}{words[1:]}".removesuffix(" films")


def _moves(now: working_thresholds.WorkingThresholds) -> str:
    return "1 threshold moved" if now.n_moved == 1 else f"{now.n_moved} thresholds moved"


def _exploration(now: working_thresholds.WorkingThresholds) -> str:
    """How current thresholds came to be exploratory."""
    if now.explored_on:
        what = _moves(now) if now.n_moved else "thresholds chosen"
        return f"{what} while looking at {_called(now.explored_on)} films"
    if now.started_on:
        return f"starting point chosen while looking at {_called(now.started_on)} films"
    return "as its file says" if now.is_imported else "fitted on the films it is read on"


def _freeze(study: Study, setting: str) -> None:
    operating.keep(study, setting, working_thresholds.frozen(operating.current(study, setting)))
    st.session_state["read_on"] = "test"
    st.session_state["frozen-just-now"] = True


def _go_back(study: Study, setting: str) -> None:
    now, epoch = operating.current(study, setting), operating.next_epoch(setting)
    operating.keep(study, setting, working_thresholds.back_to_frozen(now, epoch=epoch))


def _unfreeze(study: Study, setting: str) -> None:
    operating.keep(study, setting, working_thresholds.unfrozen(operating.current(study, setting)))
