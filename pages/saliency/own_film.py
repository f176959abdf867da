"""A film that is uploaded: looked at with the study's models, and not kept."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from core.errors import CoreError
from core.figures.own_film import own_place_figure
from core.intake.uploads import UploadedFilm, read_upload
from core.report.parts import map_encoders
from core.saliency.evidence import ClassEvidence
from core.saliency.methods import METHODS
from core.settings.titles import encoder_title
from core.study import Study
from core.words import number_words
from pages.saliency import cache as maps_cache
from pages.saliency import choices, one_film, own_film_scores
from pages.saliency import maps as saliency_maps
from pages.saliency import words as saliency_words
from pages.saliency.choices import MapChoice
from pages.saliency.film_viewer import film_viewer
from pages.saliency.film_viewer.payload import FilmView, Panel
from pages.saliency.maps import Evidence, Found
from pages.serving import turns
from pages.shared import cache, notices, operating, selection, take

if TYPE_CHECKING:
    from core.own_film.familiarity import Familiarity
    from core.own_film.look import Neighbour, OwnFilm
    from core.saliency.maps import FilmMaps, SaliencyMap

_VIEWER: Final = "own_film_viewer"
_KEPT: Final = "own_film_work"
_NAME: Final = "Your film"
_NO_MODEL: Final = (
    "This study holds a model's output, not the model, so a film of your own has no scores here. A study made by "
    "`python -m core build` has them."
)


@dataclass(frozen=True)
class _Work:
    """What was computed of the film that is uploaded now; gone with the upload or the session."""

    key: str
    film: UploadedFilm
    own: OwnFilm
    maps: dict[tuple[str, str, tuple[str, ...] | None], FilmMaps]
    familiar: Mapping[str, Familiarity]
    """By encoder whose model is here."""

    @property
    def is_unlike(self) -> bool:
        """Whether the film is unlike the study's, as any encoder sees it."""
        return any(one.is_unlike for one in self.familiar.values())


def show(study: Study) -> None:
    """Upload, scores, maps, and where the film lies among the study's."""
    _nature_of(study)
    st.caption(
        "PNG, JPEG or DICOM. The film stays in this window's memory while it is shown and is stored nowhere, unless "
        "you download it.",
        help="A DICOM's header is read for its greys only; names in it are neither shown nor kept.",
    )
    if study.manifest.model is None:
        st.info(_NO_MODEL, icon=":material/add_box:")
    sent = st.file_uploader("A frontal chest film", key="own_film")
    if sent is None:
        st.session_state.pop(_KEPT, None)
        return
    try:
        work = _work(study, sent.getvalue(), sent.name)
    except CoreError as error:
        st.session_state.pop(_KEPT, None)
        notices.show_error(error, title="This film cannot be looked at")
        return
    for note in work.film.notes:
        st.caption(notices.plain(note))
    _say_unlike(work)
    found = _viewer(study, work)
    own_film_scores.show(study, work.film.pixels, work.own, found, is_unlike=work.is_unlike)
    _neighbours(study, work)


def _nature_of(study: Study) -> None:
    """That models of synthetic films say nothing of real ones; what else they are, the header says."""
    if study.manifest.synthetic:
        words = "Models trained on synthetic films: do not trust them on real ones"
        st.badge(words, icon=":material/science:", color="violet")


def _work(study: Study, content: bytes, name: str) -> _Work:
    """The film and its scores, from this session if it is the one that was looked at before."""
    thresholds = {setting: operating.current_decisions(study, setting) for setting in study.settings}
    cuts = [list(chosen.values.values()) for chosen in thresholds.values()]
    key = f"{study.fingerprint}-{hashlib.sha256(content + repr(cuts).encode()).hexdigest()}"
    kept: _Work | None = st.session_state.get(_KEPT)
    if kept is not None and kept.key == key:
        return kept
    film = read_upload(content, name)
    with turns.one_look("Looking at the film…"), turns.turn(turns.MAPS):
        from core.own_film.familiarity import familiarity
        from core.own_film.look import look_at

        own = look_at(study, film.pixels, thresholds)
        known = {name: own.embeddings[name] for name in study.encoders if name in own.embeddings}
        familiar = {name: familiarity(study, name, embedding) for name, embedding in known.items()}
        work = _Work(key, film, own, {}, familiar)
    st.session_state[_KEPT] = work
    return work


def _say_unlike(work: _Work) -> None:
    """Whether the film is like the study's, as each encoder sees it: how far what is known of these holds for it."""
    from core.own_film.familiarity import HOW, familiarity_words

    if not work.familiar:
        return
    counted = familiarity_words({encoder_title(name): one for name, one in work.familiar.items()})
    if work.is_unlike:
        st.warning(
            f"**Unlike this study's films: do not rely on its scores.** {counted}",
            icon=":material/troubleshoot:",
        )
        st.caption("Thresholds and figures were measured on films of the study.", help=HOW)
    elif not any(one.is_told for one in work.familiar.values()):
        st.caption("The study has too few films to tell whether yours is like them.", help=HOW)
    else:
        st.caption(f"Like this study's films, as far as its encoders see. {counted}", help=HOW)


