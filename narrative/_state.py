"""Where the machine stands: frozen, and plain enough for JSON at any moment."""

from __future__ import annotations

from dataclasses import dataclass

from narrative._decision import Reading, Term
from narrative._logic import Moment, Run

__all__ = ["Heard", "MachineState", "moment_of"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What has been heard in a reading window; times in ns of film time.

    Parameters
    ----------
    tick_ns : int or None
        The last tick in the window; None before the first.
    fed_ns : int or None
        The last tick that runs took in: later than `tick_ns` where they go on after the window,
        for the next shot.
    readings : tuple of (str, Reading)
        The last tick's in the window, by name.
    runs : tuple of Run
        One for each `for`, as they were at the window's last tick.
    going : tuple of Run
        The same as they have gone on after the window; empty where they have not.
    stood : tuple of (int, tuple of Term)
        Branches whose guard is a `for` that was reached: their conditions as they stood then.
    """

    tick_ns: int | None = None
    fed_ns: int | None = None
    readings: tuple[tuple[str, Reading], ...] = ()
    runs: tuple[Run, ...] = ()
    going: tuple[Run, ...] = ()
    stood: tuple[tuple[int, tuple[Term, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class MachineState:
    """Where one screening of a film stands.

    Parameters
    ----------
    seed : int
        Of the film's chances.
    variables : tuple of int
        Values, in the film's order.
    visits : tuple of int
        How often each scene has been entered, in the order in which the film has them.
    visit : int
        Number of the scene that runs, from 0; -1 before the first.
    scene : str
        Its name; empty before the first.
    entered_s : float
        Film time of its first frame, in seconds.
    began : int
        The visit whose draws hold: an earlier one in a shot that goes on without a break.
    decided : bool
        Whether it has been decided what follows.
    branch : int or None
        The branch that was decided; None for the default.
    own, ahead : Heard
        What has been heard for the scene's branches, and for those of a later shot.
    """

    seed: int
    variables: tuple[int, ...]
    visits: tuple[int, ...]
    visit: int = -1
    scene: str = ""
    entered_s: float = 0.0
    began: int = -1
    decided: bool = False
    branch: int | None = None
    own: Heard = Heard()
    ahead: Heard = Heard()


def moment_of(state: MachineState) -> Moment:
    """Give what guards can look at, but for time and readings."""
    return Moment(state.variables, state.visits, state.seed, state.began)
