"""The phantom: same seed, same film; every finding where its mask says; the published counts and split."""

from __future__ import annotations

import numpy as np
import pytest

from core.datasets.phantom.anatomy import draw_anatomy
from core.datasets.phantom.dataset import PhantomDataset
from core.datasets.phantom.exposure import FilmStyle, expose
from core.datasets.phantom.film import FilmSpec, film_size, render
from core.datasets.phantom.pathology import PATHOLOGIES
from core.datasets.phantom.projection import Beam
from core.datasets.phantom.scene import Shapes, build_scene
from core.datasets.phantom.tables import TARGET_FILMS, source_table
from core.findings import CLASSES, FINDINGS, PUBLISHED_POSITIVES

PAINTED = [name for name in FINDINGS if name not in ("Cardiomegaly", "Enlarged Cardiomediastinum", "Atelectasis")]
"""Findings that leave the large shapes where they are."""


@pytest.fixture(scope="module")
def phantom() -> PhantomDataset:
    return PhantomDataset()


def test_there_is_one_pathology_for_every_finding_in_the_vocabulary_s_order() -> None:
    assert tuple(name for name, _ in PATHOLOGIES) == FINDINGS


def test_the_same_seed_gives_the_same_film_and_another_seed_another() -> None:
    spec = FilmSpec(("Edema", "Fracture"), "target", (1, 2), (3, 4))
    first, second = render(spec), render(spec)
    assert (first.pixels == second.pixels).all()
    assert all((first.masks[name] == second.masks[name]).all() for name in spec.findings)
    assert (render(FilmSpec(spec.findings, "target", (1, 2), (3, 5))).pixels.shape != first.pixels.shape) or (
        render(FilmSpec(spec.findings, "target", (1, 2), (3, 5))).pixels != first.pixels
    ).any()


def test_a_film_is_as_large_as_its_table_says() -> None:
    spec = FilmSpec((), "target", (1, 9), (3, 9))
    assert render(spec).pixels.shape == film_size(spec)
    assert render(spec).pixels.dtype == np.uint8


@pytest.mark.parametrize("name", PAINTED)
def test_a_finding_changes_the_line_integral_inside_its_mask_and_hardly_outside(name: str) -> None:
    anatomy = draw_anatomy(np.random.default_rng(5))
    beam = Beam(256, 256, 34 / 256, 180.0, "PA", (0.0, anatomy.lung_height * 0.46), 0.0)
    shares = []
    for seed in range(4):
        change = dict(PATHOLOGIES)[name](anatomy, np.random.default_rng(seed), 0.8)
        scene = build_scene(anatomy, change.shapes, beam)
        before = scene.attenuation.copy()
        mask = change.paint(scene)
        difference = np.abs(scene.attenuation - before)
        assert mask.any()
        shares.append(difference[mask].sum() / difference.sum())
        assert np.median(difference[mask]) > 0.01
    floor = 0.5 if name in ("Edema", "Pneumothorax") else 0.85
    assert np.mean(shares) > floor, "edema's septal lines and the air lost beside a pneumothorax lie outside"


@pytest.mark.parametrize(("name", "factor"), [("Cardiomegaly", 1.15), ("Enlarged Cardiomediastinum", 1.2)])
def test_a_wide_heart_or_mediastinum_is_wide(name: str, factor: float) -> None:
    for seed in range(6):
        anatomy = draw_anatomy(np.random.default_rng(seed))
        beam = Beam(256, 256, 34 / 256, 180.0, "PA", (0.0, anatomy.lung_height * 0.46), 0.0)
        change = dict(PATHOLOGIES)[name](anatomy, np.random.default_rng(seed), 0.3)
        wide, normal = build_scene(anatomy, change.shapes, beam), build_scene(anatomy, Shapes(), beam)
        if name == "Cardiomegaly":
            width, before = (np.ptp(np.flatnonzero((s.heart > 0.25).any(axis=0))) for s in (wide, normal))
            chest = 2 * anatomy.chest_half_width * beam.magnification(0.0) / beam.cm_per_px
            assert before / chest < 0.5 < width / chest, "the cardiothoracic ratio that radiologists use"
        else:
            mask = change.paint(wide)
            rows = mask.any(axis=1)
            width = (wide.mediastinum > 0.25)[rows].sum(axis=1).max()
            before = (normal.mediastinum > 0.25)[rows].sum(axis=1).max()
        assert width > factor * before


