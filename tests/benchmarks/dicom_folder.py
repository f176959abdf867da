"""A folder of DICOM films made ready for a model, against decoding the same films and nothing else.

`python -m tests.benchmarks.dicom_folder [--films 1000] [--runs 1] [--side 3000] [--syntax jpeg-ls] [--decoder own]
[--folder DIR]`: seconds of both in turn over the same files, each in as many processes as there are cores, by the clock
and of the processors; their ratios; and the most memory that all processes of this one hold together while films are
made ready. Decoding alone is pydicom's and throws its pixels away: by the decoder that making ready uses (`own`), or
by the one that pydicom chooses itself (`pydicom`); its processes are forked, so that they load nothing. Making ready
is what a build does before it encodes: greys by the film's own window, resized and cut to what a model sees, and a
PNG stored of every test film (15 of 100). Twenty films are distinct, the others are links to them under names of
their own, half of them without an ending.

Ends with 1 where a bound is missed: 1.5 GB, and, for JPEG-LS and JPEG 2000, .8 of the speed of decoding by the clock,
which wants a quiet computer. RLE and uncompressed films have no bound of speed: decoding one takes 40 and 5 ms, and
resizing it to what a model sees 20.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import resource
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless, RLELossless

from core.building.films import FilmPreparation, kept_positions
from core.datasets.folder import FolderDataset
from core.intake.dicom import DECODERS
from core.models.preprocess import film_transform
from tests.intake.dicom_files import dicom_bytes

SYNTAXES = {
    "jpeg-ls": JPEGLSLossless,
    "jpeg-2000": JPEG2000Lossless,
    "rle": RLELossless,
    "uncompressed": ExplicitVRLittleEndian,
}
LEAST_SPEED, MOST_BYTES = 0.8, 1.5e9
BOUNDED = ("jpeg-ls", "jpeg-2000")
DISTINCT = 20


def main() -> None:
    """Prints seconds of both, their ratio, and memory."""
    parser = argparse.ArgumentParser(description="Making DICOM films ready, against decoding alone.")
    parser.add_argument("--films", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--side", type=int, default=3000)
    parser.add_argument("--syntax", choices=SYNTAXES, default="jpeg-ls")
    parser.add_argument("--decoder", choices=("own", "pydicom"), default="own")
    parser.add_argument("--folder", type=Path, help="where the films are made (default: a temporary folder)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as scratch:
        root = Path(scratch) / "films"
        made = write_films(root, args.films, args.side, SYNTAXES[args.syntax])
        print(f"{args.films:,} films of {args.side} x {args.side}, {args.syntax}, {made / DISTINCT / 1e6:.1f} MB each")
        begun = time.perf_counter()
        dataset = FolderDataset(root)
        assert len(dataset.images) == args.films
        print(f"found, with their sizes, in {time.perf_counter() - begun:.1f} s")
        ratios, peaks = [], []
        for run in range(args.runs):
            decoded = decode(root, args.decoder)
            ready, peak = prepare(dataset, Path(scratch) / f"scratch{run}")
            by_clock, by_processors = decoded.clock / ready.clock, decoded.processors / ready.processors
            ratios.append(by_clock)
            peaks.append(peak)
            print(
                f"decoding alone {decoded}, made ready {ready} ({args.films / ready.clock:.1f} films/s): "
                f"{by_clock:.2f} of the speed by the clock, {by_processors:.2f} by the processors; "
                f"at most {peak / 1e9:.2f} GB in all processes",
                flush=True,
            )
        print(f"median {statistics.median(ratios):.2f} of the speed of decoding alone, {max(peaks) / 1e9:.2f} GB")
    is_slow = args.syntax in BOUNDED and statistics.median(ratios) < LEAST_SPEED
    raise SystemExit(is_slow or max(peaks) > MOST_BYTES)


def write_films(root: Path, n_films: int, side: int, syntax: UID) -> int:
    """Films of 12 bits with a window, named by UID in folders of their own, and their labels; bytes of the distinct."""
    root.mkdir(parents=True)
    made = [root / f"1.2.840.{number}" / "film" for number in range(min(DISTINCT, n_films))]
    for number, path in enumerate(made):
        path.parent.mkdir()
        path.write_bytes(_film(side, syntax, number))
    lines = ["image_id,split,Effusion"]
    for number in range(n_films):
        name = f"1.2.826.0.1.{number}"
        os.link(made[number % len(made)], made[number % len(made)].parent / f"{name}{'.dcm' if number % 2 else ''}")
        split = "test" if number % 20 < 3 else "val" if number % 20 < 6 else "train"
        lines.append(f"{name},{split},{number % 2}")
    n_bytes = sum(path.stat().st_size for path in made)
    for path in made:
        path.unlink()
    (root / "labels.csv").write_text("\n".join(lines) + "\n")
    return n_bytes


def _film(side: int, syntax: UID, number: int) -> bytes:
    """Two dark lungs, ribs and the noise of a detector."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    lungs = sum(np.exp(-(((x - at) / 0.3) ** 2) - (y / 0.6) ** 2) for at in (-0.45, 0.45))
    greys = 2800 - 1600 * lungs + 90 * np.sin(22 * y + 4 * x * x + number) + rng.normal(0, 12, (side, side))
    content = dicom_bytes(greys.clip(0, 4095).round().astype(np.uint16), window=(2048, 3600), BitsStored=12, HighBit=11)
    if syntax == ExplicitVRLittleEndian:
        return content
    dataset = pydicom.dcmread(io.BytesIO(content))
    dataset.compress(syntax)
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


