"""Thresholds in an address beside a truth dial: those of the labels as written, and of the labels as they are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.study import Study, open_study
from core.thresholds import fit_thresholds
from core.thresholds.links import encode_thresholds
from pages.shared.truth_dial import key_of, positions
from tests.browser.dial_study import write_dial_study
from tests.pages.conftest import Open

TURNED = "room~negative~negative~majority"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(write_dial_study(tmp_path_factory.mktemp("dial") / "dial", 200))


@pytest.fixture(scope="module")
def turned(written: Study) -> Study:
    return written.under(next(one for one in positions(written) if key_of(one) == TURNED))


def entry(study: Study, place: int, by: float) -> str:
    """The thresholds of a setting that were moved by as much, as an address holds them."""
    setting = study.settings[place]
    fingerprint = study.scores_fingerprint(setting)
    values = encode_thresholds(fingerprint, fit_thresholds(study, setting).array() + by)
    return "~".join([str(place), *([] if study.position is None else [f"of-{fingerprint[:8]}"]), values])


def opened(open_page: Open, root: Path, stem: str, entries: list[str], **query: str) -> AppTest:
    """A page, with an address that a session begins with."""
    page = open_page(stem, root, **query)
    page.query_params["thresholds"] = entries
    del page.session_state["operating-linked"]
    return page.run()


def moved_by(page: AppTest, study: Study, place: int) -> float:
    """By how much the session's thresholds of a setting stand away from the fitted ones."""
    setting = study.settings[place]
    kept = page.session_state[f"operating-{study.scores_fingerprint(setting)}-{setting}"]
    return float(np.nanmax(np.abs(np.array(kept.values) - fit_thresholds(study, setting).array())))


def refused(page: AppTest) -> list[str]:
    """What a page says of thresholds that it cannot take."""
    return [one.value for one in page.error if "in the link" in one.value]


@pytest.mark.parametrize("stem", ["thresholds", "per_class"])
def test_a_page_with_a_dial_takes_the_thresholds_of_both_readings(
    open_page: Open, written: Study, turned: Study, stem: str
) -> None:
    entries = [entry(written, 1, 0.25), entry(turned, 0, 0.5), entry(turned, 1, 0.75)]
    page = opened(open_page, written.root, stem, entries, labels=TURNED)
    assert not page.exception
    assert not refused(page)
    moves = moved_by(page, written, 1), moved_by(page, turned, 0), moved_by(page, turned, 1)
    np.testing.assert_allclose(moves, (0.25, 0.5, 0.75))
    assert page.query_params["thresholds"] == entries
    assert page.run().query_params["thresholds"] == entries


@pytest.mark.parametrize("stem", ["overview", "embedding_space", "saliency", "thresholds"])
def test_where_labels_are_read_as_written_the_other_thresholds_are_carried_along(
    open_page: Open, written: Study, turned: Study, stem: str
) -> None:
    entries = [entry(written, 1, 0.25), entry(turned, 0, 0.5)]
    page = opened(open_page, written.root, stem, entries)
    assert not page.exception
    assert not refused(page)
    assert moved_by(page, written, 1) == pytest.approx(0.25)
    assert page.query_params["thresholds"] == entries


def test_a_policy_of_turned_labels_is_fitted_on_them(open_page: Open, written: Study, turned: Study) -> None:
    mark = turned.scores_fingerprint("second")[:8]
    page = opened(open_page, written.root, "per_class", [f"1~of-{mark}~by-youden"], labels=TURNED)
    kept = page.session_state[f"operating-{turned.scores_fingerprint('second')}-second"]
    assert kept.as_set() == fit_thresholds(turned, "second", "youden")


def test_thresholds_of_a_third_reading_are_refused_aloud(open_page: Open, written: Study) -> None:
    page = opened(open_page, written.root, "thresholds", ["1~of-00000000~by-youden"], labels=TURNED)
    assert not page.exception
    (said,) = refused(page)
    assert "labels that are read in another way (00000000)" in said
    assert "thresholds" not in page.query_params
