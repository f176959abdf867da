#!/usr/bin/env bash
# What: a VOI LUT whose entries have 8 bits, applied by pydicom, takes its entries from the wrong places.
# Versions: pydicom 3.0.2, numpy 2.4.6, Python 3.11. Date: 2026-11-27.
#
# DICOM PS3.3 C.11.2.1.1 lets the entries of a VOI LUT have 8 bits however many entries there are: the first value of
# LUTDescriptor is their number, the third their width. A table of 4,096 entries of 8 bits for 12-bit pixels is valid.
# Expected: a stored value v becomes entry v - first of the table (the last entry above its end).
# Seen: pydicom casts the pixel values to the type of the entries, uint8, before it indexes with them, so that v becomes
# entry (v - first) modulo 256. No error, no warning; a 12-bit film comes out as 16 repeated ramps, nearly black where
# the table is a ramp.
#
# Why it matters here: films of one's own may be DICOM with such tables. The product reads them by a table of its own
# width and holds the right greys in a test (tests/intake/test_dicom.py).
#
# Ends with 0 while the behaviour is as described, with 1 when it has changed.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check pydicom==3.0.2 numpy==2.4.6

"$scratch/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.pixels import apply_voi_lut
from pydicom.sequence import Sequence


def dataset(n_entries: int, bits: int, entries: list[int]) -> Dataset:
    table = Dataset()
    table.LUTDescriptor = [n_entries, 0, bits]
    table.LUTData = entries
    table["LUTData"].VR = "US"
    film = Dataset()
    film.BitsAllocated, film.BitsStored, film.HighBit, film.PixelRepresentation = 16, 12, 11, 0
    film.PhotometricInterpretation = "MONOCHROME2"
    film.VOILUTSequence = Sequence([table])
    return film


stored = np.array([0, 100, 255, 256, 300, 1000, 2048, 4095], dtype=np.uint16)
ramp = np.arange(4096) // 16  # 12 bits of grey in 8
expected = ramp[stored]
seen = np.asarray(apply_voi_lut(stored, dataset(4096, 8, ramp.tolist())))
wrapped = ramp[stored % 256]
wide = np.asarray(apply_voi_lut(stored, dataset(4096, 16, (ramp * 257).tolist())))

print(f"pydicom {pydicom.__version__}, numpy {np.__version__}")
print(f"stored                {stored.tolist()}")
print(f"expected, 8 bits      {expected.tolist()}")
print(f"seen, 8 bits          {seen.tolist()}")
print(f"entry v modulo 256    {wrapped.tolist()}")
print(f"16 bits, for contrast {(wide // 257).tolist()}")
as_described = bool(
    np.array_equal(seen, wrapped) and not np.array_equal(seen, expected) and np.array_equal(wide // 257, expected)
)
print("as described" if as_described else "CHANGED: 8-bit tables no longer wrap")
sys.exit(0 if as_described else 1)
PYTHON
