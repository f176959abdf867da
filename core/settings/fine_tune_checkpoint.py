"""The state of a fine-tuning after each epoch, on disk: safetensors and JSON, replaced as one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from core.files import digest, write_whole, written
from core.settings.training import EarlyStopping, Epoch

_INDEX = "checkpoint.json"


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Everything that the next epoch depends on: weights, best weights, optimiser, and the record so far."""

    weights: Mapping[str, torch.Tensor]
    best: dict[str, torch.Tensor]
    optimizer: Mapping[str, torch.Tensor]
    history: tuple[Epoch, ...]
    stopping: EarlyStopping
    minutes: float


class Checkpoint:
    """A folder that holds the last whole epoch of one run.

    plan : what the run is made of; the state of a run with another plan is never loaded.
    The index names the files of its epoch and is replaced last, so that a crash leaves the epoch before.
    """

    def __init__(self, folder: Path, plan: Mapping[str, Any]) -> None:
        self._folder = folder
        self._plan = digest(plan)
        folder.mkdir(parents=True, exist_ok=True)

    def save(self, state: TrainingState) -> None:
        """Write the state after an epoch, then forget the one before."""
        epoch = len(state.history)
        files = {"state": f"state_{epoch:03d}.safetensors", "best": f"best_{state.stopping.best_epoch:03d}.safetensors"}
        tensors = {f"weights.{k}": v for k, v in state.weights.items()}
        tensors |= {f"optimizer.{k}": v for k, v in state.optimizer.items()}
        _write(self._folder / files["state"], tensors)
        if state.stopping.best_epoch == epoch - 1 or not (self._folder / files["best"]).is_file():
            _write(self._folder / files["best"], state.best)
        index = {"plan": self._plan, "files": files, "minutes": state.minutes, "stopping": asdict(state.stopping)}
        index["history"] = [asdict(entry) for entry in state.history]
        write_whole(self._folder / _INDEX, json.dumps(index))
        for old in self._folder.glob("*.safetensors"):
            if old.name not in files.values():
                old.unlink()

    def load(self) -> TrainingState | None:
        """The last whole epoch of this run; None where there is none, or only another run's."""
        try:
            index = json.loads((self._folder / _INDEX).read_text(encoding="utf-8"))
            if index["plan"] != self._plan:
                return None
            tensors = load_file(self._folder / index["files"]["state"])
            best = load_file(self._folder / index["files"]["best"])
        except (OSError, ValueError, KeyError, SafetensorError):
            return None
        return TrainingState(
            under(tensors, "weights."),
            best,
            under(tensors, "optimizer."),
            tuple(Epoch(**entry) for entry in index["history"]),
            EarlyStopping(**index["stopping"]),
            float(index["minutes"]),
        )


def _write(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    with written(path) as scratch:
        save_file({name: value.contiguous() for name, value in tensors.items()}, scratch)


def under(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """The entries whose names begin with prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
