"""A short slice of the storms; CONTRIBUTING names the commands that run each in full."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.storms.deeds import DEEDS, STUDY, Deed, Workshop
from tests.storms.disks import failed, gone, refusing
from tests.storms.forks import in_a_fork
from tests.storms.kills import as_in_peace, in_peace, killed, still_sound

_OF = {deed.name: replace(deed, start="nothing" if deed.name == "import" else "imported") for deed in DEEDS}
QUICK = [_OF[name] for name in ("import", "annotate", "mark", "fit")]
"""What loads no torch, which a process that runs many tests cannot be forked with."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXR_CACHE", "")
        made = Workshop(tmp_path_factory.mktemp("storm"), with_model=False)
        for deed in QUICK:  # so that what is forked has loaded everything
            made.lay_out(deed)
            made.do(deed)
        yield made


@pytest.mark.parametrize("deed", QUICK, ids=lambda deed: deed.name)
def test_it_is_the_old_or_the_new_after_a_kill_or_a_failing_disk(shop: Workshop, deed: Deed) -> None:
    rng, peace = random.Random(deed.name), in_peace(shop, deed)
    ended, problems = killed(shop, deed, peace, rng, by_clock=0)
    assert problems == []
    assert ended.came_to == "killed"
    for fault in (refusing, gone):
        _, problems = failed(shop, deed, fault, peace, rng)
        assert problems == []


def test_the_storm_tells_what_is_right_from_what_is_not(shop: Workshop) -> None:
    """A study that is neither old nor new, one that does not open, a file left over, and a traceback."""
    deed = _OF["mark"]
    peace = in_peace(shop, deed)
    assert still_sound(shop, peace) == []
    (shop.at / "left.partial").write_text("")
    assert as_in_peace(shop, deed, peace) == ["done again: left over ['left.partial']"]
    (shop.at / STUDY / "labels.parquet").write_bytes(b"")
    assert "does not open" in still_sound(shop, peace)[0]
    in_peace(shop, deed)
    film = shop.at / STUDY / "images/f0001.png"
    film.write_bytes(film.read_bytes()[::-1])
    assert any("neither the old nor the new" in problem for problem in still_sound(shop, peace))
    ended, _ = in_a_fork(lambda: [][1])
    assert ended.came_to == "traceback"
    assert "IndexError" in ended.said
