"""The overview: verdict first, a table of any number of settings, wordings, and thresholds under other settings."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.findings import CLASSES
from core.jobs import Job
from core.prompts.plan import texts_of, wordings_for
from core.prompts.stored import AskedPrompts
from core.settings.zero_shot import prompts_for
from core.study import layout, open_study
from core.study.manifest import SettingEntry
from core.study.rewrite import rewrite_study
from tests.pages.conftest import Open
from tests.pages.scores_only import make_scores_only
from tests.pages.test_pages import tables, words
from tests.pages.test_take import taken_of

N_IMPORTS = 12


HELD = (("Macro F1", "↑"), ("Exact match", "↑"), ("LRAP", "↑"), ("Coverage error", "↓"))
"""What scores and labels alone give."""


def keys_of(block) -> list[str]:
    """The ids of all containers of a block, which end in their keys."""
    children = list(getattr(block, "children", {}).values())
    return [str(getattr(one.proto, "id", "")) for one in children] + [key for one in children for key in keys_of(one)]


def drawn(page) -> str:
    """What stands in HTML of the page's own, such as rows with whiskers."""
    return "\n".join(str(one.proto.body) for one in page.get("html"))


@pytest.fixture(scope="module")
def promptable(made_up: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up study with prompts in the space of its films, and no model."""
    folder = tmp_path_factory.mktemp("promptable") / "promptable"
    shutil.copytree(made_up, folder)
    study = open_study(folder)
    prompts = prompts_for(study.classes)
    vectors = np.random.default_rng(0).normal(size=(len(prompts), 16)).astype(np.float32)
    rewrite_study(study, {layout.text_embeddings_part("frozen"): vectors}, prompts=prompts)
    return folder


@pytest.fixture(scope="module")
def asked(promptable: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, asked in every wording."""
    folder = tmp_path_factory.mktemp("asked") / "asked"
    shutil.copytree(promptable, folder)
    study = open_study(folder)
    wordings = wordings_for(study.classes)
    texts = texts_of(wordings)
    vectors = np.random.default_rng(1).normal(size=(len(texts), 16)).astype(np.float32)
    rewrite_study(study, AskedPrompts(wordings, texts, vectors).parts())
    return folder


@pytest.fixture(scope="module")
def many(made_up: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up study with twelve more settings that nobody knows."""
    folder = tmp_path_factory.mktemp("many") / "many"
    shutil.copytree(made_up, folder)
    study = open_study(folder)
    rng = np.random.default_rng(2)
    names = [f"import_{number}" for number in range(N_IMPORTS)]
    noise = {name: rng.normal(size=study.labels.shape).astype(np.float32) for name in names}
    entries = {**study.manifest.settings, **dict.fromkeys(names, SettingEntry("logit"))}
    rewrite_study(study, {layout.scores_part(name): one for name, one in noise.items()}, settings=entries)
    return folder


def test_the_verdict_stands_before_every_table_with_an_interval(open_page: Open, made_up: Path) -> None:
    page = open_page("overview", made_up)
    assert not page.exception
    first = next(str(one.value) for one in page.markdown if "macro F1" in str(one.value)).replace("\\", "")
    assert "is best: macro F1 0." in first or "No setting is clearly best" in first
    assert " to " in first
    assert "Fine-tuning" in drawn(page)
    assert any(key.endswith("verdict-room") for key in keys_of(page.main))


def test_rows_are_sorted_by_the_figure_that_is_chosen_and_the_link_says_so(open_page: Open, made_up: Path) -> None:
    page = open_page("overview", made_up, protocol="sound", rank="coverage_error")
    headings, *rows = tables(page)[0]
    column = headings.index("Coverage error\N{NO-BREAK SPACE}↓")
    values = [float(re.sub(r"[^\d.]", "", row[column])) for row in rows]
    assert values == sorted(values)
    assert "coverage error" in words(page).lower()


def test_fifteen_settings_are_ranked_grouped_and_carried_over(open_page: Open, many: Path) -> None:
    page = open_page("overview", many, protocol="sound", grouped="1")
    assert not page.exception
    names = [row[0].replace("\N{NO-BREAK SPACE}", " ") for row in tables(page)[0][1:]]
    assert [name for name in names if name.startswith("**")] == [
        "**Training-free**",
        "**Probes**",
        "**Fine-tuned**",
        "**Imported**",
    ]
    assert len(names) == 4 + 3 + N_IMPORTS
    caption = next(one for one in page.caption if "our evaluation" in str(one.value))
    assert "all 105 pairs" in str(caption.proto.help)
    carried = next(table for table in tables(page) if table[0][0] == "Fitted under")
    assert len(carried) == len(carried[0]) == 1 + 3 + N_IMPORTS
    spent = next(table for table in tables(page) if "Trained parameters" in table[0])
    assert {row[1] for row in spent[1:]} == {"Training-free", "Probes", "Fine-tuned", "Imported"}


def test_the_spread_over_wordings_stands_below_zero_shot_under_the_sound_protocol(open_page: Open, asked: Path) -> None:
    page = open_page("overview", asked, protocol="sound")
    assert not page.exception
    rows = {row[0].replace("\N{NO-BREAK SPACE}", " "): row for row in tables(page)[0][1:]}
    assert list(rows) == ["Zero-shot", "over 30 other wordings", "Linear probe", "Fine-tuning"]
    assert " to " in rows["over 30 other wordings"][4]
    files = taken_of(str(one.proto.body) for one in page.get("html"))["results-ours"]
    assert '\n"Zero-shot, over 30 other wordings",' in files["csv"]
    assert "\nZero-shot, over 30 other wordings &" in files["tex"]
    best = {cell.split("[**")[1].split("**]")[0] for row in tables(page)[0] for cell in row if ":blue[" in cell}
    assert best
    assert set(re.findall(r"\\textbf{([^}]*)}", files["tex"])) == best
    assert "Asked in 30 other ways" in words(page)
    assert "chosen on validation films" in words(page)
    assert "Cardiomegaly" in drawn(page)
    parts = {row[0].split()[-1]: row[1] for row in tables(page)[-1]}
    assert parts["Wordings"] == f"{len(texts_of(wordings_for(CLASSES)))} prompts beside the study's own"
    assert "over 30 other wordings" not in str(tables(open_page("overview", asked, protocol="paper"))[0])


def test_without_a_model_at_hand_the_page_says_why_nothing_is_asked(open_page: Open, promptable: Path) -> None:
    page = open_page("overview", promptable)
    assert not page.exception
    assert any("does not say which model" in str(one.value) for one in page.info)
    assert not [one for one in page.button if one.key == "ask_wordings"]
    parts = {row[0].split()[-1]: row[1:] for row in tables(page)[-1]}
    assert parts["Wordings"][0].startswith("**Missing.**")


def test_with_the_model_at_hand_asking_is_offered_and_begun_by_a_click(
    open_page: Open, promptable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_hand, begun = tmp_path / "at-hand", list[Job]()
    shutil.copytree(promptable, at_hand)
    rewrite_study(open_study(at_hand), {}, model={"name": "phantom-clip", "source": "phantom-clip"})
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(Job, "begin", lambda job, again: begun.append(job))
    page = open_page("overview", at_hand)
    assert f"python -m core prompts {at_hand}" in words(page)
    page.button(key="ask_wordings").click().run()
    assert not page.exception
    (job,) = begun
    assert (job.module, job.arguments) == ("core.prompts.job", (str(at_hand),))


def test_a_damaged_survey_is_a_sentence_and_the_page_goes_on(open_page: Open, asked: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(asked, broken)
    study = open_study(broken)
    text = (broken / layout.WORDINGS).read_text().replace("Cardiomegaly", "Gout")
    rewrite_study(study, {layout.WORDINGS: text.encode()})
    page = open_page("overview", broken, protocol="sound")
    assert not page.exception
    assert any("Gout" in str(one.value) for one in page.error)
    assert any(table[0][0] == "Fitted under" for table in tables(page))


def test_thresholds_are_refused_between_kinds_of_score(open_page: Open, made_up: Path) -> None:
    page = open_page("overview", made_up, way="raw", transfer="sensitivity")
    carried = next(table for table in tables(page) if table[0][0] == "Fitted under")
    assert carried[1][2] == "refused"
    assert any("A margin is no logit" in str(one.value) for one in page.info)
    assert "classes" in carried[1][1]


def test_an_import_has_no_column_without_a_figure_and_no_room_for_films(open_page: Open, tmp_path: Path) -> None:
    page = open_page("overview", make_scores_only(tmp_path / "import", ("Edema", "Mass"), setting="mine"))
    assert not page.exception
    heads = ["Setting", *(f"{name}\N{NO-BREAK SPACE}{way}" for name, way in HELD)]
    assert tables(page)[0][0] == heads
    assert "–" not in tables(page)[0][1]
    assert not any(key.endswith("verdict-room") for key in keys_of(page.main))


def test_one_setting_alone_is_not_compared(open_page: Open, made_up: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    shutil.copytree(made_up, alone)
    study = open_study(alone)
    entry = replace(study.manifest.settings["zero_shot"], encoder=None)
    rewrite_study(study, {}, settings={"zero_shot": entry})
    page = open_page("overview", alone)
    assert not page.exception
    assert "One setting, zero-shot: macro F1" in words(page).replace("\\", "")
    assert not any(table[0][0] in ("Difference", "Fitted under") for table in tables(page))
