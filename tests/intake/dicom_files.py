"""DICOM files that tests write."""

from __future__ import annotations

import io

import numpy as np
from pydicom import config
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

_RADIOGRAPH = "1.2.840.10008.5.1.4.1.1.1.1"


def dicom_bytes(
    stored: np.ndarray,
    *,
    photometric: str = "MONOCHROME2",
    window: tuple[float, float] | None = None,
    patient: str = "Nobody",
    **fields: object,
) -> bytes:
    """One grey film, (H, W) uint16, as an uncompressed DICOM file; window : centre and width.

    fields : further ones of the header, written as they are, right or wrong.
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = _RADIOGRAPH
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = _RADIOGRAPH, meta.MediaStorageSOPInstanceUID
    dataset.PatientName, dataset.Modality = patient, "DX"
    dataset.Rows, dataset.Columns = stored.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation, dataset.SamplesPerPixel = 0, 1
    dataset.PhotometricInterpretation = photometric
    if window is not None:
        dataset.WindowCenter, dataset.WindowWidth = window
    dataset.PixelData = stored.astype("<u2").tobytes()
    with config.disable_value_validation():
        for name, value in fields.items():
            setattr(dataset, name, value)
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
