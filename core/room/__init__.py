"""A meeting: one shows, everybody follows, answers questions, and takes the minutes along."""

from core.room.room import Room, Seat
from core.room.rooms import Rooms

__all__ = ["Room", "Rooms", "Seat"]
