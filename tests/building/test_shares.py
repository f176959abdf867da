"""How machines are shared among workers: counted by hand."""

from __future__ import annotations

import pytest

from core.building.shares import WORKER_BYTES, Machine, Shares, shared
from core.errors import StudyError

PLENTY = 100 * WORKER_BYTES


def _machine(cores: int, gpus: int = 0, memory: int = PLENTY) -> Machine:
    return Machine(cores, gpus, memory)


@pytest.mark.parametrize(
    ("machines", "asked", "expected"),
    [
        ([_machine(2)], None, Shares(2, 1, 0)),
        ([_machine(8)], 2, Shares(2, 4, 0)),
        ([_machine(8)], 3, Shares(3, 2, 0)),
        ([_machine(5), _machine(1)], 2, Shares(2, 2, 0)),  # both on the first: the second has one core alone
        ([_machine(3), _machine(3)], 4, Shares(4, 1, 0)),
        ([_machine(64, memory=10 * WORKER_BYTES)], None, Shares(10, 6, 0)),
        ([_machine(2, memory=0)], None, Shares(1, 2, 0)),
        ([_machine(16, 1)], None, Shares(1, 16, 1)),
        ([_machine(64, 8)], None, Shares(8, 8, 1)),
        ([_machine(64, 4), _machine(32, 4)], None, Shares(8, 8, 1)),
        ([_machine(64, 4), _machine(32, 4)], 4, Shares(4, 21, 1)),
        ([_machine(8, 2), _machine(32)], None, Shares(2, 4, 1)),  # what has no GPU is left to others
        ([_machine(2, 8)], None, Shares(2, 1, 1)),  # no worker without a core
    ],
)
def test_each_worker_has_as_many_cores_as_all_can_have(
    machines: list[Machine], asked: int | None, expected: Shares
) -> None:
    assert shared(machines, asked) == expected


@pytest.mark.parametrize(
    ("machines", "asked", "words"),
    [
        ([_machine(2)], 3, "room for 2 workers, by its processor cores, and --workers asks for 3"),
        ([_machine(16, 2)], 3, "room for 2 workers, by its GPUs"),
        ([], 1, "no processor core"),
        ([_machine(0)], None, "no processor core"),
    ],
)
def test_more_than_there_is_room_for_is_refused(machines: list[Machine], asked: int | None, words: str) -> None:
    with pytest.raises(StudyError, match=words):
        shared(machines, asked)
