"""3,000 frontal films of CheXpert's own table and a scorer of random numbers: what it gets, under either convention."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.report.report import compute_report
from core.study import Study, check_study, open_study
from tests.pages.conftest import Open
from tests.real_tables import CHEXPERT

N_FILMS = 3000
SEED = 3
READ = "train"
"""The table holds CheXpert's train folder alone; nothing was trained, and thresholds are fitted on val."""


def _import(folder: Path, out: str, *options: str) -> Path:
    files = ["--labels", str(folder / "train.csv"), "--scores", f"random={folder / 'scores.csv'}"]
    named = ["import", "--out", str(folder / out), "--name", "CheXpert, random scores"]
    assert main([*named, *files, "--split-by-patient", "1", *options]) == 0
    return folder / out


@pytest.fixture(scope="module")
def folder(published_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows as published, and uniform noise for their films."""
    out = tmp_path_factory.mktemp("chexpert")
    table = pd.read_csv(published_tables / CHEXPERT, dtype=str, keep_default_na=False)
    rows = table[table["Frontal/Lateral"] == "Frontal"].sample(N_FILMS, random_state=SEED)
    rows.to_csv(out / "train.csv", index=False)
    films = rows["Path"].str.removeprefix("CheXpert-v1.0-small/").str.removesuffix(".jpg")
    noise = np.random.default_rng(SEED).random((N_FILMS, 14))
    pd.DataFrame(noise, columns=table.columns[5:]).assign(image_id=films.to_numpy()).set_index("image_id").to_csv(
        out / "scores.csv"
    )
    return out


@pytest.fixture(scope="module")
def as_made(folder: Path) -> Study:
    """As its makers read it: what is not mentioned is absent, what is uncertain is left out."""
    return open_study(_import(folder, "as-made"))


@pytest.fixture(scope="module")
def misread(folder: Path) -> Study:
    """A blank taken for a film that nobody looked at."""
    return open_study(_import(folder, "misread", "--blank", "not looked at"))


def test_labels_are_those_that_a_few_lines_of_pandas_make(folder: Path, as_made: Study, misread: Study) -> None:
    cells = pd.read_csv(folder / "train.csv")[list(as_made.classes)]
    np.testing.assert_array_equal(as_made.labels, cells.fillna(0).replace(-1, np.nan).to_numpy())
    np.testing.assert_array_equal(misread.labels, cells.replace(-1, np.nan).to_numpy())
    assert check_study(as_made.root) == []
    assert as_made.splits() == misread.splits()


def test_a_random_scorer_is_no_better_than_guessing(as_made: Study) -> None:
    """AUROC .5 within its interval, and the F1 of calling as many films positive at random as are."""
    report = compute_report(as_made, READ, policy="prevalence-match", intervals=True).settings["random"]
    overall, rows = report.overall, as_made.rows(READ)
    interval = overall.intervals["macro_auroc"]
    assert interval.low < 0.5 < interval.high
    labels = as_made.labels[rows]
    shares = np.nanmean(labels, axis=0)
    called = np.array([(one.n_predicted or 0) / one.n_read for one in report.per_class.values()])
    guessing = np.mean(2 * shares * called / (shares + called))
    assert guessing == pytest.approx(shares.mean(), abs=0.02)
    interval = overall.intervals["macro_f1"]
    assert interval.low < guessing < interval.high
    assert overall.macro_f1 == pytest.approx(guessing, abs=0.03)


def test_misread_it_looks_good(misread: Study) -> None:
    """What the red sentence is there for: noise with a macro F1 that a good model would be proud of."""
    overall = compute_report(misread, READ).settings["random"].overall
    assert overall.macro_f1 > 0.7


@pytest.mark.parametrize("page", ["overview", "per_class"])
def test_the_pages_say_in_red_what_is_wrong(open_page: Open, misread: Study, as_made: Study, page: str) -> None:
    shown = open_page(page, misread.root)
    assert not shown.exception
    red = " ".join(error.value for error in shown.error)
    labels = misread.labels[:, misread.classes.index("Atelectasis")]
    n_positive, n_labelled = int(np.nansum(labels)), int((~np.isnan(labels)).sum())
    if page == "overview":  # over all films, as there is no test split
        assert f"Atelectasis ({n_positive:,} of {n_labelled:,}; every film called positive" in red
    assert "F1, precision and thresholds are meaningless for films as they come" in red
    assert "Where a blank means that it was not mentioned, count it as absent" in red
    sound = open_page(page, as_made.root)
    assert not sound.exception
    assert not any("meaningless" in error.value for error in sound.error)
    assert any("a finding that is not mentioned counts as absent" in one.proto.help for one in sound.markdown)


def test_check_and_report_say_it_too(misread: Study, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["check", str(misread.root)], ["report", str(misread.root), "--split", READ]):
        assert main(command) == 0
        printed = capsys.readouterr().out
        assert "Positive in most films looked at" in printed
        assert "are meaningless for films as they come" in printed
