"""Cached functions of moving thresholds, keyed as in `pages.shared.cache`; a threshold set is a key in itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core.labels.convention import Convention
from core.study import Study
from core.thresholds import ThresholdSet
from core.thresholds.compare import ResampledFigures, resampled_set
from core.thresholds.curves import Curves as ThresholdCurves
from core.thresholds.curves import study_curves
from core.thresholds.followed import FollowedFigures
from core.thresholds.live_counts import DeckTables
from core.thresholds.operating_point import OperatingPoint, point_of_set
from core.thresholds.packed_counts import study_tables
from core.thresholds.settled import SettledFilms
from core.thresholds.spread import Spread, threshold_spread
from core.thresholds.worth import Worth, worth_of
from pages.shared import operating, truth_dial
from pages.shared.cache import KEYS, STUDY_KEY, resamples
from pages.thresholds.deck.component import packed, packed_truths


@st.cache_resource(max_entries=4, hash_funcs=STUDY_KEY, show_spinner=False)
def deck_tables(study: Study, setting: str, split: str) -> DeckTables:
    """The counts of a setting on a split at every threshold, which answer every move."""
    return DeckTables.of_study(study, setting, split)


@st.cache_resource(max_entries=6, hash_funcs=STUDY_KEY, show_spinner=False)
def browser_counts(study: Study, setting: str, split: str, kept: tuple[float, ...]) -> tuple[str, bytes, bool]:
    """The deck's counts for the browser: their name, their bytes, and whether they hold every score.

    kept : thresholds that stay exact even where many films are merged.
    """
    token = f"{study.fingerprint}-{setting}-{split}-{hash(kept):x}"
    counted = deck_tables(study, setting, split)
    tables = study_tables(study, setting, split, keep=np.array(kept), tables=counted)
    return token, packed(tables, token), tables.is_exact


@st.cache_resource(max_entries=6, hash_funcs=STUDY_KEY, show_spinner=False)
def turned_counts(study: Study, setting: str, split: str) -> tuple[str, bytes, bool]:
    """As `browser_counts`, for a study whose truth dial the browser turns by itself: the same under every position."""
    token = f"{study.manifest.fingerprint}-{setting}-{split}-dial"
    tables = study_tables(study, setting, split, is_turned=True)
    return token, packed(tables, token), tables.is_exact


@st.cache_resource(max_entries=12, hash_funcs=STUDY_KEY, show_spinner=False)
def truths(
    study: Study, setting: str, split: str, policy: operating.Chosen, positions: tuple[Convention, ...]
) -> bytes:
    """The labels of a split under every position of the dial, and what the policy fits there, for the browser."""
    seen = [study.under(position) for position in positions]
    rows = study.rows(split)
    sets = [operating.fitted(one, setting, *policy) for one in seen]
    names = [truth_dial.key_of(position) for position in positions]
    labels = np.stack([one.judged_labels(setting)[rows] for one in seen])
    starts, uppers = (np.stack(cuts) for cuts in zip(*((one.array(), one.upper_array()) for one in sets), strict=True))
    return packed_truths(names, labels, starts, uppers, turned_counts(study, setting, split)[0])


@st.cache_resource(max_entries=4, hash_funcs=STUDY_KEY, show_spinner=False)
def followed(study: Study, setting: str, split: str) -> FollowedFigures:
    """The figures of a setting on a split, which only count what a move changes."""
    return FollowedFigures.of_study(study, setting, split, deck_tables(study, setting, split))


@st.cache_resource(max_entries=64, hash_funcs=KEYS, show_spinner=False)
def operating_figures(study: Study, split: str, chosen: ThresholdSet) -> OperatingPoint:
    """The figures of a split under a threshold set, with their intervals."""
    if chosen.is_film_wise:
        return point_of_set(study, split, chosen)
    return followed(study, chosen.setting, split).point(chosen.array())


@st.cache_resource(max_entries=64, hash_funcs=KEYS, show_spinner=False)
def settled(study: Study, split: str, chosen: ThresholdSet) -> SettledFilms:
    """What a set of two cuts settles on the films of a split."""
    return followed(study, chosen.setting, split).settled(chosen.array(), chosen.upper_array())


@st.cache_resource(max_entries=16, hash_funcs=KEYS, show_spinner=False)
def threshold_curves(
    study: Study, split: str, sets: Mapping[str, ThresholdSet], calibration: str = "as-is"
) -> ThresholdCurves:
    """The curves of every class and setting with the thresholds of the sets on them.

    calibration : of core.thresholds.calibration.CHOICES.
    """
    return study_curves(study, split, sets, calibration=calibration)


@st.cache_resource(max_entries=64, hash_funcs=KEYS, show_spinner=False)
def resampled(study: Study, split: str, chosen: ThresholdSet) -> ResampledFigures:
    """The figures of a threshold set over the resamples of the patients."""
    drawn = resamples(study, split)
    if chosen.is_film_wise:
        return resampled_set(study, split, chosen, drawn)
    return followed(study, chosen.setting, split).resampled(chosen.array(), drawn)


@st.cache_resource(max_entries=16, hash_funcs=KEYS, show_spinner=False)
def worth(study: Study, split: str, chosen: ThresholdSet, promised: ThresholdSet | None = None) -> Worth | None:
    """A set on the films of its fit and on those of a split; None where these are the same.

    promised : the set that made promises, where a hand moved on from it.
    """
    return worth_of(study, split, chosen, promised)


@st.cache_resource(max_entries=16, hash_funcs=STUDY_KEY, show_spinner=False)
def spreads(study: Study, setting: str, policy: str, parameter: float | None) -> dict[str, Spread]:
    """How thresholds move when they are fitted on resampled patients; empty where a policy does not fit each class."""
    return threshold_spread(study, setting, policy, parameter)
