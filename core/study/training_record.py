"""What a study says of how a setting was trained: its loss, its gradient, why it ended, and what it cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

from core.study.manifest_fields import Fields

Ended = Literal["converged", "val", "schedule", "closed-form"]
ENDED: Final[tuple[str, ...]] = get_args(Ended)


@dataclass(frozen=True)
class TrainingRecord:
    """How a setting was trained. What nobody recorded is None, and shown as "–".

    ended : "converged", the gradient was below what was asked for; "val", the loss on the val films no longer fell;
        "schedule", its last epoch was over; "closed-form", nothing was iterated.
    n_parameters : that were trained.
    n_films : train films with a label that it learnt from.
    seed : None where nothing was drawn.
    train_loss, val_loss : by epoch (or iteration), mean over labels; None where no label was read.
    kept : which of the epochs was kept, from 0.
    gradient_norm : Euclidean norm of the gradient of the training objective at the end, by all its parameters; where
        batches were drawn, the mean of the batches' norms over the epoch that was kept.
    """

    ended: Ended
    n_parameters: int
    n_films: int
    seed: int | None = None
    train_loss: tuple[float | None, ...] = ()
    val_loss: tuple[float | None, ...] = ()
    kept: int | None = None
    gradient_norm: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the record as JSON values."""
        return {**asdict(self), "train_loss": list(self.train_loss), "val_loss": list(self.val_loss)}

    @classmethod
    def read(cls, read: Fields) -> TrainingRecord:
        """Read a record of a manifest; StudyError where a field is not what it says."""
        ended: Ended = read.one_of("ended", ENDED)  # type: ignore[assignment]
        numbers = {name: read.number(name) for name in ("n_parameters", "n_films")}
        optional = {name: read.number(name) for name in ("seed", "kept") if read.content.get(name) is not None}
        curves = read.reals("train_loss"), read.reals("val_loss")
        norm = read.optional_real("gradient_norm")
        return cls(ended, **numbers, **optional, train_loss=curves[0], val_loss=curves[1], gradient_norm=norm)
