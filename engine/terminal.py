"""What the terminal shows while a show runs: seats, state, scene, countdown, the last decision."""

from __future__ import annotations

from collections import Counter

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

import dsp
from engine.config import Show
from engine.status import SeatStatus, Status
from engine.supervisor import News
from playback import PlayerEvent

_SILENT_S = 3.0
_NEWS_LINES = 6


class ShowView:
    """The running show as a terminal picture.

    Parameters
    ----------
    show : Show
        The show.
    driver : str
        Which player runs, and why.
    """

    def __init__(self, show: Show, driver: str) -> None:
        self._show = show
        self._driver = driver
        self._status = Status(show.title, "starting")
        self._event: PlayerEvent | None = None
        self._lines: list[str] = []
        self._frames = {entry.scene: entry.clip.frames for entry in show.table.scenes}
        self._fps = show.table.fps_num / show.table.fps_den

    def see(self, news: News) -> None:
        """Take in what is new."""
        self._status = news.status or self._status
        for event in news.events:
            if event.kind == "position":
                self._event = event
            else:
                self._event = event
                self._lines.append(f"{event.kind} {event.scene} {event.by} {event.detail}".rstrip())
        self._lines += [f"[red]FAULT[/] {fault}" for fault in news.faults]

    def __rich__(self) -> Panel:
        status = self._status
        parts: list[RenderableType] = [self._scene_line(), self._signals(), self._seats()]
        if status.last_decision:
            parts.append(Text.assemble(("Last decision  ", "bold"), status.last_decision))
        parts += [Text.from_markup(line) for line in self._lines[-_NEWS_LINES:]]
        parts += [Text(f"{name}: {why}", "red") for name, why in status.faults.items()]
        study = f" · study: {status.study}" if status.study else ""
        return Panel(
            Group(*parts),
            title=f"{status.title} · {status.phase}{study}",
            subtitle=self._driver,
            border_style="cyan",
        )

    def _scene_line(self) -> Text:
        event = self._event
        if event is None or event.visit < 0:
            return Text("slate", "bold yellow")
        length_s = self._frames.get(event.scene, 0) / self._fps
        at_s = event.frame / self._fps
        line = Text.assemble(
            (f"{event.scene}", "bold yellow"), f"  {at_s:5.1f} of {length_s:.0f} s"
        )
        window = self._status.window
        if window is not None and self._status.scene == event.scene:
            line.append(f"   decides in {max(0.0, window[1] - at_s):4.1f} s")
            line.append(f"   next if now: {self._status.next_if_now}", "bold")
        return line

    def _signals(self) -> Table:
        table = Table(box=None, pad_edge=False)
        for heading in ("signal", "value", "± se", "t", "confidence", "seats", ""):
            table.add_column(heading, justify="left" if heading in ("signal", "") else "right")
        for signal in self._status.signals:
            table.add_row(*_signal_row(signal))
        return table

    def _seats(self) -> Text:
        line = Text("seats  ", "bold")
        for seat in self._status.seats:
            line.append(seat.seat + " ", _seat_style(seat))
        kinds = Counter(_seat_style(seat) for seat in self._status.seats)
        line.append(f"  {kinds['green']} good of {len(self._status.seats)}")
        return line


def _signal_row(signal: dsp.Pooled) -> tuple[str, ...]:
    if signal.value is None:
        return signal.name, "unknown", "", "", "", str(signal.seats), signal.reason
    numbers = (signal.value, signal.standard_error, signal.t, signal.confidence)
    cells = [f"{number:.3f}" if number is not None else "" for number in numbers]
    return signal.name, *cells, str(signal.seats), ""


def _seat_style(seat: SeatStatus) -> str:
    if seat.consent == "withdrawn" or seat.silent_s > _SILENT_S:
        return "bright_black"
    return "red" if seat.flags & dsp.FAULTS else "green"
