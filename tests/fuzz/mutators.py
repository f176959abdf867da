"""Changes to files, drawn from a seeded generator: bytes, JSON values, and other things in a file's place."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import shutil
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np

STRANGE: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 1, 2**63, 10**399, 1.5, -0.0, 1e308, "", " ", "\ud800", "é", "../up", "a/b", "\0", "x" * 5000,
    "NaN", [], [[]], {}, {"a": None}, [None], [0, 1], "2024-01-01", "=1+1", "\u202e", "float64", "images.parquet",
)  # fmt: skip
"""Values of other kinds than a field has."""


def changed_bytes(content: bytes, rng: random.Random) -> bytes:
    """A content with one to three changes: bits, blocks, cuts, repeats."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        place = rng.randrange(len(data) + 1) if rng.random() < 0.6 else rng.randrange(min(len(data), 80) + 1)
        length = rng.choice((1, 1, 2, 4, 8, 64, 512))
        deed = rng.randrange(7)
        if deed == 0 and place < len(data):
            data[place] ^= 1 << rng.randrange(8)
        elif deed == 1:
            data[place : place + length] = bytes(len(data[place : place + length]))
        elif deed == 2:
            data[place : place + length] = rng.randbytes(len(data[place : place + length]))
        elif deed == 3:
            del data[place:]
        elif deed == 4:
            del data[place : place + length]
        elif deed == 5:
            data[place:place] = data[place : place + length]
        else:
            data[place:place] = rng.randbytes(length)
    return bytes(data)


def changed_json(content: Any, rng: random.Random) -> Any:
    """The same values with one or two of them another, gone, twice, or under another name."""
    for _ in range(rng.choice((1, 1, 2))):
        places = list(_places(content))
        if not places:
            return rng.choice(STRANGE)
        holder, key = rng.choice(places)
        deed = rng.randrange(6)
        if deed <= 2:
            holder[key] = json.loads(json.dumps(rng.choice(STRANGE)))
        elif deed == 3:
            del holder[key]
        elif deed == 4 and isinstance(holder, list):
            holder.insert(rng.randrange(len(holder) + 1), holder[key])
        elif isinstance(holder, dict):
            holder[rng.choice(("more", "", "\ud800", f"{key} "))] = holder.pop(key)
        else:
            holder[key] = [holder[key]]
    return content


def json_text(content: Any, rng: random.Random) -> bytes:
    """Values as the bytes of a file, now and then with something that is no JSON or in another encoding."""
    text = json.dumps(content)
    deed = rng.randrange(12)
    if deed == 0:
        text = text.replace("1", rng.choice(("NaN", "Infinity", "1" * 400, "1e999", "-1e999", "01")), 1)
    elif deed == 1:
        text = "[" * rng.choice((50, 100_000)) + text
    elif deed == 2:
        return text.encode(rng.choice(("utf-16", "utf-8-sig", "utf-32")))
    elif deed == 3:
        return changed_bytes(text.encode(), rng)
    return text.encode()


def something_else(path: Path, rng: random.Random) -> str:
    """Another kind of thing in a file's place; what it is."""
    remove(path)
    array = np.arange(12, dtype=np.float32).reshape(4, 3)
    stream = io.BytesIO()
    files = ("npz", "torch", "objects", "pickle", "empty", "zeros", "text")
    kind = rng.choice(("nothing", "pipe", "folder", "link", *files))
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to("/dev/zero")
    elif kind == "npz":
        np.savez(stream, a=array)
    elif kind == "torch":
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(array))
    elif kind == "objects":
        np.save(stream, np.array([None, {}], dtype=object), allow_pickle=True)
    elif kind == "pickle":
        stream.write(pickle.dumps(array))
    elif kind == "zeros":
        stream.write(bytes(4096))
    elif kind == "text":
        stream.write(b"image_id,Edema\na,1\n")
    if kind in files:
        path.write_bytes(stream.getvalue())
    return kind


def remove(path: Path) -> None:
    """Take away whatever is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def changed_header(path: Path, rng: random.Random) -> None:
    """A .npy file whose header says something else of the same numbers."""
    raw = path.read_bytes()
    length = int.from_bytes(raw[8:10], "little")
    header = raw[10 : 10 + length].decode("latin-1").rstrip()
    old = rng.choice(("'<f4'", "False", "descr", "shape", "(", ")", ",", "1"))
    new = rng.choice(
        ("'<f8'", "'>f4'", "'|O'", "True", "1" * 400, "(" * 300, "-1", "1.5", "{}", "", "None", "'<q9'", "[]")
    )
    header = header.replace(old, new, 1)
    padded = header.encode("latin-1") + b" " * (-(len(header) + 11) % 64) + b"\n"
    path.write_bytes(raw[:8] + (len(padded) & 0xFFFF).to_bytes(2, "little") + padded + raw[10 + length :])


def _places(content: Any) -> list[tuple[Any, Any]]:
    """Every place of a value in nested lists and objects: what holds it, and under which key."""
    found: list[tuple[Any, Any]] = []
    waiting = [content]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        found += [(holder, key) for key in keys]
        waiting += [holder[key] for key in keys]
    return found
