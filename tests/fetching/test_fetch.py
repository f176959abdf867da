"""Fetching over a bad network on loopback: resumed, checked, unpacked inside its folder, or refused in a sentence."""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
import tarfile
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.__main__ import main
from core.archives import Bounds
from core.datasets.registry import describe_dataset
from core.errors import CoreError, DatasetError, FetchError
from core.fetching import fetch as fetching
from core.fetching.fetch import RECORD, fetch
from core.fetching.sources import BIOMEDCLIP, IU_XRAY, SOURCES, RemoteFile, Source
from core.models.registry import known_model
from tests.datasets.iu_xray_files import film_names, report_xml, write_archive, write_tables
from tests.fetching.server import Behaviour, serving

UIDS = tuple(range(1, 9))


def png(seed: int) -> bytes:
    """A film that packs as badly as films do."""
    content = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (160, 128), dtype=np.uint8)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """OpenI's two archives in small, in the layout that they have."""
    folder = tmp_path_factory.mktemp("archives")
    films = {f"CXR{name}.png": png(uid) for uid in UIDS for name in film_names(uid)}
    reports = {f"ecgen-radiology/{uid}.xml": report_xml(uid) for uid in UIDS}
    return {
        "NLMCXR_png.tgz": write_archive(folder / "png.tgz", films).read_bytes(),
        "NLMCXR_reports.tgz": write_archive(folder / "reports.tgz", reports).read_bytes(),
    }


def small(source: Source, files: dict[str, bytes], *, published: bool = False) -> Source:
    """A source whose sizes and checksums are those of the files here, where they are to be published."""
    return replace(
        source,
        files=tuple(
            RemoteFile(
                file.name,
                len(files[file.name]) if published else None,
                hashlib.sha256(files[file.name]).hexdigest() if published else None,
                file.unpack_to,
            )
            for file in source.files
            if file.name in files
        ),
    )