def test_light_follows_beer_and_lambert() -> None:
    attenuation = np.tile(np.linspace(0.9, 3.0, 90, dtype=np.float32), (64, 1))
    look = FilmStyle(0.0, 1e12, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, (0, 0, 0, 0), "", (0.9, 0.1))
    film = expose(attenuation, look, np.random.default_rng(0)).astype(float)
    assert np.ptp(np.diff(film[30])[5:-5]) <= 1.01, "without scatter and noise grey is linear in the line integral"
    assert film[30, -1] > film[30, 0]


def test_scatter_lowers_contrast() -> None:
    attenuation = np.full((96, 96), 3.0, dtype=np.float32)
    attenuation[:, 40:56] = 1.2
    looks = [FilmStyle(s, 1e12, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, (0, 0, 0, 0), "", (0.9, 0.1)) for s in (0.0, 0.6)]
    edges = []
    for look in looks:
        light = expose(attenuation, look, np.random.default_rng(0)).astype(float)
        edges.append(light[48, 30] - light[48, 36])
    assert abs(edges[0]) <= 1 < edges[1], "scatter veils the shadow beside the light"


def test_the_target_set_has_the_published_counts_and_split(phantom: PhantomDataset) -> None:
    counts = dict(zip(CLASSES, phantom.labels.sum(axis=0).astype(int), strict=True))
    assert counts == dict(PUBLISHED_POSITIVES)
    assert phantom.images["split"].value_counts().to_dict() == TARGET_FILMS
    assert phantom.labels.sum() / len(phantom.labels) == pytest.approx(1.159, abs=1e-3)
    assert phantom.images["patient_id"].nunique() == 3689
    assert (phantom.images.groupby("patient_id")["split"].nunique() == 1).all()
    alone = phantom.labels[:, -1] == 1
    assert (phantom.labels[alone].sum(axis=1) == 1).all()


def test_companions_share_films_more_than_chance(phantom: PhantomDataset) -> None:
    edema, heart = (phantom.labels[:, CLASSES.index(name)] == 1 for name in ("Edema", "Cardiomegaly"))
    abnormal = phantom.labels[:, -1] == 0
    assert (edema & heart).sum() > 1.3 * edema.sum() * heart.sum() / abnormal.sum()


def test_marks_are_the_rendered_masks(phantom: PhantomDataset) -> None:
    row = int(np.flatnonzero(phantom.labels[:, CLASSES.index("Pleural Effusion")] == 1)[0])
    image = phantom.images.iloc[row]
    assert phantom.film(row).shape == (image["height_px"], image["width_px"])
    marks = {mark.finding: mark for mark in phantom.annotations(row)}
    shown = {name for name, label in zip(CLASSES, phantom.labels[row], strict=True) if label == 1}
    assert set(marks) == shown
    mask = marks["Pleural Effusion"].mask()
    assert mask.shape == phantom.film(row).shape
    assert np.flatnonzero(mask.any(axis=1)).mean() > 0.55 * mask.shape[0], "fluid collects at the base"


def test_source_films_are_balanced_and_look_different() -> None:
    table = source_table(7, {"train": 900, "test": 100})
    shares = table.labels[:, :-1].mean(axis=0)
    assert shares.min() > 0.08
    assert shares.max() < 0.18
    assert (table.images["view"] == "AP").all()
    assert len(set(table.images["patient_id"])) == 1000
