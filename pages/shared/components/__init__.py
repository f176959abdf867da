"""Browser components: registered from their files, and the one way in which arrays travel to them."""

from pages.shared.components.packing import pack
from pages.shared.components.registering import parcel, register
from pages.shared.components.scripts import joined

__all__ = ["joined", "pack", "parcel", "register"]
