"""One film of the study: its maps, its masks, what is said beside them, and the marks that are drawn on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.annotations.annotation import Annotation
from core.errors import ModelError
from core.geometry import Geometry, share_outside
from core.metrics.classification import OUTCOME_TITLES
from core.metrics.localization import is_below_patch
from core.saliency.evidence import ClassEvidence, film_evidence
from core.saliency.imported import methods_for
from core.saliency.localization.film_agreement import ReaderAgreement, film_agreement
from core.saliency.methods import IMPORTED
from core.study import Study
from core.words import UNDEFINED, number_words, share_words
from pages.saliency import cache as maps_cache
from pages.saliency import choices, faithfulness, film_choices, marks
from pages.saliency import maps as saliency_maps
from pages.saliency import words as saliency_words
from pages.saliency.choices import MapChoice
from pages.saliency.film_choices import PickedFilm
from pages.saliency.film_viewer import film_viewer
from pages.saliency.film_viewer.payload import Chip, FilmView, Panel, Strip
from pages.saliency.maps import Evidence, Found, Lines
from pages.serving import turns
from pages.shared import cache, navigation, notices, operating, take

if TYPE_CHECKING:
    from core.saliency.maps import FilmMaps, SaliencyMap

VIEWER: Final = "film_viewer"
_NO_MODEL: Final = ModelError(
    "This study holds a model's output, not the model, so where it looks cannot be computed.",
    remedy="A study made by `python -m core build` has maps, and `python -m core import --maps` takes a model's own.",
)
_OUTCOMES: Final = {name: OUTCOME_TITLES[name].lower() for name in ("TP", "FN", "FP", "TN")}


def show(study: Study, picked: PickedFilm, line: DeltaGenerator, above: DeltaGenerator) -> None:
    """Widgets, viewer, and the words below it.

    line : where the widgets stand.  above : the line before it, with room for an offer.
    """
    image_id, methods = picked.image_id, methods_for(study)
    pixels = cache.film(study, image_id)
    findings = film_choices.findings_of(study, image_id)
    look = choices.pick(study, findings, methods, line, above)
    film_choices.offer_film_with(study, picked, look.finding, above)
    found, strips = _found(study, image_id, pixels.shape, look) if methods else (Found(errors={"": _NO_MODEL}), ())
    drawing = marks.drawing(look.finding)
    marks.say_what_happened()
    notices.too_many_wait(found.busy)
    film_viewer(
        take.Of(
            f"maps-{look.finding}", f"{notices.film_caption(study, image_id)}, maps of {look.finding}", film=image_id
        ),
        FilmView(
            film_id=image_id,
            stamp="|".join(map(str, (image_id, look.finding, look.method, look.layer, look.scale, look.strip))),
            caption=notices.film_caption(study, image_id),
            film=pixels,
            panels=(
                Panel("film", notices.film_caption(study, image_id)),
                *(_panel(study, image_id, pixels.shape, setting, found, look) for setting in found.maps),
            ),
            outlines=_outlines(study, image_id, look, has_model=bool(found.maps)),
            readers=tuple(dict.fromkeys(entry.reader for entry in study.annotations())),
            strips=strips,
            drawing=drawing,
            about=saliency_words.about_maps(study, found, look) if found.maps else (),
            footer=footer(study, look),
            can_step=picked.can_step,
        ),
        key=VIEWER,
        on_step=partial(_on_step, picked),
        on_pick=_on_pick,
        on_marks=partial(marks.save, study, VIEWER),
    )
    for problem in found.problems:
        st.info(notices.plain(f"{problem.message} {problem.remedy}"), icon=":material/add_box:")
    if found.maps:
        saliency_words.explain(study, found, look)
        saliency_words.best_on_validation(study)
        if look.method != IMPORTED.name:
            faithfulness.show(study, image_id, found, look)
    masks_table(study, image_id, found)
    marks.pick_reader()
    marks.tools(study, image_id, look.finding)
    if found.maps and navigation.is_in_app():
        maps_cache.load_models(study)  # the maps of the first films are there without


def _on_step(picked: PickedFilm) -> None:
    picked.step(int(st.session_state[VIEWER].step))


def _on_pick() -> None:
    choices.follow_small_picture(st.session_state[VIEWER].pick)


def _found(study: Study, image_id: str, shape: tuple[int, ...], look: MapChoice) -> tuple[Found, tuple[Strip, ...]]:
    with turns.one_look("Computing where the models look…"):
        found = saliency_maps.find(study, partial(_film_maps, study, image_id, look))
        return saliency_maps.with_strips(found, partial(_strips, study, image_id, shape, found, look))


def _film_maps(study: Study, image_id: str, look: MapChoice, setting: str) -> FilmMaps:
    return saliency_maps.at_layer(
        look,
        maps_cache.layers_in(study, setting, look.layers),
        lambda: maps_cache.layer_choices(study, setting),
        lambda layers: maps_cache.film_maps(study, setting, image_id, look.method, layers),
    )


def _panel(study: Study, image_id: str, shape: tuple[int, ...], setting: str, found: Found, look: MapChoice) -> Panel:
    evidence = partial(_evidence, study, image_id, found.maps[setting].geometry, setting, look)
    return saliency_maps.map_panel(setting, found, look, shape, evidence)


def _evidence(
    study: Study, image_id: str, geometry: Geometry, setting: str, look: MapChoice, saliency: SaliencyMap
) -> Evidence:
    """Score, threshold and, where the finding was drawn, how map and mask agree."""
    entries = film_evidence(study, setting, image_id, operating.current_decisions(study, setting))
    entry = next(entry for entry in entries if entry.finding == look.finding)
    found = film_agreement(saliency.values, study.annotations(image_id), look.finding, geometry)
    return Evidence(
        (*score_lines(entry), *(line for one in found for line in _agreement_lines(one, is_only=len(found) == 1))),
        (*_verdict(entry), *_share_chip(found)),
    )


def _verdict(entry: ClassEvidence) -> tuple[Chip, ...]:
    """Whether the decision was right, where somebody read the film and something decides."""
    if entry.outcome not in _OUTCOMES:
        return ()
    return (Chip(_OUTCOMES[entry.outcome], "good" if entry.outcome in ("TP", "TN") else "bad"),)


def _share_chip(found: Sequence[ReaderAgreement]) -> tuple[Chip, ...]:
    """How much of the map lies where readers drew, against chance; the mean where there are several."""
    if not found or not found[-1].is_defined:
        return ()
    one = found[-1]
    words = f"{share_words(one.energy)} of the map in the region, chance {share_words(one.chance)}"
    return (Chip(words, "good" if one.energy > one.chance else "bad"),)


def score_lines(entry: ClassEvidence) -> Lines:
    """The score of a class, and on which side of its threshold it is."""
    lines = [(entry.score_kind, number_words(entry.score))]
    side = "above it" if entry.score >= entry.threshold else "below it"
    words = f"{number_words(entry.threshold)}, {side} by {number_words(abs(entry.score - entry.threshold))}"
    if math.isnan(entry.threshold):
        words = "decided film by film" if entry.outcome else UNDEFINED
    outcome = [("this film", f"{_OUTCOMES[entry.outcome]} ({entry.outcome})")] if entry.outcome in _OUTCOMES else []
    return (*lines, ("threshold", words), *outcome)


def _agreement_lines(entry: ReaderAgreement, *, is_only: bool) -> Lines:
    whose = "" if is_only else f", {entry.reader}" if entry.reader else f", mean of {entry.n_readers} readers"
    if not entry.is_defined:
        return ((f"map in region{whose}", "undefined: the mask lies outside what the model sees"),)
    small = "; a mask is smaller than a patch" if entry.is_below_resolution else ""
    peak = {0.0: "no", 1.0: "yes"}.get(entry.hit, share_words(entry.hit))
    return (
        (f"hottest point in region{whose}", peak),
        (f"map in region{whose}", f"{share_words(entry.energy)}, chance {share_words(entry.chance)}{small}"),
    )


def _outlines(study: Study, image_id: str, look: MapChoice, *, has_model: bool) -> list[Annotation]:
    """What was drawn of the class that is looked at; of every class where there is no map to compare."""
    drawn = study.annotations(image_id)
    return [entry for entry in drawn if not has_model or entry.finding == look.finding]


def _strips(study: Study, image_id: str, shape: tuple[int, ...], found: Found, look: MapChoice) -> tuple[Strip, ...]:
    return saliency_maps.strips(
        look,
        found,
        shape,
        partial(maps_cache.layer_choices, study),
        lambda setting, layers: maps_cache.film_maps(study, setting, image_id, look.method, layers),
    )


def masks_table(study: Study, image_id: str, found: Found) -> None:
    """What readers drew, and of maps that all lie alike: the share that the model never sees, and what is too small."""
    annotations = study.annotations(image_id)
    if not annotations:
        st.caption("Nothing was drawn on this film.")
        return
    st.markdown("**Masks on this film**")
    laid = {(maps.geometry, maps.values[0].shape[1:]) for maps in found.maps.values()}
    how = laid.pop() if len(laid) == 1 else None
    rows = pd.DataFrame([_mask_row(annotation, how) for annotation in annotations]).set_index("Finding")
    take.table(rows, take.Of("masks", f"Masks of {image_id}", film=image_id))
    if how is not None:
        st.caption(
            f"The model sees {how[0].words}; no map reaches what lies outside, nor meets a mask exactly that is "
            "smaller than one of its patches."
        )


def _mask_row(annotation: Annotation, how: tuple[Geometry, tuple[int, ...]] | None) -> dict[str, str]:
    mask = annotation.mask()
    return {
        "Finding": notices.plain(annotation.finding),
        "Reader": notices.plain(annotation.reader),
        "Drawn as": {"rle": "mask"}.get(annotation.kind, annotation.kind),
        "Of the film": share_words(float(mask.mean()), 1),
        **({} if how is None else _against_map(mask, *how)),
    }


def _against_map(mask: npt.NDArray[np.bool_], geometry: Geometry, grid: tuple[int, ...]) -> dict[str, str]:
    outside = share_outside(mask, geometry.box(*mask.shape))
    is_small = is_below_patch(mask, (grid[0], grid[1]), geometry)
    return {
        "Outside what the model sees": "empty" if math.isnan(outside) else share_words(outside),
        "Smaller than one patch": "yes" if is_small else "no",
    }


def footer(study: Study, look: MapChoice) -> str:
    """What stands below every picture that leaves the app."""
    synthetic = "Synthetic films. " if study.manifest.synthetic else ""
    return f"{study.name} · {look.finding} · study {study.fingerprint} · {synthetic}Not for clinical use."
