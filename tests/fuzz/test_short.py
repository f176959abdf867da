"""A short slice of the fuzz; `python -m tests.fuzz` runs as many as one likes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.kinds import KINDS
from tests.fuzz.run import GOOD, run_case


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(number=st.integers(0, 10**9))
def test_each_is_refused_in_a_sentence_or_right(kind: str, number: int) -> None:
    outcome = run_case(kind, 1, number)
    assert outcome.came_to in GOOD, outcome


def test_the_fuzz_tells_what_is_right_from_what_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each outcome is one that it can give."""

    def fail(error: BaseException) -> str:
        raise error

    for raised, came_to in ((AssertionError("x"), "wrong"), (KeyError("x"), "traceback"), (MemoryError(), "traceback")):
        monkeypatch.setitem(KINDS, "film", lambda folder, rng, raised=raised: fail(raised))
        assert run_case("film", 0, 0).came_to == came_to
    found = {run_case("table", 1, number).came_to for number in range(30)}
    assert found == {"refused", "right"}
