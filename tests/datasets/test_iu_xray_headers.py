"""Age and view of IU-Xray's films, from the table of their DICOM headers where it lies beside them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from core.datasets.iu_xray.headers import read_headers
from core.datasets.registry import load_dataset
from core.errors import DatasetError
from tests.datasets.iu_xray_files import film_names, write_kaggle

HEADER = "imageid,Patient ID,Patient's Birth Date,Study Date,View Position"


def _write(path: Path, *rows: str) -> Path:
    path.write_bytes(gzip.compress("\n".join([HEADER, *rows]).encode()))
    return path


def _row(uid: int, born: str, view: str, taken: str = "20110328") -> str:
    return f"CXR{uid}_IM-{uid:04d}-1001,{uid},{born},{taken},{view}"


def test_age_is_whole_years_and_the_view_pa_or_ap(tmp_path: Path) -> None:
    root = write_kaggle(tmp_path)
    rows = [_row(2, "19550820", "PA"), _row(3, "19550328", "AP"), _row(4, "", "LL"), _row(5, "20200101", "")]
    _write(root / "nlmcxr_dicom_metadata.csv.gz", *rows)
    dataset = load_dataset("iu-xray", root)
    images = dataset.images.set_index("image_id")
    names = {uid: film_names(uid)[0] for uid in (2, 3, 4, 5, 6)}
    assert images.loc[names[2], ["age", "view"]].tolist() == [55, "PA"]
    assert images.loc[names[3], ["age", "view"]].tolist() == [56, "AP"]
    for uid in (4, 5, 6):  # no date, a date after the film, no row
        assert pd.isna(images.loc[names[uid], "age"])
        assert images.loc[names[uid], "view"] == "Frontal"
    assert "From the table of DICOM headers: age of 2 and PA or AP of 2 of" in dataset.card.notice
    assert "1955" not in dataset.images.to_csv()


def test_without_the_table_nothing_is_made_up(tmp_path: Path) -> None:
    images = load_dataset("iu-xray", write_kaggle(tmp_path)).images
    assert "age" not in images
    assert set(images["view"]) == {"Frontal"}


def test_a_film_in_two_rows_and_a_table_that_breaks_off_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "headers.csv.gz", _row(2, "19550820", "PA"), _row(2, "19550820", "AP"))
    with pytest.raises(DatasetError, match="'2_IM-0002-1001' stands in more than one row"):
        read_headers(path)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DatasetError, match="is no table of DICOM headers"):
        read_headers(path)
