"""A small build in a process of its own that can be killed, and the comparison of what it leaves with one in peace.

`python -m tests.building.interrupted FILMS MODEL OUT LOG` is the build: it says "begun" when it starts, and notes in
LOG which films it encodes.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.datasets.folder import FolderDataset
from core.findings import CLASSES
from core.models.arrays import UInt8Array
from core.paths import PROJECT
from tests.building.planned import built
from tests.models.tiny import random_films

QUICK = "quick"
"""Last argument of a build without UMAP, whose compilation takes longer than all else; see `first_dimensions`."""

COMMAND = (sys.executable, "-m", "tests.building.interrupted")


class Counting(FolderDataset):
    """A dataset that counts how often its films are read."""

    n_read = 0

    def film(self, row: int) -> UInt8Array:
        self.n_read += 1
        return super().film(row)


def write_films(root: Path, n_films: int) -> Path:
    """A folder dataset of small films; every fifth is a test film, every sixth a validation film."""
    root.mkdir(parents=True)
    rng = np.random.default_rng(0)
    lines = [",".join(["image_id", "split", *CLASSES[:3]])]
    for number, film in enumerate(random_films(n_films)):
        Image.fromarray(film).save(root / f"f{number:04d}.png")
        split = "test" if number % 5 == 0 else "val" if number % 6 == 0 else "train"
        lines.append(",".join([f"f{number:04d}", split, *map(str, rng.integers(0, 2, 3))]))
    (root / "labels.csv").write_text("\n".join(lines))
    return root


@dataclass(frozen=True)
class Killed:
    """kills : that came before the build was done. encoded : films that each run encoded, as "tower/first film"."""

    kills: int
    encoded: list[list[str]]

    def again(self) -> list[str]:
        """Chunks that were encoded in two runs though they were not in flight when the earlier one was killed."""
        found = []
        for number, run in enumerate(self.encoded):
            later = {chunk for other in self.encoded[number + 1 :] for chunk in other}
            found += [chunk for chunk in run[:-1] if chunk in later]
        return found


def build(films: Path, model: Path, out: Path, *more: str) -> float:
    """A build in peace; seconds from its beginning to its end. more : QUICK, or nothing."""
    process = _started(films, model, out, out.with_suffix(".log"), *more)
    begun = time.monotonic()
    assert process.wait() == 0
    return time.monotonic() - begun


def build_killed(
    films: Path, model: Path, out: Path, kills: int, seconds: float, rng: random.Random, *more: str
) -> Killed:
    """The same build, killed (SIGKILL) at random moments until it is done; the last run, if any, is left alone."""
    encoded, done = [], 0
    for number in range(kills + 1):
        log = out.with_name(f"{out.name}-{number}.log")
        process = _started(films, model, out, log, *more)
        try:
            code = process.wait(timeout=rng.uniform(0, seconds) if number < kills else None)
            assert code == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            done += 1
            process.returncode = 0 if _is_done(out) else process.returncode
        encoded.append(log.read_text().split())
        if process.returncode == 0:
            break
    return Killed(done, encoded)


def _is_done(out: Path) -> bool:
    """Whether a kill came when all was done and only the process had not ended."""
    return (out / "manifest.json").is_file() and not out.with_name(f"{out.name}.building").exists()


def differences(one: Path, other: Path) -> list[str]:
    """Paths below two studies that differ; of manifests, all but timings counts."""
    paths = {path.relative_to(root).as_posix() for root in (one, other) for path in root.rglob("*") if path.is_file()}
    return sorted(path for path in paths if _content(one / path) != _content(other / path))


def _content(path: Path) -> object:
    if not path.is_file():
        return None
    if path.name != "manifest.json":
        return path.read_bytes()
    manifest = json.loads(path.read_text())
    settings = {name: {**entry, "minutes": None} for name, entry in manifest["settings"].items()}
    return {**manifest, "timings": None, "settings": settings}


def first_dimensions(embeddings: np.ndarray, n_components: int, *_: object, **__: object) -> np.ndarray:
    """In the place of UMAP."""
    return embeddings[:, :n_components].astype(np.float32)


def _started(films: Path, model: Path, out: Path, log: Path, *more: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [*COMMAND, *map(str, (films, model, out, log)), *more], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def main() -> None:
    """The build."""
    import torch

    from core.building.plan import BuildOptions
    from core.datasets.folder import FolderDataset
    from core.models import image_tower
    from core.models.load import load_clip
    from core.settings.fine_tune_options import FineTuneOptions

    torch.set_num_threads(1)
    films, folder, out, log = (Path(argument) for argument in sys.argv[1:5])
    quick = {"project": first_dimensions} if QUICK in sys.argv[5:] else {}
    dataset, model = FolderDataset(films), load_clip(folder)
    encode = image_tower.ImageTower.encode

    def noted(tower: image_tower.ImageTower, crops: np.ndarray, **rest: object) -> np.ndarray:
        which = "frozen" if tower.visual is model.visual else "tuned"
        with log.open("a") as file:
            file.write(f"{which}/{zlib.crc32(crops.tobytes())}\n")
        return encode(tower, crops, **rest)  # type: ignore[arg-type]

    image_tower.ImageTower.encode = noted  # type: ignore[method-assign,assignment]
    log.touch()
    settings = BuildOptions("killed", training={"fine_tune": FineTuneOptions(max_epochs=3, learning_rate=1e-3)})
    print("begun", flush=True)
    built(dataset, model, "tiny", out, settings, **quick)


if __name__ == "__main__":
    main()
