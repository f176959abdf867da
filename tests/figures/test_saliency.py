from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from core.annotations import Annotation
from core.figures.saliency import film_figure
from core.geometry import centre_crop_box

FILM = np.arange(60 * 40, dtype=np.uint8).reshape(60, 40)
BOX = Annotation("a", "Edema", "reader A", "box", 60, 40, "[10,20,8,6]")
OTHER = Annotation("a", "Edema", "reader B", "polygon", 60, 40, "[[1,1,5,1,5,9]]")


def test_the_film_fills_its_own_pixels_top_row_on_top() -> None:
    figure = film_figure(FILM)
    (image,) = figure.layout.images
    assert (image.x, image.y, image.sizex, image.sizey) == (0, 0, 40, 60)
    assert tuple(figure.layout.yaxis.range) == (60, 0)
    stored = Image.open(io.BytesIO(base64.b64decode(image.source.split(",")[1])))
    np.testing.assert_array_equal(np.asarray(stored), FILM)


def test_outlines_lie_where_they_were_drawn_and_readers_differ_in_dash() -> None:
    figure = film_figure(FILM, [BOX, OTHER])
    first, second = figure.data
    assert (min(first.x), max(first.x), min(first.y), max(first.y)) == (10, 18, 20, 26)
    assert first.line.dash != second.line.dash
    assert (first.name, second.name) == ("reader A", "reader B")


def test_a_map_peaks_where_the_model_looked_and_is_undefined_outside_the_crop() -> None:
    values = np.zeros((4, 4), dtype=np.float32)
    values[3, 0] = 2.0  # lower left patch of the central square, which is rows 10 to 50
    figure = film_figure(FILM, saliency=values, scale_maximum=5.0, crop=centre_crop_box(60, 40))
    heat = figure.data[0]
    z = np.asarray(heat.z, dtype=float)
    row, column = np.unravel_index(np.nanargmax(z), z.shape)
    assert 40 <= heat.y[row] <= 50
    assert 0 <= heat.x[column] <= 10
    assert np.isnan(z[np.asarray(heat.y) < 10]).all()
    assert np.isnan(z[np.asarray(heat.y) > 50]).all()
    assert (heat.zmin, heat.zmax) == (0, 5.0)


def test_only_the_border_that_the_model_never_sees_is_veiled() -> None:
    veils = [shape for shape in film_figure(FILM, crop=centre_crop_box(60, 40)).layout.shapes if shape.fillcolor]
    assert sorted((shape.y0, shape.y1) for shape in veils) == [(0, 10), (50, 60)]
    assert not film_figure(FILM[:40], crop=centre_crop_box(40, 40)).layout.shapes


def test_large_maps_travel_in_few_points() -> None:
    film = np.zeros((2048, 2500), dtype=np.uint8)
    heat = film_figure(film, saliency=np.ones((14, 14), np.float32)).data[0]
    assert np.asarray(heat.z).size < 60_000
