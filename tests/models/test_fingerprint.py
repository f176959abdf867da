"""A package that changes a result is noticed, and named."""

from __future__ import annotations

import copy
import json

import pytest

from tests.models.fingerprint import STAGES, STORED, fingerprint, moved, versions


@pytest.fixture(scope="module")
def now() -> dict[str, list[float]]:
    return fingerprint()


def test_a_film_and_a_prompt_become_what_they_became(now: dict[str, list[float]]) -> None:
    assert moved(json.loads(STORED.read_text()), now, versions()) == []


def test_the_stored_values_tell_something(now: dict[str, list[float]]) -> None:
    """Numbers that all weights went into, none of them 0 or the same."""
    for name in ("the film's embedding", "the prompt's embedding"):
        assert len(set(now[name])) == len(now[name]) == 24
        assert max(map(abs, now[name])) > 0.05


@pytest.mark.parametrize(
    ("stage", "package", "by"),
    [
        ("the film's crop", "pillow", 1.0),
        ("the prompt's tokens", "tokenizers", 1.0),
        ("the film's embedding", "timm", 2e-4),
        ("the prompt's embedding", "transformers", 2e-4),
    ],
)
def test_what_moves_is_named_with_its_package(stage: str, package: str, by: float, now: dict[str, list[float]]) -> None:
    stored, other = json.loads(STORED.read_text()), copy.deepcopy(now)
    other[stage][3] += by
    (silent,) = moved(stored, other, stored["versions"])
    assert "this project's code moved" in silent
    (named,) = moved(stored, other, {**stored["versions"], package: "99.0"})
    assert f"{package} {stored['versions'][package]} -> 99.0" in named
    assert named.lower().startswith(stage)
    assert package in STAGES[stage]


def test_a_rounding_of_another_processor_is_no_change(now: dict[str, list[float]]) -> None:
    other = {name: [value + (1e-5 if "embedding" in name else 0) for value in values] for name, values in now.items()}
    assert moved(json.loads(STORED.read_text()), other, versions()) == []
