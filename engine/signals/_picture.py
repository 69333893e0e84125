"""The picture of a session: the film, the seats, and every signal, on one time axis.

matplotlib takes seconds to load, so each function that needs it loads it.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

import dsp
from engine.signals._film import Visit
from engine.signals._reading import Signals
from engine.signals._strip import draw_film, families, fits, style_of
from engine.signals._summary import KINDS, signal_rows, worst

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, DIM, RULE, LINE, SEAT, MARK, GAP = (
    "#1c2430",
    "#5b6677",
    "#dfe3e9",
    "#0b62a4",
    "#8d97a8",
    "#b45f06",
    "#eceff3",
)
KIND_COLOURS = (
    "#86c9d2",
    "#4b3fc0",
    "#f0f4fa",
    "#f7e23c",
    "#e07b10",
    "#a83a86",
    "#20242b",
    "#858585",
)
"""One for each of `KINDS`; tests hold them apart for every kind of colour vision."""

DPI = 110
"""Pixels of the picture per inch of its sheet."""
_LEFT, _RIGHT, _TOP, _BOTTOM, _BETWEEN = 1.0, 0.3, 1.0, 0.95, 0.46
_FILM, _CURVE = 1.45, 1.3
_NARROWEST, _WIDEST = 13.0, 26.0
_INCHES_PER_S = 1 / 60
_MOST_LINES = 64
"""More seats than this would make a grey field."""
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_NULL = 1.96
"""Of ten thousand correlations by chance, 9,500 lie within this many standard deviations of 0."""


def draw(signals: Signals) -> Figure:
    """Draw what an audience's state was made of.

    From top to bottom: the film, with who chose its way; the seats, each second by its worst flag;
    every signal that some seat's montage gives. The axes' labels are "film", "seats" and the
    signals' names.

    Parameters
    ----------
    signals : Signals
        Read by `read_signals`.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    heights = list(_heights(signals))
    width = min(_WIDEST, max(_NARROWEST, signals.length_s * _INCHES_PER_S))
    height = _TOP + sum(heights) + _BETWEEN * (len(heights) - 1) + _BOTTOM
    sheet = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(sheet)
    axes = list(_axes(sheet, heights, signals.length_s))
    _title(sheet, signals)
    draw_film(axes[0], signals)
    if signals.seats.names:
        _draw_seats(axes[1], signals)
    curves = axes[len(axes) - len(signals.offered) :]
    for axis, name in zip(curves, signals.offered, strict=True):
        _draw_signal(axis, signals, dsp.SIGNALS.index(name))
    _mark_times(axes, signals)
    _label_times(axes, signals.length_s)
    _legend(sheet, min(_MOST_LINES, len(signals.seats.names)))
    return sheet


def png_of(sheet: Figure) -> bytes:
    """Give a sheet as a PNG file."""
    buffer = io.BytesIO()
    sheet.savefig(buffer, format="png", dpi=DPI)
    return buffer.getvalue()


def _heights(signals: Signals) -> Iterator[float]:
    """Heights of the panels in inches."""
    yield _FILM
    seats = len(signals.seats.names)
    if seats:
        yield min(6.6, max(1.0, 0.145 * seats))
    for _ in signals.offered:
        yield _CURVE


def _axes(sheet: Figure, heights: Sequence[float], length_s: float) -> Iterator[Axes]:
    """Make the panels from top to bottom."""
    width, height = sheet.get_size_inches()
    top = height - _TOP
    for own in heights:
        place = (
            _LEFT / width,
            (top - own) / height,
            (width - _LEFT - _RIGHT) / width,
            own / height,
        )
        axis = sheet.add_axes(place)
        axis.set_xlim(0, length_s)
        axis.spines[["top", "right"]].set_visible(False)
        axis.spines[["left", "bottom"]].set_color(DIM)
        axis.tick_params(colors=INK, labelsize=8, color=DIM)
        top -= own + _BETWEEN
        yield axis


def _title(sheet: Figure, signals: Signals) -> None:
    width, height = sheet.get_size_inches()
    left = _LEFT / width
    bold = sheet.text(
        left, 1 - 0.2 / height, signals.configuration.title, fontsize=15, fontweight="bold",
        color=INK, va="top", fontfamily=families(),
    )  # fmt: skip
    most_px = sheet.bbox.width * (1 - left) - _RIGHT * DPI
    fits(bold, most_px)
    told = sheet.text(
        left, 1 - 0.5 / height, summary_of(signals), fontsize=9.5, color=DIM, va="top",
        fontfamily=families(),
    )  # fmt: skip
    fits(told, most_px)


def summary_of(signals: Signals) -> str:
    """Tell when, how long, who and which film, on one line."""
    configuration = signals.configuration
    started = datetime.datetime.fromisoformat(configuration.started_at)
    named, everyone = len(signals.seats.names), signals.everyone
    seats = f"{everyone} seat{'' if everyone == 1 else 's'}"
    if named < everyone:
        seats += f", {everyone - named} of them in the pooled curves alone"
    title = signals.film.title.get("en") or next(iter(signals.film.title.values()), "")
    film = f"{title} ({configuration.film_name})" if title else configuration.film_name
    return f"{started:%Y-%m-%d %H:%M %Z} · {clock(signals.length_s)} · {seats} · film: {film}"


