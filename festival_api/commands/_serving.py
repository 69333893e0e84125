"""`hall festival serve`: the service, from its settings to its orderly end."""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from festival_api.commands._keeping import refuse_other_versions
from festival_api.commands._options import (
    FOLDER,
    Address,
    Folder,
    files_in,
    make_folder,
    open_database,
)
from festival_api.commands._telling import CommandError

if TYPE_CHECKING:
    from festival_api.editions import LoadedEdition
    from festival_api.ports import Mailer, Payments
    from festival_api.store import Database


class Provider(StrEnum):
    """Who takes payments."""

    double = "double"
    stripe = "stripe"


def serve(
    editions: Annotated[
        list[Path],
        typer.Argument(
            envvar="HALL_FESTIVAL_EDITIONS", help="The editions' YAML files.", show_default=False
        ),
    ],
    folder: Folder = FOLDER,
    database: Address = "",
    host: Annotated[
        str, typer.Option(envvar="HALL_FESTIVAL_HOST", help="Where to listen.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="HALL_FESTIVAL_PORT", min=0, max=65535)] = 8404,
    address: Annotated[
        str,
        typer.Option(
            envvar="HALL_FESTIVAL_ADDRESS",
            help="How people reach it, for links in letters; http://HOST:PORT when not given.",
            show_default=False,
        ),
    ] = "",
    proxy: Annotated[
        str,
        typer.Option(
            envvar="HALL_FESTIVAL_PROXY",
            help="Address of a proxy whose word is taken for who asks.",
            show_default=False,
        ),
    ] = "",
    mail: Annotated[
        str,
        typer.Option(
            envvar="HALL_FESTIVAL_MAIL",
            help="smtps://USER:PASSWORD@HOST or a folder; `outbox` in the folder when not given.",
            show_default=False,
        ),
    ] = "",
    sender: Annotated[
        str, typer.Option(envvar="HALL_FESTIVAL_SENDER", help="Address that letters come from.")
    ] = "festival@localhost.localdomain",
    payments: Annotated[
        Provider,
        typer.Option(
            envvar="HALL_FESTIVAL_PAYMENTS",
            help="`stripe` takes HALL_FESTIVAL_STRIPE_KEY and HALL_FESTIVAL_STRIPE_WEBHOOK_SECRET.",
        ),
    ] = Provider.double,
) -> None:
    """Serve the festival until told to end (SIGTERM, Ctrl-C)."""
    from festival_api.accounts import Passwords
    from festival_api.commands._running import now, run
    from festival_api.ports import HttpProbe
    from festival_api.web import Festival

    served = _load(editions)
    make_folder(folder)
    address = (address or f"http://{host}:{port}").rstrip("/")
    with (
        _alone(folder),
        _listening(host, port) as listening,
        closing(open_database(database, folder)) as opened,
    ):
        _prepare(opened)
        files_in(folder).mkdir(exist_ok=True)
        festival = Festival(
            editions=served,
            database=opened,
            clock=now,
            mailer=_mailer(mail or str(folder / "outbox"), sender),
            payments=_payments(payments, folder / "payments", address),
            probe=HttpProbe(),
            files=files_in(folder),
            passwords=Passwords(),
            address=address,
            metrics_token=os.environ.get("HALL_FESTIVAL_METRICS_TOKEN", ""),
        )
        run(festival, listening, proxy)


def _load(paths: list[Path]) -> Mapping[str, LoadedEdition]:
    from festival_api.editions import load

    served: dict[str, LoadedEdition] = {}
    for path in paths:
        loaded = load(path)
        if loaded.edition.id in served:
            raise CommandError(f"{path}: edition {loaded.edition.id} is given twice")
        served[loaded.edition.id] = loaded
    return served


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second service out of the folder: uploads and rate limits live in one process."""
    with (folder / "serving.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError(f"{folder} is being served already: give another folder") from None
        yield


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise CommandError(f"{host}:{port} cannot be listened on: {error.strerror}") from None


def _prepare(database: Database) -> None:
    from festival_api.store import migrate, state

    if state(database) == "empty":
        migrate(database)
    refuse_other_versions(database)


def _mailer(where: str, sender: str) -> Mailer:
    from festival_api.ports import FileOutbox, SmtpMailer

    return SmtpMailer(where, sender) if "://" in where else FileOutbox(Path(where), sender)


def _payments(provider: Provider, folder: Path, address: str) -> Payments:
    from festival_api.ports import PaymentDouble, StripePayments

    if provider is Provider.double:
        return PaymentDouble(folder, _kept_secret(folder / "secret"), f"{address}/double")
    names = ("HALL_FESTIVAL_STRIPE_KEY", "HALL_FESTIVAL_STRIPE_WEBHOOK_SECRET")
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise CommandError(f"payments by Stripe need {' and '.join(missing)} in the environment")
    return StripePayments(*(os.environ[name] for name in names))


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        path.touch(0o600)
        path.write_text(secrets.token_hex(), "ascii")
    return path.read_text("ascii")
