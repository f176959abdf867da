"""What is sent to the map: colours as bits, coordinates in steps, one block of bytes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from core.space.colouring import SEVERAL, Colouring, of_values
from pages.embedding_space.scatter.packing import pack
from pages.embedding_space.scatter.scene import HIDDEN, UNDEFINED, Mark, Panel, Scene, drawn

ALL = np.arange(4)
POINTS = np.array([[0, 0], [10, 0], [0, 5], [10, 5]], dtype=np.float32)


def groups(codes: list[int], names: tuple[str, ...] = ("None", "A", "B"), **rest: Any) -> Colouring:
    return Colouring("Test", names, np.array(codes, dtype=np.int16), ground=0, **rest)


def unpacked(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """As the component reads it."""
    length = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + length])
    arrays = {
        name: np.frombuffer(data, np.dtype(kind), size, 4 + length + start)
        for name, kind, start, size in header["arrays"]
    }
    return header, arrays


def test_a_film_has_the_bit_of_its_group_and_the_ground_is_the_lowest() -> None:
    colours = drawn(groups([0, 1, 2, 0]), ALL)
    assert list(colours.values) == [1, 2, 4, 1]
    assert [group.title for group in colours.groups] == ["None (2)", "A (1)", "B (1)"]
    assert [group.is_ground for group in colours.groups] == [True, False, False]
    assert len({(group.colour, group.shape) for group in colours.groups}) == 3


def test_a_film_of_two_groups_has_the_bits_of_both_and_none_for_several() -> None:
    members = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 1], [0, 0, 1, 0]], dtype=bool)
    colours = drawn(groups([0, 1, 3, 2], ("None", "A", "B", SEVERAL), members=members), ALL)
    assert list(colours.values) == [1, 2, 6, 4]
    assert [group.title for group in colours.groups] == ["None (1)", "A (2)", "B (2)"]
    assert colours.has_shares


def test_films_that_are_not_asked_for_are_not_drawn_and_not_counted() -> None:
    colours = drawn(groups([0, 1, 2, 0]), np.array([0, 2]))
    assert list(colours.values) == [1, 0, 2, 0]
    assert [group.title for group in colours.groups] == ["None (1)", "B (1)"]


def test_films_of_no_known_group_are_drawn_in_a_grey_group_of_their_own() -> None:
    colours = drawn(groups([-1, 1, -1, 0]), ALL)
    assert [group.title for group in colours.groups] == ["None (1)", "Not known (2)", "A (1)"]
    assert list(colours.values) == [2, 4, 2, 1]


def test_values_run_over_the_scale_and_undefined_is_not_the_lowest() -> None:
    colours = drawn(of_values("Score", np.array([0.5, np.nan, 1.5, 9.0])), np.array([0, 1, 2]))
    assert list(colours.values) == [0, UNDEFINED, UNDEFINED - 1, HIDDEN]
    assert (colours.low, colours.high, colours.n_undefined) == ("0.50", "1.50", 1)


def test_a_scale_of_one_value_or_of_none_can_be_drawn() -> None:
    assert list(drawn(of_values("Score", np.full(4, 2.0)), ALL).values) == [0, 0, 0, 0]
    assert list(drawn(of_values("Score", np.full(4, np.nan)), ALL).values) == [UNDEFINED] * 4


def test_coordinates_keep_their_shape_and_the_longer_side_spans_all_steps() -> None:
    header, arrays = unpacked(pack(Scene((POINTS,), (drawn(groups([0, 1, 2, 0]), ALL),))))
    assert header["extent"] == [65535, 32768]
    assert arrays["points:0"].reshape(4, 2).tolist() == [[0, 0], [65535, 0], [0, 32768], [65535, 32768]]
    assert arrays["colours:0"].tolist() == [1, 2, 4, 1]


def test_maps_side_by_side_share_one_scale() -> None:
    scene = Scene(
        (POINTS, POINTS + 10), (drawn(groups([0, 1, 2, 0]), ALL),), (Panel("a"), Panel("b", points=1)),
        marks=(Mark("Edema", (0, 0), (20, 15), panel=1),),
    )  # fmt: skip
    header, arrays = unpacked(pack(scene))
    assert arrays["points:1"].reshape(4, 2)[3].tolist() == [65535, 49151]
    assert arrays["points:0"].max() == pytest.approx(32768, abs=1)
    assert (header["marks"][0]["x2"], header["marks"][0]["y2"]) == (65535, pytest.approx(49151.2))


def test_the_selection_is_a_bit_a_film_and_is_absent_where_nothing_is_selected() -> None:
    colours = (drawn(groups([0, 1, 2, 0]), ALL),)
    assert unpacked(pack(Scene((POINTS,), colours, selected=[0, 3])))[1]["selection"].tolist() == [0b1001]
    assert "selection" not in unpacked(pack(Scene((POINTS,), colours)))[1]


def test_arrays_begin_where_typed_arrays_may_begin() -> None:
    for title in ("", "x", "xé", "xyz"):
        scene = Scene((POINTS,), (drawn(groups([0, 1, 2, 0]), ALL),), (Panel(title),), selected=[1])
        data = pack(scene)
        header, _ = unpacked(data)
        length = int.from_bytes(data[:4], "little")
        assert length % 4 == 0
        assert all(start % 4 == 0 for _, _, start, _ in header["arrays"])
        assert header["panels"][0]["title"] == title
