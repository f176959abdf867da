from __future__ import annotations

import numpy as np

from core.figures.embedding_space import group_by_class, group_by_domain, group_by_number, map_figure
from core.findings import CLASSES

ROWS = np.arange(5)
IDS = [f"film-{row}" for row in ROWS]
POINTS = np.column_stack([np.arange(5), np.arange(5) ** 2]).astype(np.float32)


def labels_with(**rows: list[int]) -> np.ndarray:
    labels = np.zeros((5, len(CLASSES)))
    for name, positive in rows.items():
        labels[positive, CLASSES.index(name.replace("_", " "))] = 1
    return labels


def test_groups_by_class_hold_every_film_once() -> None:
    labels = labels_with(Edema=[1, 2])
    labels[4, CLASSES.index("Edema")] = np.nan
    absent, unread, present = group_by_class(labels, ROWS, CLASSES.index("Edema"), "Edema")
    assert [list(group.rows) for group in (absent, unread, present)] == [[0, 3], [4], [1, 2]]
    assert absent.is_ground
    assert present.title == "Edema"


def test_groups_by_number_do_not_count_no_finding() -> None:
    labels = labels_with(Edema=[1, 2], Fracture=[2, 3], Pneumonia=[2], No_Finding=[0])
    assert [list(group.rows) for group in group_by_number(labels, ROWS, CLASSES)] == [[0, 4], [1, 3], [], [2]]


def test_groups_by_domain_keep_several_domains_apart() -> None:
    labels = labels_with(Edema=[1], Pneumonia=[1], Fracture=[2], Cardiomegaly=[2, 3])
    groups = {group.title: list(group.rows) for group in group_by_domain(labels, ROWS, CLASSES)}
    assert groups["Pulmonary"] == [1]
    assert groups["Cardiovascular"] == [3]
    assert groups["Several domains"] == [2]
    assert groups["No finding of a domain"] == [0, 4]


def test_points_carry_the_ids_of_their_films_and_groups_differ_in_more_than_colour() -> None:
    groups = group_by_class(labels_with(Edema=[1, 2]), ROWS, CLASSES.index("Edema"), "Edema")
    figure = map_figure(POINTS, IDS, IDS, groups)
    assert [list(trace.customdata) for trace in figure.data] == [["film-0", "film-3", "film-4"], ["film-1", "film-2"]]
    assert figure.data[1].name == "Edema (2)"
    assert figure.data[0].x.dtype == np.float32
    assert figure.data[0].marker.size < figure.data[1].marker.size
    assert figure.layout.dragmode == "pan"


def test_the_chosen_film_is_ringed_where_it_lies() -> None:
    groups = group_by_number(labels_with(), ROWS, CLASSES)
    ring = map_figure(POINTS, IDS, IDS, groups, chosen=3).data[-1]
    assert (ring.x[0], ring.y[0]) == (3, 9)
    assert list(ring.customdata) == ["film-3"]
