"""Votes and standings as tables, sentences, CSV, a report and a command."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.arena.results import ArenaResults, arena_results, planned_power
from core.arena.votes import Vote, read_votes, vote_file
from core.exports.arena import standings_csv, votes_csv
from core.exports.html import html_report
from core.figures.arena_tables import arena_sentences, figures_table, power_words, standings_table
from core.study import Study, open_study
from core.thresholds import fit_thresholds
from tests.arena.planted import A, B, C, planted, vote_of
from tests.golden.make_study_v1 import STUDY as GOLDEN


@pytest.fixture
def found(study: Study) -> ArenaResults:
    votes, table = planted(study, 40)
    return arena_results(study, votes, table)[0]


def test_tables_and_sentences_say_what_was_found(found: ArenaResults) -> None:
    table = standings_table(found)
    assert list(table.index) == [
        "Grad-CAM (Fine-tuning)",
        "Gradient-weighted attention (Fine-tuning)",
        "GEM (Fine-tuning)",
    ]
    assert table["Energy in the mask"].str.startswith("0.").all()
    assert table["The first is so much stronger"].iloc[0] == "–"
    assert figures_table(found).loc["Energy in the mask", "Rank correlation with strength"].startswith("1.000")
    said = " ".join(arena_sentences(found))
    for words in ("360 votes on 40 films by One (120), Three (120), Two (120)", "trusted more than every other map"):
        assert words in said
    assert "Fleiss' kappa" in said  # who said neither named no side


def test_two_maps_that_few_voted_on_are_not_told_apart(study: Study) -> None:
    films = [study.image_ids[row] for row in study.rows("test")[:6]]
    votes = [vote_of(film=film, answer="left" if n % 2 else "right") for n, film in enumerate(films)]
    (few,) = arena_results(study, votes)
    assert "it cannot be told" in arena_sentences(few)[1]
    assert figures_table(few).empty
    assert "Energy in the mask" not in standings_table(few)


def test_a_map_that_nobody_could_judge_has_no_strength(study: Study) -> None:
    films = [study.image_ids[row] for row in study.rows("test")[:6]]
    unsure = [vote_of(film=film, answer="unsure") for film in films]
    (nothing,) = arena_results(study, unsure)
    assert set(standings_table(nothing)["Votes"]) == {"0"}
    assert "Strength" not in standings_table(nothing)
    assert "Nobody could tell" in arena_sentences(nothing)[1]
    (some,) = arena_results(study, [*unsure, *(vote_of("Two", film, sides=(A, C)) for film in films)])
    assert [one.of for one in some.standings] == [A, C, B]
    assert np.isnan([some.standings[2].strength.value, some.standings[2].ratio.value]).all()
    assert not some.standings[2].strength.interval.is_estimable


def test_what_can_be_shown_is_said_before_anyone_votes() -> None:
    assert "15 films and 3 readers" in power_words(planned_power(15, 3, 2))
    assert "2.4 times" in power_words(planned_power(15, 3, 2))
    assert power_words(planned_power(15, 1, 2)).endswith("tell one map 4.9 times as strong as another.")
    assert "no difference between 2 maps" in power_words(planned_power(2, 1, 2))


def test_csv_holds_every_vote_and_every_standing(study: Study, found: ArenaResults) -> None:
    votes, _ = planted(study, 40)
    read = pd.read_csv(io.StringIO(votes_csv([*votes, vote_of("=1+1")])))
    assert len(read) == len(votes) + 1
    assert read["reader"].iloc[-1] == "'=1+1"
    assert read.loc[0, "left_method"] == A.method
    standings = pd.read_csv(io.StringIO(standings_csv(study, [found])))
    assert standings["method"].tolist() == [A.method, B.method, C.method]
    assert standings["strength"].tolist() == [one.strength.value for one in found.standings]
    assert standings["first_over_this_low"].isna().tolist() == [True, False, False]


def test_the_command_adds_files_and_prints_and_the_report_has_a_section(
    tmp_path: Path, study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    root = shutil.copytree(GOLDEN, tmp_path / "study")
    small = open_study(root)
    assert main(["arena", str(root)]) == 0
    assert "Nobody has voted yet" in capsys.readouterr().out
    setting, finding = small.settings[0], small.classes[0]
    sides = [type(A)(setting, name) for name in ("gem", "chefer")]
    brought = [Vote("One", name, finding, sides[0], sides[1], "left") for name in small.image_ids[:6]]
    (tmp_path / "brought.json").write_text(vote_file(brought), "utf-8")
    out = tmp_path / "standings.csv"
    assert main(["arena", str(root), "--add", str(tmp_path / "brought.json"), "--csv", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "6 votes on 6 films by One (6)" in printed
    assert read_votes(root) == tuple(brought)
    assert pd.read_csv(out)["method"].tolist() == ["gem", "chefer"]
    text = html_report(open_study(root), "test", {setting: fit_thresholds(small, setting)})
    assert "Which maps readers trust" in text
    assert "6 votes on 6 films" in text
