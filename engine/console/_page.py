"""The page: elements, keys, and what is refreshed five times a second in each open browser."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

from nicegui import ui
from nicegui.events import GenericEventArguments, KeyEventArguments

import dsp
from engine.console import _panels as panels
from engine.console._booth import Booth
from engine.console._curves import options, thresholds
from engine.console._layout import Layout
from engine.console._sentences import CONSENTS
from engine.console._view import KEYS, branches, can_start, film_title, following
from engine.console._view import titles as scene_titles
from engine.console._words import LANGUAGES, Words
from engine.records import Consent
from engine.status import SeatStatus
from narrative import Film

REFRESH_S = 0.2
_CURVES_EVERY = 5
_MANY_SEATS = 40
_FOLDER = Path(__file__).parent
_LETTERS = {"s": "start", "h": "hold", "a": "auto", "d": "default", "r": "resume"}


def pressed(name: str, code: str) -> tuple[str, int | None] | None:
    """Tell what a key asks for, by its letter, or by its place where an input method hides it.

    Parameters
    ----------
    name, code : str
        `KeyboardEvent.key` and `KeyboardEvent.code`.

    Returns
    -------
    tuple of str and (int or None), or None
        The command, and the number of a TAKE.
    """
    if name == "Escape":
        return "panic", None
    place = code.removeprefix("Key").removeprefix("Digit").removeprefix("Numpad").lower()
    letter = name.lower() if len(name) == 1 and name.isascii() else place
    for key in (letter, place):
        if key in "123456789" and len(key) == 1:
            return "take", int(key)
    return (_LETTERS[letter], None) if letter in _LETTERS else None


class Key:
    """A button that acts when it is pressed down; Space and Enter do nothing to it.

    Parameters
    ----------
    kind : str
        What it asks for; also its class on the page.
    act : callable
        Called on press.
    """

    def __init__(self, kind: str, act: Callable[[], None]) -> None:
        self._element = ui.element("button").classes(f"key {kind}").props("type=button tabindex=-1")
        self._element.on("pointerdown", act, js_handler="(e) => { if (e.button === 0) emit(); }")
        with self._element:
            self._face = ui.html(sanitize=False, tag="span").style("display: contents")

    def show(self, name: str, under: str = "", key: str = "", **marks: bool) -> None:
        """Label it, and set or clear marks such as `on` and `off`."""
        cap = f"<kbd>{escape(key)}</kbd>" if key else ""
        small = f"<small>{escape(under)}</small>" if under else ""
        self._face.set_content(f"{escape(name)}{small}{cap}")
        for mark, is_set in marks.items():
            self._element.classes(add=mark if is_set else "", remove="" if is_set else mark)


class Page:
    """One open browser.

    Parameters
    ----------
    booth : Booth
        Ears and hands, shared by all browsers.
    layout : Layout
        Of the film.
    language : str
        One of `LANGUAGES`.
    clock : callable
        Gives hall time in ns.
    """

    def __init__(
        self, booth: Booth, layout: Layout, language: str, clock: Callable[[], int]
    ) -> None:
        self._booth = booth
        self._state = booth.state
        self._layout = layout
        self._clock = clock
        self._say = Words(language, scene_titles(booth.state.show, language))
        self._turn = 0
        self._seat = ""
        self._sure = False
        self._build()
        self.refresh()
        ui.timer(REFRESH_S, self.refresh)
        ui.keyboard(self._on_key, repeating=False, ignore=["input", "select", "textarea"])

    def refresh(self) -> None:
        """Bring everything up to date."""
        state, now_ns, say = self._state, self._clock(), self._say
        self._phase.set_content(escape(panels.phase(state, say)))
        self._clock_face.set_content(panels.hall_clock(state, now_ns))
        self._lights.set_content(panels.lights(state, now_ns, say))
        self._alarms.set_content(panels.alarm_bar(state, now_ns, say))
        self._stage.set_content(panels.stage(state, now_ns, say))
        self._legend.set_content(panels.seats_legend(state, say))
        self._seats.set_content(panels.seats(state, say))
        self._graph.set_content(panels.film(state, self._layout, say))
        self._counts.set_content(panels.countdown(state, now_ns, say))
        self._standby.set_content(panels.standby(state, say))
        self._decisions.set_content(panels.decisions(state, say))
        self._log.set_content(panels.log(state, say))
        last = state.presses[-1] if state.presses else None
        self._answer.set_content(panels.answer(last, say))
        self._refresh_keys(now_ns)
        if self._turn % _CURVES_EVERY == 0:
            self._refresh_curves(now_ns)
        self._turn += 1

    def _build(self) -> None:
        ui.add_css((_FOLDER / "style.css").read_text("utf-8"))
        script = (_FOLDER / "console.js").read_text("utf-8")
        mark = f'document.documentElement.dataset.console = "{self._say.language}";'
        ui.add_body_html(f"<script>{mark}{script}</script>")
        ui.add_body_html(self._lost())
        with ui.element("div").classes("console"):
            self._build_head()
            self._alarms = _html("alarms")
            with ui.element("div").classes("stack"):
                self._build_stage()
                self._build_seats()
            with ui.element("div").classes("stack"):
                self._build_graph()
                self._build_curves()
            with ui.element("div").classes("stack"):
                self._build_standby()
            self._build_desk()

    def _lost(self) -> str:
        say = self._say
        first = escape(say("This page has lost the console."))
        second = say("The film goes on. The page comes back by itself as soon as the console does.")
        return f'<div class="lost"><b>▲ {first}</b><span>{escape(second)}</span></div>'

    def _build_head(self) -> None:
        title = escape(film_title(self._state.show, self._say.language))
        with ui.element("header").classes("head"):
            ui.html(title, sanitize=False, tag="h1")
            self._phase = _html("phase")
            self._clock_face = _html("clock")
            self._lights = _html("lights")
            with ui.element("nav").classes("languages"):
                for tag, name in LANGUAGES.items():
                    on = "on" if tag == self._say.language else ""
                    ui.html(
                        f'<a href="/{tag}" lang="{tag}" class="{on}">{name}</a>', sanitize=False
                    ).style("display: contents")

    def _build_stage(self) -> None:
        with ui.element("section").classes("panel"):
            alt = escape(self._say("what the audience sees"))
            ui.html(f'<img class="picture" alt="{alt}">', sanitize=False)
            self._stage = _html("stage")

    def _build_seats(self) -> None:
        with _panel(self._say("Seats")).classes("grow hall"):
            self._legend = _html("legend")
            self._seats = _html("seats").on(
                "click",
                self._choose_seat,
                js_handler="(e) => { const seat = e.target.closest('[data-seat]');"
                " if (seat) emit(seat.dataset.seat); }",
            )
            many = sum(len(source.headsets) for source in self._state.show.sources) > _MANY_SEATS
            self._seats.classes("many" if many else "")
            self._card = ui.element("div").classes("card")
            self._card.set_visibility(False)

    def _build_graph(self) -> None:
        with _panel(self._say("Film")).classes("grow low"):
            self._graph = _html("graph")

    def _build_curves(self) -> None:
        self._curves = []
        with _panel(self._say("Audience: value ± 2 standard errors")).classes("grow curves"):
            numbers = _shown(self._state.show.film)
            for number in numbers:
                timed = number == numbers[-1]
                with ui.element("div").classes("curve timed" if timed else "curve"):
                    line = _html("line")
                    chart = ui.echart(options((), number, 0.0, (), self._say, timed=timed))
                    self._curves.append((number, line, chart))

    def _build_standby(self) -> None:
        with ui.element("section").classes("panel"):
            self._counts = _html("counts")
        with _panel(self._say("Next")).classes("yields"):
            self._standby = _html("standby")
        with _panel(self._say("Decisions")).classes("grow short"):
            self._decisions = _html("list decisions")
        with _panel(self._say("Log")).classes("grow"):
            self._log = _html("list log")

    def _build_desk(self) -> None:
        most = max(len(scene.branches) for scene in self._state.show.film.scenes.values())
        with ui.element("footer").classes("desk"):
            self._answer = _html("answers")
            with ui.element("div").classes("keys"):
                self._keys = {"start": self._key("start")}
                for kind in ("hold", "auto"):
                    self._keys[kind] = self._key(kind)
                self._takes = [
                    Key("take", lambda number=n: self._booth.press("take", number))  # type: ignore[misc]
                    for n in range(1, min(9, max(2, most)) + 1)
                ]
                for kind in ("default", "resume", "panic"):
                    self._keys[kind] = self._key(kind)

    def _key(self, kind: str) -> Key:
        return Key(kind, lambda: self._press(kind))

    def _press(self, kind: str, number: int | None = None) -> None:
        if kind != "start" or can_start(self._state, self._clock()):
            self._booth.press(kind, number)

    def _on_key(self, event: KeyEventArguments) -> None:
        modified = event.modifiers.ctrl or event.modifiers.alt or event.modifiers.meta
        if not event.action.keydown or modified:
            return
        wanted = pressed(event.key.name, event.key.code)
        if wanted is not None:
            self._press(*wanted)

    def _refresh_keys(self, now_ns: int) -> None:
        state, say = self._state, self._say
        faces = {kind: (say(name), "", key) for kind, (key, name) in KEYS.items()}
        self._keys["start"].show(*faces["start"], off=not can_start(state, now_ns))
        self._keys["hold"].show(*faces["hold"], on=state.holding)
        self._keys["auto"].show(*faces["auto"])
        then = following(state)
        open_branches = branches(state)
        for number, key in enumerate(self._takes, 1):
            to = open_branches[number - 1].scene if number <= len(open_branches) else ""
            key.show(
                f"{faces['take'][0]} {number}",
                say.scene(to) if to else "–",
                str(number),
                off=not to,
                on=bool(to) and to == state.taken,
                predicted=bool(to) and to == then.scene,
            )
        scene = state.show.film.scenes.get(state.scene)
        default = scene.default if scene and not state.ended else None
        self._keys["default"].show(
            faces["default"][0],
            say.scene(default) if default else "–",
            faces["default"][2],
            off=default is None,
            on=default is not None and state.taken == default,
        )
        stopped = state.paused and not state.ended
        self._keys["resume"].show(*faces["resume"], call=stopped, off=not stopped)
        self._keys["panic"].show(*faces["panic"], on=stopped)

    def _refresh_curves(self, now_ns: int) -> None:
        state, say = self._state, self._say
        moments = tuple(state.moments)
        signals = state.status.signals if state.status else ()
        silent = state.engine_silent_s(now_ns) is not None
        now_s = state.hall_s(now_ns)
        for number, line, chart in self._curves:
            if number >= len(signals):
                line.set_content(f"<b>{escape(say.signal(dsp.SIGNALS[number]))}</b>")
                continue
            line.set_content(panels.signal_line(signals[number], silent, say))
            marks = thresholds(state.show, state.scene, signals[number].name)
            timed = number == self._curves[-1][0]
            chart.options.clear()
            chart.options.update(options(moments, number, now_s, marks, say, timed=timed))
            chart.update()

    def _choose_seat(self, event: GenericEventArguments) -> None:
        self._seat, self._sure = str(event.args), False
        self._show_card()

    def _show_card(self) -> None:
        """Lay a seat's consent over the seats; no dialog: Escape is PANIC, and only that."""
        self._card.clear()
        seat = self._find_seat()
        self._card.set_visibility(seat is not None)
        if seat is None:
            return
        say = self._say
        now = say("Seat {seat}: {consent}", seat=seat.seat, consent=say(CONSENTS[seat.consent]))
        with self._card:
            ui.html(escape(now), sanitize=False, tag="p")
            if seat.consent != Consent.WITHDRAWN:
                for consent in (Consent.JOINED, Consent.RECORDED, Consent.RESEARCH):
                    if consent != seat.consent:
                        self._consent_key(consent, say(CONSENTS[consent]))
                really = say("Really? It holds for the whole show.")
                self._consent_key(Consent.WITHDRAWN, really if self._sure else say("withdraw"))
            Key("close", self._close_card).show(say("close"))

    def _consent_key(self, consent: Consent, text: str) -> None:
        kind = "danger" if consent == Consent.WITHDRAWN else "consent"
        Key(kind, lambda: self._set_consent(consent)).show(text)

    def _set_consent(self, consent: Consent) -> None:
        if consent == Consent.WITHDRAWN and not self._sure:
            self._sure = True
            self._show_card()
            return
        self._booth.ask_consent(self._seat, consent)
        self._close_card()

    def _close_card(self) -> None:
        self._seat = ""
        self._show_card()

    def _find_seat(self) -> SeatStatus | None:
        seats = self._state.status.seats if self._state.status else ()
        return next((seat for seat in seats if seat.seat == self._seat), None)


def _shown(film: Film) -> list[int]:
    """Numbers of the signals that the film reads; of all, where it reads none."""
    read = [number for number, name in enumerate(dsp.SIGNALS) if name in film.signals]
    return read or list(range(len(dsp.SIGNALS)))


def _html(classes: str) -> ui.html:
    return ui.html(sanitize=False).classes(classes)


def _panel(title: str) -> ui.element:
    panel = ui.element("section").classes("panel")
    with panel:
        ui.html(escape(title), sanitize=False, tag="h2")
    return panel
