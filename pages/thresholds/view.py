"""What follows the hand: the deck, what its thresholds are worth, and what lies behind them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import streamlit as st

from core.study import Study
from core.thresholds import ClassFit, ThresholdSet
from core.thresholds.packed_counts import MOST_CELLS
from pages.shared import (
    film_view,
    map_selection,
    navigation,
    operating,
    selection,
    take,
    truth_dial,
    working_thresholds,
)
from pages.shared.cache import films_of
from pages.thresholds import asked_apart, cache, clinic, curves, exports, film_wise, flips, listed, phase, tools, worth
from pages.thresholds.answer import MOST_RESAMPLED, answer, figures_shown, is_resampled
from pages.thresholds.deck.component import Move, as_json, deck, event_of

_KEY: Final = "threshold-deck"


@dataclass(frozen=True)
class DeckContext:
    """Which thresholds are looked at, and on which films."""

    study: Study
    setting: str
    split: str
    start: ThresholdSet

    @cached_property
    def truth(self) -> str | None:
        """The position of the truth dial that the browser counts under; None where it cannot turn by itself."""
        n_cells = len(self.study.rows(self.split)) * len(self.study.classes)
        is_turned = self.study.readings is not None and len(truth_dial.positions(self.study)) > 1
        return truth_dial.here(self.study) if is_turned and n_cells <= MOST_CELLS else None

    @property
    def truths(self) -> bytes:
        """The labels under every position, for the browser."""
        base, kept = truth_dial.as_written(self.study), self.operating.start
        return cache.truths(base, self.setting, self.split, operating.policy_of(kept), truth_dial.positions(self.study))

    @property
    def follows(self) -> bool:
        """Whether thresholds that were not moved are fitted anew where the dial is turned."""
        return self.operating.frozen is None and not self.operating.is_imported

    @cached_property
    def packed(self) -> tuple[str, bytes, bool]:
        """The name and the bytes of the browser's counts, and whether they hold every score."""
        if self.truth is not None:
            return cache.turned_counts(truth_dial.as_written(self.study), self.setting, self.split)
        return cache.browser_counts(self.study, self.setting, self.split, tuple(map(float, self.start.array())))

    @property
    def counts(self) -> bytes:
        """What the browser counts with."""
        return self.packed[1]

    @property
    def is_exact(self) -> bool:
        """Whether a dragged threshold may stop at every score."""
        return not self.has_thresholds or self.packed[2]

    @property
    def has_thresholds(self) -> bool:
        """Whether there is a threshold per class to drag."""
        return not self.operating.as_set().is_film_wise

    @property
    def epoch(self) -> str:
        """Names the start that moves count from; another study, setting or address has another, whatever its policy."""
        return f"{self.study.fingerprint}-{self.setting}-{selection.arrival()}-{self.operating.epoch}"

    @property
    def operating(self) -> working_thresholds.WorkingThresholds:
        """Where the thresholds stand."""
        return operating.current(self.study, self.setting)


_SECTIONS: Final[Mapping[str, tuple[str, Callable[[DeckContext], None]]]] = {
    "films": ("Films that changed", lambda look: flips.show(look.study, look.setting, look.split)),
    "curves": ("Curves", lambda look: curves.show(look.study, look.setting, look.split)),
    "fit": ("How stable is this threshold?", lambda look: curves.show_fit(look.study, look.setting, look.split)),
    "worth": ("Validation and test", lambda look: worth.show(look.study, look.split, look.operating)),
    "clinic": ("1,000 patients, and groups", lambda look: clinic.show(look.study, look.split, look.operating)),
    "carry": ("Download and share", lambda look: exports.show(look.study, look.setting, look.split)),
}
_OF_MOVES: Final = ("films", "fit", "worth", "clinic")
_NOT_RESAMPLED: Final = (
    f"Over {MOST_RESAMPLED:,} films, figures over all classes have no interval here. Those under Download "
    "and share hold them."
)


def show(look: DeckContext) -> None:
    """The deck, then one of the sections below it."""
    if stem := st.session_state.pop(phase.GOES_TO, None):
        navigation.go_to(stem, film=selection.chosen_film(look.study))
    above = st.container(key="phase")  # filled after the deck: a hand that let go waits for figures first
    if look.has_thresholds:
        _deck(look, selection.finding_of(look.study))
    else:
        film_wise.show(look.study, look.split, look.operating.as_set())
    with above:
        phase.show(look.study, look.setting, look.split, is_exact=look.is_exact)
    operating.write_address(look.study)
    truth_dial.show_standing(look.study, look.setting, look.split)
    if not is_resampled(look.study, look.split):
        st.caption(_NOT_RESAMPLED, help="Resampling at every move would keep the deck waiting.")
    words = {name: title for name, (title, _) in _SECTIONS.items() if look.has_thresholds or name not in _OF_MOVES}
    with selection.controls(of="below"):
        section = selection.pick_one(
            "Below the deck", list(words), default=next(iter(words)), words=words, key="below", has_label=False
        )
        selection.pick_finding(look.study, label="Class to look at", width=220)
    _SECTIONS[section][1](look)


