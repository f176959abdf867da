"""Votes between two maps: kept, asked in a fair order, and added up to what was planted."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from core.arena.questions import (
    Case,
    draw_cases,
    methods_against,
    questions,
    settings_against,
    unanswered,
)
from core.arena.results import arena_results, planned_power
from core.arena.votes import VoteError, add_votes, joined, read_vote_file, read_votes, take_back, vote_file
from core.errors import SaliencyError, StudyError
from core.saliency.localization.pairs import MapKey
from core.saliency.localization.table import LocalizationResults
from core.study import Study, check_study, open_study
from core.study.rewrite import migrate_study
from tests.arena.planted import A, B, C, planted, row_of, vote_of
from tests.golden.make_study_v1 import STUDY as GOLDEN


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small study of an earlier version, without votes."""
    shutil.copytree(GOLDEN, tmp_path / "study")
    return tmp_path / "study"


def test_votes_are_added_changed_and_taken_back_while_the_study_stays(folder: Path) -> None:
    before = open_study(folder).fingerprint
    assert read_votes(folder) == ()
    add_votes(folder, [vote_of(), vote_of("Two", answer="neither")])
    add_votes(folder, [vote_of(answer="left", sides=(B, A))])  # the same question on other sides: thought better of it
    first, second = read_votes(folder)
    assert (first.preferred, second.preferred) == (B, None)
    assert open_study(folder).fingerprint == before
    assert check_study(folder) == []
    migrate_study(folder)
    assert read_votes(folder) == (first, second)
    assert take_back(folder, second) == read_votes(folder) == (first,)


def test_a_file_of_votes_goes_along_and_comes_home(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "votes of one.json"
    path.write_text(vote_file([vote_of(), vote_of(film="other", answer="unsure")]), "utf-8")
    assert add_votes(folder, read_vote_file(path)) == joined((), [vote_of(), vote_of(film="other", answer="unsure")])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 2}, "version 2"),
        ({"votes": {}}, "holds no votes"),
        ({"votes": [{}]}, "vote 1: is no vote"),
        ({"votes": [{"answer": "both"}]}, "'both'"),
        ({"votes": [{"reader": ""}]}, "reader is ''"),
        ({"votes": [{"left": {"setting": "x"}}]}, "left: is no map"),
        ({"votes": [{"left": vars(B)}]}, "against itself"),
    ],
)
def test_what_are_no_votes_is_refused_in_a_sentence(folder: Path, change: dict[str, object], says: str) -> None:
    content = json.loads(vote_file([vote_of()]))
    if change.get("votes") and change["votes"] != [{}]:
        change = {"votes": [{**content["votes"][0], **change["votes"][0]}]}  # type: ignore[index]
    (folder / "votes.json").write_text(json.dumps({**content, **change}), "utf-8")
    with pytest.raises(VoteError, match=says):
        read_votes(folder)


def test_a_folder_that_cannot_be_written_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.arena.votes.write_whole", full)
    with pytest.raises(StudyError, match="No space left"):
        add_votes(folder, [vote_of()])
    assert read_votes(folder) == ()


def test_every_pair_meets_on_every_film_once_and_rounds_are_balanced() -> None:
    cases, contenders = [Case(f"film {n}", "Edema") for n in range(15)], (A, B, C)
    asked = questions(cases, contenders, "One")
    assert len(asked) == len({(q.case, frozenset((q.left, q.right))) for q in asked}) == 45
    for turn in range(3):
        one_round = asked[15 * turn : 15 * turn + 15]
        assert {q.case for q in one_round} == set(cases)
        assert set(Counter(frozenset((q.left, q.right)) for q in one_round).values()) == {5}
    other = questions(cases, contenders, "Two")
    assert {(q.case, frozenset((q.left, q.right))) for q in other[:15]} == {
        (q.case, frozenset((q.left, q.right))) for q in asked[:15]
    }
    assert [q.case for q in other[:15]] != [q.case for q in asked[:15]]
    on_the_left = Counter(q.left for n in range(20) for q in questions(cases, (A, B), f"Reader {n}"))
    assert on_the_left[A] / 300 == pytest.approx(0.5, abs=0.09)


def test_a_question_is_asked_once_of_a_reader_and_its_token_tells_nothing() -> None:
    asked = questions([Case("film", "Edema"), Case("other", "Mass")], (A, B), "One")
    vote = asked[0].answered("One", "right")
    assert unanswered(asked, [vote], "One") == asked[1:]
    assert unanswered(asked, [vote], "Two") == asked
    assert not any(word in asked[0].token for word in ("grad", "fine", "film"))


def test_films_are_of_val_and_test_with_a_mask_and_the_first_stay_the_first(study: Study) -> None:
    cases, split = draw_cases(study, 15), dict(zip(study.image_ids, study.images["split"], strict=True))
    assert {split[case.image_id] for case in cases} == {"val", "test"}
    assert len({case.image_id for case in cases}) == 15
    for case in cases:
        assert case.finding in {entry.finding for entry in study.annotations(case.image_id)}
    assert draw_cases(study, 30)[:15] == cases