@pytest.mark.parametrize("published", [True, False], ids=["checksum published", "nothing published"])
def test_openi_comes_through_a_bad_network(archives: dict[str, bytes], tmp_path: Path, published: bool) -> None:
    """Throttled and cut three times, then with one byte flipped: resumed, refused, and whole the second time."""
    whole = len(archives["NLMCXR_png.tgz"])
    behaviour = Behaviour(archives, cuts=3, pause_s=0.002, flip=whole // 2)
    source, folder = small(IU_XRAY, archives, published=published), tmp_path / "iu-xray"
    seen: list[tuple[int, int, str]] = []
    with serving(behaviour) as address:
        with pytest.raises(CoreError, match=r"SHA-256|not a whole \.tgz") as refused:
            fetch(source, folder, address=address, progress=lambda *step: seen.append(step), pause_s=0)
        assert "Run the same command again" in refused.value.remedy
        assert sum(behaviour.sent) == sum(len(content) for content in archives.values())
        ranges = [asked for path, asked in behaviour.requests if path.endswith("png.tgz") and asked]
        assert len(ranges) == 3
        assert behaviour.cuts == 0
        assert not (folder / "NLMCXR_png").exists()
        assert not list(folder.glob("NLMCXR_png*"))
        fetch(source, folder, address=address, pause_s=0)
        n_requests = len(behaviour.requests)
        fetch(source, folder, address=address, pause_s=0)
        assert len(behaviour.requests) == n_requests
    assert max(done for done, total, what in seen if what == "NLMCXR_png.tgz") == whole
    with tarfile.open(fileobj=io.BytesIO(archives["NLMCXR_png.tgz"])) as packed:
        for member in packed:
            content = packed.extractfile(member)
            assert content is not None
            assert (folder / "NLMCXR_png" / member.name).read_bytes() == content.read()
    assert not (folder / "NLMCXR_png.tgz").exists()
    record = json.loads((folder / RECORD).read_text())
    assert record["licence"].startswith("CC BY-NC-ND 4.0")
    assert record["files"]["NLMCXR_png.tgz"]["sha256"] == hashlib.sha256(archives["NLMCXR_png.tgz"]).hexdigest()
    write_tables(folder, UIDS)
    described = describe_dataset("iu-xray", folder)
    assert (described.n_frontal, described.n_lateral, described.missing_files) == (8, 8, ())


def test_what_came_before_a_kill_is_not_fetched_again(archives: dict[str, bytes], tmp_path: Path) -> None:
    source, behaviour = small(IU_XRAY, archives), Behaviour(archives)
    with serving(behaviour) as address, pytest.raises(KeyboardInterrupt):
        fetch(source, tmp_path, address=address, progress=_stop_in_films)
    part = (tmp_path / "NLMCXR_png.tgz.part").stat().st_size
    assert part > 0
    with serving(behaviour) as address:
        fetch(source, tmp_path, address=address)
    assert behaviour.requests[-1] == ("/NLMCXR_png.tgz", f"bytes={part}-")
    assert len(list((tmp_path / "NLMCXR_png").iterdir())) == 16


def _stop_in_films(done: int, total: int, what: str) -> None:
    if what == "NLMCXR_png.tgz" and done < total:
        raise KeyboardInterrupt


def test_a_server_without_ranges_begins_anew(archives: dict[str, bytes], tmp_path: Path) -> None:
    behaviour = Behaviour(archives, cuts=1, ranges=False, cut_after=1000)
    with serving(behaviour) as address:
        fetch(small(IU_XRAY, archives, published=True), tmp_path, address=address, pause_s=0)
    assert len(list((tmp_path / "NLMCXR_png").iterdir())) == 16


def test_another_version_on_the_server_is_not_mixed_with_the_first(tmp_path: Path) -> None:
    first, second = os.urandom(200_000), os.urandom(200_000)
    source = small(BIOMEDCLIP, {"vocab.txt": first})
    with serving(Behaviour({"vocab.txt": first}, cuts=99, cut_after=0)) as address, pytest.raises(FetchError):
        fetch(source, tmp_path, address=address, pause_s=0)
    (tmp_path / "vocab.txt.part").write_bytes(first[:100_000])
    with serving(Behaviour({"vocab.txt": second})) as address:
        fetch(source, tmp_path, address=address, pause_s=0)
    assert (tmp_path / "vocab.txt").read_bytes() == second


def test_the_hub_s_checksum_is_compared(tmp_path: Path) -> None:
    """It stands in the answer that sends the client elsewhere."""
    files = {"open_clip_pytorch_model.bin": os.urandom(300_000)}
    behaviour = Behaviour(files, redirects=True, flip=150_000)
    source = small(BIOMEDCLIP, files)
    with serving(behaviour) as address:
        with pytest.raises(FetchError, match="SHA-256"):
            fetch(source, tmp_path, address=address)
        fetch(source, tmp_path, address=address)
    assert (tmp_path / "open_clip_pytorch_model.bin").read_bytes() == files["open_clip_pytorch_model.bin"]


def _member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.size, member.linkname = kind, size, link
    return member


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (_member("../climb.png"), "leaves the archive"),
        (_member("/tmp/absolute.png"), "leaves the archive"),
        (_member("a/../../climb.png"), "leaves the archive"),
        (_member("a\\climb.png"), "leaves the archive"),
        (_member("link.png", tarfile.SYMTYPE, link="/etc/passwd"), "a link or a device"),
        (_member("link.png", tarfile.LNKTYPE, link="../../x"), "a link or a device"),
        (_member("pipe.png", tarfile.FIFOTYPE), "a link or a device"),
        (_member("bomb.png", size=3_000_000), "3,000,000 bytes"),
        (_member("CXR0.png"), "holds 'CXR0.png' twice"),
    ],
)
def test_a_hostile_archive_is_refused_and_leaves_nothing(member: tarfile.TarInfo, said: str, tmp_path: Path) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as packed:
        packed.addfile(_member("CXR0.png"))
        packed.addfile(member, io.BytesIO(bytes(member.size)))
    files = {"NLMCXR_png.tgz": content.getvalue()}
    bounds = Bounds(100, 1_000_000, 2_000_000, "films are smaller")
    with serving(Behaviour(files)) as address, pytest.raises(CoreError, match=said):
        fetch(replace(small(IU_XRAY, files), bounds=bounds), tmp_path / "in", address=address)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert not list((tmp_path / "in").rglob("*.png"))


