"""IU-Xray in small, in every form that it is published in, with films of noise."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from core.findings import CLASSES

CODINGS = (
    "normal",
    "Cardiomegaly/borderline;Pulmonary Atelectasis/base/left",
    "Opacity/lung/base/right/streaky",
    "Nodule/lung/upper lobe/left",
    "No Indexing",
    "Catheters, Indwelling/right;Pleural Effusion/bilateral/small",
    "Fractures, Bone/ribs/left/healed",
    "Calcified Granuloma/lung/upper lobe/right",
)
UIDS = tuple(range(1, 25))


def coding(uid: int) -> str:
    """The MeSH cell of a study."""
    return CODINGS[(uid - 1) % len(CODINGS)]


def film_names(uid: int) -> tuple[str, str]:
    """Frontal and lateral film, without prefix and ending."""
    return f"{uid}_IM-{uid:04d}-1001", f"{uid}_IM-{uid:04d}-2001"


def write_tables(root: Path, uids: Sequence[int] = UIDS) -> Path:
    """indiana_reports.csv and indiana_projections.csv."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "indiana_reports.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["uid", "MeSH", "Problems", "image", "indication", "comparison", "findings", "impression"])
        for uid in uids:
            heads = ";".join(term.split("/")[0] for term in coding(uid).split(";"))
            table.writerow([uid, coding(uid), heads, "PA and lateral", "Cough", "", f"Findings {uid}, > 2", "None."])
    with (root / "indiana_projections.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["uid", "filename", "projection"])
        for uid in uids:
            for name, view in zip(film_names(uid), ("Frontal", "Lateral"), strict=True):
                table.writerow([uid, f"{name}.dcm.png", view])
    return root


def report_xml(uid: int) -> bytes:
    """A report as OpenI writes it; its names of films begin with CXR, and those of uid 1 with the uid twice."""
    prefix = "CXR1_" if uid == 1 else "CXR"
    images = "".join(
        f'<parentImage id="{prefix}{name}"><figureId>F1</figureId><caption>PA and lateral</caption></parentImage>'
        for name in sorted(film_names(uid), reverse=True)
    )
    majors = "".join(f"<major>{term}</major>" for term in coding(uid).split(";"))
    texts = {"COMPARISON": "", "INDICATION": "Cough", "FINDINGS": f"Findings {uid}, &gt; 2", "IMPRESSION": "None."}
    sections = "".join(f'<AbstractText Label="{label}">{text}</AbstractText>' for label, text in texts.items())
    return (
        f'<?xml version="1.0" encoding="utf-8"?><eCitation><uId id="CXR{uid}"/><Abstract>{sections}</Abstract>'
        f"<MeSH>{majors}</MeSH>{images}</eCitation>"
    ).encode()


def write_archive(path: Path, files: dict[str, bytes]) -> Path:
    """A .tgz of files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def write_reports(root: Path, uids: Sequence[int] = UIDS) -> Path:
    """NLMCXR_reports.tgz."""
    write_archive(root / "NLMCXR_reports.tgz", {f"ecgen-radiology/{uid}.xml": report_xml(uid) for uid in uids})
    return root


def write_annotation(root: Path, uids: Sequence[int] = UIDS) -> Path:
    """R2Gen's annotation.json: the first half train, then val, then test."""
    root.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[dict[str, object]]] = {"train": [], "val": [], "test": []}
    for position, uid in enumerate(uids):
        split = "train" if position < len(uids) // 2 else ("val", "test")[position % 2]
        study = f"CXR{uid}_IM-{uid:04d}"
        paths = [f"{study}/0.png", f"{study}/1.png"]
        parts[split].append({"id": study, "report": f"Findings {uid}.", "image_path": paths, "split": split})
    (root / "annotation.json").write_text(json.dumps(parts))
    return root


def write_films(folder: Path, names: Sequence[str]) -> Path:
    """Films of noise, RGB as OpenI's are, none square."""
    rng = np.random.default_rng(0)
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        grey = rng.integers(0, 256, (40 + number % 3, 50), dtype=np.uint8)
        Image.fromarray(np.repeat(grey[:, :, None], 3, axis=2)).save(path)
    return folder


def write_kaggle(root: Path, uids: Sequence[int] = UIDS, *, films: Sequence[int] | None = None) -> Path:
    """The tables, and frontal and lateral films of some uids (all where none are named) in images/."""
    names = [f"{name}.dcm.png" for uid in (uids if films is None else films) for name in film_names(uid)]
    write_films(write_tables(root, uids) / "images" / "images_normalized", names)
    return root


def write_labels(path: Path, keys: dict[str, Sequence[object]], rows: Sequence[Sequence[object]]) -> Path:
    """A label table: key columns, then the 14 classes."""
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow([*keys, *CLASSES])
        table.writerows([*key, *row] for key, row in zip(zip(*keys.values(), strict=True), rows, strict=True))
    return path
