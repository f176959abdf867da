"""Films in JPEG Lossless, one after the other: a decoding process for each against one that is kept.

`python -m tests.benchmarks.lossless_films [--films 50] [--side 1024]`: both decode the same films in turn in one run;
the values must be those that were compressed. Prints seconds a film and their ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

import imagecodecs
import numpy as np

from core.intake import gdcm_child
from core.intake.dicom_jpeg import BY_GDCM, decode_jpeg


def main() -> None:
    """Decode, compare, and print."""
    parser = argparse.ArgumentParser(description="Films in JPEG Lossless.")
    parser.add_argument("--films", type=int, default=50)
    parser.add_argument("--side", type=int, default=1024)
    args = parser.parse_args()
    rng, seconds = np.random.default_rng(0), dict[str, list[float]]()
    side = np.linspace(0, 3000, args.side)
    for _ in range(args.films):
        film = (
            (side[:, None] / 2 + side / 2 + rng.normal(0, 30, (args.side, args.side))).clip(0, 4095).astype(np.uint16)
        )
        frame = imagecodecs.ljpeg_encode(film, bitspersample=12)
        kept = list(gdcm_child._idle)
        for name in ("a process each", "one that is kept"):
            gdcm_child._idle.clear()
            gdcm_child._idle.extend(kept if name == "one that is kept" else [])
            started = time.perf_counter()
            found = decode_jpeg(frame, film.shape, BY_GDCM[-1])
            seconds.setdefault(name, []).append(time.perf_counter() - started)
            assert (found == film).all()
            if name == "a process each":
                gdcm_child._end_all()
    for name, values in seconds.items():
        print(f"{name}: median {statistics.median(values):.3f} s, all {sum(values):.1f} s")
    each, one = (statistics.median(values) for values in seconds.values())
    print(f"ratio {each / one:.1f}; {args.films} films of {args.side} x {args.side}; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
