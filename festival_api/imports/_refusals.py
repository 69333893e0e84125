"""Why a file is not imported at all; what is wrong with single rows stands in the report."""

from __future__ import annotations

from festival_api.refusals import Kind

TABLE_UNREADABLE = Kind(
    "table_unreadable",
    422,
    "The file cannot be read as a table from line {line} on; nothing was imported. Export it again"
    " as CSV, in UTF-8.",
)
COLUMNS_MISSING = Kind(
    "columns_missing",
    422,
    "These columns are missing: {columns}. Export the submissions with all columns.",
)
COLUMNS_TWICE = Kind(
    "columns_twice", 422, "These columns are there twice: {columns}. Take out the wrong ones."
)
