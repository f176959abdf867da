"""Phantom films taken again: with another finding, or with other rays or another development."""

from __future__ import annotations

from dataclasses import replace

from core.datasets.base import UInt8Array
from core.datasets.phantom.dataset import PhantomDataset
from core.datasets.phantom.exposure import density_of, develop, is_exposed, window_of
from core.datasets.phantom.film import FilmSpec, drawn_severity, project
from core.datasets.phantom.pathology import VISIBLE_CM
from core.datasets.phantom.scene import LUNG, SOFT
from core.datasets.phantom.wishes import Wish
from core.datasets.twins import AskedFilm, AskedFinding, FindingControl, TakenFilm
from core.findings import FINDINGS

_ONE_SIDE = ("right", "left")
_SIDES = {
    "Lung Opacity": _ONE_SIDE,
    "Lung Lesion": _ONE_SIDE,
    "Consolidation": _ONE_SIDE,
    "Pneumonia": _ONE_SIDE,
    "Atelectasis": _ONE_SIDE,
    "Pneumothorax": _ONE_SIDE,
    "Pleural Effusion": (*_ONE_SIDE, "both"),
    "Pleural Other": _ONE_SIDE,
    "Fracture": _ONE_SIDE,
}
_HAS_LEVEL = ("Lung Opacity", "Consolidation", "Pneumonia", "Fracture")


class PhantomRenderer:
    """Takes the films of a phantom study again."""

    controls = tuple(FindingControl(name, _SIDES.get(name, ()), name in _HAS_LEVEL) for name in FINDINGS)
    visible_change = VISIBLE_CM * (SOFT - LUNG)
    """A quarter of a centimetre of soft tissue in place of lung, as in the masks."""

    views = ("PA", "AP")
    styles = ("target", "source")

    def __init__(self, dataset: PhantomDataset) -> None:
        self._dataset = dataset

    def film(self, image_id: str) -> UInt8Array:
        return self._dataset.film(self._dataset.row_of(image_id))

    def shown(self, image_id: str) -> AskedFilm:
        return AskedFilm(tuple((name, AskedFinding()) for name in self._spec(image_id).findings))

    def own_view(self, image_id: str) -> str:
        return str(self._dataset.images["view"].iloc[self._dataset.row_of(image_id)])

    def drawn_size(self, image_id: str, finding: str) -> float:
        return drawn_severity(self._spec(image_id), finding)

    def take(self, image_id: str, asked: AskedFilm, like: TakenFilm | None = None) -> TakenFilm:
        spec = self._spec(image_id)
        wishes = tuple((name, Wish(wish.size, wish.side, wish.level)) for name, wish in asked.findings)
        spec = replace(spec, findings=asked.names, wishes=wishes, view=asked.view, style=asked.style, dose=asked.dose)
        film = project(spec)
        density = density_of(film.attenuation, film.look, film.noise)
        setup = (film.beam, replace(film.look, photons=0.0))
        is_alike = like is not None and like.geometry == setup
        window = like.development if like is not None and is_alike else window_of(density, film.attenuation, film.look)
        return TakenFilm(
            pixels=develop(density, window, film.look),  # type: ignore[arg-type]
            masks=film.masks,
            path=film.attenuation,
            exposed=is_exposed(film.attenuation.shape, film.look),
            reach_px=int(3.0 * film.look.blur_px + 0.5),
            geometry=setup,
            development=window,
        )

    def _spec(self, image_id: str) -> FilmSpec:
        return self._dataset.spec(self._dataset.row_of(image_id))
