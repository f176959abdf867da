"""A component's script from its modules: Streamlit takes one text, and modules name what they import."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_IMPORT: Final = re.compile(r'^import \{[\w\s,]*\} from "([^"]+)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async function|function|class|const)\b)", re.MULTILINE)
_COMMENT: Final = re.compile(r"^ *(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_DECLARED: Final = re.compile(r"^(?:async function|function|class|const|let) (\w+)", re.MULTILINE)


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