def clock(seconds: float) -> str:
    """Give hall time as hours, minutes and seconds: 1:02:03, or 2:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _draw_seats(axis: Axes, signals: Signals) -> None:
    """Draw a row for each seat, in the colours of its worst kind."""
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Patch

    axis.set_label("seats")
    names = signals.seats.names
    colours = np.array([to_rgb(colour) for colour in (*KIND_COLOURS, "white")])
    width_px = round(axis.get_window_extent().width)
    kinds = _thinned(worst(signals.seats.flags), width_px).T
    seats = len(names)
    axis.imshow(
        colours[kinds],
        extent=(0, signals.length_s, seats, 0),
        aspect="auto",
        interpolation="nearest",
    )
    axis.hlines(np.arange(1, seats), 0, signals.length_s, color="white", linewidth=0.8)
    row_pt = axis.get_window_extent().height / seats * 72 / DPI
    size = min(8.0, max(5.5, row_pt * 0.8))
    step = int(np.ceil(size * 1.1 / row_pt))
    labels = [_short(name) for name in names]
    axis.set_yticks(
        np.arange(seats)[::step] + 0.5, labels[::step], fontsize=size, fontfamily=families()
    )
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(seats, 0)
    step_s = round(signals.length_s / kinds.shape[1])
    heading(axis, "seats", f"worst flag, every {'second' if step_s == 1 else f'{step_s} s'}")
    axis.legend(
        handles=[
            Patch(facecolor=colour, edgecolor=DIM, linewidth=0.4, label=kind.name)
            for kind, colour in zip(KINDS, KIND_COLOURS, strict=True)
        ],
        loc="lower right", bbox_to_anchor=(1, 1), ncols=len(KINDS), frameon=False, fontsize=8,
        handlelength=1.1, handletextpad=0.4, columnspacing=1.1, borderaxespad=0.2,
    )  # fmt: skip


def _thinned(kinds: npt.NDArray[np.int8], most: int) -> npt.NDArray[np.int8]:
    """Bring seconds together until there are no more than pixels; the worst of them counts."""
    step = -(-len(kinds) // most)
    padded = np.pad(kinds, ((0, -len(kinds) % step), (0, 0)), mode="edge")
    worse: npt.NDArray[np.int8] = padded.reshape(-1, step, kinds.shape[1]).max(axis=1)
    return worse


def _short(name: str, most: int = 11) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _draw_signal(axis: Axes, signals: Signals, number: int) -> None:
    name = dsp.SIGNALS[number]
    axis.set_label(name)
    axis.axhline(0, color=DIM, linewidth=0.7)
    if name == dsp.SYNCHRONY:
        _draw_synchrony(axis, signals, number)
    else:
        _draw_measure(axis, signals, number)
    _shade_gaps(axis, signals, number)
    heading(axis, name.replace("_", " "), _unknown(signals, number))


def _draw_measure(axis: Axes, signals: Signals, number: int) -> None:
    """Draw the pooled z with two standard errors, over the seats' own."""
    value, error = signals.value[number], signals.standard_error[number]
    lines = signals.seats.z[number][:, signals.seats.offered[number]][:, :_MOST_LINES]
    step = -(-len(lines) // round(axis.get_window_extent().width))
    if lines.size:
        axis.plot(
            signals.t_s[::step], lines[::step], color=SEAT, linewidth=0.5, alpha=0.4, zorder=1
        )
    axis.fill_between(
        signals.t_s, value - 2 * error, value + 2 * error, color=LINE, alpha=0.28, linewidth=0
    )
    axis.plot(signals.t_s, value, color=LINE, linewidth=1.6)
    marks = list(_marks(signals, number))
    for visit, mark in marks:
        axis.hlines(mark, visit.start_s, visit.stop_s, color=MARK, linewidth=1.3, linestyle="--")
    far = [*np.abs(value) + 2 * error, *(abs(mark) for _, mark in marks)]
    _scale(axis, max(1.0, 1.25 * _most(far)), "z")


def _draw_synchrony(axis: Axes, signals: Signals, number: int) -> None:
    """Draw the correlation in the band in which it lies by chance."""
    raw, sd = signals.raw[number], signals.standard_error[number]
    axis.fill_between(signals.t_s, -_NULL * sd, _NULL * sd, color=SEAT, alpha=0.3, linewidth=0)
    axis.plot(signals.t_s, raw, color=LINE, linewidth=1.6)
    # The guards compare the correlation's z.
    far = [*np.abs(raw), *(_NULL * sd)]
    for visit, mark in _marks(signals, number):
        during = (signals.t_s >= visit.start_s) & (signals.t_s <= visit.stop_s)
        level = np.where(during, mark * sd, np.nan)
        axis.plot(signals.t_s, level, color=MARK, linewidth=1.3, linestyle="--")
        far += np.abs(level).tolist()
    _scale(axis, 1.15 * _most(far) or 0.1, "correlation")
    low = _most([*(-raw), *(_NULL * sd)])
    axis.set_ylim(-1.3 * low or -0.1, None)


def _most(values: Sequence[float]) -> float:
    """Give the largest that is known; 0 where none is."""
    return max((value for value in values if value == value), default=0.0)


def _scale(axis: Axes, most: float, unit: str) -> None:
    axis.set_ylim(-most, most)
    axis.set_ylabel(unit, color=INK, fontsize=8)
    axis.yaxis.set_label_coords(-0.6 * DPI / axis.get_window_extent().width, 0.5)


def _marks(signals: Signals, number: int) -> Iterator[tuple[Visit, float]]:
    """Give the numbers that guards compare a signal's value with, scene by scene."""
    for visit in signals.visits:
        branches = signals.film.scenes[visit.scene].branches
        numbers = {n for branch in branches for n in branch.when.numbers(dsp.SIGNALS[number])}
        for mark in sorted(numbers):
            yield visit, mark


def _shade_gaps(axis: Axes, signals: Signals, number: int) -> None:
    """Shade the seconds in which a signal is unknown."""
    unknown = np.isnan(signals.value[number])
    edges = np.flatnonzero(np.diff(unknown, prepend=False, append=False)).reshape(-1, 2)
    for first, stop in edges.tolist():
        axis.axvspan(first, stop, color=GAP, linewidth=0, zorder=0)


def _unknown(signals: Signals, number: int) -> str:
    """Tell why, and for how long, a signal is unknown."""
    row = signal_rows(signals)[number]
    if not row.reasons:
        return ""
    reasons = "; ".join(f"{text} ({_percent(share)})" for text, share in row.reasons)
    return f"unknown: {reasons}"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.005 else "under 1%"


def heading(axis: Axes, name: str, remark: str) -> None:
    """Write a panel's name over it, and a remark beside the name as far as there is room."""
    bold = axis.annotate(
        name, (0, 1), xytext=(0, 5), xycoords="axes fraction", textcoords="offset points",
        fontsize=9.5, fontweight="bold", color=INK, annotation_clip=False,
    )  # fmt: skip
    if remark:
        width = bold.get_window_extent().width
        gray = axis.annotate(
            remark, (0, 1), xytext=(width * 72 / DPI + 9, 5), xycoords="axes fraction",
            textcoords="offset points", fontsize=8.5, color=DIM, annotation_clip=False,
        )  # fmt: skip
        fits(gray, axis.get_window_extent().width - width - 15)


def _mark_times(axes: Sequence[Axes], signals: Signals) -> None:
    """Draw cuts and choices through all panels but the film's own."""
    cuts = [visit.start_s for visit in signals.visits]
    for axis in axes[1:]:
        whole = axis.get_xaxis_transform()
        axis.vlines(cuts, 0, 1, color=DIM, linewidth=0.5, alpha=0.55, transform=whole)
        for by in sorted({choice.by for choice in signals.choices}):
            times = [choice.at_s for choice in signals.choices if choice.by == by]
            colour, dashes = style_of(by)
            axis.vlines(times, 0, 1, color=colour, linewidth=0.8, linestyle=dashes, transform=whole)
    for axis in axes:
        for at_s in signals.breaks_s:
            # Behind the scenes' names, over everything else.
            order = 0.5 if axis is axes[0] else 3
            axis.axvline(at_s, color=INK, linewidth=1.8, linestyle=":", zorder=order)


def _label_times(axes: Sequence[Axes], length_s: float) -> None:
    """Give all panels the same times, and write them under the last."""
    most = axes[0].get_window_extent().width / DPI / 0.75
    step = next((step for step in _STEPS_S if length_s / step <= most), _STEPS_S[-1])
    times = np.arange(0, length_s + 1e-6, step)
    for axis in axes:
        axis.set_xticks(times, [clock(time) for time in times] if axis is axes[-1] else [])
        axis.set_xlim(0, length_s)
    axes[-1].set_xlabel("hall time", color=INK, fontsize=9)


def _legend(sheet: Figure, lines: int) -> None:
    """Explain lines and bands once, below all panels."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Artist] = [
        Line2D([], [], color=LINE, linewidth=1.6, label="pooled z, or correlation"),
        Patch(color=LINE, alpha=0.28, linewidth=0, label="± 2 standard errors"),
        Line2D(
            [],
            [],
            color=SEAT,
            linewidth=0.8,
            label=f"z of {lines} seats" if lines == _MOST_LINES else "z of a seat",
        ),
        Patch(color=SEAT, alpha=0.3, linewidth=0, label="± 1.96 sd of chance"),
        Patch(facecolor=GAP, edgecolor=RULE, label="unknown"),
        Line2D([], [], color=MARK, linestyle="--", label="a guard's number"),
        Line2D([], [], color=DIM, linewidth=0.8, label="cut"),
    ]
    sheet.legend(
        handles=handles, loc="lower center", ncols=len(handles), frameon=False, fontsize=8.5,
        handlelength=1.8, columnspacing=1.6,
    )  # fmt: skip
