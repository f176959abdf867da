"""kill -9 at random moments of all that changes a study: afterwards it is the old one or the new, byte for byte.

`python -m tests.storms.kills [--kills 300] [--seed 0] [--deed NAME]`: half of the kills come by the clock, half at a
step that the process takes with a file. After each a reader opens what is there, then the same is done again in peace
and must end as if nothing had been, with nothing left over. Ends with 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from core.errors import CoreError
from core.study import check_study, open_study
from tests.storms.deeds import DEEDS, STUDY, Deed, Workshop, quicken, state_of
from tests.storms.forks import Ended, Steps, in_a_fork, kill_oneself


@dataclass(frozen=True)
class Peace:
    """What a deed comes to in peace: before and after, how long it takes, in how many steps."""

    before: dict[str, object]
    after: dict[str, object]
    seconds: float
    n_steps: int


def in_peace(shop: Workshop, deed: Deed) -> Peace:
    """Do a deed with nobody disturbing it."""
    shop.lay_out(deed)
    before = state_of(shop.at)
    ended, n_steps = in_a_fork(lambda: shop.do(deed), steps=Steps(shop.at, None, kill_oneself))
    if ended.came_to != "done":
        raise RuntimeError(f"{deed.name} in peace: {ended.came_to}: {ended.said}")
    return Peace(before, state_of(shop.at), ended.seconds, n_steps)


def killed(
    shop: Workshop, deed: Deed, peace: Peace, rng: random.Random, *, by_clock: float = 0.5
) -> tuple[Ended, list[str]]:
    """Kill it at a random moment, and list what is wrong afterwards.

    by_clock : in what share of the cases; else at a step.
    """
    shop.lay_out(deed)
    if rng.random() < by_clock:
        ended, _ = in_a_fork(lambda: shop.do(deed), kill_after_s=rng.uniform(0, peace.seconds))
    else:
        steps = Steps(shop.at, rng.randint(1, peace.n_steps), kill_oneself)
        ended, _ = in_a_fork(lambda: shop.do(deed), steps=steps)
    if ended.came_to in ("traceback", "refused"):
        return ended, [f"{ended.came_to}: {ended.said}"]
    return ended, [*still_sound(shop, peace), *as_in_peace(shop, deed, peace)]


def still_sound(shop: Workshop, peace: Peace) -> list[str]:
    """What is wrong with what a reader finds now: the study of before, or that of afterwards."""
    before, after = (_study_in(state) for state in (peace.before, peace.after))
    try:
        open_study(shop.at / STUDY)
    except CoreError as error:
        return [f"does not open: {error.message}"] if before else []
    found = _study_in(state_of(shop.at))
    problems = [f"check: {problem.message}" for problem in check_study(shop.at / STUDY)]
    if found not in (before, after):
        differs = sorted(name for name in {*found, *after} if found.get(name) != after.get(name))
        problems.append(f"the study is neither the old nor the new; from the new differs {differs[:4]}")
    others = {name: state for name, state in state_of(shop.at).items() if not name.startswith(f"{STUDY}/")}
    for name in peace.after:
        if name in others and others[name] not in (peace.before.get(name), peace.after[name]):
            problems.append(f"{name} is neither the old nor the new")
    return problems


def as_in_peace(shop: Workshop, deed: Deed, peace: Peace) -> list[str]:
    """What is wrong after the same was done again: anything that differs, and anything left over."""
    ended, _ = in_a_fork(lambda: shop.do(deed))
    if ended.came_to != "done":
        return [f"done again: {ended.came_to}: {ended.said}"]
    now = state_of(shop.at)
    left = sorted(set(now) - set(peace.after))
    differs = sorted(name for name, content in peace.after.items() if now.get(name) != content)
    folders = _folders(shop.at) - {str(Path(name).parent) for name in peace.after}
    empty = sorted(name for name in folders if not any(other.startswith(f"{name}/") for other in now))
    said = (("differs", differs), ("left over", left), ("empty folders", empty))
    return [f"done again: {word} {names[:4]}" for word, names in said if names]


def _folders(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir()}


def _study_in(state: dict[str, object]) -> dict[str, object]:
    return {name: content for name, content in state.items() if name.startswith(f"{STUDY}/")}


def main() -> None:
    """Kill and compare, deed by deed in turn."""
    parser = argparse.ArgumentParser(description="kill -9 at random moments.")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--deed", choices=[deed.name for deed in DEEDS], action="append")
    args = parser.parse_args()
    deeds = [deed for deed in DEEDS if not args.deed or deed.name in args.deed]
    quicken()
    rng, n_wrong, came, started = random.Random(args.seed), 0, Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        shop = Workshop(Path(folder))
        peace = {deed.name: in_peace(shop, deed) for deed in deeds}
        for deed in deeds:
            found = peace[deed.name]
            print(f"{deed.name}: {found.seconds:.2f} s, {found.n_steps} steps in peace", flush=True)
        for number in range(args.kills):
            deed = deeds[number % len(deeds)]
            ended, problems = killed(shop, deed, peace[deed.name], rng)
            came[f"{deed.name}, {ended.came_to}"] += 1
            n_wrong += bool(problems)
            for problem in problems:
                print(f"{number}, {deed.name}, {ended.came_to} after {ended.seconds:.3f} s: {problem}", flush=True)
    for words, n in sorted(came.items()):
        print(f"{words}: {n}")
    minutes = (time.monotonic() - started) / 60
    print(f"{args.kills} kills, {n_wrong} wrong, in {minutes:.1f} min; load {os.getloadavg()[0]:.1f}")
    raise SystemExit(n_wrong > 0)


if __name__ == "__main__":
    main()
