"""Commands that run a show: demo, show, console."""

from __future__ import annotations

import datetime
import hashlib
import importlib.resources
import os
import re
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.live import Live
from rich.markup import escape

from engine import live
from engine.cli._base import cache, out, progress_bar, refuse
from engine.cli._films import sketch_missing
from engine.config import Show, load_show
from engine.console import Job as ConsoleJob
from engine.console import read_address
from engine.curtain import is_player_there
from engine.places import Places
from engine.rehearsal import rehearse
from engine.resume import Interrupted, find
from engine.supervisor import News, RunningShow, command_player, watch
from engine.terminal import ShowView
from playback import Command, choose

Wait = Annotated[
    bool, typer.Option("--wait", help="Stand by; the film starts on START, from the console.")
]
WithConsole = Annotated[
    bool | None, typer.Option("--console/--no-console", help="The operator's page in a browser.")
]
SessionFolder = Annotated[Path, typer.Option("--sessions", help="Folder for session files.")]
SESSIONS = Path("sessions")


def demo(
    sessions: SessionFolder = SESSIONS,
    windowed: Annotated[bool, typer.Option(help="A window, not the whole screen.")] = True,
    wait: Wait = False,
    with_console: WithConsole = None,
) -> None:
    """Run the sample show: simulated audience, sample film made on the spot.

    With HALL_HEADLESS=1 it runs without window as fast as it can, in one process.
    """
    folder = _demo_folder()
    sketch_missing(folder / "film.yaml")
    if os.environ.get("HALL_HEADLESS") == "1":
        rehearse_show(load_show(folder / "show.toml", boards=False), sessions)
    else:
        run_show(
            load_show(folder / "show.toml"),
            sessions,
            windowed=windowed,
            wait=wait,
            with_console=with_console,
            browse=bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")),
        )


def show(
    path: Annotated[Path | None, typer.Argument(metavar="SHOW.toml")] = None,
    sessions: SessionFolder = SESSIONS,
    windowed: Annotated[bool, typer.Option(help="A window, not the whole screen.")] = False,
    virtual: Annotated[
        bool, typer.Option("--virtual", help="One process, virtual clock, no picture.")
    ] = False,
    wait: Wait = False,
    with_console: WithConsole = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the show that was interrupted last.")
    ] = False,
) -> None:
    """Run a show: headsets, audience state, decisions, film, session file."""
    interrupted = find(sessions)
    if resume:
        _resume(interrupted, sessions, with_console=with_console)
        return
    if path is None:
        refuse("name a show file: hall show SHOW.toml")
    if virtual:
        rehearse_show(load_show(path, boards=False), sessions)
        return
    if interrupted is not None:
        out.print(
            f"[yellow]{escape(interrupted.session)} was interrupted; "
            f"hall show --resume --sessions {escape(str(sessions))} goes on with it[/]"
        )
    shown = load_show(path)
    run_show(shown, sessions, windowed=windowed, wait=wait, with_console=with_console)


def _resume(interrupted: Interrupted | None, sessions: Path, *, with_console: bool | None) -> None:
    """Ask whether to go on with an interrupted show, and do."""
    if interrupted is None:
        refuse(f"no show was interrupted in {sessions}; --sessions names another folder")
    if not Path(interrupted.show).exists():
        refuse(f"{interrupted.show}, the interrupted show, is not there any more")
    shown = load_show(Path(interrupted.show))
    out.print(f"[bold]{escape(shown.title)}[/] {escape(_where(interrupted, shown))}")
    if not typer.confirm("Go on from there?", default=True):
        out.print(
            "nothing is changed; hall session recover "
            f"{escape(interrupted.session)} makes one file of what was recorded",
            soft_wrap=True,
        )
        return
    run_show(
        shown,
        sessions,
        windowed=interrupted.windowed,
        wait=False,
        with_console=with_console,
        interrupted=interrupted,
    )


def _where(interrupted: Interrupted, show: Show) -> str:
    """Tell in words where an interrupted show stood."""
    stood = interrupted.stood
    if stood is None or stood.visit < 0:
        return f"had not begun at {interrupted.saved_at}"
    at_s = stood.frame / show.table.fps
    return f"stood in scene {stood.scene}, {float(at_s):.1f} s into it, at {interrupted.saved_at}"


