"""Phantom films taken again: the film itself to the last pixel, and twins that differ by what was asked for alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.datasets.phantom.dataset import PhantomDataset
from core.datasets.phantom.exposure import density_of
from core.datasets.phantom.film import FilmSpec, project
from core.datasets.phantom.twins import PhantomRenderer
from core.datasets.twins import AskedFinding
from core.findings import FINDINGS
from core.twins.pair import grey_change, make_pair


@pytest.fixture(scope="module")
def dataset() -> PhantomDataset:
    return PhantomDataset()


@pytest.fixture(scope="module")
def renderer(dataset: PhantomDataset) -> PhantomRenderer:
    return PhantomRenderer(dataset)


def _showing(dataset: PhantomDataset, n_findings: int) -> str:
    """The first film of test with so many findings."""
    is_test = (dataset.images["split"] == "test").to_numpy()
    number = dataset.labels[:, :-1].sum(axis=1)
    return str(dataset.images["image_id"].iloc[int(np.flatnonzero(is_test & (number == n_findings))[0])])


def test_a_film_taken_again_is_the_film(dataset: PhantomDataset, renderer: PhantomRenderer) -> None:
    image_id = _showing(dataset, 2)
    taken = renderer.take(image_id, renderer.shown(image_id))
    assert (taken.pixels == dataset.film(dataset.row_of(image_id))).all()


def test_one_finding_less_leaves_the_draws_of_the_others_as_they_are() -> None:
    both = FilmSpec(("Lung Lesion", "Fracture", "Support Devices"), "target", (1, 2), (3, 4))
    masks, fewer = project(both).masks, project(replace(both, findings=("Fracture", "Support Devices"))).masks
    assert all((masks[name] == fewer[name]).all() for name in ("Fracture", "Support Devices"))


def test_without_scatter_nothing_changes_beyond_what_the_rays_meet() -> None:
    """The noise too is the same, pixel by pixel."""
    spec = FilmSpec(("Fracture",), "target", (1, 2), (3, 4))
    films = [project(spec), project(replace(spec, findings=("Fracture", "Cardiomegaly")))]
    looks = [replace(film.look, scatter=0.0, blur_px=0.0) for film in films]
    densities = [density_of(film.attenuation, look, film.noise) for film, look in zip(films, looks, strict=True)]
    is_same = np.abs(films[0].attenuation - films[1].attenuation) < 1e-5
    assert 0.5 < is_same.mean() < 0.99
    assert np.abs(densities[0] - densities[1])[is_same].max() < 1e-3
    assert np.abs(densities[0] - densities[1])[~is_same].mean() > 0.05


def test_grey_values_outside_the_region_change_by_scatter_alone(
    dataset: PhantomDataset, renderer: PhantomRenderer
) -> None:
    image_id = _showing(dataset, 1)
    shown = renderer.shown(image_id)
    film = renderer.take(image_id, shown)
    found = {}
    for name in FINDINGS:
        asked = shown.without(name) if name in shown.names else shown.with_finding(name)
        pair = make_pair(renderer, image_id, asked, film)
        assert pair.fits
        found[name] = grey_change(pair)
    assert np.mean([change.inside for change in found.values()]) > 20
    assert np.mean([change.outside for change in found.values()]) < 1.2
    assert all(change.inside > 4 * change.outside for change in found.values())


def test_a_side_a_size_and_a_height_that_are_asked_for_are_there(
    dataset: PhantomDataset, renderer: PhantomRenderer
) -> None:
    image_id = _showing(dataset, 1)
    bare = renderer.shown(image_id).without(*FINDINGS)

    def mask(name: str, **wish: object) -> np.ndarray:
        return renderer.take(image_id, bare.with_finding(name, AskedFinding(**wish))).masks[name]  # type: ignore[arg-type]

    middle = dataset.spec(dataset.row_of(image_id))
    half = project(middle).attenuation.shape[1] / 2
    for control in renderer.controls:
        columns = {side: np.flatnonzero(mask(control.name, side=side).any(axis=0)) for side in control.sides}
        if control.sides:
            assert columns["right"].mean() < half < columns["left"].mean(), control.name
        if "both" in control.sides:
            assert columns["both"].min() < half < columns["both"].max()
        if control.has_level:
            rows = [np.flatnonzero(mask(control.name, side="left", level=level).any(axis=1)).mean() for level in (0, 1)]
            assert rows[0] < rows[1], control.name
    for name in ("Cardiomegaly", "Pneumothorax", "Pleural Effusion", "Lung Lesion"):
        assert mask(name, size=0.1).sum() < mask(name, size=1.0).sum(), name


def test_a_size_as_drawn_is_no_change(dataset: PhantomDataset, renderer: PhantomRenderer) -> None:
    image_id = _showing(dataset, 1)
    shown = renderer.shown(image_id)
    (name,) = shown.names
    asked = shown.with_finding(name, AskedFinding(size=renderer.drawn_size(image_id, name)))
    assert (renderer.take(image_id, asked).pixels == renderer.take(image_id, shown).pixels).all()


def test_how_a_film_is_taken_changes_the_film_and_not_the_patient(
    dataset: PhantomDataset, renderer: PhantomRenderer
) -> None:
    image_id = _showing(dataset, 1)
    shown = renderer.shown(image_id)
    dose = make_pair(renderer, image_id, replace(shown, dose=0.25))
    assert (dose.film.path == dose.twin.path).all()
    assert dose.region is not None
    assert not dose.region.any()
    assert (dose.film.pixels != dose.twin.pixels).any()
    front = make_pair(renderer, image_id, replace(shown, view="AP"))
    style = make_pair(renderer, image_id, replace(shown, style="source"))
    assert front.region is None
    assert (front.film.path != front.twin.path).any()
    assert style.region is None
    assert (style.film.path == style.twin.path).all()
    assert (style.film.pixels != style.twin.pixels).any()
