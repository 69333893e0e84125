"""Branching film: the format filmmakers write, its checks, and the machine that decides.

`load_film` reads a film file and refuses a bad one with every fault's line and column;
`check_film` holds it against its clips; `begin`, `enter`, `observe` and `decide` follow one
screening and turn named readings into decisions with reasons. Unknown never satisfies a
condition: the film then takes its default. The package is pure: text, facts and times come in as
arguments. The guard language is described in `narrative._guard`.
"""

from narrative._audience_model import SIMULATED, AudienceModel, SignalModel
from narrative._check import check_film
from narrative._deciding import choose, decide, preview, verdicts
from narrative._decision import By, Decision, GuardReport, Reading, Term, Verdict
from narrative._domain import Domain
from narrative._drawing import as_dot, as_mermaid
from narrative._film import (
    Ahead,
    Bed,
    Branch,
    Cue,
    Drive,
    Film,
    Media,
    Modulation,
    Output,
    Scene,
    Set,
    Variable,
    Window,
)
from narrative._flow import Flow, flow_of
from narrative._guard import (
    And,
    Chance,
    Compare,
    Count,
    Elapsed,
    Expr,
    Flag,
    For,
    Guard,
    Not,
    Or,
    Quantity,
    SignalValue,
    Visits,
    format_guard,
    walk,
)
from narrative._hearing import LONGEST_SILENCE_S
from narrative._journey import Journey, Step, load_journey, run_journey
from narrative._load import load_film
from narrative._machine import begin, commit, enter, observe, sets_of
from narrative._modulation import Modulations, modulate
from narrative._multiplicity import decision_points, over_film
from narrative._parse import RESERVED, Names, parse_guard
from narrative._problem import (
    FilmError,
    MachineError,
    Problem,
    Severity,
    did_you_mean,
    in_file_order,
    place_of,
)
from narrative._running import RunningTime, defaults_s, planned_lengths, running_time
from narrative._satisfy import (
    always,
    implied,
    in_words,
    overlap,
    satisfiable,
    shadowed,
    witness,
)
from narrative._schema import film_schema
from narrative._signals import ATTRIBUTES, SIGNALS, Signal
from narrative._state import MachineState
from narrative._svg import as_svg
from narrative._tokens import GuardProblem
from narrative._viewers import Sitting, Viewers
from narrative._world import Witness

__all__ = [
    "ATTRIBUTES",
    "LONGEST_SILENCE_S",
    "RESERVED",
    "SIGNALS",
    "SIMULATED",
    "Ahead",
    "And",
    "AudienceModel",
    "Bed",
    "Branch",
    "By",
    "Chance",
    "Compare",
    "Count",
    "Cue",
    "Decision",
    "Domain",
    "Drive",
    "Elapsed",
    "Expr",
    "Film",
    "FilmError",
    "Flag",
    "Flow",
    "For",
    "Guard",
    "GuardProblem",
    "GuardReport",
    "Journey",
    "MachineError",
    "MachineState",
    "Media",
    "Modulation",
    "Modulations",
    "Names",
    "Not",
    "Or",
    "Output",
    "Problem",
    "Quantity",
    "Reading",
    "RunningTime",
    "Scene",
    "Set",
    "Severity",
    "Signal",
    "SignalModel",
    "SignalValue",
    "Sitting",
    "Step",
    "Term",
    "Variable",
    "Verdict",
    "Viewers",
    "Visits",
    "Window",
    "Witness",
    "always",
    "as_dot",
    "as_mermaid",
    "as_svg",
    "begin",
    "check_film",
    "choose",
    "commit",
    "decide",
    "decision_points",
    "defaults_s",
    "did_you_mean",
    "enter",
    "film_schema",
    "flow_of",
    "format_guard",
    "implied",
    "in_file_order",
    "in_words",
    "load_film",
    "load_journey",
    "modulate",
    "observe",
    "over_film",
    "overlap",
    "parse_guard",
    "place_of",
    "planned_lengths",
    "preview",
    "run_journey",
    "running_time",
    "satisfiable",
    "sets_of",
    "shadowed",
    "verdicts",
    "walk",
    "witness",
]
