"""Branching film: the format filmmakers write, its checks, and the machine that decides.

`load_film` reads a film file and refuses a bad one with every fault's line and column;
`check_film` holds it against its clips; `Machine` follows one screening and turns
named readings into decisions with reasons. Unknown never satisfies a condition: the
film then takes its default. The package is pure: text, facts and times come in as
arguments. The guard language is described in `narrative._guard`.
"""

from narrative._check import check_film
from narrative._decision import By, Decision, GuardReport, Reading, Term, Verdict
from narrative._film import Branch, Film, Media, Scene, Window
from narrative._guard import Guard, format_guard
from narrative._load import load_film
from narrative._machine import LONGEST_SILENCE_S, Machine
from narrative._multiplicity import decision_points, over_film
from narrative._parse import GuardProblem, parse_guard
from narrative._problem import FilmError, MachineError, Problem
from narrative._signals import ATTRIBUTES, SIGNALS, Signal

__all__ = [
    "ATTRIBUTES",
    "LONGEST_SILENCE_S",
    "SIGNALS",
    "Branch",
    "By",
    "Decision",
    "Film",
    "FilmError",
    "Guard",
    "GuardProblem",
    "GuardReport",
    "Machine",
    "MachineError",
    "Media",
    "Problem",
    "Reading",
    "Scene",
    "Signal",
    "Term",
    "Verdict",
    "Window",
    "check_film",
    "decision_points",
    "format_guard",
    "load_film",
    "over_film",
    "parse_guard",
]
