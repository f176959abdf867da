"""Names of classes are shown as they are: nothing in one is taken for Markdown, an icon, or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.findings import CLASSES
from pages.shared.notices import plain
from tests.pages.conftest import Open
from tests.pages.made_study import make_study

NAMES = ("<b>Mass</b>", ":material/home:", "`tick` `tock`", "*Edema*", "$x$ [2](http://a)")
VIEWS = (
    ("overview", {}),
    ("per_class", {}),
    ("embedding_space", {}),
    ("thresholds", {}),
    ("saliency", {}),
    ("saliency", {"view": "annotated"}),
)
_MARKS = re.compile(r"(?<!\\)(<b>|:material/home:|`tick|\*Edema|\$x|\[2\]\()")


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    classes = (*NAMES, *CLASSES[len(NAMES) :])
    return make_study(tmp_path_factory.mktemp("named") / "study", n_films=300, classes=classes)


def texts(page: AppTest) -> Iterator[tuple[str, str]]:
    """Everything on a page that Streamlit reads as Markdown: bodies, labels, the options of radios and buttons."""

    def of(block: Any) -> Iterator[tuple[str, str]]:
        proto = getattr(block, "proto", None)
        kind = str(getattr(block, "type", ""))
        for field in ("body", "label", "placeholder", "help") * (kind != "html"):
            if isinstance(text := getattr(proto, field, None), str):
                yield f"{kind} {field}", text
        if kind in ("radio", "button_group"):
            yield from ((f"{kind} option", str(getattr(one, "content", one))) for one in proto.options)
        for child in getattr(block, "children", {}).values():
            yield from of(child)

    for side in (page.main, page.sidebar):
        yield from of(side)


@pytest.mark.parametrize("finding", NAMES)
@pytest.mark.parametrize(("page", "query"), VIEWS, ids=lambda value: str(value))
def test_no_name_of_a_class_is_taken_for_markup(
    open_page: Open, named: Path, page: str, query: dict[str, str], finding: str
) -> None:
    opened = open_page(page, named, finding=finding, **query)
    assert not opened.exception
    found = list(texts(opened))
    assert len(found) > 5
    assert [(where, text) for where, text in found if _MARKS.search(text)] == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Run `python -m core build`.", "Run `python -m core build`."),
        ("`--settings x` of `<b>`", "`--settings x` of \\`\\<b>\\`"),
        ("`tick` and `CXR_CACHE`", "\\`tick\\` and `CXR_CACHE`"),
        (":material/home: ` `python -m core check A_B`", "\\:material/home\\: \\` `python -m core check A_B`"),
    ],
)
def test_only_commands_between_backticks_are_code(text: str, written: str) -> None:
    assert plain(text) == written
