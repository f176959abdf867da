"""The files of a model's folder: configurations, weights that are safe to read, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from core.errors import ModelError
from core.files import read_json

COPY_AGAIN: Final = "Copy the model's files again."
SAFETENSORS: Final = ("model.safetensors", "model.safetensors.index.json")
"""Names that transformers and timm give their weights: one file, or the list of several."""

_PICKLES: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".h5", ".msgpack")
_CODE: Final = "auto_map"
"""What a configuration calls the code that it wants to be run."""


def config_in(folder: Path, name: str) -> dict[str, Any]:
    """Read a JSON object of a folder; empty where there is none, or another value. ModelError where it is no JSON."""
    path = folder / name
    if not path.is_file():
        return {}
    config = read_json(path, remedy=COPY_AGAIN, error=ModelError)
    return config if isinstance(config, dict) else {}


def safetensors_in(folder: Path) -> tuple[Path, ...]:
    """List the weights of a folder, in order. ModelError where there are none, one is missing, or they are pickled."""
    whole, index = (folder / name for name in SAFETENSORS)
    if whole.is_file():
        return (whole,)
    if index.is_file():
        return _shards(folder, index)
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
    if pickled:
        raise ModelError(
            f"{folder}: its weights ({pickled[0]}) may be pickled, and a pickle can run code; expected safetensors.",
            remedy="Save the model again where you trust it, with save_pretrained(FOLDER), which writes safetensors.",
        )
    raise ModelError(
        f"{folder}: there are no weights; expected {SAFETENSORS[0]}.",
        remedy="Copy the model's weights into the folder, or download the model again.",
    )


def _shards(folder: Path, index: Path) -> tuple[Path, ...]:
    listed = config_in(folder, index.name).get("weight_map")
    names = sorted({str(name) for name in listed.values()}) if isinstance(listed, dict) else []
    strange = [name for name in names if Path(name).name != name or not name.endswith(".safetensors")]
    if strange or not names:
        raise ModelError(f"{index}: lists no weights, or others than safetensors beside it.", remedy=COPY_AGAIN)
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        message = f"{folder}: {len(missing)} of {len(names)} files of its weights are missing, such as {missing[0]}."
        raise ModelError(message, remedy="Copy or download all of them: a model half loaded gives wrong embeddings.")
    return tuple(folder / name for name in names)


def refuse_code(folder: Path, *names: str) -> None:
    """Raise ModelError where a configuration wants code of its own to be run, which never is."""
    for name in names:
        if config_in(folder, name).get(_CODE):
            raise ModelError(
                f"{folder / name}: this model asks for code of its own ({_CODE}), which is never run here.",
                remedy="Use a model of a class that transformers itself has, or import the model's scores: "
                "`python -m core import`.",
            )


@contextmanager
def model_errors(folder: Path, config: str) -> Iterator[None]:
    """Turn what the libraries raise while a model is read or built into one ModelError."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:300].rstrip(".")
        raise ModelError(
            f"{folder}: the model cannot be loaded ({type(error).__name__}: {said}).",
            remedy=f"Check that {config} and the weights belong together, or copy the model's files again.",
        ) from error
