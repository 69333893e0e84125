"""Puts the film on the screen: a plan-following player core, and drivers that show and sound.

`Player` is pure but for its `Driver`; the owner of the clock calls `Player.tick` once per frame.
"""

from playback._abilities import missing
from playback._cards import Card, make_cards
from playback._codes import FrameCode, read_frame_code, read_tone
from playback._curtain import Curtain
from playback._drivers import DriverFacts, available_drivers, choose, make_driver
from playback._picture import PictureFile
from playback._player import Player
from playback._port import Driver
from playback._probe import MediaFacts, probe
from playback._silent import SilentDriver
from playback._sketch import Sketch, make_sketches
from playback._types import (
    Ack,
    Capabilities,
    Clip,
    Command,
    DriverError,
    FilmTable,
    MediaError,
    Needs,
    Plan,
    PlaybackError,
    PlayerEvent,
    PlayerState,
    Readiness,
    TableError,
    TableScene,
)

__all__ = [
    "Ack",
    "Capabilities",
    "Card",
    "Clip",
    "Command",
    "Curtain",
    "Driver",
    "DriverError",
    "DriverFacts",
    "FilmTable",
    "FrameCode",
    "MediaError",
    "MediaFacts",
    "Needs",
    "PictureFile",
    "Plan",
    "PlaybackError",
    "Player",
    "PlayerEvent",
    "PlayerState",
    "Readiness",
    "SilentDriver",
    "Sketch",
    "TableError",
    "TableScene",
    "available_drivers",
    "choose",
    "make_cards",
    "make_driver",
    "make_sketches",
    "missing",
    "probe",
    "read_frame_code",
    "read_tone",
]
