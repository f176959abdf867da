"""One way to make a component from the files of its folder, and what is sent apart from it: its parcels.

Streamlit sends a component's data and its script anew whenever any byte of either differs. What is large, what changes
often and the script therefore go apart. What is the same as before travels as a reference of about 100 bytes where it
is larger than Streamlit's limit for that (10 kB), and not at all where the fragment that it is called in does not run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st

_PARCEL: Final = Path(__file__).resolve().parent / "parcel.js"
_IMPORT: Final = re.compile(r'^import \{[\w\s,]*\} from "([^"]+)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async function|function|class|const)\b)", re.MULTILINE)
_COMMENT: Final = re.compile(r"^ *(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_DECLARED: Final = re.compile(r"^(?:async function|function|class|const|let) (\w+)", re.MULTILINE)


def register(name: str, script: Path, *, html: str, css: Sequence[Path] = (), is_apart: bool = True) -> Any:
    """Register a component, and return what mounts it.

    script : the module whose default export draws it.  html : what it begins with.  css : its styles, in this order.
    is_apart : whether its styles are for itself alone, and not for the page too.
    """
    styles = "\n".join(path.read_text(encoding="utf-8") for path in css)
    return st.components.v2.component(
        name, html=f"{html}\n", css=styles or None, js=joined(script), isolate_styles=is_apart
    )


def parcel(name: str) -> Callable[..., Any]:
    """Register a parcel, and return what sends it: called like any component, with `data`, `key` and callbacks.

    name : by which `Parcels` of parcels.js finds it; one of a name is on a page. It takes no room there. What comes
    back from it stands in the session under `parcel_key` of its key.
    """
    mount = register(name, _PARCEL, html="<i></i>")

    def send(*, key: str, **told: Any) -> Any:
        return mount(key=parcel_key(key), height=1, **told)

    return send


def parcel_key(key: str) -> str:
    """The key of a parcel's element, by whose beginning head.css gives it no room."""
    return f"parcel-{key}"


def joined(entry: Path) -> str:
    """Join a module and what it imports into one module: each once, what is imported before what imports it.

    Modules import by `import { name } from "./file.js";` with names as they are, since all of them end up in one
    scope; of their exports only the entry's default one stays. Comments that stand on lines of their own are left out:
    the script travels with the component.
    Raises ValueError for an import that is written otherwise, and for a name that two modules declare.
    """
    parts: dict[Path, str] = {}
    _collect(entry.resolve(), parts)
    owners: dict[str, Path] = {}
    for path, text in parts.items():
        for name in _DECLARED.findall(text):
            if name in owners:
                raise ValueError(f"{path.name} and {owners[name].name} both declare {name}: rename one of them.")
            owners[name] = path
    return "\n".join(parts.values())


def _collect(path: Path, parts: dict[Path, str]) -> None:
    """Adds a module behind those that it imports; a module that is under way is not begun again."""
    text = path.read_text(encoding="utf-8")
    for place in _IMPORT.findall(text):
        other = (path.parent / place).resolve()
        if other not in parts:
            _collect(other, parts)
    text = _EXPORT.sub("", _COMMENT.sub("", _IMPORT.sub("", text))).lstrip("\n")
    if re.search(r"^import\b", text, re.MULTILINE):
        raise ValueError(f'{path}: an import is not of the form `import {{ name }} from "./file.js";`.')
    parts[path] = text
