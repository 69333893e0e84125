"""Puts the film on the screen: a plan-following player core, and drivers that show and sound.

`Player` is pure but for its `Driver`; the owner of the clock calls `Player.tick` once per frame.
"""

from playback._abilities import missing
from playback._cards import Card, make_cards
from playback._codes import FrameCode, read_frame_code, read_tone
from playback._curtain import Curtain
from playback._drivers import DriverFacts, available_drivers, choose, make_driver
from playback._flashes import Flashing
from playback._inspect import Inspection, inspect
from playback._loudness import Loudness
from playback._picture import PictureFile
from playback._player import Player
from playback._port import Driver
from playback._probe import MediaFacts, SoundFacts, probe, probe_sound
from playback._reel import MOST_PREROLLED
from playback._remarks import Remark, remarks
from playback._silent import SilentDriver
from playback._sketch import Sketch, make_sketches
from playback._types import (
    Ack,
    Bed,
    Capabilities,
    Clip,
    Command,
    DriverError,
    FilmTable,
    Levels,
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
    "MOST_PREROLLED",
    "Ack",
    "Bed",
    "Capabilities",
    "Card",
    "Clip",
    "Command",
    "Curtain",
    "Driver",
    "DriverError",
    "DriverFacts",
    "FilmTable",
    "Flashing",
    "FrameCode",
    "Inspection",
    "Levels",
    "Loudness",
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
    "Remark",
    "SilentDriver",
    "Sketch",
    "SoundFacts",
    "TableError",
    "TableScene",
    "available_drivers",
    "choose",
    "inspect",
    "make_cards",
    "make_driver",
    "make_sketches",
    "missing",
    "probe",
    "probe_sound",
    "read_frame_code",
    "read_tone",
    "remarks",
]
