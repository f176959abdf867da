"""One film of the study: its maps, its masks, what is said beside them, and the marks that are drawn on it."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.annotations import Annotation
from core.errors import ModelError
from core.geometry import Box, centre_crop_box, share_outside
from core.metrics.localization import localize, mask_of
from core.saliency.evidence import ClassEvidence, film_evidence
from core.study import Study
from pages.shared import (
    cache,
    faithfulness,
    film_choices,
    maps_cache,
    marks,
    notices,
    operating,
    saliency_choices,
    saliency_maps,
)
from pages.shared.film_choices import PickedFilm
from pages.shared.film_viewer import film_viewer
from pages.shared.film_viewer.payload import FilmView, Panel, Strip
from pages.shared.saliency_choices import Look
from pages.shared.saliency_maps import Found, Lines

if TYPE_CHECKING:
    from core.saliency.maps import SaliencyMap

VIEWER: Final = "film_viewer"
_NO_MODEL: Final = ModelError(
    "This study holds a model's output, not the model, so where it looks cannot be computed.",
    remedy="A study made by `python -m core build` has maps.",
)
_OUTCOMES: Final = {"TP": "found", "FN": "missed", "FP": "false alarm", "TN": "rightly not predicted"}


def show(study: Study, picked: PickedFilm) -> None:
    """Widgets, viewer, and the words below it."""
    image_id, has_model = picked.image_id, study.manifest.model is not None
    pixels = cache.film(study, image_id)
    findings = film_choices.findings_of(study, image_id)
    look = saliency_choices.pick(study, findings, can_compute=has_model, more=marks.pick_reader)
    found = _found(study, image_id, look) if has_model else Found(errors={"": _NO_MODEL})
    drawing = marks.drawing(look.finding)
    marks.say_what_happened()
    film_viewer(
        FilmView(
            film_id=image_id,
            stamp="|".join(map(str, (image_id, look.finding, look.method, look.layer, look.scale, look.strip))),
            caption=notices.film_caption(study, image_id),
            film=pixels,
            crop=crop_of(study, pixels),
            panels=(
                Panel("film", notices.film_caption(study, image_id)),
                *(_panel(study, image_id, setting, found, look) for setting in found.maps),
            ),
            outlines=_outlines(study, image_id, look, has_model=bool(found.maps)),
            readers=tuple(dict.fromkeys(entry.reader for entry in study.annotations())),
            strips=_strips(study, image_id, found, look),
            drawing=drawing,
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
        explain(found, look)
        faithfulness.show(study, image_id, found, look)
    masks_table(study, image_id)
    marks.tools(study, image_id, look.finding)


def _on_step(picked: PickedFilm) -> None:
    picked.step(int(st.session_state[VIEWER].step))


def _on_pick() -> None:
    saliency_choices.follow_small_picture(st.session_state[VIEWER].pick)


def _found(study: Study, image_id: str, look: Look) -> Found:
    with st.spinner("Computing where the models look…"):
        return saliency_maps.find(
            study.settings, lambda setting: maps_cache.film_maps(study, setting, image_id, look.method, look.layers)
        )


def _panel(study: Study, image_id: str, setting: str, found: Found, look: Look) -> Panel:
    return saliency_maps.map_panel(setting, found, look, partial(_evidence, study, image_id, setting, look))


def _evidence(study: Study, image_id: str, setting: str, look: Look, saliency: SaliencyMap) -> Lines:
    """Score, threshold and, where the finding was drawn, how map and mask agree."""
    entries = film_evidence(study, setting, image_id, operating.current_decisions(study, setting))
    entry = next(entry for entry in entries if entry.finding == look.finding)
    return (*score_lines(entry), *_agreement(study, image_id, look, saliency))


def score_lines(entry: ClassEvidence) -> Lines:
    """The score of a class, and on which side of its threshold it is."""
    lines = [(entry.score_kind, f"{entry.score:.3f}")]
    if math.isnan(entry.threshold):
        return (*lines, ("threshold", "–"))
    side = "above it" if entry.score >= entry.threshold else "below it"
    words = f"{entry.threshold:.3f}, {side} by {abs(entry.score - entry.threshold):.3f}"
    outcome = [("this film", f"{_OUTCOMES[entry.outcome]} ({entry.outcome})")] if entry.outcome in _OUTCOMES else []
    return (*lines, ("threshold", words), *outcome)


def _agreement(study: Study, image_id: str, look: Look, saliency: SaliencyMap) -> Lines:
    """How much of the map lies where readers drew, beside what a map that knows nothing would have."""
    mask = mask_of(study.annotations(image_id), look.finding)
    if mask is None or saliency.is_zero:
        return ()
    found = localize(saliency.values, mask, crop_px=crop_px(study))
    if not found.is_defined:
        return (("map in mask", "undefined: the mask lies outside what the model sees"),)
    return (
        ("peak in mask", "yes" if found.hit else "no"),
        ("map in mask", f"{100 * found.energy:.0f} %, chance {100 * found.chance:.0f} %"),
    )


def _outlines(study: Study, image_id: str, look: Look, *, has_model: bool) -> list[Annotation]:
    """What was drawn of the class that is looked at; of every class where there is no map to compare."""
    drawn = study.annotations(image_id)
    return [entry for entry in drawn if not has_model or entry.finding == look.finding]


def _strips(study: Study, image_id: str, found: Found, look: Look) -> tuple[Strip, ...]:
    return saliency_maps.strips(
        look,
        found,
        partial(maps_cache.layer_choices, study),
        lambda setting, layers: maps_cache.film_maps(study, setting, image_id, look.method, layers),
    )


def explain(found: Found, look: Look) -> None:
    """How to read the maps."""
    scale = {
        "own": "Each map is scaled to its own strongest value: compare places, not strengths.",
        "setting": "A setting's maps of all classes share one scale: a pale map is weaker than another class's.",
        "all": "All settings share one scale: one whose score has smaller units looks paler.",
    }[look.scale]
    layers = ", ".join(sorted({maps.layers[0] for maps in found.maps.values()} - {""}))
    at = f" Read at {notices.plain(layers)}, values raw." if layers else ""
    st.caption(
        f"{saliency_choices.method_words(look.method)}{at} {scale} The dashed square is what the model sees; in the "
        "veiled border the map is undefined. A map shows where a score comes from, not whether it is right."
    )


def masks_table(study: Study, image_id: str) -> None:
    """What readers drew, and the share of it that the model never sees."""
    annotations = study.annotations(image_id)
    if not annotations:
        st.caption("Nothing was drawn on this film.")
        return
    st.markdown("**Masks on this film**")
    st.table([_mask_row(annotation, crop_px(study)) for annotation in annotations], alt=f"Masks of {image_id}")
    st.caption("A model that crops the centre of the film never sees what lies outside the central square.")


def _mask_row(annotation: Annotation, crop: int | None) -> dict[str, str]:
    mask = annotation.mask()
    outside = share_outside(mask, centre_crop_box(*mask.shape, crop_px=crop))
    return {
        "Finding": notices.plain(annotation.finding),
        "Reader": notices.plain(annotation.reader),
        "Drawn as": {"rle": "mask"}.get(annotation.kind, annotation.kind),
        "Of the film": f"{100 * mask.mean():.1f} %",
        "Outside the centre square": "empty" if math.isnan(outside) else f"{100 * outside:.0f} %",
    }


def footer(study: Study, look: Look) -> str:
    """What stands below every picture that leaves the app."""
    synthetic = "Synthetic films. " if study.manifest.synthetic else ""
    return f"{study.name} · {look.finding} · study {study.fingerprint} · {synthetic}Not for clinical use."


def crop_px(study: Study) -> int | None:
    """The side of the square that the study's model sees; None where no model is known."""
    return (study.manifest.model or {}).get("crop_px")


def crop_of(study: Study, pixels: npt.NDArray[np.uint8]) -> Box:
    """Where that square lies on a film."""
    return centre_crop_box(*pixels.shape[:2], crop_px=crop_px(study))
