"""What is sent to the map: colours as bits, coordinates in steps, one block of bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.space.colouring import SEVERAL, Colouring, of_values
from pages.embedding_space.scatter.packing import packed
from pages.embedding_space.scatter.scene import HIDDEN, UNDEFINED, Mark, Panel, Scene, drawn, rows_of_group
from tests.unpacked import unpacked

ALL = np.arange(4)
POINTS = np.array([[0, 0], [10, 0], [0, 5], [10, 5]], dtype=np.float32)


def groups(codes: list[int], names: tuple[str, ...] = ("None", "A", "B"), **rest: Any) -> Colouring:
    return Colouring("Test", names, np.array(codes, dtype=np.int16), ground=0, **rest)


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
    content = packed(Scene((POINTS,), (drawn(groups([0, 1, 2, 0]), ALL),)))
    layout, look = unpacked(content.layout), unpacked(content.look)
    assert layout["extent"] == [65535, 32768]
    assert layout["points"][0]["values"].reshape(4, 2).tolist() == [[0, 0], [65535, 0], [0, 32768], [65535, 32768]]
    assert look["colours"][0]["values"].tolist() == [1, 2, 4, 1]


def test_maps_side_by_side_share_one_scale() -> None:
    scene = Scene(
        (POINTS, POINTS + 10), (drawn(groups([0, 1, 2, 0]), ALL),), (Panel("a"), Panel("b", points=1)),
        marks=(Mark("Edema", (0, 0), (20, 15), panel=1),),
    )  # fmt: skip
    first, second = (points["values"] for points in unpacked(packed(scene).layout)["points"])
    assert second.reshape(4, 2)[3].tolist() == [65535, 49151]
    assert first.max() == pytest.approx(32768, abs=1)
    (mark,) = unpacked(packed(scene).look)["marks"]
    assert (mark["x2"], mark["y2"]) == (65535, pytest.approx(49151.2))


def test_the_selection_is_a_bit_a_film_and_is_absent_where_nothing_is_picked() -> None:
    colours = (drawn(groups([0, 1, 2, 0]), ALL),)
    assert unpacked(packed(Scene((POINTS,), colours, picked=[0, 3])).selection)["bits"].tolist() == [0b1001]
    assert unpacked(packed(Scene((POINTS,), colours, picked=[])).selection)["bits"].tolist() == [0]
    assert unpacked(packed(Scene((POINTS,), colours)).selection)["bits"] is None
    assert unpacked(packed(Scene((POINTS,), colours, within="A")).selection)["within"] == "A"


def test_the_films_of_a_group_are_those_that_are_drawn_as_it() -> None:
    members = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 1], [0, 0, 1, 0]], dtype=bool)
    colours = drawn(groups([0, 1, 3, 2], ("None", "A", "B", SEVERAL), members=members), np.array([0, 2, 3]))
    assert [group.name for group in colours.groups] == ["None", "A", "B"]
    found = {name: rows_of_group(colours, name) for name in ("None", "A", "B", SEVERAL)}
    assert [None if rows is None else rows.tolist() for rows in found.values()] == [[0], [2], [2, 3], None]


def test_only_what_changes_is_packed_differently() -> None:
    """Streamlit sends again what differs in any byte: points at another map, colours at another colour."""
    scene = Scene((POINTS,), (drawn(groups([0, 1, 2, 0]), ALL),), row="a")
    recoloured = replace(scene, colours=(drawn(groups([1, 1, 2, 0]), ALL),))
    selected = replace(scene, picked=[2], seq=1)
    moved = replace(scene, points=(POINTS * [1, 2],))
    assert _changed(scene, scene) == set()
    assert _changed(scene, recoloured) == {"look"}
    assert _changed(scene, selected) == {"selection"}
    assert _changed(scene, moved) == {"layout", "look"}  # the look names the layout that it belongs to


def _changed(before: Scene, after: Scene) -> set[str]:
    one, other = vars(packed(before)), vars(packed(after))
    return {name for name in one if one[name] != other[name]}


def test_a_look_names_the_layout_that_it_belongs_to() -> None:
    colours = (drawn(groups([0, 1, 2, 0]), ALL),)
    one, other = packed(Scene((POINTS,), colours)), packed(Scene((POINTS * [1, 2],), colours))
    assert unpacked(one.look)["of"] == unpacked(one.layout)["token"]
    assert unpacked(other.look)["of"] == unpacked(other.layout)["token"] != unpacked(one.layout)["token"]


DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
)
"""Of linear red, green and blue: Machado, Oliveira, Fernandes, IEEE TVCG 2009, severity 1."""


def _luminance_seen(colour: str) -> float:
    """Relative luminance of a colour as somebody sees it who tells red and green not apart."""
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(np.clip(DEUTERANOPIA @ linear, 0, 1) @ [0.2126, 0.7152, 0.0722])


def test_what_matters_most_has_the_strongest_mark_also_where_red_and_green_look_alike() -> None:
    colours = drawn(groups([0, 1, 2, 3], ("Rightly silent", "Found", "False alarm", "Missed"), foremost=3), ALL)
    *others, missed = colours.groups
    assert missed.title == "Missed (1)"
    assert [group.is_foremost for group in colours.groups] == [False, False, False, True]
    assert missed.shape not in {group.shape for group in others}
    seen = _luminance_seen(missed.colour) + 0.05
    assert 1.05 / seen > 3  # on white
    assert seen / (_luminance_seen("#0f151d") + 0.05) > 3
