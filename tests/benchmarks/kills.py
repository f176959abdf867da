"""A build of 300 films that is killed again and again against the same build in peace.

`python -m tests.benchmarks.kills [--films 300] [--kills 20] [--seed 0]`: kills (SIGKILL) come at random moments; a
build that gets done before all were spent is compared, and another begins. Ends with 1 where a file differs or a chunk
that was whole is encoded again.
"""

from __future__ import annotations

import argparse
import itertools
import random
import tempfile
from pathlib import Path

from tests.building.interrupted import build, build_killed, differences, write_films
from tests.models.tiny import make_tiny_clip


def main() -> None:
    """Prints each build that was killed, and what differs."""
    parser = argparse.ArgumentParser(description="Builds that are killed, against one in peace.")
    parser.add_argument("--films", type=int, default=300)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    rng, left, wrong = random.Random(args.seed), args.kills, 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        films, model = write_films(root / "films", args.films), make_tiny_clip(root / "model")
        seconds = build(films, model, root / "peace")
        print(f"in peace: {seconds:.1f} s for {args.films} films", flush=True)
        for number in itertools.count():
            out = root / f"killed-{number}"
            killed = build_killed(films, model, out, left, seconds / 3, rng)
            found, again = differences(root / "peace", out), killed.again()
            remains = [path.name for path in root.iterdir() if path.name.startswith(f"{out.name}.")]
            wrong += len(found) + len(again) + len(remains)
            left -= killed.kills
            print(
                f"killed {killed.kills} times: differs in {found}, encoded again {again}, left behind {remains}",
                flush=True,
            )
            if left <= 0:
                break
    print(f"{args.kills} kills, {wrong} wrong")
    raise SystemExit(wrong > 0)


if __name__ == "__main__":
    main()
