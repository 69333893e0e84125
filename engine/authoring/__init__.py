"""What a filmmaker works with: stories and timelines in and out, packages, checks, simulations."""

from engine.authoring._audience import fit_audience, read_audience
from engine.authoring._bed import sketch_bed
from engine.authoring._check_page import check_page
from engine.authoring._checking import (
    Checked,
    Depth,
    Figures,
    check_film_file,
    known_lengths,
    read_film,
)
from engine.authoring._edit import import_timeline
from engine.authoring._findings import Finding, findings
from engine.authoring._media import Looked
from engine.authoring._new import new_film
from engine.authoring._pack import pack_film
from engine.authoring._report import simulation_page
from engine.authoring._simulate import Pass, replay_pass, simulate_film
from engine.authoring._simulation import Simulation
from engine.authoring._story import import_story
from engine.authoring._telling import clock, pass_lines, summary_lines
from engine.authoring._timeline import (
    Mark,
    Shot,
    session_timeline,
    timeline_text,
    way_through,
)
from engine.authoring._watch import Preview, Watched, film_changes, watch_film
from engine.authoring._writing import AuthoringError, Imported

__all__ = [
    "AuthoringError",
    "Checked",
    "Depth",
    "Figures",
    "Finding",
    "Imported",
    "Looked",
    "Mark",
    "Pass",
    "Preview",
    "Shot",
    "Simulation",
    "Watched",
    "check_film_file",
    "check_page",
    "clock",
    "film_changes",
    "findings",
    "fit_audience",
    "import_story",
    "import_timeline",
    "known_lengths",
    "new_film",
    "pack_film",
    "pass_lines",
    "read_audience",
    "read_film",
    "replay_pass",
    "session_timeline",
    "simulate_film",
    "simulation_page",
    "sketch_bed",
    "summary_lines",
    "timeline_text",
    "watch_film",
    "way_through",
]
