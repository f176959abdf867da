"""Where OpenI's XML and the tables made from it do not say the same, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from core.datasets.iu_xray.reports import REPORT_COLUMNS


@dataclass(frozen=True)
class Difference:
    """One place.

    what : "report", "film" or a text column.
    xml, table : what each says; None where it has none.
    """

    uid: str
    what: str
    xml: str | None
    table: str | None
    reason: str


def compare_forms(
    xml_reports: pd.DataFrame, xml_films: pd.DataFrame, reports: pd.DataFrame, films: pd.DataFrame
) -> list[Difference]:
    """List all differences between the two forms, by uid; [] where they agree.

    Reports without a film are not compared: the tables leave them out, and the XML has 104 of them.
    """
    with_film = xml_reports[xml_reports["uid"].isin(xml_films["uid"])].set_index("uid")
    table = reports.set_index("uid")
    found = [
        *_missing("report", list(with_film.index), list(table.index), {uid: str(uid) for uid in with_film.index}),
        *_texts(with_film, table),
        *_missing("film", list(xml_films["film_id"]), list(films["film_id"]), _owners(xml_films, films)),
    ]
    return sorted(found, key=lambda difference: (int(difference.uid), difference.what))


def _texts(xml: pd.DataFrame, table: pd.DataFrame) -> Iterator[Difference]:
    shared = xml.index.intersection(table.index)
    for column in REPORT_COLUMNS[1:]:
        one, other = xml.loc[shared, column], table.loc[shared, column]
        for uid in shared[one.ne(other)]:
            yield Difference(str(uid), column, one[uid], other[uid], _reason(one[uid], other[uid]))


def _reason(xml: str, table: str) -> str:
    if table == "#NAME?":
        return "A spreadsheet took the text for a formula."
    if not xml and table == "Not Available.":
        return "The table fills in an empty caption."
    return "The texts differ."


def _missing(what: str, xml: list[str], table: list[str], owners: dict[str, str]) -> Iterator[Difference]:
    for name in sorted(set(xml) - set(table)):
        yield Difference(owners[name], what, name, None, f"The tables leave this {what} out.")
    for name in sorted(set(table) - set(xml)):
        yield Difference(owners.get(name, name), what, None, name, f"The XML has no such {what}.")


def _owners(*films: pd.DataFrame) -> dict[str, str]:
    return {film: uid for frame in films for film, uid in zip(frame["film_id"], frame["uid"], strict=True)}
