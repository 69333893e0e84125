"""The norms that a show names, and the film that asks for them."""

from __future__ import annotations

from pathlib import Path

import msgspec

import dsp
from engine.config._file import ShowTable
from engine.config._film import where_read
from engine.config._lines import Lines
from engine.norms import ENGAGED_SHARE, Montage, Norms, recipe_of
from narrative import Film, Problem

TEST = "test"
"""What a show says that is to become a norm."""


def read_norms(
    parsed: ShowTable,
    folder: Path,
    film: Film | None,
    film_sha256: str | None,
    settings: dsp.Settings,
    montages: tuple[Montage, ...],
    where: Lines,
    problems: list[Problem],
) -> Norms | None:
    """Read `norms`; add to the problems what is wrong with them.

    Parameters
    ----------
    parsed : ShowTable
        The show file's tables.
    folder : Path
        Its folder.
    film, film_sha256 : Film and str, or None
        The film; None if it cannot be shown anyway.
    settings : dsp.Settings
        The show's recipe.
    montages : tuple of Montage
        Those in the show's hall.
    where : Lines
        Places in the show file.
    problems : list of Problem
        What is wrong is added.
    """
    if parsed.norms == TEST:
        return None
    if parsed.norms is None:
        if film is not None and ENGAGED_SHARE in film.signals:
            problems.append(_asked(film))
        return None
    place, path = where.key("norms"), folder / parsed.norms
    try:
        norms = msgspec.json.decode(path.read_bytes(), type=Norms)
    except OSError as error:
        remedy = f'Make them with hall norms SESSION... --out FILE, or write norms = "{TEST}".'
        problems.append(Problem(place, f"{path} cannot be read ({error.strerror})", remedy))
        return None
    except msgspec.MsgspecError as error:
        remedy = "Name a file that hall norms has written."
        problems.append(Problem(place, f"{path} holds no norms ({error})", remedy))
        return None
    if film_sha256 is not None and norms.film_sha256 != film_sha256:
        what = f"{path} is of another film ({norms.film_name}), or of other clips"
        problems.append(Problem(place, what, "Screen this very film, and make its norms anew."))
    if norms.montages != montages:
        what = f"{path} was measured with other headsets, or other weights of a calibration"
        remedy = "Take those of the test screenings, or make the norms anew."
        problems.append(Problem(place, what, remedy))
    problems.extend(
        Problem(
            place,
            f"{path} was measured with {name} {norms.recipe.get(name)}, the show has {value}",
            "Take the same settings as in the test screenings, or make the norms anew.",
        )
        for name, value in recipe_of(settings).items()
        if norms.recipe.get(name) != value
    )
    return norms


def _asked(film: Film) -> Problem:
    """Say which guard reads what the show does not have."""
    return Problem(
        where_read(film, ENGAGED_SHARE),
        f"{ENGAGED_SHARE} is read, and the show has no norms",
        'Write norms = "FILM.norms.json" in the show file (hall norms makes them from test'
        f' screenings), or norms = "{TEST}" for a test screening, in which it is unknown.',
    )