def console_command(
    port: Annotated[int, typer.Option(help="On the loopback address; 0: any free one.")] = 0,
) -> None:
    """Serve the operator's page of the running show."""
    places = Places.default()
    running = places.job("engine")
    if not running.exists():
        refuse(f"no show has been started in {places.folder}; hall show starts one")
    show = msgspec.json.decode(running.read_bytes(), type=live.Job).show
    job = places.job("console")
    job.write_bytes(msgspec.json.encode(ConsoleJob(str(places.folder), show, port)))
    raise SystemExit(subprocess.call([sys.executable, "-m", "engine.console", str(job)]))


def run_show(
    show: Show,
    sessions: Path,
    *,
    windowed: bool,
    wait: bool,
    with_console: bool | None,
    browse: bool = False,
    interrupted: Interrupted | None = None,
) -> Path:
    """Run a show in all its processes until it is over; gives its sealed session."""
    places = Places.default()
    driver, why = choose(show.driver, show.needs)
    with places.claim():
        if is_player_there(places):
            refuse(
                f"the film of an earlier show still runs in {places.folder}: "
                "hall operate stop ends it"
            )
        session = Path(interrupted.session) if interrupted else _session_path(sessions, show)
        view = ShowView(show, f"{driver} player: {why}")
        out.print(f"[bold]{escape(show.title)}[/]: {driver} player ({escape(why)})")
        if with_console is None:
            with_console = os.environ.get("HALL_HEADLESS") != "1"
        running = RunningShow(
            show,
            places,
            session,
            cache(),
            driver,
            windowed=windowed,
            on_request=wait,
            with_console=with_console,
            interrupted=interrupted,
        )
        with running, Live(view, console=out, refresh_per_second=5, transient=True) as picture:
            see = _announcing(view.see, places, browse)
            try:
                watch(running, see)
            except KeyboardInterrupt:
                command_player(places, Command("stop", operator="terminal"))
                watch(running, see)
            picture.refresh()
            outcome = running.seal()
    out.print(view)
    out.print(escape(outcome))
    if not outcome.startswith("session"):
        raise SystemExit(1)
    return session


def _announcing(
    see: Callable[[News], None], places: Places, browse: bool
) -> Callable[[News], None]:
    """Print the console's address as soon as it has one, and open it if asked to."""
    announced = False

    def look(news: News) -> None:
        nonlocal announced
        if not announced and (address := read_address(places)):
            announced = True
            out.print(f"console: {address}")
            if browse:
                webbrowser.open(address)
        see(news)

    return look


def rehearse_show(show: Show, sessions: Path) -> Path:
    """Run a show on a virtual clock; gives its session."""
    session = _session_path(sessions, show)
    with progress_bar() as progress:
        task = progress.add_task("showing", total=None)

        def tell(seconds: float, scene: str) -> None:
            progress.update(task, completed=seconds, description=f"{seconds:4.0f} s  {scene}")

        result = rehearse(show, session, cache(), progress=tell)
    for record in result.decisions:
        out.print(f"{record.t_ns * 1e-9:6.1f} s  {escape(record.decision.explanation)}")
    out.print(f"{' → '.join(result.path)}: the end, after {result.seconds:.0f} s")
    out.print(f"session {escape(str(session))}", soft_wrap=True)
    return session


def _demo_folder() -> Path:
    """Lay the sample show out where its clips can be made beside it."""
    package = importlib.resources.files("engine.demo")
    texts = {name: (package / name).read_bytes() for name in ("film.yaml", "show.toml")}
    mark = hashlib.sha256(b"".join(texts.values())).hexdigest()[:12]
    folder = cache() / f"demo-{mark}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text)
    return folder


def _session_path(folder: Path, show: Show) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < 10**9:
        refuse(f"{folder}: less than 1 GB is free; free space or name another folder (--sessions)")
    stamp = datetime.datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
    title = re.sub(r"\W+", "-", show.title.lower()).strip("-")
    return folder / f"{stamp}_{title}.mcap"
