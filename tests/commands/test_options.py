"""Numbers of the command line: taken within their range, refused outside of it before anything is done."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from core.__main__ import main
from core.commands import check
from core.commands.options import number, seed, whole
from tests.golden.make_study_v1 import STUDY


@pytest.mark.parametrize(
    "options",
    [
        ["--seed", "-1"],
        ["--seed", "4294967296"],
        ["--seed", "1.5"],
        ["--n-neighbors", "-5"],
        ["--n-neighbors", "1"],
        ["--n-neighbors", "201"],
        ["--min-dist", "1.5"],
        ["--min-dist", "-0.1"],
        ["--min-dist", "nan"],
    ],
)
def test_a_map_out_of_range_is_refused_with_the_range(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["project", str(STUDY), *options])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert options[0] in said
    assert options[1] in said


@pytest.mark.parametrize("options", [["--epochs", "0"], ["--films", "-3"]])
def test_a_training_of_nothing_is_refused(options: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["pretrain", "--out", str(tmp_path / "model"), *options])
    assert stopped.value.code == 2
    assert not (tmp_path / "model").exists()


def test_what_is_in_range_is_taken() -> None:
    assert (whole(2, 200)("2"), whole(2, 200)("200"), whole(1)("7"), seed("0")) == (2, 200, 7, 0)
    assert (number(0, 0.99)("0"), number(0, 1, above=True)("0.5")) == (0.0, 0.5)
    for parse, text in ((number(0, 1, above=True), "0"), (whole(0), "x"), (number(0, 1), "")):
        with pytest.raises(argparse.ArgumentTypeError):
            parse(text)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device"), "A disk fails (No space left on device). Check space"),
        (OSError(5, "Input/output error", "a/b"), "a/b: cannot be read or written (Input/output error). Check space"),
    ],
)
def test_what_a_disk_refuses_is_said_whatever_the_command(
    error: OSError, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr(check, "run", fails)
    assert main(["check", str(STUDY)]) == 2
    assert capsys.readouterr().err.startswith(said)
