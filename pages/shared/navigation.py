"""The one list of pages, and the header that each begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException

from core.errors import CoreError, ReplacedError
from core.figures.glossary import glossary
from core.study import Study
from pages.shared import notices, studies, take

APP_TITLE: Final = "CLIP on chest films"
_FILM_PARTS: Final = {"saliency": "film"}
"""Of pages with several parts, the one that shows one film."""
_AT: Final = "page-at"
_HAS_COME: Final = "page-has-come"
IN_MENU: Final = "in_menu"
_RUN_AGAIN: Final = "page_run_again"
_MOST_RUNS: Final = 3
_LEAD: Final[ContextVar[Callable[[str], None] | None]] = ContextVar("lead", default=None)
ICON: Final = Path(__file__).resolve().parent / "icon.svg"
"""A file of its own: an icon by name would be fetched from another host."""
_FOLDER: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class PageEntry:
    """One page; `stem` is its folder's name and its address. lead : one sentence, behind its title's mark."""

    stem: str
    title: str
    icon: str
    lead: str


PAGES: Final = (
    PageEntry(
        "overview",
        "Overview",
        ":material/dashboard:",
        "How well each setting labels the films, beside the published figures, and what this study holds.",
    ),
    PageEntry(
        "per_class",
        "Per class",
        ":material/table_rows:",
        "Every class on its own: how many films it has, how often it is predicted, and how good that is.",
    ),
    PageEntry(
        "embedding_space",
        "Embedding space",
        ":material/scatter_plot:",
        "Every film as a point, near to films that the image encoder finds alike. Click a point to see its film.",
    ),
    PageEntry(
        "thresholds",
        "Thresholds",
        ":material/tune:",
        "Where a score becomes a label: move a class's threshold and see what it costs.",
    ),
    PageEntry(
        "claims",
        "Claims",
        ":material/fact_check:",
        "Each sentence of the paper, and your own, under every defensible choice: does it hold, and what decides?",
    ),
    PageEntry(
        "saliency",
        "Saliency",
        ":material/visibility:",
        "Where a model looks on a film, measured against what readers drew; and films of your own.",
    ),
    PageEntry(
        "twins",
        "Twin films",
        ":material/content_copy:",
        "The same patient with and without a finding: press it, and see which scores and decisions follow.",
    ),
    PageEntry(
        "label_budget",
        "Label budget",
        ":material/sell:",
        "What one more labelled film buys: move the budget, and every class is adapted again at once.",
    ),
)
"""In the order of the menu; the first is where the app opens."""


def entry(stem: str) -> PageEntry:
    """The page of a file."""
    return next(page for page in PAGES if page.stem == stem)


def file_of(stem: str) -> Path:
    """Where a page's script is."""
    return _FOLDER / stem / "page.py"


def menu() -> list[st.Page]:
    """The pages as Streamlit wants them; the first answers to its own name too, not only to the bare address."""
    first, *others = PAGES
    return [
        st.Page(file_of(first.stem), title=first.title, icon=first.icon, url_path="start", default=True),
        *(st.Page(file_of(page.stem), title=page.title, icon=page.icon, url_path=page.stem) for page in others),
        st.Page(file_of(first.stem), title=first.title, url_path=first.stem, visibility="hidden"),
    ]


def run_menu(attend: Callable[[str], None], lead: Callable[[str], None]) -> None:
    """The app: shows the menu and the picker, and runs the page that is asked for.

    attend : draws what every page has, before anything reads the address.
    lead : draws what a presenter has, in the header. Both are told the page's name.
    """
    # before the menu: until the browser has an icon, it would fetch the menu entry's from another host
    st.set_page_config(page_title=APP_TITLE, page_icon=str(ICON), layout="wide")
    chosen = st.navigation(menu(), position="sidebar")
    st.session_state[IN_MENU] = True
    stem = chosen.url_path if chosen.url_path in [page.stem for page in PAGES] else PAGES[0].stem
    attend(stem)
    studies.show_picker()
    studies.remember()
    try:
        with _leading(lead):
            chosen.run()
    except ReplacedError as error:
        _run_again(error)
    except CoreError as error:
        notices.show_error(error, title="This page cannot be shown to its end")
    else:
        st.session_state.pop(_RUN_AGAIN, None)


