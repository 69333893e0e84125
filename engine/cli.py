"""The command line: `hall`."""

from __future__ import annotations

import datetime
import hashlib
import importlib.resources
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from acquisition import SourceError
from engine import live, logs
from engine.config import Show, ShowError, load_film, load_show
from engine.console import Job as ConsoleJob
from engine.console import read_address
from engine.doctor import findings
from engine.link import LinkError
from engine.places import Places, ShowRunningError
from engine.player import read_journal
from engine.records import Consent, SeatRequest
from engine.rehearsal import rehearse
from engine.replay import Replayed, replay
from engine.session import SessionError, is_sealed, read, read_configuration, recover
from engine.supervisor import (
    News,
    RunningShow,
    choose_driver,
    command_player,
    set_consent,
    watch,
)
from engine.terminal import ShowView
from narrative import Film, FilmError
from narrative import load_film as parse_film
from playback import Command, DriverError, MediaError, Sketch, make_sketches

app = typer.Typer(
    help="A cinema whose film answers to the audience's EEG.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
film_app = typer.Typer(help="Check films and make stand-in clips.", no_args_is_help=True)
session_app = typer.Typer(help="Look at recorded sessions.", no_args_is_help=True)
app.add_typer(film_app, name="film")
app.add_typer(session_app, name="session")

out = Console()
err = Console(stderr=True)

_EXPECTED = (
    ShowError,
    FilmError,
    SourceError,
    SessionError,
    LinkError,
    ShowRunningError,
    DriverError,
    MediaError,
)

Wait = Annotated[
    bool, typer.Option("--wait", help="Stand by; the film starts on START, from the console.")
]
WithConsole = Annotated[
    bool | None, typer.Option("--console/--no-console", help="The operator's page in a browser.")
]
SessionFolder = Annotated[Path, typer.Option("--sessions", help="Folder for session files.")]
SESSIONS = Path("sessions")


def main() -> None:
    """Run the command line; what a user can mend is told without a traceback."""
    logs.configure()
    try:
        app()
    except _EXPECTED as error:
        refuse(str(error))
    except KeyboardInterrupt:
        refuse("stopped")
    except Exception:
        # The boundary to the user: whatever we did not foresee is our fault, and told as such.
        path = _cache() / "fault.txt"
        path.write_text(traceback.format_exc(), "utf-8")
        refuse(f"this is a fault of Neural Hall, not yours; please report it with {path}")


def refuse(why: str) -> NoReturn:
    """Say why not, and leave with status 1."""
    err.print(escape(why), style="red", soft_wrap=True, highlight=False)
    raise SystemExit(1)


@app.command()
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
    _sketch(folder / "film.yaml")
    if os.environ.get("HALL_HEADLESS") == "1":
        _rehearse(load_show(folder / "show.toml", boards=False), sessions)
    else:
        shown = load_show(folder / "show.toml")
        _show(shown, sessions, windowed=windowed, wait=wait, with_console=with_console)


@app.command()
def show(
    path: Annotated[Path, typer.Argument(metavar="SHOW.toml")],
    sessions: SessionFolder = SESSIONS,
    windowed: Annotated[bool, typer.Option(help="A window, not the whole screen.")] = False,
    virtual: Annotated[
        bool, typer.Option("--virtual", help="One process, virtual clock, no picture.")
    ] = False,
    wait: Wait = False,
    with_console: WithConsole = None,
) -> None:
    """Run a show: headsets, audience state, decisions, film, session file."""
    if virtual:
        _rehearse(load_show(path, boards=False), sessions)
    else:
        shown = load_show(path)
        _show(shown, sessions, windowed=windowed, wait=wait, with_console=with_console)


@app.command(name="replay")
def replay_command(
    session: Annotated[Path, typer.Argument(metavar="SESSION.mcap")],
    change: Annotated[
        list[str] | None, typer.Option("--set", help="Change a setting: NAME=VALUE.")
    ] = None,
) -> None:
    """Compute a session's audience states and decisions again and compare byte for byte.

    Status 0 only when everything is identical.
    """
    seconds = _length_s(session)
    with _progress() as progress:
        task = progress.add_task("replaying", total=seconds)
        result = replay(
            session,
            dict(map(_setting, change or [])),
            lambda done_s: progress.update(task, completed=done_s),
        )
    _print_replay(result)
    if not result.identical:
        raise SystemExit(1)


@app.command()
def operate(
    kind: Annotated[str, typer.Argument(help="panic, resume, hold, auto, take, default or stop.")],
    number: Annotated[int | None, typer.Argument(help="With take: which branch, from 1.")] = None,
) -> None:
    """Give the running player an operator's command."""
    ack = command_player(Places.default(), Command(kind, number, os.environ.get("USER", "")))
    if not ack.accepted:
        refuse(ack.what)
    out.print(escape(ack.what))


@app.command()
def seat(name: str, consent: Consent) -> None:
    """Change a seat's consent during the show."""
    request = SeatRequest(name, consent, os.environ.get("USER", ""))
    answer = set_consent(Places.default(), request)
    if not answer.accepted:
        refuse(answer.what)
    out.print(escape(answer.what))


@app.command(name="console")
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


@app.command()
def doctor(sessions: SessionFolder = SESSIONS) -> None:
    """Say what this machine has for a show, and what to install."""
    table = Table("", "what", "found", "note", box=None)
    for finding in findings(sessions):
        mark = "[green]✓[/]" if finding.good else "[yellow]–[/]"
        table.add_row(mark, finding.what, escape(finding.found), escape(finding.remedy))
    out.print(table)


@film_app.command()
def check(path: Annotated[Path, typer.Argument(metavar="FILM.yaml")]) -> None:
    """Check a film and its clips before anyone sits down."""
    try:
        film, _, table = load_film(path)
    except FileNotFoundError:
        refuse(f"there is no film at {path}")
    frames = {entry.scene: entry.clip.frames for entry in table.scenes}
    listing = Table("scene", "seconds", "reads", "then", box=None)
    for name, scene in film.scenes.items():
        then = [f"{branch.to} when {branch.when.text}" for branch in scene.branches]
        then.append(f"{scene.default} by default" if scene.default else "the end")
        window = scene.reading
        reads = f"{window.from_s:g}-{window.to_s:g} s" if window else ""
        listing.add_row(
            name, f"{float(frames[name] / film.fps):.1f}", reads, escape("\n".join(then))
        )
    out.print(listing)
    out.print(f"[green]{escape(path.name)} is fit to be shown.[/]")


@film_app.command()
def sketch(path: Annotated[Path, typer.Argument(metavar="FILM.yaml")]) -> None:
    """Make a generated stand-in for every clip that is missing and has a `length`."""
    if not path.is_file():
        refuse(f"there is no film at {path}")
    _sketch(path)


@session_app.command(name="recover")
def recover_command(session: Annotated[Path, typer.Argument(metavar="SESSION.mcap")]) -> None:
    """Seal what a crash left, with the cuts that the player made alone."""
    if not session.is_file():
        refuse(f"{session}: there is no such file")
    if is_sealed(session):
        out.print(f"{escape(str(session))} is sealed already")
        return
    configuration = read_configuration(session)
    events = [
        event
        for event in read_journal(Places.default().journal)
        if event.hall_ns >= configuration.origin_ns
    ]
    counts = recover(session, events)
    table = Table("topic", "messages", box=None)
    for topic, count in counts.items():
        table.add_row(topic, str(count))
    out.print(table)
    out.print(f"[green]{escape(str(session))} is sealed.[/]")


def _show(
    show: Show, sessions: Path, *, windowed: bool, wait: bool, with_console: bool | None
) -> None:
    places = Places.default()
    driver, why = choose_driver(show.driver)
    with places.claim():
        session = _session_path(sessions, show)
        view = ShowView(show, f"{driver} player: {why}")
        out.print(f"[bold]{escape(show.title)}[/]: {driver} player ({escape(why)})")
        if with_console is None:
            with_console = os.environ.get("HALL_HEADLESS") != "1"
        running = RunningShow(
            show,
            places,
            session,
            _cache(),
            driver,
            windowed=windowed,
            on_request=wait,
            with_console=with_console,
        )
        with running, Live(view, console=out, refresh_per_second=5, transient=True) as picture:
            see = _announcing(view.see, places)
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


def _announcing(see: Callable[[News], None], places: Places) -> Callable[[News], None]:
    """Print the console's address as soon as it has one."""
    announced = False

    def look(news: News) -> None:
        nonlocal announced
        if not announced and (address := read_address(places)):
            announced = True
            out.print(f"console: {address}")
        see(news)

    return look


def _rehearse(show: Show, sessions: Path) -> None:
    session = _session_path(sessions, show)
    with _progress() as progress:
        task = progress.add_task("showing", total=None)

        def tell(seconds: float, scene: str) -> None:
            progress.update(task, completed=seconds, description=f"{seconds:4.0f} s  {scene}")

        result = rehearse(show, session, _cache(), progress=tell)
    for record in result.decisions:
        out.print(f"{record.t_ns * 1e-9:6.1f} s  {escape(record.decision.explanation)}")
    out.print(f"{' → '.join(result.path)}: the end, after {result.seconds:.0f} s")
    out.print(f"session {escape(str(session))}", soft_wrap=True)


def _sketch(path: Path) -> None:
    """Make the clips that are missing."""
    film = parse_film(path.read_text("utf-8"), path.name)
    sketches = _missing(film, path.parent)
    if not sketches:
        return
    with _progress() as progress:
        task = progress.add_task("making clips", total=None)
        make_sketches(
            sketches,
            fps=film.fps,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )


def _missing(film: Film, folder: Path) -> list[Sketch]:
    sketches = []
    for number, (name, scene) in enumerate(film.scenes.items(), start=1):
        path = folder / scene.clip
        if path.exists():
            continue
        if scene.length_s is None:
            refuse(f"{scene.source['']}: scene {name} has no clip and no `length` to sketch one by")
        path.parent.mkdir(parents=True, exist_ok=True)
        titles = scene.title
        sketches.append(
            Sketch(
                path=str(path),
                number=number,
                title=titles.get("en", name),
                subtitle=titles.get("zh-Hant", ""),
                seconds=scene.length_s,
                landscape=name,
            )
        )
    return sketches


def _demo_folder() -> Path:
    """Lay the sample show out where its clips can be made beside it."""
    package = importlib.resources.files("engine.demo")
    texts = {name: (package / name).read_bytes() for name in ("film.yaml", "show.toml")}
    mark = hashlib.sha256(b"".join(texts.values())).hexdigest()[:12]
    folder = _cache() / f"demo-{mark}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text)
    return folder


def _cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "neural-hall"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _session_path(folder: Path, show: Show) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < 10**9:
        refuse(f"{folder}: less than 1 GB is free; free space or name another folder (--sessions)")
    stamp = datetime.datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
    return (
        folder
        / f"{stamp}_{show.path.parent.name if show.path.stem == 'show' else show.path.stem}.mcap"
    )


def _length_s(session: Path) -> float:
    """Length of a screening, from the times of its messages."""
    times = [t_ns for _, t_ns, _ in read(session)]
    return (times[-1] - times[0]) * 1e-9 if times else 0.0


def _setting(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        refuse(f"--set {text}: write it as NAME=VALUE, for example --set smoothing_s=6")


def _print_replay(result: Replayed) -> None:
    out.print(
        f"compared {result.states} audience states, {result.decisions} decisions, "
        f"{result.plans} plans"
    )
    if result.states_unrecorded:
        out.print(
            f"not compared: {result.states_unrecorded} audience states in which seats counted that "
            "are not recorded (their decisions were replayed from the recorded states)"
        )
    speed = result.hall_s / result.took_s if result.took_s else 0.0
    out.print(
        f"{result.hall_s:.1f} s of screening in {result.took_s:.2f} s: "
        f"{speed:.0f} times real time, start-up excluded"
    )
    if result.first is not None:
        first = result.first
        out.print(
            f"[red]{result.differences} differ; first the {first.what} at {first.t_s:.1f} s[/]"
        )
        where = f"{first.where} " if first.where else ""
        out.print(f"recorded: {where}{escape(first.recorded)}", soft_wrap=True, highlight=False)
        out.print(f"replayed: {where}{escape(first.replayed)}", soft_wrap=True, highlight=False)
    elif result.identical:
        out.print("[green]identical, byte for byte[/]")
    else:
        out.print("[red]there was nothing to compare[/]")


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=err)


if __name__ == "__main__":
    main()