def test_a_bomb_of_many_small_files_is_refused(tmp_path: Path) -> None:
    packed = write_archive(tmp_path / "bomb.tgz", {f"{number}.png": bytes(9000) for number in range(300)})
    files = {"NLMCXR_png.tgz": packed.read_bytes()}
    assert len(files["NLMCXR_png.tgz"]) < 40_000
    for bounds, said in (
        (Bounds(400, 10_000, 1_000_000, "few"), "unpacks to more"),
        (Bounds(100, 10_000, 9_000_000, "few"), "more than 100 files"),
    ):
        with serving(Behaviour(files)) as address, pytest.raises(DatasetError, match=said):
            fetch(replace(small(IU_XRAY, files), bounds=bounds), tmp_path / "in", address=address)
        assert not (tmp_path / "in" / "NLMCXR_png").exists()


def test_too_little_space_is_said_before_anything_is_fetched(
    archives: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: usage(10, 9, 1000))
    behaviour = Behaviour(archives)
    with serving(behaviour) as address, pytest.raises(FetchError, match="are needed for download and unpacking"):
        fetch(small(IU_XRAY, archives), tmp_path, address=address)
    assert behaviour.requests == []


@pytest.mark.parametrize("name", [source.name for source in SOURCES])
def test_without_a_network_there_is_a_sentence_at_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert main(["fetch", name, "--to", str(tmp_path / "in")]) == 2
    said = capsys.readouterr()
    assert "cannot be reached" in said.err
    assert "place" in said.err
    assert "Licence:" in said.out
    assert list((tmp_path / "in").iterdir()) == []


def test_the_command_says_licence_rate_and_what_is_next(
    archives: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.fetching import sources

    monkeypatch.setattr(sources, "SOURCES", (small(IU_XRAY, archives, published=True),))
    with serving(Behaviour(archives)) as address:
        assert main(["fetch", "iu-xray", "--to", str(tmp_path / "in"), "--from", address]) == 0
    said = capsys.readouterr()
    assert "CC BY-NC-ND 4.0" in said.out
    assert "indiana_projections.csv" in said.out
    assert "/s" in said.err
    assert "16 files in" in said.err


def test_unknown_names_and_files_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "imagenet"]) == 2
    assert "Choose one of iu-xray, biomedclip" in capsys.readouterr().err
    with serving(Behaviour({})) as address:
        assert main(["fetch", "biomedclip", "--to", str(tmp_path / "in"), "--from", address]) == 2
    assert "the server answered 404" in capsys.readouterr().err


def test_the_model_is_found_where_it_is_put() -> None:
    model = known_model("biomedclip")
    assert model is not None
    assert str(BIOMEDCLIP.folder).endswith(model.fetched_to)
    assert {"open_clip_config.json", "open_clip_pytorch_model.bin"} <= {file.name for file in BIOMEDCLIP.files}


@pytest.mark.real
def test_the_reports_checksum_is_that_of_the_real_file(real_data: Path) -> None:
    path = real_data / "openi-ecgen" / "NLMCXR_reports.tgz"
    published = next(file for file in IU_XRAY.files if file.name == path.name)
    assert path.stat().st_size == published.n_bytes
    assert hashlib.sha256(path.read_bytes()).hexdigest() == published.sha256
