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
    notices,
    operating,
    selection,
    threshold_curves,
    threshold_exports,
    threshold_flips,
    threshold_phase,
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
    threshold_phase.show(look.study, look.setting, look.split, is_exact=look.is_exact)
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
