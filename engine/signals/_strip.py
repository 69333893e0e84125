"""The film's strip of the picture: scenes, pauses, and who chose the way."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.signals._film import Choice
from engine.signals._reading import Signals

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation, Text
    from matplotlib.typing import LineStyleType

_SCENES = (
    "#9ecae9",
    "#f2cf7e",
    "#b5d99c",
    "#f0b3a0",
    "#c9b8e0",
    "#a5dcd4",
    "#e3e09a",
    "#e6b8d3",
)
_INK, _DIM, _AUDIENCE, _OPERATOR, _CONTROL = "#1c2430", "#5b6677", "#0b62a4", "#b3261e", "#7a3e9d"
_BY: Mapping[str, tuple[str, LineStyleType]] = MappingProxyType(
    {
        "audience": (_AUDIENCE, "-"),
        "default": (_DIM, (0, (1, 1.5))),
        "max_runtime": (_DIM, (0, (1, 1.5))),
        "player": (_DIM, (0, (1, 1.5))),
        "operator": (_OPERATOR, (0, (4, 2))),
        "hold": (_OPERATOR, (0, (4, 2))),
        "yoked": (_CONTROL, (0, (5, 1.5, 1, 1.5))),
        "sham": (_CONTROL, (0, (5, 1.5, 1, 1.5))),
    }
)
_PAUSE, _BAR = 0.09, 0.5
"""Shares of the strip: the slate's band, and the top of the scenes; above are the choices."""
_LANES = 3


_FAMILIES = (
    "Noto Sans CJK TC",
    "Noto Sans TC",
    "Noto Sans CJK JP",
    "PingFang TC",
    "Microsoft JhengHei",
    "Arial Unicode MS",
)
"""For names that matplotlib's own font has no letters for."""


@functools.cache
def families() -> list[str]:
    """Name the fonts for what users name: matplotlib's own, and those with Chinese letters."""
    from matplotlib.font_manager import fontManager

    there = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in _FAMILIES if name in there)]


def style_of(by: str) -> tuple[str, LineStyleType]:
    """Give colour and dashes of who chose."""
    return _BY.get(by, (_INK, (0, (1, 4))))


def draw_film(axis: Axes, signals: Signals) -> None:
    """Draw scenes as spans with their names, and each choice with its way and whose it was."""
    axis.set_label("film")
    axis.set_ylim(0, 1)
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    axis.set_title("film", loc="left", fontsize=9.5, fontweight="bold", color=_INK)
    if not signals.visits:
        axis.text(0.5, 0.25, "the film was never started", transform=axis.transAxes, ha="center")
    numbers = {name: number for number, name in enumerate(signals.film.scenes)}
    for visit in signals.visits:
        width = visit.stop_s - visit.start_s
        colour = _SCENES[numbers[visit.scene] % len(_SCENES)]
        axis.broken_barh(
            [(visit.start_s, width)], (_PAUSE, _BAR - _PAUSE), facecolor=colour, edgecolor="white",
            linewidth=1.2,
        )  # fmt: skip
        _name(axis, visit.scene, visit.start_s, width)
    pauses = [(start_s, stop_s - start_s) for start_s, stop_s in signals.pauses]
    axis.broken_barh(
        pauses, (0, _PAUSE), facecolor="none", edgecolor=_INK, hatch="//////", linewidth=0
    )
    _draw_choices(axis, signals)
    _legend(axis, signals)


def fits(text: Text, most_px: float) -> bool:
    """Shorten a text until it is no wider than that; tell whether something is left of it."""
    whole = text.get_text()
    keep = len(whole)
    while keep > 1 and text.get_window_extent().width > most_px:
        keep = min(keep - 1, int(keep * most_px / text.get_window_extent().width))
        text.set_text(f"{whole[: max(0, keep - 1)].rstrip()}…")
    return keep > 1


