"""What follows the hand: the deck, what its thresholds are worth, and what lies behind them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import streamlit as st

from core.study import Study
from core.thresholds import ThresholdSet
from core.thresholds.policies import ClassFit
from pages.shared import (
    cache,
    navigation,
    notices,
    operating,
    selection,
    threshold_curves,
    threshold_exports,
    threshold_flips,
)
from pages.shared.threshold_deck.component import Move, as_json, deck, event_of

_KEY: Final = "threshold-deck"


@dataclass(frozen=True)
class Look:
    """Which thresholds are looked at, and on which films."""

    study: Study
    setting: str
    split: str
    start: ThresholdSet

    @cached_property
    def packed(self) -> tuple[str, bytes, bool]:
        """The name and the bytes of the browser's counts, and whether they hold every score."""
        return cache.browser_counts(self.study, self.setting, self.split, tuple(map(float, self.start.array())))

    @property
    def counts(self) -> bytes:
        """What the browser counts with."""
        return self.packed[1]

    @property
    def is_exact(self) -> bool:
        """Whether a dragged threshold may stop at every score."""
        return self.packed[2]

    @property
    def operating(self) -> operating.Operating:
        """Where the thresholds stand."""
        return operating.current(self.study, self.setting)


_SECTIONS: Final[Mapping[str, tuple[str, Callable[[Look], None]]]] = {
    "films": ("Films that change", lambda look: threshold_flips.show(look.study, look.setting, look.split)),
    "curves": ("Curves", lambda look: threshold_curves.show(look.study, look.setting, look.split)),
    "fit": ("How firm the fit is", lambda look: threshold_curves.show_fit(look.study, look.setting)),
    "carry": ("Carry away", lambda look: threshold_exports.show(look.study, look.setting, look.split)),
}


def show(look: Look) -> None:
    """The deck, then one of the sections below it."""
    if error := operating.refused():
        notices.show_error(error, title="The thresholds of this link were not taken")
    _phase(look)
    _deck(look, selection.finding_of(look.study))
    operating.write_address(look.study, look.setting, look.operating)
    st.caption(threshold_curves.resampled_words(look.study, look.setting, look.split))
    words = {name: title for name, (title, _) in _SECTIONS.items()}
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        section = selection.pick_one("Below", list(_SECTIONS), default="films", words=words, key="below")
        selection.pick_finding(look.study, label="Class to look at")
    _SECTIONS[section][1](look)


def _deck(look: Look, finding: str) -> None:
    now = look.operating
    point = cache.operating_figures(look.study, look.setting, look.split, now.values)
    deck(
        {
            "token": look.packed[0],
            "epoch": now.epoch,
            "score_kind": look.start.score_kind,
            "values": as_json(now.values),
            "reference": as_json(now.reference),
            "confirmed": {**point.to_json(), "number": now.number},
            "fits": _fits(look),
            "chosen": finding,
        },
        key=_KEY,
        on_moved=lambda: _take_move(look),
        on_chosen=_take_choice,
    )


def _fits(look: Look) -> list[dict[str, Any] | None]:
    """How flat the optimum of each class is, where it was fitted."""
    return [_fit(look.start.fits.get(finding)) for finding in look.study.classes]


def _fit(fit: ClassFit | None) -> dict[str, Any] | None:
    """The flat part of an optimum as JSON values; None where there is none."""
    if fit is None or not (math.isfinite(fit.flat_low) and math.isfinite(fit.flat_high)):
        return None
    return {"low": fit.flat_low, "high": fit.flat_high, "words": fit.words()}


def _take_move(look: Look) -> None:
    event = event_of(_KEY, "moved")
    move = Move.read(event, len(look.study.classes)) if event else None
    if move is not None and move.epoch == look.operating.epoch:
        operating.keep(look.study, look.setting, operating.moved(look.operating, move.values, look.split, move.number))


def _take_choice() -> None:
    finding = event_of(_KEY, "chosen")
    if finding:
        st.session_state["finding"] = finding


def _phase(look: Look) -> None:
    """Where the reader stands between fitting, freezing and reading, and the button that goes on."""
    now, is_val = look.operating, look.split == "val"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _badge(now, is_val)
        if is_val:
            st.button(
                "Freeze and read on test", icon=":material/lock:", key="freeze", on_click=_freeze, args=(look,),
                disabled=not len(look.study.rows("test")),
            )  # fmt: skip
        if now.frozen is not None:
            st.button("Unfreeze", icon=":material/lock_open:", key="unfreeze", on_click=_unfreeze, args=(look,))
        navigation.link_to("embedding_space", "On the map")
    st.caption(_words(look))
    if now.explored_on:
        st.caption("Thresholds chosen on the films they are judged on flatter every figure: choose on validation.")
    if st.session_state.pop("frozen-just-now", False):
        st.rerun(scope="app")


def _words(look: Look) -> str:
    """Where the thresholds come from, and what the browser merges of many films."""
    basis = notices.readable(look.start.basis, look.study.settings)
    if look.is_exact:
        return basis
    return (
        f"{basis} With so many films, a dragged threshold stops only at some of each class's scores; the counts at "
        "those are exact, and so is everything that Python says after release, at any threshold that is typed too."
    )


def _badge(now: operating.Operating, is_val: bool) -> None:
    moves = "1 threshold moved" if now.n_moved == 1 else f"{now.n_moved} thresholds moved"
    if now.explored_on:
        st.badge(f"Exploratory: {moves} while looking at these films", icon=":material/explore:", color="orange")
    elif now.start.is_exploratory:
        st.badge("Exploratory: fitted on the films it is read on", icon=":material/explore:", color="orange")
    elif now.n_moved:
        st.badge(f"{moves} on validation films", icon=":material/tune:", color="blue")
    elif now.frozen is not None:
        words = "Frozen" if is_val else "Frozen on validation, read here"
        st.badge(words, icon=":material/lock:", color="green")
    else:
        st.badge("At the starting point", icon=":material/flag:", color="blue")


def _freeze(look: Look) -> None:
    operating.keep(look.study, look.setting, operating.frozen(look.operating))
    st.session_state["read_on"] = "test"
    st.session_state["frozen-just-now"] = True


def _unfreeze(look: Look) -> None:
    operating.keep(look.study, look.setting, operating.unfrozen(look.operating))
