"""What can befall a show: each fault by its name, and what makes it happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from engine.records import Consent
from engine.simulation._hall import HALL, Hall
from engine.simulation._parts import Part
from engine.simulation._world import MS, S

Fault: TypeAlias = Callable[[Hall], None]

_MOST = 7
_LAST_S = 32.0


def draw_faults(hall: Hall, only: str | None = None) -> None:
    """Draw what will befall a show, and when; some shows are spared.

    Parameters
    ----------
    hall : Hall
        The show.
    only : str, optional
        One of `FAULTS`, to befall it once, while the film runs; empty for none at all.
    """
    rng = hall.world.rng
    if only is not None:
        if only:
            hall.world.after(hall.world.seconds(5, 10), partial(_befall, hall, only))
        return
    names = list(FAULTS)
    weights = [weight for _, weight in FAULTS.values()]
    for name in rng.choices(names, weights, k=rng.randrange(_MOST)):
        hall.world.after(hall.world.seconds(0, _LAST_S), partial(_befall, hall, name))


def _befall(hall: Hall, name: str) -> None:
    if not hall.player.finished:
        hall.world.tell(f"fault: {name}")
        hall.world.faults.append(name)
        FAULTS[name][0](hall)


def _kill(part: Callable[[Hall], Part]) -> Fault:
    return lambda hall: part(hall).kill()


def _freeze(part: Callable[[Hall], Part], longest_s: float) -> Fault:
    def do(hall: Hall) -> None:
        part(hall).freeze(hall.world.now_ns + hall.world.seconds(0.2, longest_s))

    return do


def _any_worker(hall: Hall) -> Part:
    return hall.world.rng.choice(hall.workers)


def _the_engine(hall: Hall) -> Part:
    """The engine that directs, or would."""
    return hall.second if hall.second.alive else hall.engine


def _second_engine(hall: Hall) -> None:
    """Somebody starts another engine while the first one runs."""
    if not hall.second.alive:
        hall.second.finished = False
        hall.second.start()


def _takeover_on_a_late_net(hall: Hall) -> None:
    """What the first engine has said may arrive when the second one has spoken already."""
    hall.net.was_bad = True
    hall.net.weather.late_ns = 2 * S
    hall.world.after(6 * S, lambda: _bad_weather(hall, False))
    _second_engine(hall)


def _interrupt(*, machine: bool) -> Fault:
    def do(hall: Hall) -> None:
        if hall.supervised:
            hall.interrupt(machine=machine)

    return do


def _for_a_while(set_to: Callable[[Hall, bool], None], longest_s: float) -> Fault:
    def do(hall: Hall) -> None:
        set_to(hall, True)
        hall.world.after(hall.world.seconds(0.5, longest_s), lambda: set_to(hall, False))

    return do


def _bad_weather(hall: Hall, bad: bool) -> None:
    rng, weather = hall.world.rng, hall.net.weather
    hall.net.was_bad = True
    weather.lost = rng.choice((0.0, 0.05, 0.3)) if bad else 0.0
    weather.doubled = rng.choice((0.0, 0.2)) if bad else 0.0
    weather.late_ns = rng.choice((0, 50 * MS, 2 * S)) if bad else 0


def _cut_off(node: Callable[[Hall], str], longest_s: float) -> Fault:
    def do(hall: Hall) -> None:
        hall.net.cut_off(node(hall), hall.world.now_ns + hall.world.seconds(0.3, longest_s))

    return do


def _step_clock(hall: Hall) -> None:
    clock = hall.world.rng.choice(hall.clocks)
    clock.offset_ns += hall.world.seconds(-3, 3)


def _drift_clock(hall: Hall) -> None:
    hall.world.rng.choice(hall.clocks).drift = hall.world.rng.uniform(-2e-3, 2e-3)


def _seat(hall: Hall) -> tuple[int, int]:
    """Any seat: its source, and its number there."""
    source = hall.world.rng.randrange(len(hall.show.sources))
    return source, hall.world.rng.randrange(len(hall.show.sources[source].headsets))


def _seat_falls_silent(hall: Hall) -> None:
    source, seat = _seat(hall)
    hall.fates[source].silent.add(seat)
    hall.world.after(hall.world.seconds(0.5, 15), lambda: hall.fates[source].silent.discard(seat))


def _seat_is_doubled(hall: Hall) -> None:
    source, seat = _seat(hall)
    other = hall.world.rng.randrange(len(hall.show.sources[source].headsets))
    hall.fates[source].doubled[seat] = other


def _disk_full(hall: Hall, bad: bool) -> None:
    hall.disk.full = bad


def _disk_read_only(hall: Hall, bad: bool) -> None:
    hall.disk.read_only = bad


def _disk_slow(hall: Hall, bad: bool) -> None:
    hall.disk.slow_ns = 3 * S if bad else 0


def _no_room_anywhere(hall: Hall) -> None:
    hall.disk.full = hall.disk.memory_full = True


def _decoders_late(hall: Hall) -> None:
    hall.trouble.late_until_ns = hall.world.now_ns + hall.world.seconds(0.1, 3)


def _clip_vanishes(hall: Hall) -> None:
    hall.trouble.vanished.add(hall.world.rng.choice(hall.show.table.scenes).clip.path)


def _operator(kind: str, number: int | None = None) -> Fault:
    def do(hall: Hall) -> None:
        if hall.booth is not None:
            hall.booth.press(kind, number)

    return do


def _panic(hall: Hall) -> None:
    """PANIC, and after a while RESUME, until it is heard."""
    _operator("panic")(hall)
    hall.world.after(hall.world.seconds(0.1, 6), lambda: _resume(hall))


def _resume(hall: Hall) -> None:
    if not hall.player.finished:
        _operator("resume")(hall)
        hall.world.after(2 * S, lambda: _resume(hall))


def _consent(hall: Hall) -> None:
    source, seat = _seat(hall)
    name = hall.show.sources[source].headsets[seat].seat
    hall.ask_consent(name, hall.world.rng.choice(list(Consent)))


FAULTS: Mapping[str, tuple[Fault, float]] = {
    "the engine is killed": (_kill(_the_engine), 4),
    "the engine is stopped for a while": (_freeze(_the_engine, 14), 2),
    "a second engine is started": (_second_engine, 3),
    "a second engine is started while messages are late": (_takeover_on_a_late_net, 2),
    "the player is killed": (_kill(lambda hall: hall.player), 2),
    "the player is stopped for a while": (_freeze(lambda hall: hall.player, 4), 1),
    "a worker is killed": (_kill(_any_worker), 2),
    "a worker is stopped for a while": (_freeze(_any_worker, 5), 1),
    "the console is killed": (_kill(lambda hall: hall.console), 1),
    "the supervisor is killed": (_interrupt(machine=False), 0.5),
    "the machine stops": (_interrupt(machine=True), 1),
    "messages are lost, doubled and late": (_for_a_while(_bad_weather, 6), 4),
    "a worker's machine is cut off": (_cut_off(lambda hall: _any_worker(hall).node, 5), 1),
    "the hall's machine is cut off": (_cut_off(lambda hall: HALL, 3), 0.5),
    "a worker's clock steps": (_step_clock, 1),
    "a worker's clock drifts": (_drift_clock, 1),
    "a seat falls silent and returns": (_seat_falls_silent, 2),
    "a seat gives another seat's samples": (_seat_is_doubled, 1),
    "the disk is full": (_for_a_while(_disk_full, 8), 1),
    "the disk is read-only": (_for_a_while(_disk_read_only, 8), 1),
    "the disk is slow": (_for_a_while(_disk_slow, 6), 1),
    "there is no room anywhere": (_no_room_anywhere, 0.3),
    "decoders are late": (_decoders_late, 1),
    "a clip vanishes": (_clip_vanishes, 1),
    "the operator presses HOLD": (_operator("hold"), 1),
    "the operator presses AUTO": (_operator("auto"), 1),
    "the operator presses DEFAULT": (_operator("default"), 0.5),
    "the operator presses TAKE 1": (_operator("take", 1), 0.5),
    "the operator presses TAKE 2": (_operator("take", 2), 0.5),
    "the operator presses PANIC": (_panic, 1),
    "a seat changes its consent": (_consent, 4),
}
"""Name -> what happens, and how often beside the others."""
