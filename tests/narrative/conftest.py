"""A small film, and readings to steer it."""

from collections.abc import Callable

import pytest

from narrative import Film, MachineState, Reading, begin, enter, load_film

FILM = """\
title: {en: Test, zh-Hant: 測試}
fps: 24
start: lead_in
max_runtime: 5 min
scenes:
  lead_in:
    clip: clips/lead_in.mkv
    length: 60 s
    lead_in: true
    default: harbour
  harbour:
    clip: clips/harbour.mkv
    length: 24 s
    reading: {from: 3 s, to: 21 s}
    branches:
      - when: engagement > 0.4 for 5 s
        to: storm
      - when: synchrony > 3
        to: harbour
    default: calm
  storm: {clip: clips/storm.mkv, length: 12 s, ending: true}
  calm: {clip: clips/calm.mkv, length: 12 s, ending: true}
"""

EVERYTHING = """\
title: {en: Everything, zh-Hant: 一切}
synopsis: {en: A film that uses every key., zh-Hant: 每個鍵都用到的電影。}
by: Mei Lin
warnings: [{en: Flashing light, zh-Hant: 閃光}]
photosensitive: true
fps: 24
start: lead_in
max_runtime: 90 min
confidence: 0.9
baseline: lead_in
variables:
  met_anna: false
  courage: 0
  keys: {start: 1, most: 5}
beds:
  drone: {file: music/drone.wav, gain: -12 dB, fade: 2 s}
  sea: {file: music/sea.wav}
parts:
  duel:
    parameters: [who, won, lost, floor]
    start: face
    scenes:
      face:
        clip: "clips/duel_$who.mkv"
        length: 20 s
        reading: {from: 3 s, to: 18 s}
        branches: [{when: "engagement > $floor and visits(face) < 3 for 5 s", to: fight}]
        default: flee
      fight: {clip: "clips/${who}_fights.mkv", default: $won}
      flee: {clip: clips/flee.mkv, default: $lost}
scenes:
  lead_in: {clip: clips/lead_in.mkv, length: 60 s, lead_in: true, default: storm}
  storm:
    title: {en: Storm, zh-Hant: 風暴}
    clip: {file: clips/reel1.mkv, in: "00:01:00:00", out: "00:01:24:00"}
    length: 24 s
    reading: {from: 3 s, to: 21 s}
    branches:
      - when: (engagement > 0.7 and engagement.t > 3 for 5 s) and not met_anna
        to: chase
        set: {met_anna: true, courage: +1}
      - {when: engagement.zone(left).trend > 0.1 and chance(0.3), to: duel_anna}
    default: waiting
    linear: duel_ben
    set: {courage: 0, keys: -1}
    bed: drone
    confidence: 0.8
    warnings: [{en: Loud thunder, zh-Hant: 雷聲}]
    photosensitive: true
    cues:
      - {at: 2 s, osc: /lamp/1, values: [0.5, 1]}
      - {at: 0 s, lights: 10 %, in: 3 s}
      - {at: 2 s, midi: note, channel: 1, values: [60, 90]}
    modulations:
      - {signal: engagement, from: [-1, 1], drives: gain, to: [-6, 0], slew: 2, rest: -3}
      - {signal: synchrony, from: [0, 6], drives: grade, to: [0, 1], slew: 0.1, rest: 0,
         target: luts/warm.cube}
  waiting:
    clip: clips/waiting.mkv
    length: 12 s
    reading: {from: 2 s, to: 11 s}
    branches: [{when: courage >= 2 or synchrony > 3, to: chase}]
    default: calm
    bumper: 3
  chase:
    threads:
      anna: clips/chase_anna.mkv
      ben: {file: clips/reel1.mkv, in: 2400, out: 3120}
    length: 20 s
    cuts:
      every: 6 s
      first: ben
      confidence: 0.5
      branches: [{when: engagement.trend < 0, to: other}]
    reading: {from: 10 s, to: 18 s}
    branches: [{when: visits(duel_anna) >= 1 and keys <= 4, to: duel_ben}]
    default: calm
  duel_anna: {part: duel, with: {who: anna, won: duel_ben, lost: calm, floor: 0.8}}
  duel_ben: {part: duel, with: {who: ben, won: calm, lost: calm, floor: -0.5}}
  calm: {clip: clips/calm.mkv, length: 12 s, ending: true}
"""
"""Every key of the format at least once."""


@pytest.fixture(scope="session")
def everything_text() -> str:
    return EVERYTHING


@pytest.fixture(scope="session")
def everything() -> Film:
    return load_film(EVERYTHING, "film.yaml")


@pytest.fixture(scope="session")
def film_text() -> str:
    return FILM


@pytest.fixture(scope="session")
def film() -> Film:
    return load_film(FILM, "film.yaml")


@pytest.fixture
def harbour(film: Film) -> MachineState:
    """The state just after the harbour was entered."""
    state = enter(film, begin(film), 0, "lead_in", 0.0)
    return enter(film, state, 1, "harbour", 60.0)


@pytest.fixture(scope="session")
def reading() -> Callable[..., Reading]:
    def make(
        value: float | None, confidence: float | None = 0.999, t: float | None = 4.0
    ) -> Reading:
        return Reading(value, confidence, t, seats=20, reason="" if value is not None else "gone")

    return make
