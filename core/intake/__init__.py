"""Whatever a user hands in: tables, films, masks, DICOM, uploads."""
