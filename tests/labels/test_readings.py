"""What was said becomes 0, 1 or undefined: checked cell by cell, and against counts made row by row."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.errors import StudyError
from core.labels.convention import BLANKS, UNCERTAINS, Convention
from core.labels.readings import CODES, NEGATIVE, NOT_LOOKED_AT, NOT_MENTIONED, POSITIVE, UNCERTAIN, Readings

nan = np.nan


def _readings(rows: list[tuple[int, str, str, list[int]]], classes: tuple[str, ...] = ("Edema",)) -> Readings:
    films, sources, readers, codes = zip(*rows, strict=True)
    return Readings(classes, np.array(films), np.array(sources), np.array(readers), np.array(codes, dtype=np.int8))


@pytest.mark.parametrize(
    ("code", "blank", "uncertain", "expected"),
    [
        (POSITIVE, "negative", "negative", 1.0),
        (NEGATIVE, "not looked at", "positive", 0.0),
        (UNCERTAIN, "negative", "positive", 1.0),
        (UNCERTAIN, "negative", "negative", 0.0),
        (UNCERTAIN, "negative", "left out", nan),
        (NOT_MENTIONED, "negative", "left out", 0.0),
        (NOT_MENTIONED, "not looked at", "positive", nan),
        (NOT_LOOKED_AT, "negative", "negative", nan),
    ],
)
def test_one_word_becomes_what_the_convention_says(code: int, blank: str, uncertain: str, expected: float) -> None:
    labels = _readings([(0, "reports", "", [code])]).resolve(1, Convention(blank, uncertain))  # type: ignore[arg-type]
    np.testing.assert_array_equal(labels, [[expected]])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        # readers' codes,                     any, majority, all, 2 of n
        ((1, 0, 0), (1, 0, 0, 0)),
        ((1, 1, 0), (1, 1, 0, 1)),
        ((1, 1, 1), (1, 1, 1, 1)),
        ((0, 0, 0), (0, 0, 0, 0)),
        ((1, 0), (1, nan, 0, 0)),
        ((1, 0, NOT_LOOKED_AT), (1, nan, 0, nan)),
        ((1, NOT_LOOKED_AT), (1, 1, 1, nan)),
        ((NOT_LOOKED_AT, NOT_LOOKED_AT), (nan, nan, nan, nan)),
    ],
)  # fmt: skip
def test_several_words_are_united(words: tuple[int, ...], expected: tuple[float, ...]) -> None:
    readings = _readings([(0, "room", f"R{number}", [word]) for number, word in enumerate(words)])
    found = [readings.resolve(1, Convention(readers=rule))[0, 0] for rule in ("any", "majority", "all", "2 of n")]
    np.testing.assert_array_equal(found, expected)


def test_one_reader_is_taken_alone_and_must_be_there() -> None:
    readings = _readings([(0, "room", "R1", [1]), (0, "room", "R2", [0]), (1, "room", "R1", [0])])
    np.testing.assert_array_equal(readings.resolve(3, Convention(readers="one R2")), [[0], [nan], [nan]])
    with pytest.raises(StudyError, match="'R9' is no reader of 'room'"):
        readings.resolve(3, Convention(readers="one R9"))


def test_the_first_source_is_taken_where_none_is_named() -> None:
    readings = _readings([(0, "adjudicated", "", [1]), (0, "reports", "", [0])])
    assert readings.resolve(1, Convention())[0, 0] == 1
    assert readings.resolve(1, Convention(source="reports"))[0, 0] == 0
    with pytest.raises(StudyError, match="no labels of the source 'mined'"):
        readings.resolve(1, Convention(source="mined"))


def test_random_readings_equal_a_count_film_by_film() -> None:
    rng = np.random.default_rng(3)
    n, classes = 40, ("A", "B", "C")
    pairs = [(film, reader) for film in range(n) for reader in range(4) if rng.random() < 0.7]
    readings = _readings(
        [(film, "room", f"R{reader}", rng.choice(CODES, 3).tolist()) for film, reader in pairs], classes
    )
    for blank, uncertain, rule in itertools.product(BLANKS, UNCERTAINS, ("any", "majority", "all", "2 of n")):
        labels = readings.resolve(n, Convention(blank, uncertain, rule))
        for film, column in itertools.product(range(n), range(3)):
            words = [int(code) for code in readings.codes[readings.films == film, column]]
            np.testing.assert_equal(float(labels[film, column]), _by_hand(words, blank, uncertain, rule))


def _by_hand(words: list[int], blank: str, uncertain: str, rule: str) -> float:
    meaning = {1: 1, 0: 0, -1: {"positive": 1, "negative": 0}.get(uncertain), -2: 0 if blank == "negative" else None}
    votes = [meaning.get(word) for word in words]
    yes, no = votes.count(1), votes.count(0)
    if yes + no == 0:
        return nan
    if rule == "any":
        return float(yes > 0)
    if rule == "all":
        return float(no == 0)
    if rule == "majority":
        return nan if yes == no else float(yes > no)
    return 1.0 if yes >= 2 else 0.0 if len(words) - no < 2 else nan


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(0, "reports", "", [3])], "Edema of reading 0 is 3"),
        ([(0, "room", "R1", [1]), (0, "room", "R1", [0])], "R1 read film 0 more than once"),
    ],
)
def test_what_is_no_reading_is_refused(rows: list[tuple[int, str, str, list[int]]], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        _readings(rows)


@pytest.mark.parametrize(
    "given",
    [{"blank": "unknown"}, {"uncertain": "maybe"}, {"readers": "most"}, {"readers": "0 of n"}, {"readers": "one "}],
)
def test_what_is_no_convention_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(StudyError, match=next(iter(given))):
        Convention.from_json(given, "manifest.json")


def test_a_convention_survives_json() -> None:
    convention = Convention("negative", "positive", "2 of n", "adjudicated")
    assert Convention.from_json(convention.to_json(), "manifest.json") == convention
    with pytest.raises(StudyError, match=r"manifest\.json: 'colour' is 'blue'"):
        Convention.from_json({"colour": "blue"}, "manifest.json")
