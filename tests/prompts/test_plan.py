"""Which wordings a class is asked about in."""

from __future__ import annotations

from core.findings import CLASSES, NO_FINDING
from core.prompts.plan import texts_of, wordings_for
from core.prompts.styles import STYLES, style_named
from core.prompts.wording import OTHER_NAMES, SYNONYMS, phrases_for
from core.settings.zero_shot import PHRASES


def test_every_class_of_the_paper_is_asked_in_60_prompts_and_no_text_twice() -> None:
    found = wordings_for(CLASSES)
    assert len(found) == 14 * 6 * 5
    texts = texts_of(found)
    assert len(texts) == len(set(texts)) < 2 * len(found)
    assert {text for one in found for text in (one.present, one.absent)} == set(texts)


def test_chexzero_s_pair_is_among_them() -> None:
    pairs = {(one.finding, one.present, one.absent) for one in wordings_for(CLASSES)}
    assert ("Cardiomegaly", "cardiomegaly", "no cardiomegaly") in pairs
    assert ("Edema", "findings consistent with pulmonary edema", "no evidence of pulmonary edema") in pairs


def test_no_finding_denies_what_the_others_affirm() -> None:
    found = [one for one in wordings_for([NO_FINDING]) if one.style == "sentence"]
    assert (found[0].present, found[0].absent) == ("there is no abnormality", "there is abnormality")


def test_an_unknown_class_is_called_by_its_own_name() -> None:
    assert phrases_for("Dextrocardia") == ("dextrocardia",)
    assert len(wordings_for(["Dextrocardia"])) == len(STYLES)
    assert phrases_for("Effusion") == phrases_for("Pleural Effusion")
    assert phrases_for("Pleural_Thickening") == phrases_for("Pleural Thickening")


def test_every_table_row_is_whole_and_begins_as_zero_shot_s_own_phrase() -> None:
    for name, phrases in SYNONYMS.items():
        assert len(phrases) == len(set(phrases)) == 5, name
        assert all(phrase == phrase.lower().strip() for phrase in phrases)
    assert all(phrases_for(finding)[0] == phrase for finding, phrase in PHRASES.items())
    assert set(OTHER_NAMES.values()) <= set(SYNONYMS)


def test_styles_have_names_of_their_own_and_a_source() -> None:
    assert len({style.name for style in STYLES}) == len(STYLES) == 6
    assert all(style.source and "{}" in style.present for style in STYLES)
    assert style_named("photo") is STYLES[2]
    assert style_named("nothing") is None
