"""Running times as a picture."""

from __future__ import annotations

from html import escape
from typing import Final

from engine.authoring._tally import Counts
from engine.authoring._telling import clock, percent, running_times

_BARS: Final = 48
_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)


def histogram(lasted: Counts) -> str:
    """Draw how long passes lasted, in bars of a round number of seconds."""
    times = running_times(lasted)
    span = times.longest - times.shortest + 1
    step = next((step for step in _STEPS_S if span <= step * _BARS), _STEPS_S[-1])
    start = times.shortest // step * step
    count = (times.longest - start) // step + 1
    bars = [
        int(lasted.times[start + i * step : start + (i + 1) * step].sum()) for i in range(count)
    ]
    width, height, left, top, foot = 900.0, 220.0, 56.0, 12.0, 34.0
    wide, most = (width - left - 32) / count, max(bars)
    shapes = []
    for i, times_in in enumerate(bars):
        high = (height - top - foot) * times_in / most
        x, y = left + i * wide, height - foot - high
        told = (
            f"{clock(start + i * step)} to {clock(start + (i + 1) * step)}: "
            f"{times_in:,} ({percent(times_in / sum(bars))})"
        )
        shapes.append(
            f'<rect x="{x + 0.5:.1f}" y="{y:.1f}" width="{max(1.0, wide - 1):.1f}" '
            f'height="{high:.1f}" fill="#f0b36f"><title>{escape(told)}</title></rect>'
        )
    every = max(1, -(-count // 8))
    marks = [
        f'<text x="{left + i * wide:.1f}" y="{height - foot + 16:.1f}" text-anchor="middle">'
        f"{clock(start + i * step)}</text>"
        for i in range(0, count + 1, every)
    ]
    shown = f"Running times from {clock(times.shortest)} to {clock(times.longest)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" font-size="11" '
        f'font-family="inherit"><title>{escape(shown)}, half of them below '
        f"{clock(times.median)}</title>"
        f'<line x1="{left}" y1="{height - foot}" x2="{width - 32}" y2="{height - foot}" '
        f'stroke="#77776f"/>'
        f'<text x="{left - 8}" y="{top + 4}" text-anchor="end">{percent(most / sum(bars))}</text>'
        f'<text x="{left - 8}" y="{height - foot}" text-anchor="end">0 %</text>'
        + "".join([*shapes, *marks])
        + "</svg>"
    )
