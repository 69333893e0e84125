"""The picture of `audience`: cost and memory against seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from benchmarks._halls import BLOCK_MS, Ran
from benchmarks._measure import figure
from benchmarks._peers import CHANNELS

_INK, _OURS, _PEER, _LIMIT = "#333333", "#1f6fb2", "#c2703d", "#c0392b"


def draw(peers_ms: Mapping[str, float], halls: Sequence[Ran], path: Path) -> None:
    """Draw cost and memory against seats."""
    sheet = Figure(figsize=(13, 5.6))
    cost, memory = sheet.subplots(1, 2, width_ratios=(1.75, 1))
    _draw_cost(cost, peers_ms, halls)
    _draw_memory(memory, halls)
    for axis in (cost, memory):
        axis.spines[["top", "right"]].set_visible(False)
        axis.set_xlabel(f"seats of {len(CHANNELS)} channels")
        axis.xaxis.set_major_formatter(FuncFormatter(lambda seats, _: f"{seats:,.0f}"))
    sheet.tight_layout(w_pad=3)
    path.parent.mkdir(exist_ok=True)
    sheet.savefig(path, dpi=110)


def _draw_cost(axis: Axes, peers_ms: Mapping[str, float], halls: Sequence[Ran]) -> None:
    seats = np.array([hall.seats for hall in halls])
    ms = [np.array(hall.seconds) * 1e3 for hall in halls]
    mean, worst = np.array([one.mean() for one in ms]), np.array([one.max() for one in ms])
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.axhline(BLOCK_MS, color=_LIMIT, linewidth=1.2)
    axis.text(
        seats[1],
        BLOCK_MS,
        f"real time: {BLOCK_MS:g} ms",
        color=_LIMIT,
        fontsize=9,
        ha="center",
        va="center",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 2},
    )
    axis.plot(seats, worst, color=_OURS, alpha=0.35, marker="_", linewidth=1, label="worst block")
    axis.plot(seats, mean, color=_OURS, marker="o", linewidth=2, label="Neural Hall, mean")
    axis.scatter([seats[0]] * len(peers_ms), list(peers_ms.values()), color=_PEER, zorder=3)
    for name, where in zip(peers_ms, _apart(list(peers_ms.values()), 1.45), strict=True):
        axis.annotate(
            f"{name}  {figure(peers_ms[name])}",
            (seats[0], peers_ms[name]),
            xytext=(seats[0] * 0.84, where),
            color=_PEER,
            fontsize=9,
            ha="right",
            va="center",
        )
    for count, value in zip(seats, mean, strict=True):
        axis.annotate(
            figure(float(value)), (count, value), xytext=(6, -9), textcoords="offset points",
            color=_OURS, fontsize=9, va="center",
        )  # fmt: skip
    axis.set_xticks(seats.tolist())
    axis.minorticks_off()
    # Room for the peers' names on the left, where no line of ours goes.
    axis.set_xlim(seats[0] / 50, seats[-1] * 1.9)
    axis.set_ylim(None, 2.5 * max(*worst, *peers_ms.values()))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_ylabel("ms for a block of 100 ms, one core")
    axis.grid(visible=True, which="major", color="#e6e6e6", linewidth=0.7)
    axis.set_axisbelow(True)
    axis.legend(loc="lower right", frameon=False, fontsize=9)


def _apart(values: Sequence[float], factor: float) -> list[float]:
    """Move labels on a logarithmic axis apart, upwards, so that none covers another."""
    places: dict[int, float] = {}
    least = 0.0
    for number in np.argsort(values).tolist():
        places[number] = max(values[number], least)
        least = places[number] * factor
    return [places[number] for number in range(len(values))]


def _draw_memory(axis: Axes, halls: Sequence[Ran]) -> None:
    seats = np.array([hall.seats for hall in halls])
    grown = np.array([hall.grown_mb for hall in halls])
    slope, start = np.polyfit(seats, grown, 1)
    ends = np.array([0, seats[-1]])
    axis.plot(ends, start + slope * ends, color=_INK, linewidth=1, linestyle=":")
    axis.plot(seats, grown, color=_OURS, marker="o", linestyle="none")
    axis.text(
        seats[-1] * 0.5, (start + slope * seats[-1] * 0.5) * 0.86,
        f"{figure(slope * 1e3)} kB per seat", color=_INK, fontsize=9, ha="left", va="top",
    )  # fmt: skip
    axis.set_xlim(0, seats[-1] * 1.06)
    axis.set_ylim(0, None)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axis.set_ylabel("MB of the analyzer")
    axis.grid(visible=True, color="#e6e6e6", linewidth=0.7)
    axis.set_axisbelow(True)
