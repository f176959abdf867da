"""The study that ships, without the tables of maps that ship with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from core.paths import STUDIES
from core.saliency.localization import shipped
from core.study.manifest import MANIFEST
from core.twins import causes


def copied_without_tables(root: Path) -> Path:
    """A copy in a folder that is not there yet."""
    shutil.copytree(STUDIES / "phantom", root)
    manifest = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    for name in (shipped.PART, causes.PART):
        (root / name).unlink()
        del manifest["files"][name]
    (root / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return root
