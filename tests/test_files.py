"""Files: whole or not at all, hashed, and read with one guard."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import DatasetError, StudyError
from core.files import (
    aside_of,
    digest,
    forget_scratch,
    json_in,
    move_into_place,
    reading,
    require_file,
    restore_aside,
    scratch_beside,
    sha256_of,
    write_out,
    write_whole,
    written,
    written_folder,
)
from core.paths import STUDIES, cache_folder, opening_words
from tests.conftest import PROJECT


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.txt", "ä")
    assert (tmp_path / "a.txt").read_bytes() == "ä".encode()
    write_whole(tmp_path / "a.txt", b"new", durable=False)
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    assert names(tmp_path) == ["a.txt"]


def test_a_write_that_fails_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(FileNotFoundError), written(tmp_path / "a.txt") as scratch:
        scratch.with_name("absent").read_text()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_what_a_killed_process_left_is_forgotten_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    code = f"""
import os, pathlib
from core.files import written
with written(pathlib.Path({str(tmp_path / "a.txt")!r})) as scratch:
    scratch.write_text("half")
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 9
    assert (tmp_path / "a.txt").read_text() == "old"
    living = scratch_beside(tmp_path / "a.txt")
    living.mkdir()
    assert len(names(tmp_path)) == 3
    forget_scratch(tmp_path, "b.txt")
    assert len(names(tmp_path)) == 3
    forget_scratch(tmp_path, "a.txt")
    assert names(tmp_path) == sorted(["a.txt", living.name])
    forget_scratch(tmp_path, process=os.getpid())
    assert names(tmp_path) == ["a.txt"]


def test_what_another_computer_left_is_forgotten_after_a_day(tmp_path: Path) -> None:
    left = tmp_path / "a.txt.00000000-1-00000000.partial"
    left.write_text("half")
    forget_scratch(tmp_path)
    assert left.exists()
    os.utime(left, (time.time() - 90_000,) * 2)
    forget_scratch(tmp_path)
    assert not left.exists()


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    for text in ("one", "two"):
        with written_folder(tmp_path / "map") as scratch:
            (scratch / "a.txt").write_text(text)
        assert (tmp_path / "map/a.txt").read_text() == text
    with pytest.raises(FileNotFoundError), written_folder(tmp_path / "map") as scratch:
        (scratch / "absent").read_text()
    assert (tmp_path / "map/a.txt").read_text() == "two"
    assert names(tmp_path) == ["map"]


def test_a_folder_that_does_not_stand_gives_way_to_the_old_one(tmp_path: Path) -> None:
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    for folder in (out, scratch):
        folder.mkdir()
        (folder / "a.txt").write_text(folder.name)

    def fall() -> None:
        assert (out / "a.txt").read_text() == "scratch"
        raise StudyError("It fell.", remedy="Again.")

    with pytest.raises(StudyError, match="It fell"):
        move_into_place(scratch, out, stands=fall)
    assert (out / "a.txt").read_text() == "out"
    assert names(tmp_path) == ["out", "scratch"]


def test_a_folder_left_aside_comes_back(tmp_path: Path) -> None:
    out = tmp_path / "out"
    aside_of(out).mkdir()
    restore_aside(out)
    assert names(tmp_path) == ["out"]
    aside_of(out).mkdir()
    restore_aside(out)  # one is there, so nothing is lost by leaving both
    assert len(names(tmp_path)) == 2


def test_hashes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a") == hashlib.sha256(b"abc").hexdigest()
    spaced = hashlib.sha256(b'{"a": 1, "b": "\\u00e4"}').hexdigest()
    assert digest({"b": "ä", "a": 1}) == spaced == digest({"a": 1, "b": "ä"})
    assert digest({"a": 1, "b": "ä"}, 16) == spaced[:16]
    assert (
        digest({"b": "ä", "a": 1}, compact=True, ascii=False) == hashlib.sha256('{"a":1,"b":"ä"}'.encode()).hexdigest()
    )
    assert digest("abc") == hashlib.sha256(b"abc").hexdigest()
    assert digest([Path("x")], default=str) == digest(["x"])
    assert len(digest("\ud800", 16)) == 16


def test_what_an_error_quotes_can_be_printed() -> None:
    error = StudyError(f"a\nb \ud800 \x1b[31m {'x' * 5000}.", remedy="Do\r\nit.")
    assert error.message.startswith("a b \\ud800 \\x1b[31m xxx")
    assert error.message.endswith("xxx.")
    assert len(error.message) < 1600
    assert error.remedy == "Do it."
    assert str(error) == f"{error.message} {error.remedy}"
    assert StudyError("Ödem ‑ “x” 胸.", remedy="").message == "Ödem ‑ “x” 胸."


def test_only_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, words in (
        (tmp_path / "pipe", "it is a named pipe"),
        (tmp_path, "it is a folder"),
        (Path("/dev/zero"), "it is a device"),
        (tmp_path / "absent", "there is no such file"),
        (tmp_path / ("x" * 5000), "name too long"),
        (tmp_path / "a\0b", "null"),
    ):
        with pytest.raises(StudyError, match=f"(?i){words}"):
            require_file(path)
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    with pytest.raises(DatasetError, match="named pipe"):
        require_file(tmp_path / "link", error=DatasetError)


