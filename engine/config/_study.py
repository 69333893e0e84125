"""What the show file asks of a study, and the session that a yoked audience follows."""

from __future__ import annotations

from pathlib import Path

from engine.config._file import ShowTable
from engine.config._lines import Lines, did_you_mean
from engine.records import Control
from engine.session import SessionError, is_whole, read_configuration, read_path
from narrative import Problem


def read_control(
    parsed: ShowTable,
    folder: Path,
    film_sha256: str | None,
    where: Lines,
    problems: list[Problem],
) -> Control | None:
    """Read `control` and `seed`; add to the problems what is wrong with them.

    Parameters
    ----------
    parsed : ShowTable
        The show file's tables.
    folder : Path
        Its folder.
    film_sha256 : str or None
        Of the film; None if it cannot be shown anyway.
    where : Lines
        Places in the show file.
    problems : list of Problem
        What is wrong is added.
    """
    kind, _, session = (parsed.control or "").partition(":")
    if parsed.seed is not None and kind not in ("sham", "blind"):
        remedy = 'Leave it out, or set control = "sham" or "blind".'
        problems.append(Problem(where.key("seed"), "nothing is drawn by this seed", remedy))
    if parsed.control is None:
        return None
    place = where.key("control")
    match kind, session:
        case "sham", "":
            return Control("sham", seed=parsed.seed)
        case "blind", "":
            return Control("blind", seed=parsed.seed)
        case "yoked", _ if session:
            return _yoked(folder / session, film_sha256, place, problems)
    known = ("yoked:SESSION.mcap", "sham", "blind")
    what = f"`{parsed.control}` is no control"
    problems.append(Problem(place, what, did_you_mean(parsed.control, known)))
    return None


def _yoked(
    session: Path, film_sha256: str | None, place: str, problems: list[Problem]
) -> Control | None:
    """Read the film that another audience saw, if it is this film and its record is whole."""
    try:
        shown = read_configuration(session)
        if not is_whole(session):
            remedy = f"Run hall session recover {session}."
            problems.append(Problem(place, f"{session} is not sealed", remedy))
            return None
        path = read_path(session)
    except SessionError as error:
        remedy = "Name the session that this audience is yoked to, relative to the show file."
        problems.append(Problem(place, str(error), remedy))
        return None
    if film_sha256 is not None and shown.film_sha256 != film_sha256:
        what = f"{session} is of another film ({shown.film_name}), or of other clips"
        problems.append(Problem(place, what, "Name a session of this very film."))
    return Control("yoked", session=session.name, path=path)