@contextmanager
def _leading(lead: Callable[[str], None]) -> Iterator[None]:
    """While a page runs, its header has what a presenter has."""
    before = _LEAD.set(lead)
    try:
        yield
    finally:
        _LEAD.reset(before)


def _run_again(error: ReplacedError) -> None:
    """Run the page again with the study that is there now; after a few times say what happens."""
    times = int(st.session_state.get(_RUN_AGAIN, 0))
    st.session_state[_RUN_AGAIN] = times + 1
    if times < _MOST_RUNS:
        st.rerun()
    notices.show_error(error, title="This study is being replaced")


def begin(stem: str) -> Study:
    """The first call of every page, which may also run without the app: the header; gives the study, open.

    What is wrong with the study, or must be known of its figures, stands below the header. Stops a page that has none.
    """
    page = entry(stem)
    st.session_state[_HAS_COME] = st.session_state.get(_AT) != stem
    st.session_state[_AT] = stem
    st.set_page_config(page_title=f"{page.title} · {APP_TITLE}", page_icon=str(ICON), layout="wide")
    with st.container(key="header", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(key="header-product", width="content"):
            st.markdown(f"**{APP_TITLE}**")
        of_study = st.container(
            key="header-study", horizontal=True, width="content", vertical_alignment="center", gap="xsmall"
        )
        st.title(page.title, help=page.lead, anchor=False, width="content")
        with header_actions():
            if (lead := _LEAD.get()) is not None:
                lead(stem)
            if st.button("Words", key="words", icon=":material/dictionary:", type="tertiary", help="What words mean"):
                _words()
            take.mount()
    study = studies.chosen_study()
    with of_study:
        studies.nature_of(study)
    notices.untrained(study)
    return study


def has_just_come() -> bool:
    """Whether this is a page's first run after another page, or of all; after `begin`."""
    return bool(st.session_state.get(_HAS_COME))


def header_actions() -> DeltaGenerator:
    """The place at the right of the header, for buttons that act on the view as a whole: Share, Present, the words.

    Draw in it with `with`; each button has a key, an icon and a short label, of which a phone shows the icon alone.
    """
    return st.container(
        key="header-actions", horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="xsmall"
    )


@st.dialog("What words mean", position="right", icon=":material/dictionary:")
def _words() -> None:
    """Every word of the pages, at the side."""
    take.table(glossary(), take.Of("glossary", "What words mean"), is_text=True)


def is_in_app() -> bool:
    """Whether the whole app runs, and not one page alone: only then does its server answer for small pictures."""
    return bool(st.session_state.get(IN_MENU))


def link_to(stem: str, label: str, *, film: str | None = None) -> None:
    """A link to another page, there on a film; nothing where this page runs without the app.

    It names the study too: in a window of its own it finds no session.
    """
    try:
        st.page_link(file_of(stem), label=label, icon=entry(stem).icon, query_params=_asked(stem, film) or None)
    except (StreamlitAPIException, KeyError):
        return


def go_to(stem: str, *, film: str | None) -> None:
    """Open another page, there on a film; nothing where this page runs without the app."""
    with suppress(StreamlitAPIException, KeyError):
        st.switch_page(file_of(stem), query_params=_asked(stem, film) or None)


def _asked(stem: str, film: str | None) -> dict[str, str]:
    """What an address asks a page for: the study, the part of the page where one film is looked at, and a film."""
    named = {"study": st.session_state.get(studies.PICKED), "view": _FILM_PARTS.get(stem), "film": film}
    return {name: value for name, value in named.items() if value}