@pytest.mark.parametrize(
    "raised", [ValueError("no\nwell"), MemoryError(), RecursionError("deep"), KeyError("x"), OSError(5, "gone")]
)
def test_whatever_a_reader_raises_becomes_a_sentence(tmp_path: Path, raised: Exception) -> None:
    (tmp_path / "a").write_text("")
    with (
        pytest.raises(DatasetError) as error,
        reading(tmp_path / "a", "is no table", remedy="Again.", error=DatasetError),
    ):
        raise raised
    assert error.value.message.startswith(f"{tmp_path / 'a'}: is no table (")
    assert "\n" not in error.value.message
    assert error.value.remedy == "Again."
    with pytest.raises(StudyError, match="Own words"), reading(tmp_path / "a", "is no table", remedy=""):
        raise StudyError("Own words.", remedy="")
    with pytest.raises(KeyboardInterrupt), reading(tmp_path / "a", "is no table", remedy=""):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "nested"),
        ('{"a": NaN}', "NaN is not allowed"),
        ("1" * 400, "Out of range"),
        ("1e999", "Out of range"),
        ('"\\ud800"', "half a sign"),
        ('{"\\ud800": 1}', "half a sign"),
        (b'"\xff"', "utf-8"),
        (b"\xff\xfe\x31\x00", "utf-8"),
        ("", "Expecting value"),
    ],
)
def test_json_that_could_not_be_handed_on(text: str | bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        json_in(text)


def test_json_that_can_be_handed_on() -> None:
    assert json_in(b"\xef\xbb\xbf[1, 2.5]") == [1, 2.5]
    assert json_in(str(2**200)) == 2**200
    assert json_in('"\\ud83d\\ude00"') == "\U0001f600"
    assert json_in(json.dumps({"a": [None, True]})) == {"a": [None, True]}
    assert json_in("[-" + "1" * 400 + ", 1e999]", bounded=False) == [-float("inf"), float("inf")]


def test_a_study_is_opened_by_its_address_or_by_its_folder(tmp_path: Path) -> None:
    assert "http://localhost:8501/overview?study=a%20b" in opening_words(STUDIES / "a b")
    assert opening_words(tmp_path / "a b").endswith(f"-- '{tmp_path}/a b'")


def test_one_cache_folder_and_what_lay_in_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Maps made before come along once, with what is newer left as it is."""
    from core.projection.cache import cache_root

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("CXR_CACHE", raising=False)
    for map_name, old, new in (("one", "old", None), ("two", "old", "new")):
        for folder, text in (("chest-film-study", old), ("chest-film-studies", new)):
            if text:
                place = tmp_path / folder / "maps/fingerprint" / map_name
                place.mkdir(parents=True)
                (place / "record.json").write_text(text)
    assert cache_folder() == tmp_path / "chest-film-studies"
    assert cache_root() == tmp_path / "chest-film-studies/maps"
    assert names(tmp_path) == ["chest-film-studies"]
    found = {path.parent.name: path.read_text() for path in cache_root().glob("*/*/record.json")}
    assert found == {"one": "old", "two": "new"}
    monkeypatch.setenv("CXR_CACHE", str(tmp_path / "chosen"))
    assert cache_root() == tmp_path / "chosen/maps"


def test_what_a_user_asked_for_is_there_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full half-way keeps the file of before; a link leads on, and what a killed run began goes."""
    target, link = tmp_path / "set.json", tmp_path / "link.json"
    write_out(target, "ä")
    link.symlink_to(target)
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    begun = tmp_path / scratch_beside(target).name.replace(f"-{os.getpid()}-", f"-{int(ended.stdout)}-")
    begun.write_text("half")
    write_out(link, "b")
    assert link.is_symlink()
    assert target.read_bytes() == b"b"
    assert names(tmp_path) == ["link.json", "set.json"]

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(content[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StudyError, match=r"set\.json: cannot be written \(No space left on device\)"):
        write_out(target, "another")
    assert target.read_bytes() == b"b"
    assert names(tmp_path) == ["link.json", "set.json"]


def test_a_stream_that_a_user_asked_for_is_written_to(tmp_path: Path) -> None:
    """/dev/stdout leads to a file here, which the shell has open; a folder is said to be none."""
    code = "from pathlib import Path; from core.files import write_out; write_out(Path('/dev/stdout'), 'out')"
    with (tmp_path / "out.txt").open("wb") as out:
        subprocess.run([sys.executable, "-c", code], cwd=PROJECT, stdout=out, check=True)
    assert (tmp_path / "out.txt").read_text() == "out"
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cat", str(tmp_path / "pipe")], stdout=subprocess.PIPE) as reader:
        write_out(tmp_path / "pipe", "through")
        assert reader.communicate()[0] == b"through"
    with pytest.raises(StudyError, match="Is a directory"):
        write_out(tmp_path, "text")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(StudyError, match="cannot be written"):
        write_out(tmp_path / "loop", "text")
