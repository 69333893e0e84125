"""A show that has been checked, or why it cannot be run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import dsp
from acquisition import Headset, SourceSpec
from engine.norms import Norms
from engine.records import Calibrated, Consent, Control
from narrative import Film, Problem
from playback import FilmTable, Needs


class ShowError(Exception):
    """A show cannot be run.

    Attributes
    ----------
    problems : tuple of Problem
        Everything that is wrong, with file, line and remedy.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class ShowSource:
    """One source of a show.

    Attributes
    ----------
    name : str
        What logs and the status call it.
    spec : SourceSpec
        How to make it.
    headsets : tuple of Headset
        Its seats.
    consent : Consent
        Of all its seats, at the start.
    """

    name: str
    spec: SourceSpec
    headsets: tuple[Headset, ...]
    consent: Consent


@dataclass(frozen=True, slots=True)
class Show:
    """A show that has been checked.

    Attributes
    ----------
    path : Path
        The show file.
    title : str
        Its title.
    driver : str
        "auto", or the name of one.
    film_path, film_text, film, film_sha256 : Path, str, Film, str
        The film; the hash covers its text and its clips' sizes and first and last megabytes.
    seed : int or None
        Of the film's chances; None draws one as the screening starts.
    linear : bool
        Whether the film goes along the director's path; `film` and `table` are so already.
    table : FilmTable
        The film as the player gets it.
    sources : tuple of ShowSource
        In the order of the file.
    zones : mapping of str to tuple of str
        Seats by zone of the hall; a seat may be in none.
    settings : dsp.Settings
        The recipe's numbers.
    needs : Needs
        What the player's driver must be able to do.
    control : Control or None
        What steers in a study, before anything is drawn; None where the audience simply does.
    norms : Norms or None
        Of the film's scenes; None in a test screening and where nothing reads them.
    calibrated : Calibrated or None
        What it takes from a calibration; None where it names none.
    """

    path: Path
    title: str
    driver: str
    film_path: Path
    film_text: str
    film: Film
    film_sha256: str
    table: FilmTable
    sources: tuple[ShowSource, ...]
    settings: dsp.Settings
    zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs: Needs = field(default_factory=Needs)
    control: Control | None = None
    norms: Norms | None = None
    calibrated: Calibrated | None = None
    seed: int | None = None
    linear: bool = False

    @property
    def consents(self) -> dict[str, Consent]:
        """Each seat's consent at the start."""
        return {h.seat: source.consent for source in self.sources for h in source.headsets}
