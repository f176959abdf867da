"""Ordinary trouble while fetching: full disks, broken streams, odd folders and addresses, and what was there before."""

from __future__ import annotations

import errno
import io
import json
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from core.__main__ import main
from core.errors import CoreError, FetchError
from core.fetching import download as downloading
from core.fetching import needed, sources
from core.fetching.fetch import RECORD, fetch
from core.fetching.sources import BIOMEDCLIP, IU_XRAY
from core.models.arrays import Progress
from tests.datasets.iu_xray_files import film_names, write_archive, write_tables
from tests.fetching.server import Behaviour, serving
from tests.fetching.test_fetch import png, small

FILMS = {f"CXR{name}.png": png(uid) for uid in range(1, 4) for name in film_names(uid)}


@pytest.fixture
def archive(tmp_path: Path) -> dict[str, bytes]:
    packed = write_archive(tmp_path / "made" / "png.tgz", FILMS)
    content = packed.read_bytes()
    shutil.rmtree(packed.parent)
    return {"NLMCXR_png.tgz": content}


@pytest.mark.parametrize(
    "error",
    [ssl.SSLError(1, "bad record mac"), OSError(errno.EHOSTUNREACH, "No route to host"), TimeoutError("timed out")],
)
def test_what_the_network_raises_is_tried_again(
    error: OSError, archive: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_range, raised = downloading.open_range, []

    class Breaking(io.RawIOBase):
        status, headers = 200, {"Content-Range": ""}

        def read1(self, size: int) -> bytes:
            raised.append(error)
            raise error

    def broken(url: str, start: int, etag: str | None):  # type: ignore[no-untyped-def]
        return Breaking() if len(raised) < 3 else open_range(url, start, etag)

    monkeypatch.setattr(downloading, "open_range", broken)
    with serving(Behaviour(archive)) as address:
        fetch(small(IU_XRAY, archive), tmp_path / "in", address=address, pause_s=0)
    assert len(raised) == 3
    assert len(list((tmp_path / "in" / "NLMCXR_png").iterdir())) == 6


def test_a_network_that_stays_away_is_given_up_in_a_sentence(
    archive: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EHOSTUNREACH, "No route to host")

    monkeypatch.setattr(downloading, "open_range", broken)
    with serving(Behaviour(archive)) as address, pytest.raises(FetchError, match=r"8 attempts .* No route to host"):
        fetch(small(IU_XRAY, archive), tmp_path / "in", address=address, pause_s=0)


def test_a_full_disk_is_said_at_once_and_what_came_is_kept(
    archive: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full after the first block, and has room again for the second run."""
    behaviour, opened, source = Behaviour(archive), Path.open, small(IU_XRAY, archive)

    def full(path: Path, *arguments, **rest):  # type: ignore[no-untyped-def]
        file = opened(path, *arguments, **rest)
        return _Full(file) if path.name.endswith(".tgz.part") and "b" in arguments[0] and arguments[0] != "rb" else file

    monkeypatch.setattr(downloading, "_BLOCK", 1000)
    with serving(behaviour) as address:
        monkeypatch.setattr(Path, "open", full)
        with pytest.raises(FetchError, match="No space left on device") as said:
            fetch(source, tmp_path / "in", address=address, pause_s=0)
        assert "1,000 bytes are kept" in said.value.message
        assert len(behaviour.requests) == 1
        monkeypatch.setattr(Path, "open", opened)
        fetch(source, tmp_path / "in", address=address, pause_s=0)
    assert behaviour.requests[1][1] == "bytes=1000-"


class _Full:
    """A file on a disk that has room for 1,000 bytes."""

    def __init__(self, file: io.FileIO) -> None:
        self._file, self._left = file, 1000

    def __enter__(self) -> _Full:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, block: bytes) -> int:
        if len(block) > self._left:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._left -= len(block)
        return self._file.write(block)

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


def _full_disk(done: int, total: int, what: str) -> None:
    if what == "files unpacked" and done == 3:
        raise OSError(errno.ENOSPC, "No space left on device")


def _killed(done: int, total: int, what: str) -> None:
    if what == "files unpacked" and done == 3:
        raise KeyboardInterrupt


@pytest.mark.parametrize("trouble", [_full_disk, _killed])
def test_an_archive_that_was_fetched_is_not_fetched_again_where_unpacking_stops(
    trouble: Progress, archive: dict[str, bytes], tmp_path: Path
) -> None:
    behaviour, source, folder = Behaviour(archive), small(IU_XRAY, archive), tmp_path / "in"
    with serving(behaviour) as address:
        with pytest.raises((FetchError, KeyboardInterrupt)):
            fetch(source, folder, address=address, progress=trouble)
        assert sorted(path.name for path in folder.iterdir()) == ["NLMCXR_png.tgz", RECORD]
        fetch(source, folder, address=address)
        assert len(behaviour.requests) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["NLMCXR_png", RECORD]
    assert {path.name: path.read_bytes() for path in (folder / "NLMCXR_png").iterdir()} == FILMS


def test_an_archive_that_was_changed_since_it_came_is_not_trusted(archive: dict[str, bytes], tmp_path: Path) -> None:
    source, folder = small(IU_XRAY, archive), tmp_path / "in"
    with serving(Behaviour(archive)) as address:
        with pytest.raises(KeyboardInterrupt):
            fetch(source, folder, address=address, progress=_killed)
        path = folder / "NLMCXR_png.tgz"
        path.write_bytes(path.read_bytes()[:-5] + b"other")
        with pytest.raises(CoreError, match=r"is there already|not a whole \.tgz"):
            fetch(source, folder, address=address)


def test_what_fetch_did_not_make_stays(archive: dict[str, bytes], tmp_path: Path) -> None:
    folder = tmp_path / "in"
    mine = {"indiana_projections.csv": b"mine", "CXR1_IM-0001-1001.png": b"drawn over by me"}
    (folder / "NLMCXR_png").mkdir(parents=True)
    for name, content in mine.items():
        (folder / "NLMCXR_png" / name).write_bytes(content)
    renamed = {"NLMCXR_png.tgz": write_archive(tmp_path / "other.tgz", {"CXR9.png": b"film"}).read_bytes()}
    with serving(Behaviour(renamed)) as address:
        fetch(small(IU_XRAY, renamed), folder, address=address)
    found = {path.name: path.read_bytes() for path in (folder / "NLMCXR_png").iterdir()}
    assert found == mine | {"CXR9.png": b"film"}


def test_a_file_of_the_same_name_is_not_written_over(archive: dict[str, bytes], tmp_path: Path) -> None:
    name, folder = next(iter(FILMS)), tmp_path / "in"
    (folder / "NLMCXR_png").mkdir(parents=True)
    (folder / "NLMCXR_png" / name).write_bytes(b"drawn over by me")
    behaviour = Behaviour(archive)
    with serving(behaviour) as address:
        with pytest.raises(FetchError, match=f"{name}: is there already"):
            fetch(small(IU_XRAY, archive), folder, address=address)
        assert [path.read_bytes() for path in (folder / "NLMCXR_png").iterdir()] == [b"drawn over by me"]
        (folder / "NLMCXR_png" / name).unlink()
        fetch(small(IU_XRAY, archive), folder, address=address)
    assert len(behaviour.requests) == 1
    assert len(list((folder / "NLMCXR_png").iterdir())) == 6


def test_an_archive_placed_by_hand_is_used_and_kept(archive: dict[str, bytes], tmp_path: Path) -> None:
    folder, behaviour = tmp_path / "in", Behaviour(archive)
    folder.mkdir()
    (folder / "NLMCXR_png.tgz").write_bytes(archive["NLMCXR_png.tgz"])
    with serving(behaviour) as address:
        fetch(small(IU_XRAY, archive, published=True), folder, address=address)
    assert behaviour.requests == []
    assert (folder / "NLMCXR_png.tgz").is_file()
    assert len(list((folder / "NLMCXR_png").iterdir())) == 6
    assert json.loads((folder / RECORD).read_text())["files"]["NLMCXR_png.tgz"]["from"] == "placed by hand"


def test_another_file_placed_by_hand_is_named_and_left_alone(tmp_path: Path) -> None:
    files = {"vocab.txt": b"published"}
    (tmp_path / "vocab.txt").write_bytes(b"my own")
    with serving(Behaviour(files)) as address, pytest.raises(FetchError, match=r"vocab\.txt: is there already"):
        fetch(small(BIOMEDCLIP, files), tmp_path, address=address)
    assert (tmp_path / "vocab.txt").read_bytes() == b"my own"


def _file(folder: Path) -> str:
    (folder / "file").write_text("")
    return str(folder / "file")


@pytest.mark.parametrize("to", [_file, lambda folder: f"{_file(folder)}/below", lambda folder: "/proc/x"])
def test_a_folder_that_cannot_be_one_is_said(
    to: Callable[[Path], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "biomedclip", "--to", to(tmp_path)]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["notaurl", "file:///etc", "http://", "http://[", "ftp://example.org/"])
def test_an_address_that_is_none_is_said(address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "biomedclip", "--to", str(tmp_path / "in"), "--from", address]) == 2
    assert "is no address" in capsys.readouterr().err
    assert not (tmp_path / "in").exists()


def test_what_is_still_needed_is_said_until_it_is_there(
    archive: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The made table has 24 frontal films of 24 patients."""
    table, folder = write_tables(tmp_path / "tables") / "indiana_projections.csv", tmp_path / "in"
    monkeypatch.setattr(sources, "SOURCES", (small(IU_XRAY, archive),))
    with serving(Behaviour(archive)) as address:
        command = ["fetch", "iu-xray", "--to", str(folder), "--from", address]
        assert main(command) == 0
        assert capsys.readouterr().out.splitlines()[-1].startswith("Still needed: indiana_projections.csv")
        assert main([*command, "--projections", str(table)]) == 2
        assert "24 frontal films of 24 patients; the published table has 3,818 of 3,689" in capsys.readouterr().err
        assert not (folder / table.name).exists()
        monkeypatch.setattr(needed, "N_FRONTAL", 24)
        monkeypatch.setattr(needed, "N_PATIENTS", 24)
        for _ in range(2):
            assert main([*command, "--projections", str(table)]) == 0
            assert capsys.readouterr().out.splitlines()[-1] == (
                f"Next: python -m core describe iu-xray --root {folder}"
            )
    assert (folder / table.name).read_bytes() == table.read_bytes()


def test_a_table_that_is_there_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needed, "N_FRONTAL", 24)
    monkeypatch.setattr(needed, "N_PATIENTS", 24)
    table = write_tables(tmp_path / "tables") / "indiana_projections.csv"
    (tmp_path / table.name).write_text("mine")
    with pytest.raises(FetchError, match="another table is there already"):
        needed.place_projections(IU_XRAY, table, tmp_path)
    with pytest.raises(FetchError, match="takes no --projections"):
        needed.place_projections(BIOMEDCLIP, table, tmp_path)
    with pytest.raises(CoreError, match=r"is not a CSV table|has no column"):
        needed.place_projections(IU_XRAY, tmp_path / table.name, tmp_path)
    with pytest.raises(CoreError, match="is not a CSV table"):
        needed.place_projections(IU_XRAY, tmp_path / "absent.csv", tmp_path)


@pytest.mark.real
def test_the_real_table_is_the_published_one(real_data: Path, tmp_path: Path) -> None:
    table = real_data / "openi-indiana-csv" / "indiana_projections.csv"
    assert needed.place_projections(IU_XRAY, table, tmp_path / "in").read_bytes() == table.read_bytes()
