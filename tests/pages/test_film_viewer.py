"""What travels to the viewer: header and arrays, read back as the browser reads them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from core.annotations.annotation import Annotation
from core.figures.colour_map import COLOUR_MAPS
from core.geometry import Box, centre_crop_box
from pages.saliency.film_viewer.payload import FilmView, Panel, Strip, StripItem, ViewedMap, encode

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3) / 7
VIEW = FilmView(
    film_id="film",
    stamp="now",
    caption="Film <b>film</b>",
    film=np.arange(35, dtype=np.uint8).reshape(5, 7),
    crop=Box(0, 1, 5, 5),
    panels=(Panel("a", "A", (("score", "1"),), ViewedMap(VALUES, 2.5)), Panel("b", "B", words="No map.")),
    outlines=[Annotation("film", "Edema", "reader", "box", 5, 7, "[1,2,3,2]")],
    readers=["reader"],
    strips=(Strip("layer", "Layers", (StripItem("x", "X", "0.1", ViewedMap(VALUES[::-1], 1.0), True),)),),
)


def _decoded(content: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(content[:4], "little")
    return json.loads(content[4 : 4 + length]), content[4 + length :]


def _map(sent: dict[str, Any], arrays: bytes) -> np.ndarray:
    values = np.frombuffer(arrays, "<f4", sent["rows"] * sent["columns"], sent["at"])
    return values.reshape(sent["rows"], sent["columns"])


def test_maps_arrive_raw_and_bit_for_bit() -> None:
    header, arrays = _decoded(encode(VIEW))
    first, second = header["panels"]
    np.testing.assert_array_equal(_map(first["map"], arrays), VALUES)
    assert first["map"]["top"] == 2.5
    assert second["map"] is None
    np.testing.assert_array_equal(_map(header["strips"][0]["items"][0]["map"], arrays), VALUES[::-1])


def test_every_array_begins_at_a_multiple_of_four() -> None:
    header, _ = _decoded(encode(VIEW))
    starts = [header["film"]["at"], header["panels"][0]["map"]["at"], *(one["at"] for one in header["colour_maps"])]
    assert all(start % 4 == 0 for start in starts)
    assert len(set(starts)) == len(starts)


def test_film_colours_crop_and_outlines_arrive() -> None:
    header, arrays = _decoded(encode(VIEW))
    film = header["film"]
    assert (film["width"], film["height"], film["columns"], film["rows"]) == (7, 5, 7, 5)
    assert arrays[film["at"] : film["at"] + 35] == bytes(range(35))
    assert header["crop"] == {"top": 0, "left": 1, "height": 5, "width": 5}
    assert header["outlines"][0]["rings"] == [[1, 2, 4, 2, 4, 4, 1, 4, 1, 2]]
    for colours, sent in zip(COLOUR_MAPS, header["colour_maps"], strict=True):
        assert arrays[sent["at"] : sent["at"] + 768] == colours.table().tobytes()


def test_a_large_film_is_made_smaller_and_keeps_its_size_in_words() -> None:
    large = np.zeros((3000, 2000), np.uint8)
    header, _ = _decoded(encode(replace(VIEW, film=large, crop=centre_crop_box(3000, 2000))))
    film = header["film"]
    assert (film["width"], film["height"]) == (2000, 3000)
    assert (film["columns"], film["rows"]) == (1365, 2048)
