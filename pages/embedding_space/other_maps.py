"""Which map is shown: the study's own, or one made on demand by another method or with other parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Final

import numpy as np
import streamlit as st

from core.metrics.arrays import FloatArray
from core.metrics.neighbours import METRICS
from core.projection.cache import finished_map
from core.projection.jobs import begin_map, cancel_map, map_job, map_progress
from core.projection.methods import MAP_METHODS, method_named
from core.projection.record import map_record
from core.projection.request import MapRequest
from core.settings.titles import encoder_title
from core.study import Study, layout
from core.words import count_words, number_words
from pages.embedding_space import cache
from pages.shared import notices, selection

STORED: Final = "stored"
_ASKED: Final = "other_map"
_BEGIN: Final = "other_map_begin"
_MINE: Final = "other_map_mine"
"""The map that this session asked for, and may cancel."""
_UNASKED: Final = "other_map_unasked"
"""Maps that this session began without being asked, where the study has none to look at."""
_AT_ONCE: Final = 20_000
"""Films up to which a stored map without figures of its own is measured when they are asked for."""
_MEASURED_UNASKED: Final = 5_000
"""Films up to which it is measured without being asked for: a second or two, once."""


def has_stored(study: Study, encoders: tuple[str, ...], n_dimensions: int = 2) -> bool:
    """Whether the study holds the maps of all these encoders."""
    return all(study.has(layout.umap_part(encoder, n_dimensions)) for encoder in encoders)


def pick(study: Study, encoders: tuple[str, ...], n_dimensions: int) -> MapRequest | None:
    """The map that is asked for, its encoder still open; None for the study's own."""
    stored = has_stored(study, encoders, n_dimensions)
    ways = [way for way in MAP_METHODS if way.most_films is None or len(study.image_ids) <= way.most_films]
    words = {**({STORED: "Stored UMAP"} if stored else {}), **{way.name: way.title for way in ways}}
    default = STORED if stored else "pca"
    method = selection.pick_listed("Layout", list(words), default=default, words=words, key="map_method", width=150)
    if method == STORED:
        return None
    if _ASKED not in st.session_state:
        st.session_state[_ASKED] = _linked()
    kept = st.session_state[_ASKED]
    heeded = {name: value for name, value in kept.items() if name in method_named(method).parameters}
    for name in _PARAMETERS:
        selection.write(f"map_{name}", str(heeded[name]) if name in heeded else None)
    return MapRequest(encoders[0], method, n_dimensions, **heeded)


def _linked() -> dict[str, Any]:
    """The numbers of a map that the address asks for; what is none, or beyond its limits, it does not ask for."""
    found: dict[str, Any] = {}
    for name, (_, low, high, step) in _PARAMETERS.items():
        text = st.query_params.get(f"map_{name}")
        try:
            if name == "metric":
                found |= {name: text} if text in METRICS else {}
            elif text is not None and low <= float(text) <= high:
                found[name] = int(text) if isinstance(step, int) else float(text)
        except ValueError:
            continue
    return found


def points(study: Study, encoders: tuple[str, ...], request: MapRequest | None, n_dimensions: int) -> list[FloatArray]:
    """The coordinates of every encoder's films; while a map is being made, the study's own, or none at all."""
    if request is None:
        return [study.umap(encoder, n_dimensions) for encoder in encoders]
    wanted = [replace(request, encoder=encoder) for encoder in encoders]
    stored = has_stored(study, encoders, n_dimensions)
    asked = _parameters(request)
    found = [finished_map(study, one) for one in wanted]
    if all(found):
        return [one.points for one in found if one is not None]
    missing = [one for one, there in zip(wanted, found, strict=True) if there is None]
    asked = asked or (not stored and _comes_unasked(study, missing[-1]))
    if asked or st.session_state.get(_MINE) in {one.key for one in wanted if one not in missing}:
        _begin(study, missing[-1])
    _follow(study, missing[-1], " The map shown is the stored one." if stored else "")
    return [study.umap(encoder, n_dimensions) for encoder in encoders] if stored else []


def _comes_unasked(study: Study, request: MapRequest) -> bool:
    """Whether a map is begun without a press, once a session: PCA, which takes seconds."""
    begun: set[tuple[str, str]] = st.session_state.setdefault(_UNASKED, set())
    mark = study.fingerprint, request.key
    comes = request.method == "pca" and mark not in begun
    begun.add(mark)
    return comes


