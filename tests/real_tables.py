"""Label tables as published, from a wheel that carries them: fetched once, kept outside the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

WHEEL = "torchxrayvision==1.5.7"
_INSIDE = "torchxrayvision/data/"
_WAIT_S = 120

NIH = "Data_Entry_2017_v2020.csv.gz"
NIH_BOXES = "BBox_List_2017.csv.gz"
NIH_GOOGLE = "google2019_nih-chest-xray-labels.csv.gz"
CHEXPERT = "chexpert_train.csv.gz"
PADCHEST = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv.gz"
VINBIG = "vinbigdata-train.csv.gz"
RSNA = "kaggle_stage_2_train_labels.csv.zip"
SIIM = "siim-pneumothorax-train-rle.csv.gz"
OPENI_HEADERS = "nlmcxr_dicom_metadata.csv.gz"
TABLES = (NIH, NIH_BOXES, NIH_GOOGLE, CHEXPERT, PADCHEST, VINBIG, RSNA, SIIM, OPENI_HEADERS)


def cached_tables() -> Path:
    """The folder of `TABLES`. OSError, with what pip said, where they are not there and cannot be fetched."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "chest-film-study-tests" / WHEEL
    if all((folder / name).is_file() for name in TABLES):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        with zipfile.ZipFile(_downloaded(Path(scratch))) as wheel:
            new = Path(scratch) / "tables"
            new.mkdir()
            for name in TABLES:
                with wheel.open(str(PurePosixPath(_INSIDE) / name)) as source, (new / name).open("wb") as target:
                    shutil.copyfileobj(source, target)
        _placed(new, folder)
    return folder


def _downloaded(scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(scratch), WHEEL]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_WAIT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{WHEEL} did not come within {_WAIT_S} seconds") from error
    wheels = list(scratch.glob("*.whl"))
    if done.returncode or not wheels:
        raise OSError(f"{WHEEL} cannot be fetched: {done.stderr.strip()[-300:]}")
    return wheels[0]


def _placed(new: Path, folder: Path) -> None:
    """Rename into place; tests that run side by side may have done so first."""
    try:
        new.rename(folder)
    except OSError:
        if not all((folder / name).is_file() for name in TABLES):
            raise
