"""The show file: which film, which seats on which headsets, with which consent.

`load_show` refuses whatever would fail later, all of it at once, each with file, line and remedy.
"""

from engine.config._file import RecordingTable, parse
from engine.config._film import bed_problems, load_film, media_of, planned_table, probe_clips
from engine.config._load import data_folder, expand_seats, load_show
from engine.config._show import Show, ShowError, ShowSource

__all__ = [
    "RecordingTable",
    "Show",
    "ShowError",
    "ShowSource",
    "bed_problems",
    "data_folder",
    "expand_seats",
    "load_film",
    "load_show",
    "media_of",
    "parse",
    "planned_table",
    "probe_clips",
]
