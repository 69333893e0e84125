"""What each kind of category asks of a work: something to watch, to play, or to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, select

from festival_api.entries._draft import Draft
from festival_api.entries._refusals import (
    ENTRY_POINT_REQUIRED,
    FILM_REQUIRED,
    PACKAGE_REQUIRED,
    RUN_EVIDENCE_REQUIRED,
)
from festival_api.refusals import Kind
from festival_api.store import tables as t

_FEWEST_RUNS: Final = 2


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that an entry lacks.

    Attributes
    ----------
    kind : Kind
        The refusal it leads to; its detail says what to do.
    where : str
        JSON pointer into the draft.
    words : mapping of str to str
        For the detail's placeholders.
    """

    kind: Kind
    where: str
    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, kind: Kind, where: str) -> Missing:
        """Make one whose detail names the place."""
        return cls(kind, where, {"place": where})


@dataclass(frozen=True, slots=True)
class File:
    """One upload, as its row says."""

    id: str
    kind: str
    name: str
    size: int
    sha256: str | None
    state: str

    @property
    def whole(self) -> bool:
        """Whether all of it is here and is what was declared."""
        return self.state == "complete"


def files_of(c: Connection, entry_id: str) -> tuple[File, ...]:
    """Return an entry's uploads, the first first; deleted ones are gone."""
    f = t.files.c
    rows = c.execute(
        select(f.id, f.kind, f.name, f.size, f.sha256, f.state)
        .where(f.entry == entry_id, f.state != "deleted")
        .order_by(f.created_at, f.id)
    )
    return tuple(File(*row) for row in rows)


def evidence(kind: str, draft: Draft, files: Sequence[File]) -> list[Missing]:
    """Return what a work lacks as one of a category of `kind`."""
    return _BY_KIND[kind](draft, files)


def _linear(draft: Draft, files: Sequence[File]) -> list[Missing]:
    seen = _has_file(files, "film") or _has_link(draft, "film")
    return [] if seen else [Missing(FILM_REQUIRED, "/links")]


def _performance(draft: Draft, files: Sequence[File]) -> list[Missing]:
    # A digital human may be met in a film or live at an address.
    return [] if draft.evidence and draft.evidence.entry_point else _linear(draft, files)


def _interactive(draft: Draft, files: Sequence[File]) -> list[Missing]:
    given = draft.evidence
    begins = (
        (given is not None and given.entry_point is not None)
        or _has_file(files, "build")
        or _has_link(draft, "build")
    )
    places = []
    if given is None or not given.instructions:
        places.append("/evidence/instructions")
    if not begins:
        places.append("/evidence/entry_point")
    return [Missing.at(ENTRY_POINT_REQUIRED, place) for place in places]


def _system(draft: Draft, files: Sequence[File]) -> list[Missing]:
    found = []
    if not any(f.kind == "system_package" and f.whole and f.sha256 for f in files):
        found.append(Missing.at(PACKAGE_REQUIRED, "/files"))
    if draft.evidence is None or not draft.evidence.instructions:
        found.append(Missing.at(PACKAGE_REQUIRED, "/evidence/instructions"))
    runs = draft.runs or ()
    enough = len(runs) >= _FEWEST_RUNS
    if not enough or any(len(set(names)) < len(runs) for names in _names_of_runs(draft)):
        found.append(Missing.at(RUN_EVIDENCE_REQUIRED, "/runs"))
    recordings = {f.id: f for f in files if f.kind == "run_recording" and f.whole}
    for n, run in enumerate(runs):
        recording = recordings.get(run.file or "")
        shown = recording is not None and recording.sha256 == run.recording_sha256
        if not shown and (run.file is not None or run.link is None):
            found.append(Missing.at(RUN_EVIDENCE_REQUIRED, f"/runs/{n}"))
    return found


def _names_of_runs(draft: Draft) -> tuple[list[str], list[str]]:
    runs = draft.runs or ()
    return [run.run for run in runs], [run.seed for run in runs]


def _has_file(files: Sequence[File], kind: str) -> bool:
    return any(f.kind == kind and f.whole for f in files)


def _has_link(draft: Draft, kind: str) -> bool:
    return any(link.kind == kind for link in draft.links or ())


_BY_KIND: Final[Mapping[str, Callable[[Draft, Sequence[File]], list[Missing]]]] = MappingProxyType(
    {
        "generative_linear": _linear,
        "interactive": _interactive,
        "generative_system": _system,
        "synthetic_performance": _performance,
    }
)
