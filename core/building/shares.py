"""How the machines of a cluster are shared among the workers of a build: one for each GPU, or each with its cores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import StudyError

WORKER_BYTES: Final = 2 * 2**30
"""Memory of a worker: torch, an image tower of 90 million weights, and a batch of films."""


@dataclass(frozen=True)
class Machine:
    """What one machine of a cluster offers; memory in bytes."""

    cores: int
    gpus: int
    memory: int


@dataclass(frozen=True)
class Shares:
    """n_workers, each with so many cores, and with a GPU or without."""

    n_workers: int
    cores: int
    gpus: int


def shared(machines: Sequence[Machine], n_workers: int | None = None) -> Shares:
    """Divide machines among workers: each has as many cores as all of them can have.

    n_workers : None is one for every GPU; without GPUs one for every core, as far as memory goes.
    Raises StudyError where there is no room for as many.
    """
    gpus = int(any(machine.gpus for machine in machines))
    most = sum(_room(machine, 1, gpus) for machine in machines)
    wanted = n_workers or sum(_usual(machine, gpus) for machine in machines)
    if not most:
        raise StudyError(
            "Ray has no processor core for this build.", remedy="Start Ray on more machines, with ray start --address."
        )
    if wanted > most:
        what = "GPUs" if gpus else "processor cores"
        message = f"Ray has room for {most} workers, by its {what}, and --workers asks for {wanted}."
        raise StudyError(message, remedy=f"Ask for at most {most}, or start Ray on more machines.")
    cores = max(machine.cores for machine in machines)
    while sum(_room(machine, cores, gpus) for machine in machines) < wanted:
        cores -= 1
    return Shares(wanted, cores, gpus)


def _room(machine: Machine, cores: int, gpus: int) -> int:
    """How many workers with as many cores a machine takes."""
    by_cores = machine.cores // cores
    return min(by_cores, machine.gpus) if gpus else by_cores


def _usual(machine: Machine, gpus: int) -> int:
    room = _room(machine, 1, gpus)
    return room if gpus else min(room, max(1, machine.memory // WORKER_BYTES))