def _name(axis: Axes, name: str, start_s: float, width_s: float) -> None:
    """Write a scene's name into its span: along it, upright, or not at all."""
    px_per_s = axis.get_window_extent().width / (axis.get_xlim()[1] - axis.get_xlim()[0])
    room = (width_s * px_per_s - 4, axis.get_window_extent().height * (_BAR - _PAUSE) - 4)
    text = axis.text(
        start_s + width_s / 2, (_BAR + _PAUSE) / 2, name, fontsize=9, color=_INK, ha="center",
        va="center", clip_on=True, fontfamily=families(),
    )  # fmt: skip
    for size, rotation in ((9, 0), (8, 0), (8, 90), (7, 90)):
        text.set(fontsize=size, rotation=rotation)
        box = text.get_window_extent()
        if box.width <= room[0] and box.height <= room[1]:
            return
    text.remove()


def _draw_choices(axis: Axes, signals: Signals) -> None:
    """Draw each choice with its number, its way and whose it was: as much as all have room for."""
    choices = list(enumerate(signals.choices, 1))
    for words in (
        [f"{number} {choice.to} · {choice.by or 'unknown'}" for number, choice in choices],
        [f"{number} {choice.to}" for number, choice in choices],
        [f"{number}" for number, _ in choices],
    ):
        texts = [
            _word(axis, told, choice) for told, choice in zip(words, signals.choices, strict=True)
        ]
        lanes = _lanes(texts, axis.get_window_extent().x1)
        if None not in lanes or words[0] == "1":
            _raise(axis, signals.choices, texts, lanes)
            return
        for text in texts:
            text.remove()


def _word(axis: Axes, told: str, choice: Choice) -> Annotation:
    return axis.annotate(
        told, (choice.at_s, 1), xytext=(3, 0), textcoords="offset points", fontsize=8,
        color=style_of(choice.by)[0], va="center", zorder=4, annotation_clip=False,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        fontfamily=families(),
    )  # fmt: skip


def _raise(
    axis: Axes,
    choices: Sequence[Choice],
    texts: Sequence[Annotation],
    lanes: Sequence[int | None],
) -> None:
    """Bring each text into its lane, with a line up to it; without a lane there is the line."""
    for text, lane, choice in zip(texts, lanes, choices, strict=True):
        height = _BAR + (1 - _BAR) * ((lane or 0) + 0.6) / _LANES
        text.xy = (choice.at_s, height)
        text.set_visible(lane is not None)
        colour, dashes = style_of(choice.by)
        axis.vlines(choice.at_s, _BAR, height, color=colour, linewidth=1.2, linestyle=dashes)


def _lanes(texts: Sequence[Annotation], right_px: float) -> list[int | None]:
    """Give each text the lowest lane in which it covers no other; None where there is none."""
    ends = [float("-inf")] * _LANES
    found: list[int | None] = []
    for text in texts:
        box = text.get_window_extent()
        if box.x1 > right_px:
            text.set(ha="right", x=-3)
            box = text.get_window_extent()
        lane = next((lane for lane in range(_LANES) if ends[lane] < box.x0 - 3), None)
        if lane is not None:
            ends[lane] = box.x1
        found.append(lane)
    return found


def _legend(axis: Axes, signals: Signals) -> None:
    """Tell whose choice each colour is, and what is hatched."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    by = dict.fromkeys(["audience", "default", "operator", *(c.by for c in signals.choices)])
    handles: list[Artist] = [
        Line2D([], [], color=style_of(name)[0], linestyle=style_of(name)[1], label=f"by {name}")
        for name in by
        if name
    ]
    if signals.pauses:
        handles.append(Patch(facecolor="none", edgecolor=_INK, hatch="////", label="slate"))
    if signals.breaks_s:
        label = "the hall was interrupted"
        handles.append(Line2D([], [], color=_INK, linewidth=1.8, linestyle=":", label=label))
    axis.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(handles),
        frameon=False, fontsize=8, handlelength=1.8, columnspacing=1.2, borderaxespad=0.2,
    )  # fmt: skip
