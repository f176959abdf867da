"""Where studies are, and the one that is picked."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from core.errors import CoreError
from core.files import PARTIAL, put_aside, write_whole
from core.metrics.arrays import IntArray
from core.paths import PROJECT, STUDIES, cache_folder
from core.report.parts import model_names, parts_of
from core.settings.titles import setting_title
from core.study import Study
from pages.shared import cache, notices, operating, selection, take
from pages.shared.components import parcel_key, register

PICKED: Final = "study"
_ABSENT: Final = "study_absent"
_LAST: Final = "last-study"
_MANIFEST: Final = "manifest.json"
_WATCH: Final = register("study_list", Path(__file__).with_name("study_list.js"), html="<i></i>")


def find_studies(folders: Iterable[Path]) -> dict[str, Path]:
    """Studies by the name to pick them by: each folder that is one, or those right below it.

    A name that occurs twice is told apart by the folder above it. A folder that is neither is offered too: opening it
    says what is wrong with it.
    """
    paths: list[Path] = []
    for folder in folders:
        within = _studies_in(folder)
        paths += [folder] if (folder / _MANIFEST).is_file() or not within else within
    named: dict[str, Path] = {}
    for path in dict.fromkeys(path.resolve() for path in paths):
        name = path.name if path.name not in named else f"{path.parent.name}/{path.name}"
        named[name if name not in named else str(path)] = path
    return named


def _studies_in(folder: Path) -> list[Path]:
    """The studies right below a folder; those still being written are none, one that is being replaced is one."""
    found = [path.parent for path in folder.glob(f"*/{_MANIFEST}")] if folder.is_dir() else []
    return sorted({put_aside(path) or path for path in found if path.suffix != PARTIAL or put_aside(path)})


def named_folders(argv: Sequence[str], environment: Mapping[str, str]) -> list[Path]:
    """The folders to look for studies in: the project's own, CXR_STUDIES, and what follows `--`.

    argv : as the script sees it; its arguments count only where the script is this app.
    """
    own = [STUDIES] if _studies_in(STUDIES) else []
    added = [Path(text) for text in environment.get("CXR_STUDIES", "").split(os.pathsep) if text]
    return own + added + given_folders(argv)


def given_folders(argv: Sequence[str]) -> list[Path]:
    """The folders that follow `--`; argv as in `named_folders`."""
    script = Path(argv[0]).resolve()
    is_app = script.parent == PROJECT or script.parent.parent == PROJECT / "pages"
    return [Path(text) for text in argv[1:] if not text.startswith("--")] if is_app else []


def found_here() -> dict[str, Path]:
    """The studies of this app, by the name to pick them by."""
    return find_studies(named_folders(sys.argv, os.environ))


def show_picker() -> None:
    """The picker in the sidebar, which the app draws outside its pages. The address always names the study.

    Which study is the first may change: an address that left it out would then be of another one.
    """
    found = found_here()
    names = list(found)
    if not names:
        return
    if st.session_state.get(PICKED) not in names:
        asked = st.query_params.get(PICKED) or usual(found, sys.argv)
        st.session_state[_ABSENT] = None if asked in names else asked
        st.session_state[PICKED] = asked if asked in names else usual(found, sys.argv)
    st.sidebar.selectbox(
        "Study", names, key=PICKED, persist_state="session", help=_where_from(), on_change=_forget_absent
    )
    _watch(found)
    selection.write(PICKED, st.session_state[PICKED])
    if absent := st.session_state.get(_ABSENT):
        st.sidebar.warning(f"The link asks for the study {notices.plain(absent)}, which is not here.")


def stamp_of(found: Mapping[str, Path]) -> str:
    """What stands for these studies, and tells nothing of them."""
    lines = "\n".join(f"{name}\t{path}" for name, path in found.items())
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def _watch(found: Mapping[str, Path]) -> None:
    """Run the page again where somebody comes to the picker and it lacks a study that was made meanwhile."""
    with st.sidebar:
        data = {"asks": "studies", "stamp": stamp_of(found)}
        _WATCH(data=data, key=parcel_key("study-list"), height=1, on_changed_change=lambda: None)


def usual(found: Mapping[str, Path], argv: Sequence[str]) -> str:
    """The study of an address that names none: the one that was opened last on this computer, else the first; where
    folders follow `--`, one of theirs.

    found : of `find_studies`, not empty. A study that is imported changes nothing before it is opened.
    argv : as in `named_folders`.
    """
    given = set(find_studies(given_folders(argv)).values())
    found = {name: path for name, path in found.items() if path in given} or found
    last = ""
    with suppress(OSError):
        last = (cache_folder() / _LAST).read_text(encoding="utf-8")
    return next((name for name, path in found.items() if str(path) == last), next(iter(found)))


def remember() -> None:
    """Keeps which study was opened last; nothing where the cache folder may not be written."""
    path = found_here().get(st.session_state.get(PICKED, ""))
    kept = cache_folder() / _LAST
    with suppress(OSError):
        if path is not None and not (kept.is_file() and kept.read_text(encoding="utf-8") == str(path)):
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_whole(kept, str(path), durable=False)


def _forget_absent() -> None:
    """A study was picked, so nothing is missed."""
    st.session_state[_ABSENT] = None


def chosen_study() -> Study:
    """The study that is picked, open; says what is wrong and stops the page where it cannot be opened."""
    found = found_here()
    if not found:
        notices.no_studies()
        st.stop()
    if PICKED not in st.session_state:
        show_picker()
    try:
        study = cache.opened(found[st.session_state[PICKED]])
    except CoreError as error:
        notices.show_error(error, title="This study cannot be opened")
        st.caption("Other studies can still be picked in the sidebar.")
        st.stop()
    st.sidebar.caption(f"{len(study.image_ids):,} films{_sound_words(study)}")
    if study.sound.problem is not None:
        notices.show_error(study.sound.problem, title="A part of this study is damaged")
    operating.carry(study)
    take.begin(st.session_state[PICKED], study)
    return study


def nature_of(study: Study) -> None:
    """The study's name and one badge: what the films are and what nobody may do with them; more in its tooltip."""
    is_synthetic = study.manifest.synthetic
    st.markdown(f"**{notices.plain(study.name)}**", width="content")
    more = [
        "Synthetic films, no patients." if is_synthetic else "",
        "Research only, not for clinical use.",
        notices.plain(study.manifest.notice or ""),
        notices.plain(study.labels_read),
    ]
    st.badge(
        f"{'Synthetic films' if is_synthetic else 'Research only'}, not for clinical use",
        icon=":material/science:" if is_synthetic else ":material/gpp_maybe:",
        color="violet" if is_synthetic else "orange",
        help="\n\n".join(filter(None, more)),
    )