@dataclass(frozen=True)
class Seconds:
    """By the clock, and of the processors, of this process and those that it has ended."""

    clock: float
    processors: float

    @staticmethod
    def now() -> Seconds:
        """Seconds since some time that is the same for all."""
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return Seconds(time.perf_counter(), sum(one.ru_utime + one.ru_stime for one in used))

    def since(self, begun: Seconds) -> Seconds:
        """Seconds between two times."""
        return Seconds(self.clock - begun.clock, self.processors - begun.processors)

    def __str__(self) -> str:
        return f"{self.clock:.1f} s ({self.processors:.1f} s of the processors)"


def decode(root: Path, decoder: str) -> Seconds:
    """Seconds to decode every film and throw it away, in as many processes as cores."""
    paths = [path for path in sorted(root.rglob("*")) if path.is_file() and path.name != "labels.csv"]
    begun = Seconds.now()
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        for _ in pool.imap_unordered(_decoded_by_own if decoder == "own" else _decoded, paths):
            pass
        pool.close()
        pool.join()
    return Seconds.now().since(begun)


def _decoded_by_own(path: Path) -> int:
    film = pydicom.dcmread(path)
    film.pixel_array_options(decoding_plugin=DECODERS.get(str(film.file_meta.TransferSyntaxUID), ""))
    return int(film.pixel_array.shape[0])


def _decoded(path: Path) -> int:
    return int(pydicom.dcmread(path).pixel_array.shape[0])


def prepare(dataset: FolderDataset, scratch: Path) -> tuple[Seconds, float]:
    """Seconds to make all films ready, and the most bytes that this process and those it began held together."""
    kept = kept_positions(dataset.images["split"].tolist(), "test")
    transform = film_transform({"size": 224})
    preparation = FilmPreparation(dataset, range(len(dataset.images)), kept, transform, scratch)
    ended, peaks = threading.Event(), [0]

    def watch() -> None:
        while not ended.wait(0.2):
            peaks.append(_resident_bytes(os.getpid()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun = Seconds.now()
    for _ in preparation.chunks(os.cpu_count() or 1):
        pass
    films = preparation.finished()
    seconds = Seconds.now().since(begun)
    ended.set()
    watcher.join()
    assert len(films.positions) == len(dataset.images)
    assert len(films.stored) == len(kept)
    return seconds, max(peaks)


def _resident_bytes(process: int) -> int:
    """Of a process and all below it, summed, as Linux counts them."""
    try:
        folder = Path(f"/proc/{process}")
        n_bytes = int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        below = [int(pid) for task in (folder / "task").iterdir() for pid in (task / "children").read_text().split()]
    except OSError:
        return 0
    return n_bytes + sum(map(_resident_bytes, below))


if __name__ == "__main__":
    main()