def test_methods_compete_at_the_layer_that_val_chooses() -> None:
    rows = [
        {**row_of(f"film {n}", A, value), "split": "val", "layer": layer, "is_default": layer == "last"}
        for n in range(6)
        for layer, value in (("first", 0.4), ("last", 0.1))
    ]
    table = LocalizationResults(pd.DataFrame(rows), "")
    assert methods_against("fine_tune", ["grad_cam", "gem"], table) == (MapKey("fine_tune", "grad_cam", "first"), C)
    assert settings_against(["one", "two"], "gem") == (MapKey("one", "gem"), MapKey("two", "gem"))
    with pytest.raises(SaliencyError, match="1 map cannot compete"):
        methods_against("fine_tune", ["gem"])


def test_what_was_planted_is_found_in_order_with_its_figures(study: Study) -> None:
    votes, table = planted(study, 40)
    (found,) = arena_results(study, votes, table)
    assert [one.of for one in found.standings] == [A, B, C]
    assert [one.strength.value for one in found.standings] == pytest.approx([2.0, 1.0, 0.5], rel=0.35)
    worst = found.standings[-1]
    assert worst.ratio.interval.low > 1
    assert worst.measured["energy"].value == pytest.approx(0.1)
    assert found.standings[0].ratio.value == 1
    won = sum(
        0.5 if vote.answer == "neither" else float(vote.preferred == A)
        for vote in votes
        if A in (vote.left, vote.right)
    )
    assert found.standings[0].won.value == pytest.approx(won / 240)
    energy = next(one for one in found.figures if one.metric == "energy")
    assert energy.correlation.value == 1
    named = [vote for vote in votes if vote.preferred is not None]
    rank = {A: 0, B: 1, C: 2}
    right = sum(rank[vote.preferred] == min(rank[of] for of in vote.pair) for vote in named)
    assert energy.followed.value == pytest.approx(right / len(named))
    assert energy.n_votes == len(named) == found.answers["left"] + found.answers["right"]
    assert found.readers == {"One": 120, "Three": 120, "Two": 120}


def test_ranks_are_correlated_as_scipy_does_and_ties_share_a_rank() -> None:
    from core.arena.results import _spearman

    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 5, (30, 6)).astype(float), rng.integers(0, 5, (30, 6)).astype(float)
    expected = [spearmanr(one, other).statistic for one, other in zip(first, second, strict=True)]
    np.testing.assert_allclose(_spearman(first, second), expected)
    assert math.isnan(_spearman(np.array([[1.0, 2.0]]), np.array([[1.0, 2.0]]))[0])


def test_readers_agree_as_counted_and_what_cannot_be_told_is_left_out(study: Study) -> None:
    films = [case.image_id for case in draw_cases(study, 30)]
    votes = [vote_of("One", film, "left") for film in films]
    votes += [vote_of("Two", film, "right" if n % 5 == 0 else "left") for n, film in enumerate(films[:25])]
    votes += [vote_of("Two", film, "unsure") for film in films[25:]]
    (found,) = arena_results(study, votes)
    assert found.agreement is not None
    assert found.agreement.n_films == 25
    assert found.agreement.agreement.value == pytest.approx(0.8)
    assert found.agreement.kappa.value == pytest.approx(0.6, abs=0.06)  # twice 0.8 minus 1, but for the lot
    assert found.answers == {"left": 50, "right": 5, "neither": 0, "unsure": 5}
    assert all(math.isnan(one.followed.value) for one in found.figures)


def test_maps_that_never_met_are_apart_and_strangers_are_left_out(study: Study) -> None:
    films, other = [case.image_id for case in draw_cases(study, 6)], MapKey("zero_shot", "gem")
    votes = [vote_of(film=film) for film in films]
    votes += [vote_of(film=films[0], sides=(C, other)), vote_of(film="nowhere", sides=(A, C))]
    votes += [vote_of(film=films[1], sides=(A, MapKey("unknown", "gem")))]
    first, second = arena_results(study, votes)
    assert {one.of for one in first.standings} == {A, B}
    assert {one.of for one in second.standings} == {C, other}
    assert first.n_films == 6
    assert first.agreement is None
    assert not second.standings[0].strength.interval.is_estimable
    assert math.isfinite(first.standings[0].strength.value)


def test_fifteen_films_and_three_readers_say_what_they_can_tell() -> None:
    two, four = planned_power(15, 3, 2), planned_power(15, 3, 4)
    assert two.apart == pytest.approx(2.4, abs=0.05)
    assert two.together == pytest.approx(4.9, abs=0.1)
    assert four.apart < two.apart
