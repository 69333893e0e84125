"""Which guards can come true, by what all their quantities may be.

The world is closed: a film's variables and visits have the values its own sets and cuts give
them, time passes, readings are any numbers. At the end of a reading window a guard looks at the
last tick, and through each `for` at moments before it. Flags, counts and visits are the same at
all these moments, the readings of each moment are its own, and a value and its t have the same
sign. Beyond that readings are free: "can come true" means that nothing in the film speaks
against it, "cannot" is certain.

What is asked becomes goals (`narrative._goals`), for which a world is searched
(`narrative._search`). What is too hard is answered with None.
"""

from __future__ import annotations

from collections.abc import Sequence

from narrative._domain import Domain
from narrative._goals import Goal, goal_of
from narrative._guard import Expr, Flag, For, Quantity, format_guard, format_number, unit_of
from narrative._search import TooHardError, find
from narrative._world import Witness

__all__ = [
    "always",
    "implied",
    "in_words",
    "overlap",
    "satisfiable",
    "shadowed",
    "witness",
]


def satisfiable(tree: Expr, domain: Domain) -> bool | None:
    """Tell whether a guard can come true.

    Parameters
    ----------
    tree : Expr
        The guard.
    domain : Domain
        What its quantities may be.

    Returns
    -------
    bool or None
        None where the question is too hard; so with all the questions here.
    """
    return _possible(domain, goal_of(tree, "true"))


def overlap(one: Expr, other: Expr, domain: Domain) -> bool | None:
    """Tell whether two guards can be true at once."""
    return _possible(domain, goal_of(one, "true"), goal_of(other, "true"))


def always(tree: Expr, domain: Domain) -> bool | None:
    """Tell whether a guard is true whatever its readings are, as long as they are known."""
    return _never(domain, goal_of(tree, "false"))


def implied(tree: Expr, by: Expr, domain: Domain) -> bool | None:
    """Tell whether a guard is true whenever another is, whatever else is unknown."""
    return _never(domain, goal_of(by, "true"), goal_of(tree, "not true"))


def shadowed(trees: Sequence[Expr], index: int, domain: Domain) -> bool | None:
    """Tell whether one of several guards is true only where one before it is.

    Parameters
    ----------
    trees : sequence of Expr
        Guards in the order in which they are tried.
    index : int
        Number of the guard that is asked about. One that can never be true is shadowed too.
    domain : Domain
        What their quantities may be.

    Returns
    -------
    bool or None
        Whether those before it cover it, together or one of them alone.
    """
    earlier = (goal_of(tree, "not true") for tree in trees[:index])
    return _never(domain, goal_of(trees[index], "true"), *earlier)


def witness(tree: Expr, domain: Domain) -> Witness | None:
    """Give an example of what makes a guard true.

    Parameters
    ----------
    tree : Expr
        The guard.
    domain : Domain
        What its quantities may be.

    Returns
    -------
    Witness or None
        Value of each quantity and flag that matters at the window's last tick, and of each `for`
        whether it was kept up, in the order of the text; None where the guard cannot come true, or
        the question is too hard.
    """
    try:
        world = find([goal_of(tree, "true")], domain)
    except TooHardError:
        return None
    return None if world is None else world.example(tree)


def in_words(example: Witness) -> str:
    """Write a witness as `met_anna, not rain, courage = 2`."""
    return ", ".join(_fact(subject, value) for subject, value in example.items())


def _fact(subject: Quantity | Flag | For, value: float | bool) -> str:
    match subject:
        case Flag(name):
            return name if value else f"not {name}"
        case For():
            return format_guard(subject) if value else f"not ({format_guard(subject)})"
        case _:
            return f"{subject} = {format_number(value)}{unit_of(subject)}"


def _possible(domain: Domain, *goals: Goal) -> bool | None:
    try:
        return find(goals, domain) is not None
    except TooHardError:
        return None


def _never(domain: Domain, *goals: Goal) -> bool | None:
    found = _possible(domain, *goals)
    return None if found is None else not found
