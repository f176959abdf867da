"""What readers drew, as other tools keep it: one module a format, one registry."""

from core.annotations.formats.coco_writer import write_coco
from core.annotations.formats.registry import FORMATS, format_of, read_annotations

__all__ = ["FORMATS", "format_of", "read_annotations", "write_coco"]
