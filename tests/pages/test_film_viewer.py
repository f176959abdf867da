"""What travels to the viewer: header and arrays, read back as the browser reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.annotations.annotation import Annotation
from core.figures.colour_map import COLOUR_MAPS
from core.geometry import Box
from pages.saliency.film_viewer.payload import FilmView, Panel, Strip, StripItem, ViewedMap, encode
from tests.unpacked import unpacked

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3) / 7
SEEN = Box(0, 1, 5, 5)
VIEW = FilmView(
    film_id="film",
    stamp="now",
    caption="Film <b>film</b>",
    film=np.arange(35, dtype=np.uint8).reshape(5, 7),
    panels=(
        Panel("a", "A", (("score", "1"),), ViewedMap(VALUES, 2.5), seen=Box(0, 1, 5, 5)),
        Panel("b", "B", words="No map."),
    ),
    outlines=[Annotation("film", "Edema", "reader", "box", 5, 7, "[1,2,3,2]")],
    readers=["reader"],
    strips=(
        Strip("layer", "Layers", (StripItem("x", "X", "0.1", ViewedMap(VALUES[::-1], 1.0), True),), Box(0, 1, 5, 5)),
    ),
)


def _map(sent: dict[str, Any]) -> np.ndarray:
    return np.asarray(sent["values"].reshape(sent["rows"], sent["columns"]))


def test_maps_arrive_raw_and_bit_for_bit() -> None:
    header = unpacked(encode(VIEW))
    first, second = header["panels"]
    np.testing.assert_array_equal(_map(first["map"]), VALUES)
    assert first["map"]["top"] == 2.5
    assert second["map"] is None
    np.testing.assert_array_equal(_map(header["strips"][0]["items"][0]["map"]), VALUES[::-1])


def test_film_colours_crop_and_outlines_arrive() -> None:
    header = unpacked(encode(VIEW))
    film = header["film"]
    assert (film["width"], film["height"], film["columns"], film["rows"]) == (7, 5, 7, 5)
    assert film["grey"].tolist() == list(range(35))
    seen = {"top": 0, "left": 1, "height": 5, "width": 5}
    assert [panel["seen"] for panel in header["panels"]] == [seen, None]
    assert header["strips"][0]["seen"] == seen
    assert header["outlines"][0]["rings"] == [[1, 2, 4, 2, 4, 4, 1, 4, 1, 2]]
    for colours, sent in zip(COLOUR_MAPS, header["colour_maps"], strict=True):
        assert sent["table"].tolist() == colours.table().ravel().tolist()


def test_a_large_film_is_made_smaller_and_keeps_its_size_in_words() -> None:
    large = np.zeros((3000, 2000), np.uint8)
    header = unpacked(encode(replace(VIEW, film=large)))
    film = header["film"]
    assert (film["width"], film["height"]) == (2000, 3000)
    assert (film["columns"], film["rows"]) == (1365, 2048)
