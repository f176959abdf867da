"""Every colouring says something true of every film."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.findings import CLASSES
from core.space.colouring import ColourRequest, of_values
from core.space.colourings import COLOURINGS, ColourBy, available_colourings, colouring
from core.study import Study, open_study, write_study
from core.thresholds import fit_thresholds
from tests.golden.make_study_v1 import STUDY
from tests.pages.embeddings_only import embeddings_only


def request(study: Study, by: str) -> ColourRequest:
    thresholds = fit_thresholds(study, "linear_probe")
    return ColourRequest(by, "Cardiomegaly", ("Cardiomegaly", "Lung Opacity"), "linear_probe", thresholds)


@pytest.fixture(scope="module")
def golden() -> Study:
    return open_study(STUDY)


@pytest.mark.parametrize("entry", COLOURINGS, ids=lambda entry: entry.name)
def test_contract(entry: ColourBy, golden: Study) -> None:
    """The golden study has a column for each."""
    assert entry in available_colourings(golden)
    got = colouring(golden, request(golden, entry.name))
    n_films = len(golden.image_ids)
    assert got.codes.shape == (n_films,)
    assert got.codes.min() >= -1
    assert got.codes.max() < max(len(got.groups), 1)
    assert (got.values is not None) == (not got.groups)
    assert len(set(got.groups)) == len(got.groups)
    assert got.counts.sum() == np.count_nonzero(got.codes >= 0)
    if got.members is not None:
        rows = np.flatnonzero(got.codes >= 0)
        assert got.members.shape == (n_films, len(got.groups))
        assert got.members[rows, got.codes[rows]].all()
    if got.values is not None:
        assert got.values.shape == (n_films,)


def test_class_says_absent_unread_present(made: Study) -> None:
    got = colouring(made, ColourRequest("class", "Lung Opacity"))
    expected = np.where(np.isnan(made.labels[:, 2]), 1, np.where(made.labels[:, 2] == 1, 2, 0))
    np.testing.assert_array_equal(got.codes, expected)
    assert got.groups == ("No Lung Opacity", "Unlabelled", "Lung Opacity")


def test_a_film_with_two_findings_shows_both(made: Study) -> None:
    got = colouring(made, ColourRequest("findings", findings=("Cardiomegaly", "Lung Opacity")))
    both = (made.labels[:, 1] == 1) & (made.labels[:, 2] == 1)
    assert both.any()
    assert got.members is not None
    np.testing.assert_array_equal(got.codes == got.groups.index("Several of these"), both)
    assert got.members[both][:, [1, 2]].all()
    np.testing.assert_array_equal(got.members[:, 1], made.labels[:, 1] == 1)


def test_outcome_counts_are_the_confusion_matrix(made: Study) -> None:
    thresholds = fit_thresholds(made, "fine_tune")
    got = colouring(made, ColourRequest("outcome", "Lung Opacity", setting="fine_tune", thresholds=thresholds))
    labels, decided = made.labels[:, 2], np.asarray(made.scores("fine_tune"))[:, 2] >= thresholds.array()[2]
    expected = [
        ((labels == label) & (decided == decision)).sum() for label, decision in ((0, 0), (1, 1), (0, 1), (1, 0))
    ]
    assert got.counts.tolist() == expected
    assert (got.codes == -1).sum() == np.isnan(labels).sum()


def test_without_a_threshold_nothing_is_decided(made: Study) -> None:
    none = replace(fit_thresholds(made, "fine_tune"), values=dict.fromkeys(CLASSES))
    for thresholds in (none, None):
        got = colouring(made, ColourRequest("outcome", "Edema", setting="fine_tune", thresholds=thresholds))
        assert (got.codes == -1).all()


def test_a_rule_that_decides_film_by_film_colours_by_its_decisions(made: Study) -> None:
    top = fit_thresholds(made, "fine_tune", "top-k")
    best = np.asarray(made.scores("fine_tune")).argmax(axis=1) == CLASSES.index("Lung Opacity")
    got = colouring(made, ColourRequest("outcome", "Lung Opacity", setting="fine_tune", thresholds=top))
    labels = made.labels[:, CLASSES.index("Lung Opacity")]
    assert got.counts.tolist()[1:3] == [(best & (labels == 1)).sum(), (best & (labels == 0)).sum()]


def test_score_is_the_score(made: Study) -> None:
    got = colouring(made, ColourRequest("score", "Edema", setting="zero_shot"))
    np.testing.assert_array_equal(got.values, np.asarray(made.scores("zero_shot"))[:, CLASSES.index("Edema")])
    assert got.value_title == "Margin"


def test_unknown_ages_stay_unknown(golden: Study) -> None:
    values = colouring(golden, ColourRequest("age")).values
    assert values is not None
    assert values[0] == 50
    assert np.isnan(values[1])


def test_many_values_end_in_other(golden: Study) -> None:
    got = colouring(golden, ColourRequest("view"))
    assert got.groups == ("PA",)
    assert (got.codes == -1).sum() == 1


def test_patients_with_several_films_have_a_colour(made: Study) -> None:
    got = colouring(made, ColourRequest("patient"))
    patients = made.images["patient_id"].to_numpy()
    for code in range(1, len(got.groups)):
        assert len(set(patients[got.codes == code])) == 1


def test_a_study_without_scores_has_no_scores_to_colour_by(made: Study) -> None:
    names = [entry.name for entry in available_colourings(made)]
    assert "age" not in names
    assert "score" in names


def test_any_values_make_a_colour() -> None:
    got = of_values("Similarity to a prompt", np.array([0.1, np.nan]))
    assert got.groups == ()
    assert got.counts.tolist() == []


@pytest.fixture(scope="module")
def half_read(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Of the first three films nothing was read, of the second and third Lung Opacity or No Finding aside."""
    contents = embeddings_only(9)
    labels = pd.DataFrame(0.0, index=range(9), columns=list(CLASSES))
    labels.loc[:2] = np.nan
    labels.loc[1, "Lung Opacity"] = labels.loc[2, "No Finding"] = 1
    labels.loc[3, ["Cardiomegaly", "Lung Opacity"]] = 1
    labels.loc[4, "Cardiomegaly"] = np.nan
    table = contents.labels[["image_id"]].join(labels)
    return open_study(write_study(tmp_path_factory.mktemp("half") / "study", replace(contents, labels=table)))


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (
            ColourRequest("n_findings"),
            ["Unlabelled", "1 finding", "No finding", "2 findings", "Unlabelled", *["No finding"] * 4],
        ),
        (
            ColourRequest("findings", findings=("Cardiomegaly", "Lung Opacity")),
            ["Unlabelled", "Lung Opacity", "Unlabelled", "Several of these", "Unlabelled", *["None of these"] * 4],
        ),
    ],
    ids=["number", "findings"],
)
def test_films_nobody_read_are_unread_and_not_without_a_finding(
    request_: ColourRequest, expected: list[str], half_read: Study
) -> None:
    got = colouring(half_read, request_)
    assert [got.groups[code] for code in got.codes] == expected
    assert got.groups[got.ground or 0] in ("No finding", "None of these")


def test_a_film_nobody_read_has_no_known_domain(half_read: Study) -> None:
    got = colouring(half_read, ColourRequest("domain"))
    names = [got.groups[code] for code in got.codes]
    assert names[0] == names[4] == "Unlabelled"
    assert names[2] == names[5] == "No finding of a domain"
    assert got.members is not None
    np.testing.assert_array_equal(got.members[:, -1], [name == "Unlabelled" for name in names])