def _deck(look: DeckContext, finding: str) -> None:
    now = look.operating
    with take.whole(
        take.Of("thresholds", "Thresholds and what they cost", look.setting, look.split, now.as_set().basis)
    ):
        _draw_deck(look, finding, now)


def _draw_deck(look: DeckContext, finding: str, now: working_thresholds.WorkingThresholds) -> None:
    deck(
        {
            "token": look.packed[0],
            "truth": look.truth,
            "follows": look.follows,
            "epoch": look.epoch,
            "score_kind": look.start.score_kind,
            "values": as_json(now.values),
            "reference": as_json(now.reference),
            "uppers": as_json(now.uppers),
            "reference_uppers": as_json(now.reference_uppers),
            "confirmed": answer(look.study, look.split, now),
            "asks": _asks(look, now),
            "fits": _fits(look),
            "untrained": [look.start.untrained.get(finding) for finding in look.study.classes],
            "figures": figures_shown(),
            "films": film_view.source(look.study),
            "acts": film_view.pages_of_film(look.study),
            "clinic": clinic.asked(look.study),
            "chosen": finding,
            "listed": listed.asked(),
            "tools": tools.asked(),
        },
        key=_KEY,
        on={
            "moved": lambda: _take_move(look),
            "chosen": _take_choice,
            "listed": lambda: listed.take(look.study, event_of(_KEY, "listed")),
            "all": lambda: _take_all(look),
            "film": lambda: _take_film(look.study),
            "clinic": lambda: clinic.keep(look.study, event_of(_KEY, "clinic")),
            "tools": lambda: tools.keep(event_of(_KEY, "tools")),
        },
    )


def _asks(look: DeckContext, now: working_thresholds.WorkingThresholds) -> str | None:
    """Where the deck asks apart from the page; None where the page runs without the app."""
    if not navigation.is_in_app():
        return None
    return asked_apart.offer(
        asked_apart.Standing(look.study, look.split, now, look.epoch, token=look.packed[0], truth=look.truth)
    )


def _fits(look: DeckContext) -> list[dict[str, Any] | None]:
    """How flat the optimum of each class is, where it was fitted."""
    return [_fit(look.start.fits.get(finding)) for finding in look.study.classes]


def _fit(fit: ClassFit | None) -> dict[str, Any] | None:
    """The flat part of an optimum as JSON values; None where there is none."""
    if fit is None or not (math.isfinite(fit.flat_low) and math.isfinite(fit.flat_high)):
        return None
    return {"low": fit.flat_low, "high": fit.flat_high, "words": fit.words()}


def _take_move(look: DeckContext) -> None:
    event = event_of(_KEY, "moved")
    move = Move.read(event, len(look.study.classes)) if event else None
    if move is not None and move.epoch == look.epoch:
        films, before = films_of(look.study, look.split), look.operating
        after = working_thresholds.moved(before, move.values, films, move.number, move.uppers)
        operating.keep(look.study, look.setting, after)
        listed.keep("changed")
        moved = working_thresholds.moved_alone(before, after)
        if moved is not None:
            st.session_state["finding"] = look.study.classes[moved]


def _take_choice() -> None:
    finding = event_of(_KEY, "chosen")
    if finding:
        st.session_state["finding"] = finding


def _take_all(look: DeckContext) -> None:
    """All films of a list of the pane, on the map: looked at alone where its legend has just them, else picked."""
    event = event_of(_KEY, "all")
    rows = listed.rows_of(look.study, look.split, look.operating, event)
    if rows is None:
        return
    group = listed.group_of(look.study, look.split, look.operating, event, rows)
    if group is None:
        map_selection.select_rows(look.study, rows)
        st.session_state[phase.GOES_TO] = "embedding_space"
    else:
        st.session_state["finding"] = event["finding"]
        map_selection.look_within(look.study, group)
        phase.look_on_map(look.study, look.setting, look.split)


def _take_film(study: Study) -> None:
    """A film of the pane, chosen for all pages; its class is what the next page looks at."""
    event = event_of(_KEY, "film") or {}
    row, stem = event.get("row"), event.get("act")
    if isinstance(row, int) and 0 <= row < len(study.image_ids) and stem in film_view.pages_of_film(study):
        selection.choose_film(study.image_ids[row])
        if event.get("finding") in study.classes:
            st.session_state["finding"] = st.session_state[selection.MAP_FINDING] = event["finding"]
        st.session_state[phase.GOES_TO] = stem
