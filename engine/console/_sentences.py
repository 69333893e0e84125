"""What player, engine and stages say, as patterns: a test holds them against who says it."""

from __future__ import annotations


def later(text: str) -> str:
    """Mark a message for the catalogue; it is translated where it is shown."""
    return text


TERMS = {
    "engagement": later("engagement"),
    "forehead_theta_alpha": later("forehead θ/α"),
    "relaxation": later("relaxation"),
    "drowsiness": later("drowsiness"),
    "blink_rate": later("blink rate"),
    "heart_rate": later("heart rate"),
    "synchrony": later("synchrony"),
    "engaged_share": later("engaged share"),
    "elapsed": later("elapsed"),
    "visits": later("visits"),
    "confidence": later("confidence"),
    "trend": later("trend"),
    "zone": later("zone"),
    "chance": later("chance"),
    "for": later("for"),
    "and": later("and"),
    "or": later("or"),
    "not": later("not"),
}
"""Words of guards, and names of signals."""

CONSENTS = {
    "withdrawn": later("withdrawn"),
    "joined": later("counts in the room"),
    "recorded": later("is recorded"),
    "research": later("is recorded, also for research"),
}
"""What a viewer allows."""

LIST = later(", ")
"""Between the scenes of a list."""

SENTENCES = (
    # The player, asked (playback).
    later("{scene} follows"),
    later("the film runs"),
    later("the film is over"),
    later("the film has not started"),
    later("the slate is up: the film has not started"),
    later("the slate is up"),
    later("fading to the slate"),
    later("the film is not paused"),
    later("fading back at frame {frame}"),
    later("stopped: the slate is up"),
    later("HOLD: defaults until AUTO"),
    later("AUTO: the audience decides"),
    later("'{scene}' is an ending: nothing follows"),
    later("DEFAULT: {scene} follows"),
    later("TAKE {number}: {scene} follows"),
    later("TAKE {number}: '{scene}' has {count} branches"),
    # The player's events.
    later("PANIC"),
    later("RESUME"),
    later("pre-rolling {scenes}"),
    later("{scene} noted; the operator decides: {other}"),
    later("term {term} is superseded: term {highest} has spoken"),
    later("late: the deadline was frame {frame}, the film is at {count}"),
    later("the ending {scene} has been shown"),
    later("the ending {scene} cannot be played"),
    later("{scene} cannot be decoded any more"),
    later("{scene} cannot be played"),
    later("{scene} was not ready"),
    later("nothing that follows can be played"),
    later("{count} frames skipped: the player was held up"),
    later("{count} frames repeated"),
    later("stopped"),
    later("the engine with term {term} directs"),
    later("the player was started again"),
    later("the film goes on"),
    later("{scene} cannot be opened any more"),
    # The engine.
    later("opening {count} sources"),
    later("ready"),
    later("running"),
    later("the film starts as soon as every source is open or has failed"),
    later("seat {seat} has withdrawn; that holds for the whole show"),
    later("seat {seat}: {before} -> {after}"),
    later("did not open within 60 s"),
    later("{path} cannot be written ({why}): kept in {where}"),
    # Why a signal or a condition is unknown (dsp, engine, narrative).
    later("{seats} valid seats, {needed} needed"),
    later("{seats} valid seat, {needed} needed"),
    later("no seat has {regions} electrodes"),
    later("no seat has a pulse sensor"),
    later("all seats are alike: check for doubled devices"),
    later("more alike than viewers are: check for a shared pick-up or doubled devices"),
    later("no blinks"),
    later("nothing to correlate in the window"),
    later("too few seconds since the baseline"),
    later("baseline not complete"),
    later("no norms: this is a test screening"),
    later("no norm of {scene}"),
    later("the norm of {scene} is not above chance"),
    later("the correlation's window reaches back before the cut"),
    later("the window is not open yet"),
    later("no readings in the window"),
    later("no readings"),
    later("no readings after {when} s"),
    later("no reading"),
    later("the readings do not tell"),
    later("confidence {value} is below {limit}"),
    # The console itself.
    later("too soon after the last press: nothing was sent"),
)
