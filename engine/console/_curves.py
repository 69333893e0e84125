"""The audience's curves: each signal's last three minutes with its uncertainty, for ECharts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import dsp
from engine.config import Show
from engine.console._state import CURVE_S, Moment
from engine.console._words import Words

Point: TypeAlias = list[float | None]

INK, DIM, RULE, LINE, BAND, MARK = (
    "#e8ecf4",
    "#a3aec0",
    "#2a3242",
    "#5cc8ff",
    "rgba(92,200,255,.22)",
    "#ffb84d",
)
_REM = "0.8 * parseFloat(getComputedStyle(document.documentElement).fontSize)"
"""Letters grow with the page."""

_GAP_LABEL_S = 40.0


def interval(signal: dsp.Pooled) -> tuple[float, float] | None:
    """Value minus and plus two standard errors; None where the signal is unknown.

    Synchrony is a z: its own standard error is 1 by construction (`dsp.Pooled`).
    """
    if signal.value is None or signal.standard_error is None:
        return None
    error = 1.0 if signal.name == dsp.SYNCHRONY else signal.standard_error
    return signal.value - 2 * error, signal.value + 2 * error


def thresholds(show: Show, scene: str, signal: str) -> tuple[float, ...]:
    """Numbers that the conditions of a scene compare the signal's value with."""
    if scene not in show.film.scenes:
        return ()
    guards = [branch.when for branch in show.film.scenes[scene].branches]
    return tuple(sorted({number for guard in guards for number in guard.numbers(signal)}))


def gaps(moments: Sequence[Moment], number: int) -> list[tuple[float, float, str]]:
    """Stretches in which a signal is unknown: from, to (hall time in s), and the last reason."""
    found: list[tuple[float, float, str]] = []
    for before, moment in zip([None, *moments], moments, strict=False):
        signal = moment.signals[number]
        if signal.value is not None:
            continue
        goes_on = before is not None and before.signals[number].value is None
        if goes_on and found:
            found[-1] = (found[-1][0], moment.hall_s, signal.reason)
        else:
            found.append((moment.hall_s, moment.hall_s, signal.reason))
    return found


def options(
    moments: Sequence[Moment],
    number: int,
    now_s: float,
    marks: Sequence[float],
    say: Words,
    *,
    timed: bool,
) -> dict[str, Any]:
    """Draw one signal.

    Parameters
    ----------
    moments : sequence of Moment
        The last three minutes.
    number : int
        Which of the signals.
    now_s : float
        Hall time at the right edge.
    marks : sequence of float
        Thresholds to draw.
    say : Words
        The page's language.
    timed : bool
        Label the time axis.
    """
    values, low, width = _points(moments, number, now_s)
    return {
        "animation": False,
        "textStyle": {"fontFamily": "Noto Sans, Arial, Noto Sans CJK TC, sans-serif"},
        "grid": {
            ":left": f"3 * {_REM}",
            "right": 12,
            "top": 6,
            ":bottom": f"1.7 * {_REM}" if timed else "6",
        },
        "xAxis": _time_axis(say, timed),
        "yAxis": _value_axis(low, width, marks),
        "series": [
            _band(low, "transparent"),
            _band(width, BAND),
            {
                **_line(values),
                "lineStyle": {"color": LINE, "width": 2.5},
                "markLine": _mark_lines(marks),
                "markArea": _mark_areas(gaps(moments, number), now_s, say),
            },
        ],
    }


def _points(
    moments: Sequence[Moment], number: int, now_s: float
) -> tuple[list[Point], list[Point], list[Point]]:
    """Value, lower end and width of the band, by seconds before now."""
    values, low, width = [], [], []
    for moment in moments:
        at = round(moment.hall_s - now_s, 2)
        signal = moment.signals[number]
        ends = interval(signal)
        values.append([at, _round(signal.value)])
        low.append([at, _round(ends[0]) if ends else None])
        width.append([at, _round(ends[1] - ends[0]) if ends else None])
    return values, low, width


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _line(points: list[Point]) -> dict[str, Any]:
    return {"type": "line", "data": points, "showSymbol": False, "silent": True}


def _band(points: list[Point], color: str) -> dict[str, Any]:
    return {
        **_line(points),
        "stack": "band",
        "stackStrategy": "all",
        "lineStyle": {"opacity": 0},
        "areaStyle": {"color": color, "opacity": 1 if color != "transparent" else 0},
    }


def _time_axis(say: Words, timed: bool) -> dict[str, Any]:
    now, minutes = say("now"), say(" min")
    return {
        "type": "value",
        "min": -CURVE_S,
        "max": 0,
        "interval": 60,
        "axisLabel": {
            "show": timed,
            "color": DIM,
            ":fontSize": _REM,
            "alignMinLabel": "left",
            "alignMaxLabel": "right",
            ":formatter": f"v => v === 0 ? {now!r} : (v / 60) + {minutes!r}",
        },
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": RULE}},
        "splitLine": {"lineStyle": {"color": RULE}},
    }


def _value_axis(
    low: Sequence[Point], width: Sequence[Point], marks: Sequence[float]
) -> dict[str, Any]:
    """Scale to everything shown, with zero and a little air."""
    ends = [point[1] for point in low if point[1] is not None]
    tops = [
        a[1] + b[1]
        for a, b in zip(low, width, strict=True)
        if a[1] is not None and b[1] is not None
    ]
    bottom = min([*ends, *marks, -0.5])
    top = max([*tops, *marks, 0.5])
    air = (0.25 if marks else 0.08) * (top - bottom)
    return {
        "type": "value",
        "min": round(bottom - air, 2),
        "max": round(top + air, 2),
        "splitNumber": 2,
        "axisLabel": {
            "color": DIM,
            ":fontSize": _REM,
            "showMinLabel": False,
            "showMaxLabel": False,
        },
        "splitLine": {"lineStyle": {"color": RULE}},
    }


def _mark_lines(marks: Sequence[float]) -> dict[str, Any]:
    return {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"color": MARK, "type": "dashed", "width": 1.5},
        "label": {"color": MARK, ":fontSize": _REM, "position": "insideStartTop"},
        "data": [{"yAxis": mark} for mark in marks],
    }


def _mark_areas(
    found: Sequence[tuple[float, float, str]], now_s: float, say: Words
) -> dict[str, Any]:
    """Shade what is unknown, with the reason where there is room for it."""
    areas = []
    for start_s, stop_s, reason in found:
        wide = stop_s - start_s >= _GAP_LABEL_S
        label = {"show": wide, "formatter": say.sentence(reason) if wide else ""}
        areas.append(
            [{"xAxis": start_s - now_s - 0.25, "label": label}, {"xAxis": stop_s - now_s + 0.25}]
        )
    return {
        "silent": True,
        "itemStyle": {"color": "rgba(163,174,192,.10)"},
        "label": {"position": "inside", "color": DIM, ":fontSize": _REM, "overflow": "truncate"},
        "data": areas,
    }