def _viewer(study: Study, work: _Work) -> Found:
    """The maps, and what is said below them."""
    line = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
    look = choices.pick(study, _findings(study, work.own), METHODS, line, line)
    with turns.one_look("Computing where the models look…"):
        found = saliency_maps.find(study, partial(_maps, study, work, look))
        found, strips = saliency_maps.with_strips(found, partial(_strips, study, work, found, look))
    notices.too_many_wait(found.busy)
    shape = work.film.pixels.shape
    panels = (
        saliency_maps.map_panel(setting, found, look, shape, partial(_evidence, study, work.own, setting, look))
        for setting in found.maps
    )
    film_viewer(
        take.Of(f"maps-{look.finding}", f"{_NAME}, maps of {look.finding}", film="own-film"),
        FilmView(
            film_id="your-film",
            keeps_film=True,
            stamp="|".join(map(str, (work.key, look.finding, look.method, look.layer, look.scale, look.strip))),
            caption=_NAME,
            film=work.film.pixels,
            panels=(Panel("film", f"{_NAME} ({work.film.kind})"), *panels),
            strips=strips,
            about=saliency_words.about_maps(study, found, look) if found.maps else (),
            footer=one_film.footer(study, look).replace("Synthetic films. ", "Models trained on synthetic films. "),
        ),
        key=_VIEWER,
        on_pick=_on_pick,
    )
    for problem in found.problems:
        st.info(notices.plain(f"{problem.message} {problem.remedy}"), icon=":material/add_box:")
    if found.maps:
        saliency_words.explain(study, found, look)
    return found


def _on_pick() -> None:
    choices.follow_small_picture(st.session_state[_VIEWER].pick)


def _maps(study: Study, work: _Work, look: MapChoice, setting: str) -> FilmMaps:
    return saliency_maps.at_layer(
        look,
        maps_cache.layers_in(study, setting, look.layers),
        lambda: maps_cache.layer_choices(study, setting),
        lambda layers: _maps_at(study, work, look, setting, layers),
    )


def _maps_at(study: Study, work: _Work, look: MapChoice, setting: str, layers: tuple[str, ...] | None) -> FilmMaps:
    from core.saliency.film_maps import film_maps
    from core.saliency.tower.setting_model import load_setting_model

    key = (setting, look.method, layers)
    if key not in work.maps:
        with turns.turn(maps_cache.line_of(look.method)):
            model = load_setting_model(study, setting)
            work.maps[key] = film_maps(model, work.film.pixels, method=look.method, layers=layers)
    return work.maps[key]


def _strips(study: Study, work: _Work, found: Found, look: MapChoice) -> tuple[Any, ...]:
    return saliency_maps.strips(
        look,
        found,
        work.film.pixels.shape,
        partial(maps_cache.layer_choices, study),
        lambda setting, layers: _maps_at(study, work, look, setting, layers),
    )


def _evidence(study: Study, own: OwnFilm, setting: str, look: MapChoice, saliency: SaliencyMap) -> Evidence:
    return Evidence(one_film.score_lines(_entry(study, own, setting, look.finding)))


def _entry(study: Study, own: OwnFilm, setting: str, finding: str) -> ClassEvidence:
    threshold = operating.current_decisions(study, setting).values[finding]
    return ClassEvidence(
        finding=finding,
        score=float(own.scores[setting][study.classes.index(finding)]),
        score_kind=study.manifest.settings[setting].score_kind,
        threshold=math.nan if threshold is None else threshold,
        outcome="",
        label=math.nan,
    )


def _findings(study: Study, own: OwnFilm) -> list[str]:
    """The classes that most settings predict come first."""
    votes = np.nansum(np.stack([np.nan_to_num(own.decisions[name]) for name in own.decisions]), axis=0)
    return [study.classes[index] for index in np.argsort(-votes, kind="stable")]


def _neighbours(study: Study, work: _Work) -> None:
    from core.own_film.look import nearest_films
    from core.projection.placing import place_film

    own, encoders = work.own, list(work.familiar)
    if not encoders:
        return
    st.header("Nearest films of the study")
    words: Mapping[str, str] = {name: encoder_title(name) for name in encoders}
    encoder = selection.pick_one("Encoder", encoders, default=encoders[0], words=words, key="own_encoder")
    nearest = nearest_films(study, encoder, own.embeddings[encoder])
    if encoder in map_encoders(study):
        place = place_film(study, encoder, own.embeddings[encoder])
        rows = [study.row_of(neighbour.image_id) for neighbour in nearest]
        figure = own_place_figure(study.umap(encoder), study.image_ids, place, rows)
        take.chart(
            figure, take.Of("own-place", "The uploaded film among the study's films on the map"), key="own_place"
        )
        st.caption(
            "The map places your film near its nearest films; one that is like none of them still lies among them.",
            help="Nearest in the original embedding space. By the map's own rule, your film is drawn to its nearest "
            "films and pushed away from the others; they do not move.",
        )
    _pictures(study, nearest)


def _pictures(study: Study, nearest: Sequence[Neighbour]) -> None:
    with st.grid(6, min_column_width=140):
        for neighbour in nearest:
            with st.container(border=True):
                caption = notices.film_caption(study, neighbour.image_id)
                try:
                    st.image(cache.film(study, neighbour.image_id), width="stretch", alt=caption)
                except CoreError:
                    st.caption("This film is not stored with the study.")
                st.caption(f"{notices.plain(caption)}  \ncosine to your film **{number_words(neighbour.cosine)}**")
