"""A film and its audience, drawn by chance: small, and with everything in it that films have."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import dsp
import narrative
from acquisition import SimulatedSpec, describe
from engine.config import Show, ShowSource, planned_table
from engine.records import Consent

_GUARDS = (
    "synchrony > 2.6 for 1 s",
    "synchrony > 3",
    "not (synchrony > 2.6)",
    "elapsed > 9 s",
    "visits({scene}) < 2",
    "visits({scene}) > 1 or synchrony.t > 3",
    "chance(0.5)",
    "met and synchrony > 2.6",
    "courage >= 2 and not met",
)
_SETS = ("", ", set: {met: true}", ", set: {courage: +1}")
_BASELINE_GUARDS = ("engagement > 0.1 for 1 s", "engagement < -0.1")
_LEAD_IN_SHARE = 0.02
_SETTINGS = dsp.Settings(
    min_seats=3, isc_window_s=3.0, settling_s=0.5, smoothing_s=2.0, power_window_s=2.0
)
_CHANNELS = ("TP9", "P3", "P4", "TP10")
_RATE = 128.0


def draw_show(rng: random.Random, folder: Path) -> Show:
    """Draw a show.

    Parameters
    ----------
    rng : random.Random
        Chance.
    folder : Path
        Where its files would be; none is there.
    """
    text = _film_text(rng)
    film = narrative.load_film(text, "film.yaml")
    return Show(
        path=folder / "show.toml",
        title="Simulated",
        driver="silent",
        film_path=folder / "film.yaml",
        film_text=text,
        film=film,
        film_sha256="simulated",
        table=planned_table(film),
        sources=tuple(_draw_sources(rng, film.scenes)),
        settings=_SETTINGS,
        seed=rng.randrange(1 << 30),
    )


def _film_text(rng: random.Random) -> str:
    """Write a film: defaults lead through all scenes, branches anywhere, also back."""
    inner = [f"s{number}" for number in range(rng.randint(2, 5))]
    endings = [f"end{number}" for number in range(rng.randint(1, 3))]
    lead_in = rng.random() < _LEAD_IN_SHARE
    lines = [
        "title: {en: Simulated}",
        f"fps: {rng.choice((12, 15, 24))}",
        f"start: {'lead_in' if lead_in else inner[0]}",
        f"max_runtime: {(60 if lead_in else 0) + rng.randint(12, 24)} s",
        "confidence: 0.9",
        "variables: {met: false, courage: 0}",
        "scenes:",
    ]
    if lead_in:
        lines.append(f"  lead_in: {{clip: l, length: 60 s, lead_in: true, default: {inner[0]}}}")
    guards = _GUARDS + _BASELINE_GUARDS * lead_in
    owed = {rng.choice(inner): [ending] for ending in endings[1:]}
    for name, default in zip(inner, [*inner[1:], endings[0]], strict=True):
        length = rng.uniform(4.5, 7.0)
        lines += [f"  {name}:", f"    clip: {name}", f"    length: {length:.2f} s"]
        targets = [scene for scene in inner + endings[:1] if scene != name]
        branches = rng.choices(targets, k=rng.randint(0, 2)) + owed.get(name, [])
        if branches:
            lines.append(f"    reading: {{from: 2 s, to: {length - rng.uniform(1.05, 1.4):.2f} s}}")
            lines.append("    branches:")
        for target in branches:
            guard = rng.choice(guards).format(scene=rng.choice(inner))
            sets = rng.choice(_SETS)
            lines.append(f"      - {{when: {guard}, to: {target}{sets}}}")
        lines.append(f"    default: {default}")
    shown = [endings[0], *(ending for (ending,) in owed.values())]
    lines += [
        f"  {name}: {{clip: {name}, length: {rng.uniform(1.5, 3):.2f} s, ending: true}}"
        for name in shown
    ]
    return "\n".join(lines) + "\n"


def _draw_sources(rng: random.Random, scenes: Iterable[str]) -> Iterable[ShowSource]:
    responses = tuple(sorted((scene, rng.uniform(-1, 1)) for scene in scenes))
    for number in range(rng.randint(1, 2)):
        seats = tuple(f"{'AB'[number]}{seat}" for seat in range(1, rng.randint(3, 6) + 1))
        spec = SimulatedSpec(
            seats=seats,
            seed=rng.randrange(1 << 30),
            channels=_CHANNELS,
            rate=_RATE,
            responses=responses,
            synchrony=rng.choice((0.0, 1.0, 4.0)),
            loss=rng.choice((0.0, 0.01, 0.1)),
            noisy=rng.choice((0.0, 0.1)),
        )
        consent = rng.choice((Consent.RECORDED, Consent.RESEARCH, Consent.RESEARCH, Consent.JOINED))
        live = rng.random() < 0.5
        headsets = tuple(replace(headset, live=live) for headset in describe(spec))
        yield ShowSource(f"simulated-{number + 1}", spec, headsets, consent)
