"""What an audience's state was made of, read from a session, and its picture and page.

`read_signals` brings a session's states second by second into plain arrays, `draw` makes one sheet
of them, and `page` one HTML file with that sheet and tables. Seat by seat they hold only what was
measured under a consent that allows recording; everyone else is in the pooled curves alone.
"""

from engine.signals._film import Choice, Visit
from engine.signals._page import page
from engine.signals._picture import KIND_COLOURS, draw, png_of
from engine.signals._reading import Seen, Signals, read_signals
from engine.signals._summary import KINDS, seat_rows, signal_rows, worst

__all__ = [
    "KINDS",
    "KIND_COLOURS",
    "Choice",
    "Seen",
    "Signals",
    "Visit",
    "draw",
    "page",
    "png_of",
    "read_signals",
    "seat_rows",
    "signal_rows",
    "worst",
]
