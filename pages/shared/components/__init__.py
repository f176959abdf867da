"""Browser components: registered from their files, and the one way in which arrays travel to them."""

from pages.shared.components.packing import pack
from pages.shared.components.registering import joined, parcel, parcel_key, register

__all__ = ["joined", "pack", "parcel", "parcel_key", "register"]
