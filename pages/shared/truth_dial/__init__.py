"""The truth dial: whose labels count, and how what was not mentioned or is uncertain is read, turned live."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import streamlit as st

from core.labels.convention import BLANKS, UNCERTAINS, Convention
from core.labels.dial import axes_of, position_in_use, positions_of, words_of
from core.labels.readings import Readings
from core.report.truth_dial import Conclusion, DialFigures, conclusions, largest_move
from core.settings.titles import setting_title
from core.study import Study
from core.words import number_words
from pages.shared import cache, notices, operating, take
from pages.shared.components import register

_FOLDER: Final = Path(__file__).resolve().parent
_KEY: Final = "truth-dial"
_ADDRESS: Final = "labels"
_SEPARATOR: Final = "~"
_MOST_AHEAD: Final = 48
"""Positions whose figures are computed before a hand turns to them."""
_MOST_LABELS: Final = 2**24
"""Labels of all these together: 128 MB."""
_NOT_THERE: Final = ":material/link_off:"
_DIAL: Final = register("truth_dial", _FOLDER / "dial.js", html='<div class="dial"></div>', css=(_FOLDER / "dial.css",))
_WORDS: Final = {
    "negative": "negative",
    "positive": "positive",
    "left out": "left out",
    "not looked at": "left out",
}
_HELP: Final = "Whose labels count, and how they are read. Figures, best thresholds and links follow; the study stays."


def turned(study: Study) -> Study:
    """Draw the dial, and give the study under its position; the study itself where there is nothing to turn.

    The position is in the address under `labels`, and stays from page to page.
    """
    offered = positions(study)
    if len(offered) < 2:
        st.query_params.pop(_ADDRESS, None)
        return study
    chosen = _chosen(study, offered)
    _DIAL(
        key=_KEY,
        data={"axes": _axes(study), "positions": [_parts(one) for one in offered], "chosen": key_of(chosen)},
        on_turned_change=lambda: _take_turn(study, offered),
    )
    return _read(study, chosen)


def followed(study: Study) -> Study:
    """Give the study under the position that another page was turned to, and say so; the dial is not drawn."""
    offered = positions(study)
    if len(offered) < 2:
        st.query_params.pop(_ADDRESS, None)
        return study
    return _read(study, _chosen(study, offered))


def in_session(study: Study) -> Study:
    """Give the study under the position that this session turned to last; nothing is drawn, and nothing said."""
    known = {key_of(one): one for one in positions(study)}
    chosen = known.get(st.session_state.get(_kept(study), ""))
    return study if chosen is None else cache.under(study, chosen)


def _read(study: Study, position: Convention) -> Study:
    """The study under a position, with its thresholds; where it was written under another, that is said."""
    under = cache.under(study, position)
    operating.carry(under)
    if under.position is not None:
        st.caption(f":material/tune: Turned by the truth dial. {notices.plain(under.labels_read)}")
    return under


def show_standing(study: Study, setting: str, split: str) -> None:
    """Say below the figures what the turn moved most, and which conclusions stand under every position."""
    offered = positions(study)
    if len(offered) < 2:
        return
    base, policy = as_written(study), operating.policy_of(operating.current(study, setting).start)
    _show_move(study, base, setting, split, policy)
    figures = cache.under_every_position(base, split, *policy)
    titles = {name: setting_title(name) for name in study.settings}
    found = conclusions(figures, setting, titles, base.scores(setting)[base.rows(split)])
    standing = [one for one in found if one.stands]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Under all {len(offered)} ways to read the labels**, {len(standing)} of {len(found)} stand.")
        with st.popover("Which stand", icon=":material/balance:"):
            take.table(_standing_table(found), take.Of("standing", "Which conclusions stand", setting, split))
            take.table(_positions_table(figures), take.Of("positions", "Macro F1 by how labels are read", split=split))


def _show_move(study: Study, base: Study, setting: str, split: str, policy: operating.Chosen) -> None:
    """What moves most between the labels as written and as they are read now; nothing where they are the same."""
    if study.fingerprint == base.fingerprint:
        return
    rows = base.rows(split)
    before, after = (operating.fitted(one, setting, *policy) for one in (base, study))
    move = largest_move(before, after, base.scores(setting)[rows], study.labels[rows])
    names = [notices.plain(_said(study, key)) for key in (here(base), here(study))]
    words = "No best cut moves." if move is None else move.sentence(*names)
    st.markdown(f"**What moves most:** {words}")


def _said(study: Study, key: str) -> str:
    assert study.readings is not None
    assert study.manifest.convention is not None
    position = next(one for one in positions(study) if key_of(one) == key)
    return words_of(position, axes_of(study.readings, position.source or "", study.manifest.convention))


def _standing_table(found: Sequence[Conclusion]) -> pd.DataFrame:
    icons = {True: ":material/check_circle: stands", False: ":material/cancel: does not", None: "cannot be told"}
    index = pd.Index([notices.plain(one.name) for one in found], name="Conclusion")
    said = [notices.plain(one.words) for one in found]
    return pd.DataFrame({"Stands": [icons[one.stands] for one in found], "What it is": said}, index=index)


def _positions_table(figures: Sequence[DialFigures]) -> pd.DataFrame:
    index = pd.Index([notices.plain(one.words) for one in figures], name="Labels")
    names = list(figures[0].macro_f1)
    columns = {setting_title(name): [number_words(one.macro_f1[name]) for one in figures] for name in names}
    return pd.DataFrame(columns, index=index).add_suffix(", macro F1")


def near(study: Study) -> dict[str, Study]:
    """Give the study under other positions of the dial, by their names, those that one turn leads to first.

    None where it has more labels than are worth reading ahead of a hand.
    """
    names = {key_of(one): one for one in positions(study)}
    own = here(study)
    ordered = sorted((name for name in names if name != own), key=lambda name: _n_turns(own, name))[:_MOST_AHEAD]
    if len(ordered) * study.labels.size > _MOST_LABELS:
        return {}
    return {name: cache.under(study, names[name]) for name in ordered}


def _n_turns(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one.split(_SEPARATOR), other.split(_SEPARATOR), strict=True))


@st.cache_resource(max_entries=64, hash_funcs=cache.STUDY_KEY, show_spinner=False)
def positions(study: Study) -> tuple[Convention, ...]:
    """List what the dial can be turned to; () where a study holds labels alone."""
    written = study.manifest.convention
    return () if study.readings is None or written is None else positions_of(study.readings, written)


def here(study: Study) -> str:
    """Name the position that a study is read under."""
    assert study.readings is not None
    assert study.convention is not None
    return key_of(position_in_use(study.readings, study.convention))


def as_written(study: Study) -> Study:
    """Give the study under the convention that it was written under."""
    assert study.manifest.convention is not None
    return cache.under(study, study.manifest.convention)


def key_of(position: Convention) -> str:
    """Name a position, as in the address."""
    return _SEPARATOR.join(_parts(position))


def usual(study: Study) -> Convention | None:
    """The position that the study was written under; None where nothing can be turned."""
    written = study.manifest.convention
    return None if study.readings is None or written is None else position_in_use(study.readings, written)


def _chosen(study: Study, offered: Sequence[Convention]) -> Convention:
    """What the address asks for, else what was turned to before in this session, else what the study was written under.

    Kept in both. One that is not there to choose is said, and left out of the address.
    """
    known = {key_of(one): one for one in offered}
    start = usual(study)
    assert start is not None
    asked = st.query_params.get(_ADDRESS) or st.session_state.get(_kept(study), "")
    if asked and asked not in known:
        st.warning(f"The link reads labels as {notices.plain(asked)}, which is no choice here.", icon=_NOT_THERE)
    chosen = known.get(asked, start)
    _keep(study, chosen)
    return chosen


def _kept(study: Study) -> str:
    return f"labels-{study.manifest.fingerprint}"


def _keep(study: Study, position: Convention) -> None:
    """In the session, which outlives a change of page, and in the address unless the study was written under it."""
    st.session_state[_kept(study)] = key_of(position)
    if position == usual(study):
        st.query_params.pop(_ADDRESS, None)
    elif st.query_params.get(_ADDRESS) != key_of(position):
        st.query_params[_ADDRESS] = key_of(position)


def _take_turn(study: Study, offered: Sequence[Convention]) -> None:
    """Keep a turn in the address, and take the thresholds along."""
    state = st.session_state.get(_KEY)
    key = None if state is None else state.get("turned")
    known = {key_of(one): one for one in offered}
    if key not in known:
        return
    before = cache.under(study, _chosen(study, offered))
    _keep(study, known[key])
    operating.carry_over(before, cache.under(study, known[key]))


def _parts(position: Convention) -> list[str]:
    return [position.source or "", position.blank, position.uncertain, position.readers]


def _axes(study: Study) -> list[dict[str, Any]]:
    """What the browser offers: every axis with its options in order, and their words."""
    assert study.readings is not None
    readings: Readings = study.readings
    rules = dict.fromkeys(one.readers for one in positions(study))
    axes: list[tuple[str, dict[str, str]]] = [
        ("Labels of", {name: name or "unnamed" for name in readings.source_names}),
        ("Not mentioned", {name: _WORDS[name] for name in BLANKS}),
        ("Uncertain", {name: _WORDS[name] for name in UNCERTAINS}),
        ("Positive where", {name: _rule_words(name) for name in rules}),
    ]
    return [
        {"title": title, "help": _HELP, "options": [{"name": name, "words": said} for name, said in options.items()]}
        for title, options in axes
    ]


def _rule_words(rule: str) -> str:
    alone = Convention(readers=rule)
    if alone.reader is not None:
        return f"{alone.reader} says so"
    return {"any": "any reader says so", "majority": "most readers say so", "all": "all readers say so"}.get(
        rule, f"{rule} say so"
    )
