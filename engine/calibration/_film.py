"""The calibration film: four scenes in two minutes, always the same."""

from __future__ import annotations

import numpy as np

FPS = 24

EYES_OPEN, EYES_CLOSED, FLASHES, CLIP = "eyes_open", "eyes_closed", "flashes", "clip"
SCENES = (EYES_OPEN, EYES_CLOSED, FLASHES, CLIP)

LENGTH_S = {EYES_OPEN: 30, EYES_CLOSED: 28, FLASHES: 28, CLIP: 34}
"""The clip is the longest: two seconds after its cut count for nothing, and a fit needs 30."""

TONE_S = 2
"""The tone that ends closed eyes takes up this last part of its scene."""

_SEED = 1
_FIRST_FRAME, _LAST_S = 2 * FPS, 1
_SHORTEST, _LONGEST = FPS // 2, FPS * 5 // 6


def flash_frames() -> tuple[int, ...]:
    """Frames of their scene at which flash and click come.

    0.5 to 0.83 s apart, 1.5 a second on average, in an order that a seed has drawn: what follows a
    flash by some fixed time cannot be taken for what precedes the next. Never more than two a
    second, below the three at which the guidelines on photosensitivity begin (WCAG 2.2, 2.3.1).
    """
    rng = np.random.default_rng(_SEED)
    frames = [_FIRST_FRAME]
    while frames[-1] < (LENGTH_S[FLASHES] - _LAST_S) * FPS:
        frames.append(frames[-1] + int(rng.integers(_SHORTEST, _LONGEST, endpoint=True)))
    return tuple(frames[:-1])


FILM_NAME = "calibration.yaml"

FILM_TEXT = f"""\
# Two minutes before the doors: baselines, closed eyes, lags, weights. Made by `hall calibrate`.
# Flashes at the frames {", ".join(map(str, flash_frames()))}.
title: {{en: Calibration, zh-Hant: 校準}}
fps: {FPS}
start: {EYES_OPEN}
max_runtime: 5 min
scenes:
  {EYES_OPEN}:
    title:
      en: Eyes open. Look at the dot.
      zh-Hant: 請睜開眼睛，看著圓點。
    clip: {EYES_OPEN}.mkv
    length: {LENGTH_S[EYES_OPEN]} s
    default: {EYES_CLOSED}
  {EYES_CLOSED}:
    title:
      en: Close your eyes until you hear the tone.
      zh-Hant: 請閉上眼睛，直到聽見提示音。
    clip: {EYES_CLOSED}.mkv
    length: {LENGTH_S[EYES_CLOSED]} s
    default: {FLASHES}
  {FLASHES}:
    title:
      en: Eyes open. Look at the dot. The screen will flash softly.
      zh-Hant: 請睜開眼睛，看著圓點。畫面會輕微閃動。
    clip: {FLASHES}.mkv
    length: {LENGTH_S[FLASHES]} s
    default: {CLIP}
  {CLIP}:
    title: {{en: A harbour, zh-Hant: 港口}}
    clip: {CLIP}.mkv
    length: {LENGTH_S[CLIP]} s
    ending: true
"""
