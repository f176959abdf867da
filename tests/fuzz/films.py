"""PNG and JPEG files with bytes changed: read as an import, a page and an own film read them."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import CoreError
from core.intake.film_files import read_film, read_grey
from core.intake.uploads import read_upload
from tests.fuzz.mutators import changed_bytes, something_else


def film_case(folder: Path, rng: random.Random) -> str:
    """One film; its pixels are Pillow's own for a grey film, and all readers have the same size."""
    kind = rng.choice(("png", "jpg"))
    path = folder / f"film.{kind}"
    pixels = np.linspace(0, 255, 60 * 50).reshape(60, 50).astype(np.uint8)
    Image.fromarray(pixels).convert(rng.choice(("L", "L", "RGB"))).save(path)
    if rng.random() < 0.1:
        something_else(path, rng)
    else:
        path.write_bytes(changed_bytes(path.read_bytes(), rng))
    film = read_film(path)
    grey = read_grey(path)
    assert grey.shape == (film.height_px, film.width_px)
    with Image.open(io.BytesIO(path.read_bytes()), formats=("PNG", "JPEG")) as picture:
        if picture.mode == "L":
            np.testing.assert_array_equal(grey, np.asarray(picture))
    try:
        assert read_upload(path.read_bytes()).pixels.ndim == 2
    except CoreError:  # an own film may be too small, or stricter
        return "right"
    return "right"
