"""Puts the film on the screen: a plan-following player core, and drivers that show and sound.

`Player` is pure but for its `Driver`; the owner of the clock calls `Player.tick` once per frame.
"""

from playback._player import Player
from playback._port import Driver
from playback._silent import SilentDriver
from playback._types import (
    Ack,
    Capabilities,
    Clip,
    Command,
    DriverError,
    FilmTable,
    MediaError,
    Plan,
    PlaybackError,
    PlayerEvent,
    Readiness,
    TableError,
    TableScene,
)

__all__ = [
    "Ack",
    "Capabilities",
    "Clip",
    "Command",
    "Driver",
    "DriverError",
    "FilmTable",
    "MediaError",
    "Plan",
    "PlaybackError",
    "Player",
    "PlayerEvent",
    "Readiness",
    "SilentDriver",
    "TableError",
    "TableScene",
]
