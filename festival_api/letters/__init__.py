"""Letters: written in the transaction that causes them, delivered after it."""

from __future__ import annotations

from festival_api.letters._delivery import Delivered, deliver, waiting
from festival_api.letters._kinds import KINDS, LetterKind
from festival_api.letters._queue import queue
from festival_api.letters._words import Word, moment, money, yes_no

__all__ = [
    "KINDS",
    "Delivered",
    "LetterKind",
    "Word",
    "deliver",
    "moment",
    "money",
    "queue",
    "waiting",
    "yes_no",
]