def _parameters(request: MapRequest) -> bool:
    """Ask for the method's numbers; whether a map by them was asked for just now."""
    method = method_named(request.method)
    names = [name for name in method.parameters if name in _PARAMETERS]
    with st.form("map_parameters", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        for name in names:
            _parameter(name, asdict(request)[name])
        st.form_submit_button("Make this map", on_click=_ask, args=(names,))
    st.caption(method.words)
    return bool(st.session_state.pop(_BEGIN, False))


def _ask(names: list[str]) -> None:
    """Keeps what was asked for, before the page is drawn with it."""
    asked = {name: st.session_state[f"map_{name}"] for name in names}
    st.session_state[_ASKED] = {**st.session_state.get(_ASKED, {}), **asked}
    st.session_state[_BEGIN] = True


_PARAMETERS: Final[Mapping[str, tuple[str, float, float, float]]] = {
    "n_neighbors": ("Neighbours", 2, 200, 1),
    "min_dist": ("Least distance", 0.0, 0.99, 0.05),
    "perplexity": ("Perplexity", 2.0, 100.0, 1.0),
    "metric": ("Metric", 0, 0, 0),
}


def _parameter(name: str, value: Any) -> None:
    label, low, high, step = _PARAMETERS[name]
    if name == "metric":
        st.selectbox(label, METRICS, METRICS.index(value), format_func=str.capitalize, key="map_metric", width=150)
    else:
        st.number_input(label, low, high, value, step, key=f"map_{name}", width=150)


def _begin(study: Study, request: MapRequest) -> None:
    """Starts a map; a second encoder's makes the first one's on the way, to stay near it."""
    st.session_state.pop(_MINE, None)
    if notices.begin_work(lambda: begin_map(study, request, again=True), title="This map cannot be made"):
        st.session_state[_MINE] = request.key


@st.fragment(run_every=1.0)
def _follow(study: Study, request: MapRequest, shown: str) -> None:
    """How far the map is; the page is drawn again when it is there."""
    progress = map_progress(study, request)
    notices.work_failed(progress, title="This map could not be made")
    if progress.state == "finished":
        st.rerun()
    elif progress.state == "absent":
        st.info(f"This map is not made yet: press “Make this map”.{shown}", icon=":material/scatter_plot:")
    elif progress.state == "running":
        films = f"{method_named(request.method).title} of the {encoder_title(request.encoder).lower()} encoder's films"
        words = f"{films}: {progress.what or 'starting'}.{shown}"
        cancel = partial(cancel_map, study, request) if st.session_state.get(_MINE) == request.key else None
        notices.work_running(map_job(study, request), progress, words, cancel=cancel, key="cancel_map")


def quality_line(study: Study, encoders: tuple[str, ...], request: MapRequest | None, n_dimensions: int) -> None:
    """How well the maps keep neighbours, in one line, where that is known without working it out."""
    said = [_known_figures(study, encoder, request, n_dimensions) for encoder in encoders]
    if not any(said):
        return
    names = [f"{encoder_title(encoder)}: " if len(encoders) > 1 else "" for encoder in encoders]
    words = [f"{name}{figures or 'not measured'}" for name, figures in zip(names, said, strict=True)]
    st.caption(f"How far to trust the map: {'; '.join(words)}.", help=_QUALITY)


_QUALITY: Final = (
    "Trustworthiness: whether a film's neighbours on the map are its neighbours in the original space. Continuity: "
    "whether its neighbours there are its neighbours on the map. 1 is perfect for both; a map that says nothing of the "
    "space has about 0.5."
)


def _known_figures(study: Study, encoder: str, request: MapRequest | None, n_dimensions: int) -> str:
    """Of a map's record, or measured where there are few films; "" where neither is at hand."""
    if request is not None:
        found = finished_map(study, replace(request, encoder=encoder))
        quality = found.record.get("quality", {}) if found else {}
        return _short_words(quality.get("trustworthiness"), quality.get("continuity"))
    if "quality" not in map_record(study, encoder) and len(study.image_ids) > _MEASURED_UNASKED:
        return ""
    measured = cache.map_figures(study, encoder, n_dimensions)
    return _short_words(measured.trustworthiness, measured.continuity)


def _short_words(trust: Any, continuity: Any) -> str:
    if trust is None or continuity is None or not np.isfinite([trust, continuity]).all():
        return ""
    return f"trustworthiness {number_words(trust, 2)}, continuity {number_words(continuity, 2)}"


def describe(study: Study, encoders: tuple[str, ...], request: MapRequest | None, n_dimensions: int) -> None:
    """How the map was made and how well it keeps neighbours, folded away and worked out when it is opened."""
    box = st.expander("How this map was made", icon=":material/info:", on_change="rerun", key="about_map")
    if not box.open:
        return
    with box:
        for encoder in encoders:
            st.markdown(notices.plain(_sentence(study, encoder, request, n_dimensions)))
        st.caption("Trustworthiness, continuity: 1 is perfect, about 0.5 says nothing of the space.", help=_QUALITY)


def _sentence(study: Study, encoder: str, request: MapRequest | None, n_dimensions: int) -> str:
    """One encoder's map: method, parameters, library, figures."""
    if request is None:
        record, figures = map_record(study, encoder), _figures(study, encoder, n_dimensions)
    else:
        found = finished_map(study, replace(request, encoder=encoder))
        record = found.record if found else {}
        quality = record.get("quality", {})
        figures = _figure_words(quality.get("trustworthiness"), quality.get("continuity"), quality.get("n_neighbors"))
    names = ("method", *_PARAMETERS, "seed", "library", "started_from", "aligned_with")
    told = ", ".join(f"{name.replace('_', ' ')} {record[name]}" for name in names if record.get(name) is not None)
    laid_out = record.get("laid_out")
    some = "" if laid_out is None else f" {count_words(laid_out)} films were laid out, the others placed among them."
    return f"{encoder_title(encoder)}: {told or 'the study does not say how'}.{some} {figures}"


def _figures(study: Study, encoder: str, n_dimensions: int) -> str:
    if len(study.image_ids) > _AT_ONCE and "quality" not in map_record(study, encoder):
        return f"Not measured: more than {_AT_ONCE:,} films. `python -m core project STUDY` measures and stores it."
    quality = cache.map_figures(study, encoder, n_dimensions)
    return _figure_words(quality.trustworthiness, quality.continuity, quality.n_neighbors)


def _figure_words(trust: Any, continuity: Any, n_neighbors: Any) -> str:
    if trust is None or continuity is None or not np.isfinite([trust, continuity]).all():
        return "Trustworthiness and continuity are undefined."
    return (
        f"Trustworthiness {number_words(trust)}, continuity {number_words(continuity)} (over {n_neighbors} neighbours)."
    )
