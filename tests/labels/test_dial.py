"""The dial offers what changes something, the position in use among it, and nothing twice."""

from __future__ import annotations

import numpy as np
import pytest

from core.labels.convention import Convention
from core.labels.dial import axes_of, position_in_use, positions_of, words_of
from core.labels.readings import NOT_MENTIONED, UNCERTAIN, Readings


def _readings(rows: list[tuple[int, str, str, list[int]]]) -> Readings:
    films, sources, readers, codes = zip(*rows, strict=True)
    names = tuple("AB"[: len(codes[0])])
    return Readings(names, np.array(films), np.array(sources), np.array(readers), np.array(codes, dtype=np.int8))


MINED = [(0, "reports", "", [1, UNCERTAIN]), (1, "reports", "", [0, NOT_MENTIONED])]
ROOM = [(0, "room", "R1", [1, 0]), (0, "room", "R2", [0, 0]), (1, "room", "R1", [1, 1])]


def test_one_plain_source_has_one_position() -> None:
    readings = _readings([(0, "reports", "", [1]), (1, "reports", "", [0])])
    assert positions_of(readings, Convention()) == (Convention(source="reports"),)


def test_each_source_offers_what_its_own_labels_can_be_read_as() -> None:
    readings = _readings([*MINED, *ROOM])
    used = Convention("negative", "positive", "majority")
    mined, room = (axes_of(readings, source, used) for source in ("reports", "room"))
    assert (len(mined.blanks), len(mined.uncertains), mined.readers) == (2, 3, ("any",))
    assert (room.blanks, room.uncertains) == (("negative",), ("positive",))
    assert room.readers == ("any", "majority", "all", "one R1", "one R2")
    positions = positions_of(readings, used)
    assert len(positions) == len(set(positions)) == 6 + 5


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (Convention("negative", "positive", "majority"), Convention("negative", "positive", "any", "reports")),
        (Convention(readers="2 of n", source="room"), Convention(readers="2 of n", source="room")),
    ],
)
def test_the_position_in_use_is_one_of_them_and_reads_the_same(used: Convention, expected: Convention) -> None:
    readings = _readings([*MINED, *ROOM])
    position = position_in_use(readings, used)
    assert position == expected
    assert position in positions_of(readings, used)
    np.testing.assert_array_equal(readings.resolve(2, used), readings.resolve(2, position))


def test_words_say_only_what_can_be_turned() -> None:
    readings = _readings([*MINED, *ROOM])
    used = Convention("negative", "positive", "majority", "room")
    assert words_of(used, axes_of(readings, "room", used)) == "room, most readers"
    mined = Convention("negative", "left out", "any", "reports")
    assert words_of(mined, axes_of(readings, "reports", used)) == (
        "reports, not mentioned as negative, uncertain left out"
    )
    alone = Convention(readers="one R2", source="room")
    assert words_of(alone, axes_of(readings, "room", used)) == "room, reader R2 alone"
