"""fit, decide and report --thresholds: the loop on the command line, and what each refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.study import open_study
from core.thresholds import POLICIES, fit_thresholds
from tests.pages.made_study import make_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("loop") / "study", n_films=200)


@pytest.fixture
def fitted(study: Path, tmp_path: Path) -> Path:
    out = tmp_path / "thresholds.json"
    assert main(["fit", str(study), "--setting", "fine_tune", "--policy", "youden", "--out", str(out)]) == 0
    return out


def score_table(study: Path, path: Path, rows: slice = slice(None)) -> Path:
    opened = open_study(study)
    table = pd.DataFrame(opened.scores("fine_tune"), columns=list(opened.classes))
    table.insert(0, "image_id", [f"new {image}" for image in opened.image_ids])
    table[rows].to_csv(path, index=False)
    return path


def test_list_names_every_policy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "--list"]) == 0
    printed = capsys.readouterr().out
    assert all(line.split()[0] == policy.name for line, policy in zip(printed.splitlines(), POLICIES, strict=True))


def test_a_file_holds_what_was_fitted_on_val(study: Path, fitted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = json.loads(fitted.read_text())
    (one,) = content["sets"]
    opened = open_study(study)
    assert one["values"] == dict(fit_thresholds(opened, "fine_tune", "youden").values)
    assert (one["split"], one["policy"], one["fingerprint"]) == ("val", "youden", opened.fingerprint)
    assert one["figures"]["split"] == "val"
    opacity = one["figures"]["per_class"]["Lung Opacity"]
    assert opacity["f1_low"] < opacity["f1"] < opacity["f1_high"]
    assert opacity["threshold_low"] <= opacity["threshold_high"]
    assert opacity["f1_corrected"] < opacity["f1"]


def test_new_scores_become_decisions_in_any_order(study: Path, fitted: Path, tmp_path: Path) -> None:
    scores, out = score_table(study, tmp_path / "scores.csv", slice(None, None, -1)), tmp_path / "decisions.csv"
    assert main(["decide", str(study), str(fitted), "--scores", str(scores), "--out", str(out)]) == 0
    opened, got = open_study(study), pd.read_csv(out)
    assert list(got.columns) == ["image_id", *opened.classes]
    assert got["image_id"].tolist() == [f"new {image}" for image in reversed(opened.image_ids)]
    chosen = fit_thresholds(opened, "fine_tune", "youden")
    expected = chosen.decided(opened.scores("fine_tune"))[::-1]
    assert chosen.unfitted
    assert np.isnan(expected).any(axis=0).tolist() == [name in chosen.unfitted for name in opened.classes]
    np.testing.assert_array_equal(got[list(opened.classes)].to_numpy(dtype=float), expected)


def test_a_promise_is_fitted_with_its_confidence_or_says_what_it_takes(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "promised.json"
    policy = ["--policy", "promised-sensitivity", "--parameter", ".9", "--confidence", ".95"]
    assert main(["fit", str(study), "--setting", "fine_tune", *policy, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    (one,) = json.loads(out.read_text())["sets"]
    assert (one["policy"], one["parameter"], one["confidence"]) == ("promised-sensitivity", 0.9, 0.95)
    refused = [name for name, value in one["values"].items() if value is None]
    assert refused
    for name in refused:
        assert one["fits"][name]["promises"][0]["needed"] == 29
        assert f"  {name}: –  No threshold: a sensitivity of at least 0.9 with confidence 0.95 takes 29" in printed
    sure = ["--policy", "promised-sensitivity", "--parameter", ".999", "--confidence", ".9999"]
    assert main(["fit", str(study), *sure, "--out", str(out), "--replace"]) == 0
    assert "takes 9,206 patients" in capsys.readouterr().out
    assert main(["report", str(study), "--thresholds", str(out)]) == 0
    assert "cannot be promised of" in capsys.readouterr().out


@pytest.fixture
def grey(study: Path, tmp_path: Path) -> Path:
    out = tmp_path / "grey.json"
    policy = ["--policy", "rule-out-rule-in", "--parameter", ".6", "--confidence", ".8"]
    assert main(["fit", str(study), "--setting", "fine_tune", *policy, "--out", str(out)]) == 0
    return out


def test_between_two_cuts_the_decision_is_to_look(study: Path, grey: Path, tmp_path: Path) -> None:
    scores, out = score_table(study, tmp_path / "scores.csv"), tmp_path / "decisions.csv"
    assert main(["decide", str(study), str(grey), "--scores", str(scores), "--out", str(out)]) == 0
    (one,) = json.loads(grey.read_text())["sets"]
    got, opened = pd.read_csv(out, dtype=str, keep_default_na=False), open_study(study)
    given = pd.read_csv(scores)
    for finding in opened.classes:
        low, high = one["values"][finding], one["uppers"][finding]
        expected = [
            "0" if value < low else "1" if value >= high else "look" for value in given[finding] if low is not None
        ]
        expected = expected or [""] * len(given)  # without a threshold nothing is decided
        assert got[finding].tolist() == expected
    assert (got == "look").any(axis=None)


def test_a_report_names_promises_and_what_became_of_them(
    study: Path, grey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["report", str(study), "--thresholds", str(grey)]) == 0
    printed = capsys.readouterr().out
    for words in ("promised and kept, patients counted once", "what two cuts settle", "fine_tune: val → test"):
        assert words in printed
    asked = ["--policy", "rule-out-rule-in", "--parameter", ".6", "--confidence", ".8"]
    assert main(["report", str(study), "--json", *asked]) == 0
    settings = json.loads(capsys.readouterr().out)["settings"]
    worth, said = settings["fine_tune"]["worth"], settings["fine_tune"]["promises"]
    assert any(words.startswith("No threshold: a sensitivity of at least 0.6") for words in said.values())
    made = [name for name, value in json.loads(grey.read_text())["sets"][0]["values"].items() if value is not None]
    assert [one["finding"] for one in worth["promises"]] == [name for name in made for _ in range(2)]
    for one in worth["promises"]:
        ends = one["intervals"]["value"]
        assert one["said"] in ("a sensitivity of at least 0.6", "a specificity of at least 0.6")
        assert ends is None or ends["low"] <= one["value"] <= ends["high"]
        assert (one["verdict"] == "kept") == (one["value"] >= 0.6)
    assert set(worth["per_class"]) == set(made)
    zones = [zone for zone in settings["fine_tune"]["grey_zones"] if zone]
    assert [zone["finding"] for zone in zones] == made


def test_a_report_can_use_the_file(study: Path, fitted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["report", str(study), "--json", "--thresholds", str(fitted)]) == 0
    report = json.loads(capsys.readouterr().out)
    values = json.loads(fitted.read_text())["sets"][0]["values"]
    classes = report["settings"]["fine_tune"]["per_class"]
    assert {name: figures["threshold"] for name, figures in classes.items()} == values
    zero_shot = fit_thresholds(open_study(study), "zero_shot").values
    classes = report["settings"]["zero_shot"]["per_class"]
    assert {name: figures["threshold"] for name, figures in classes.items()} == zero_shot


def refused(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_what_does_not_fit_is_refused(
    study: Path, fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores, out = score_table(study, tmp_path / "scores.csv"), str(tmp_path / "decisions.csv")
    other = make_study(tmp_path / "other", n_films=60, seed=1)
    decide = ["decide", str(study), str(fitted), "--scores", str(scores), "--out", out]
    refused(["decide", str(other), *decide[2:]], "another study", capsys)
    refused([*decide, "--setting", "zero_shot"], "no set of 'zero_shot'", capsys)
    refused([*decide[:2], str(tmp_path / "absent.json"), *decide[3:]], "cannot be read", capsys)
    refused([*decide[:2], str(scores), *decide[3:]], "is not JSON", capsys)
    short = pd.read_csv(scores).drop(columns=["Edema"])
    short.to_csv(tmp_path / "short.csv", index=False)
    refused([*decide[:4], str(tmp_path / "short.csv"), *decide[5:]], "Edema", capsys)
    text = pd.read_csv(scores, dtype=str)
    text.loc[3, "Edema"] = "high"
    text.to_csv(tmp_path / "text.csv", index=False)
    refused([*decide[:4], str(tmp_path / "text.csv"), *decide[5:]], "'high'", capsys)
    fit = ["fit", str(study), "--out", str(tmp_path / "t.json")]
    refused([*fit, "--policy", "best"], "max-f1", capsys)
    refused([*fit, "--setting", "other"], "no setting 'other'", capsys)
    refused([*fit, "--policy", "fixed-sensitivity", "--parameter", "2"], "between 0 and 1", capsys)
    refused(["fit", str(study), "--out", str(fitted)], "is there already", capsys)
    refused(["fit", str(study)], "no --out", capsys)


def test_a_file_of_several_settings_asks_which(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "all.json"
    assert main(["fit", str(study), "--out", str(out)]) == 0
    scores = score_table(study, tmp_path / "scores.csv")
    decide = ["decide", str(study), str(out), "--scores", str(scores), "--out", str(tmp_path / "decisions.csv")]
    refused(decide, "--setting", capsys)
    assert main([*decide, "--setting", "fine_tune"]) == 0
