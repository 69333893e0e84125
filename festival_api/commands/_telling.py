"""How the commands speak: results to standard output, what went wrong in one red line."""

from __future__ import annotations

from typing import Any, NoReturn

from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

out = Console()
err = Console(stderr=True)


class CommandError(Exception):
    """What a user can mend; the text says what is wrong and what to do."""


class Telling(TyperGroup):
    """A group of commands that tells what a user can mend without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] == "festival_api":
                raise
            refuse(f"{error.name} is missing: pip install 'neural-hall[festival]'")
        except Exception as error:
            if not isinstance(error, _expected()):
                raise
            refuse(str(error))


def refuse(why: str) -> NoReturn:
    """Say why not, and leave with status 1."""
    err.print(escape(why), style="red", soft_wrap=True, highlight=False)
    raise SystemExit(1)


def _expected() -> tuple[type[Exception], ...]:
    from festival_api.editions import EditionError
    from festival_api.ports import MailError, PaymentError
    from festival_api.refusals import Refusal
    from festival_api.store import DatabaseError

    return (CommandError, DatabaseError, EditionError, MailError, PaymentError, Refusal)
