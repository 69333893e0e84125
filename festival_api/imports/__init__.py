"""Submissions from other platforms, brought in as drafts."""

from __future__ import annotations

from festival_api.imports._filmfreeway import Note, Rejected, Submission, read_submissions
from festival_api.imports._importing import Imported, Outcome, bring_in
from festival_api.imports._refusals import COLUMNS_MISSING, COLUMNS_TWICE, TABLE_UNREADABLE
from festival_api.imports._values import seconds

__all__ = [
    "COLUMNS_MISSING",
    "COLUMNS_TWICE",
    "TABLE_UNREADABLE",
    "Imported",
    "Note",
    "Outcome",
    "Rejected",
    "Submission",
    "bring_in",
    "read_submissions",
    "seconds",
]
