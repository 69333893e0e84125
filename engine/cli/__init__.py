"""The command line: `hall`.

Each file behind this one holds the commands of one concern; here they get their names.
"""

from __future__ import annotations

import traceback
from importlib.metadata import entry_points

import typer

from acquisition import SourceError
from engine import logs
from engine.authoring import AuthoringError
from engine.calibration import CalibrationError
from engine.cli._base import cache, refuse
from engine.cli._booth import doctor, operate, seat
from engine.cli._calibrate import calibrate
from engine.cli._check import check
from engine.cli._exchange import (
    export,
    import_command,
    new,
    pack,
    schema,
    timeline,
    unpack_command,
)
from engine.cli._films import sketch
from engine.cli._films import test as test_journeys
from engine.cli._norms import norms
from engine.cli._sessions import (
    recover_command,
    replay_command,
    show_command,
    signals_command,
)
from engine.cli._shows import console_command, demo, show
from engine.cli._simulate import simulate
from engine.cli._trying import simulate as simulate_film
from engine.cli._trying import watch
from engine.config import ShowError
from engine.link import LinkError
from engine.packages import PackageError
from engine.places import ShowRunningError
from engine.session import SessionError
from narrative import FilmError
from playback import DriverError, MediaError

__all__ = ["app", "main"]

app = typer.Typer(
    help="A cinema whose film answers to the audience's EEG.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
film_app = typer.Typer(help="Write films, check them and try them.", no_args_is_help=True)
session_app = typer.Typer(help="Look at recorded sessions.", no_args_is_help=True)

app.command("demo")(demo)
app.command("show")(show)
app.command("calibrate")(calibrate)
app.command("replay")(replay_command)
app.command("signals")(signals_command)
app.command("norms")(norms)
app.command("operate")(operate)
app.command("seat")(seat)
app.command("console")(console_command)
app.command("doctor")(doctor)
app.command("simulate")(simulate)
film_app.command("new")(new)
film_app.command("check")(check)
film_app.command("sketch")(sketch)
film_app.command("test")(test_journeys)
film_app.command("simulate")(simulate_film)
film_app.command("watch")(watch)
film_app.command("import")(import_command)
film_app.command("export")(export)
film_app.command("pack")(pack)
film_app.command("unpack")(unpack_command)
film_app.command("schema")(schema)
session_app.command("show")(show_command)
session_app.command("recover")(recover_command)
session_app.command("timeline")(timeline)
app.add_typer(film_app, name="film")
app.add_typer(session_app, name="session")
# What stands beside the hall brings its commands itself; the hall knows none of it.
for _beside in entry_points(group="neural_hall.commands"):
    app.add_typer(_beside.load(), name=_beside.name)

_EXPECTED = (
    ShowError,
    FilmError,
    SourceError,
    SessionError,
    CalibrationError,
    LinkError,
    ShowRunningError,
    DriverError,
    MediaError,
    AuthoringError,
    PackageError,
)


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
        path = cache() / "fault.txt"
        path.write_text(traceback.format_exc(), "utf-8")
        refuse(f"this is a fault of Neural Hall, not yours; please report it with {path}")