def looked_at() -> Study | None:
    """The study that is picked, or will be, for what stands beside a page; None where it cannot be opened, which the
    page says."""
    found = found_here()
    path = found.get(st.session_state.get(PICKED) or st.query_params.get(PICKED, ""))
    try:
        return None if path is None else cache.opened(path)
    except CoreError:
        return None


def _sound_words(study: Study) -> str:
    """How far the large parts have been compared with the hashes of the manifest; nothing where there are none."""
    words = {
        "checking": "large files are being checked",
        "sound": "large files checked",
        "damaged": "a file is damaged",
    }
    return f"  \n{words[study.sound.state]}" if study.sound.large and study.sound.state in words else ""


def _where_from() -> str:
    own = STUDIES.relative_to(PROJECT).as_posix()
    return f"Folders below {own}, folders named in CXR_STUDIES, and folders given after `--`."


def one_line(study: Study) -> str:
    """What the study is, in one line."""
    manifest = study.manifest
    kind = "synthetic films" if manifest.synthetic else "films"
    models = " and by ".join(model_names(study))
    of_settings = f"with the scores of {_listed(study.settings)}" if study.settings else "without scores"
    scored = f"scored by {notices.plain(models)}" if models else of_settings
    dataset = notices.plain(str(manifest.dataset.get("name", "an unnamed dataset")))
    words = f"{len(study.images):,} {kind} from {dataset}, {scored}."
    licence = f" Licence: {notices.plain(manifest.licence.rstrip('.'))}." if manifest.licence else ""
    return f"{words}{licence}"


def parts_table(study: Study) -> pd.DataFrame:
    """What the study holds and lacks, and the command that adds what it lacks, as Markdown text."""
    icons = {True: ":material/check_circle:", False: ":material/cancel:"}
    parts = parts_of(study)
    table = pd.DataFrame(
        {
            "In this study": [
                f"{'' if part.is_there else '**Missing.** '}{notices.plain(part.detail)}" for part in parts
            ],
            "Added by": [f"`{part.command}`" if part.command else "" for part in parts],
        },
        index=pd.Index([f"{icons[part.is_there]} {part.title}" for part in parts], name="Part"),
    )
    return table if table["Added by"].any() else table[["In this study"]]


def _listed(settings: Sequence[str]) -> str:
    return ", ".join(notices.plain(setting_title(setting)) for setting in settings)


def imbalance_words(classes: Sequence[str], totals: IntArray) -> str:
    """How uneven the classes are, in one sentence."""
    held = [(int(number), name) for number, name in zip(totals, classes, strict=True) if number]
    if len(held) < 2:
        return "Too few classes have a positive film to compare."
    (fewest, rare), (most, common) = min(held), max(held)
    absent = len(classes) - len(held)
    more = f" {absent} of {len(classes)} classes have no positive film." if absent else ""
    ends = f"{notices.plain(common)} ({most:,}) to {notices.plain(rare)} ({fewest:,})"
    return f"**{most / fewest:.0f} : 1** from {ends}.{more}"
