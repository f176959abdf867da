"""The film, its maps and its masks, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st

from core.errors import CoreError, ModelError, SaliencyError
from core.figures.saliency import film_figure
from core.geometry import Box, centre_crop_box, share_outside
from core.study import Study
from core.titles import setting_title
from pages.shared import cache, film_choices, notices

if TYPE_CHECKING:
    from core.saliency.maps import SaliencyMap

_QUIET: Final = {"displayModeBar": False, "scrollZoom": False}
_PANEL_PX: Final = 250
_SHARED, _OWN = "One scale for all", "Each its own scale"


@dataclass(frozen=True)
class Look:
    """What to look at. finding : the class of the maps; is_shared : one colour scale for all of them."""

    finding: str
    opacity: float
    is_shared: bool


@dataclass(frozen=True)
class Found:
    """The maps that there are, by setting, and what kept the others from being made, each error once."""

    maps: Mapping[str, SaliencyMap] = field(default_factory=dict)
    errors: tuple[CoreError, ...] = ()

    @property
    def maximum(self) -> float:
        """The largest raw value of all maps."""
        return max((float(saliency.raw_maximum) for saliency in self.maps.values()), default=0.0)


def pick(study: Study, image_id: str) -> Look:
    """The widgets above the maps."""
    if study.manifest.model is None:
        return Look(film_choices.findings_of(study, image_id)[0], 0.6, is_shared=True)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        finding = st.selectbox("Map of", film_choices.findings_of(study, image_id), key=f"map_of-{image_id}", width=260)
        scale = st.segmented_control(
            "Colours", [_SHARED, _OWN], default=_SHARED, required=True, key="scale", persist_state="session"
        )
        opacity = st.slider("Opacity of maps", 0.0, 1.0, 0.6, 0.05, key="opacity", persist_state="session", width=260)
    return Look(str(finding), float(opacity), scale != _OWN)


def compute(study: Study, image_id: str, finding: str) -> Found:
    """The maps of every setting; without a model, the sentence that says so."""
    if study.manifest.model is None:
        sentence = "This study holds a model's output, not the model, so where it looks cannot be computed."
        return Found(errors=(ModelError(sentence, remedy="A study made by `python -m core build` has maps."),))
    maps: dict[str, SaliencyMap] = {}
    errors: dict[str, CoreError] = {}
    with st.spinner("Computing where the models look…"):
        for setting in study.settings:
            try:
                maps[setting] = cache.saliency(study, setting, image_id, finding)
            except (ModelError, SaliencyError) as error:
                errors[str(error)] = error
    return Found(maps, tuple(errors.values()))


def draw_film(study: Study, image_id: str, pixels: np.ndarray, *, is_alone: bool) -> None:
    """The film as it is, with every outline."""
    st.plotly_chart(
        film_figure(
            pixels, study.annotations(image_id), readers=_readers(study), width_px=420 if is_alone else _PANEL_PX
        ),
        key="film",
        config=_QUIET,
        alt=f"{notices.film_caption(study, image_id)} with the outlines that readers drew",
    )


def draw_map(
    study: Study, image_id: str, pixels: np.ndarray, setting: str, saliency: SaliencyMap, look: Look, found: Found
) -> None:
    """One setting's map over the film; in words where the map is zero."""
    own = float(saliency.raw_maximum)
    drawn = [annotation for annotation in study.annotations(image_id) if annotation.finding == look.finding]
    st.plotly_chart(
        film_figure(
            pixels,
            drawn,
            readers=_readers(study),
            crop=_crop(study, pixels),
            saliency=None if saliency.is_zero else saliency.values,
            scale_maximum=(found.maximum if look.is_shared else own) or 1.0,
            opacity=look.opacity,
            crop_px=_crop_px(study),
            width_px=_PANEL_PX,
            has_legend=False,
        ),
        key=f"saliency-{setting}",
        config=_QUIET,
        alt=f"Grad-CAM of {look.finding}, {setting_title(setting)}, on {image_id}",
    )
    kind = study.manifest.settings[setting].score_kind
    st.markdown(f"{kind} **{saliency.score:.3f}**  \nstrongest value **{own:.3g}**")
    if saliency.is_zero:
        st.caption(f"Nothing on this film raises the {kind} of {notices.plain(look.finding)}: the map is zero.")


def explain(found: Found, look: Look) -> None:
    """How to read the maps."""
    scale = (
        f"All maps share one scale, 0 to {found.maximum:.3g}: a setting whose score has smaller units looks paler."
        if look.is_shared
        else "Each map is scaled to its own strongest value: compare places, not strengths."
    )
    layers = ", ".join(sorted({saliency.layer for saliency in found.maps.values()}))
    st.caption(
        f"Grad-CAM of the raw score at {notices.plain(layers)}, values raw. {scale} The dashed square is what the "
        "model sees; in the veiled border the map is undefined. A map shows where a score comes from, not whether it "
        "is right."
    )


def masks_table(study: Study, image_id: str) -> None:
    """What readers drew, and the share of it that the model never sees."""
    annotations = study.annotations(image_id)
    if not annotations:
        st.caption("Nothing was drawn on this film.")
        return
    st.markdown("**Masks on this film**")
    rows = []
    for annotation in annotations:
        mask = annotation.mask()
        outside = share_outside(mask, centre_crop_box(*mask.shape, crop_px=_crop_px(study)))
        rows.append(
            {
                "Finding": notices.plain(annotation.finding),
                "Reader": notices.plain(annotation.reader),
                "Drawn as": {"rle": "mask"}.get(annotation.kind, annotation.kind),
                "Of the film": f"{100 * mask.mean():.1f} %",
                "Outside the centre square": "empty" if math.isnan(outside) else f"{100 * outside:.0f} %",
            }
        )
    st.table(rows, alt=f"Masks of {image_id}")
    st.caption("A model that crops the centre of the film never sees what lies outside the central square.")


def _readers(study: Study) -> list[str]:
    return sorted({annotation.reader for annotation in study.annotations()})


def _crop_px(study: Study) -> int | None:
    return (study.manifest.model or {}).get("crop_px")


def _crop(study: Study, pixels: np.ndarray) -> Box:
    return centre_crop_box(*pixels.shape[:2], crop_px=_crop_px(study))
