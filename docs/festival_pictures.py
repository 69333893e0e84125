"""Pictures of the festival's pages: `python docs/festival_pictures.py`.

Serves the edition that ships with the project, in the middle of its entry season, brings an entry
and a juror on their way as people would, and takes the pictures of the pages in the system's
Chromium.
"""

import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from sqlalchemy import select

from festival_api import accounts
from festival_api.accounts import Passwords
from festival_api.commands._running import keep_editions
from festival_api.editions import load
from festival_api.ports import Checkout, FileOutbox, NoProbe, PaymentDouble
from festival_api.store import Database, migrate
from festival_api.store import tables as t
from festival_api.web import Festival, create_app

FOLDER = Path(__file__).parent / "pictures"
EDITION = FOLDER.parent.parent / "examples" / "festival" / "hkaiiff-2026.yaml"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
NOW = datetime(2026, 1, 20, 4, 0, tzinfo=UTC)
PASSWORD = "kettle orbit violet seventeen"
JURY = "/api/editions/hkaiiff-2026"
SCREEN, PHONE = (1280, 860), (390, 860)

DRAFT = {
    "title": {"en": "The Lamp That Waits", "zh-Hant": "守候的燈"},
    "synopsis": {
        "en": "A lamp on a pier waits for a ship that was never built.",
        "zh-Hant": "碼頭上的一盞燈，守候一艘從未建成的船。",
    },
    "category": "generative_linear",
    "runtime_seconds": 5400,
    "languages": ["yue"],
    "countries": ["HK"],
    "year": 2025,
    "makers": [{"name": "Lam Siu-ming", "role": "director"}],
    "contact": {"name": "Lam Siu-ming", "email": "lam@example.org"},
    "declaration": {
        "tools": [
            {
                "name": "Painter",
                "version": "3",
                "maker": "Brush Works",
                "used_for": ["picture"],
                "share": 80,
            }
        ],
        "human_role": "I chose every image and cut them.",
        "process": {"statement": "A storyboard, then prompts scene by scene."},
        "rights": {"held": True, "statement": "All rights are mine."},
        "likeness": {"none_depicted": True},
    },
    "links": [{"kind": "film", "url": "https://films.example.org/lamp"}],
    "warnings": {"flashing_light": False},
}
LATER = ("contact", "languages", "links", "warnings")


def main() -> None:
    """Serve the festival, let people work in it, take the pictures."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        served(Path(scratch)) as festival,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        visitor = browser.new_context(base_url=festival.address)
        take(visitor, "/", "front", SCREEN)
        take(visitor, "/?lang=zh-Hant#prices", "prices-zh", PHONE)
        entrant = Person(festival, browser, "lam@example.org")
        half = {name: part for name, part in DRAFT.items() if name not in LATER}
        take(entrant.context, f"/entries/{entrant.begin(half)}", "entry", SCREEN)
        paid = entrant.begin(DRAFT)
        entrant.finalise_and_pay(paid)
        take(judging(festival, browser), f"/desk/{paid}#verdict", "juror", SCREEN)
        browser.close()


@contextmanager
def served(folder: Path) -> Iterator[Festival]:
    """Serve the festival on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    loaded = load(EDITION)
    with closing(Database(f"sqlite:///{folder / 'festival.db'}")) as database:
        migrate(database)
        festival = Festival(
            editions={loaded.edition.id: loaded},
            database=database,
            clock=lambda: NOW,
            mailer=FileOutbox(folder / "outbox", "festival@example.org"),
            payments=PaymentDouble(folder / "payments", "secret"),
            probe=NoProbe(),
            files=folder / "files",
            passwords=Passwords(),
            address=f"http://127.0.0.1:{listening.getsockname()[1]}",
        )
        keep_editions(festival)
        config = uvicorn.Config(create_app(festival), log_config=None, ws="none", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield festival
        finally:
            server.should_exit = True
            thread.join()


class Person:
    """Somebody with a confirmed account, signed in in a browser of their own."""

    def __init__(self, festival: Festival, browser: Browser, email: str) -> None:
        self.festival = festival
        self.context = browser.new_context(base_url=festival.address)
        account = {"email": email, "password": PASSWORD, "name": "Lam Siu-ming", "language": "en"}
        self.post("/api/accounts", account)
        with festival.database.read() as c:
            letter = c.execute(
                select(t.letters.c.text).filter_by(recipient=email, kind="confirm")
            ).scalar_one()
        found = re.search(r"/confirm#(\S+)", letter)
        assert found is not None
        self.post("/api/accounts/confirm", {"token": found[1]})
        self.post("/api/sessions", {"email": email, "password": PASSWORD})

    def post(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> Any:
        """Ask the service for something."""
        answer = self.context.request.post(path, data=body, headers=headers)
        if not answer.ok:
            raise SystemExit(f"{path}: {answer.text()}")
        return None if answer.status == 204 else answer.json()

    def begin(self, draft: dict[str, Any]) -> str:
        """Begin an entry."""
        id_: str = self.post(f"{JURY}/entries", {"draft": draft})["id"]
        return id_

    def finalise_and_pay(self, entry: str) -> None:
        """Finalise an entry at the price of the day; the provider's double says that it is paid."""
        price = self.post(f"/api/entries/{entry}/quote")
        agreed = {"version": 1, "amount": price["amount"], "currency": price["currency"]}
        self.post(f"/api/entries/{entry}/finalise", agreed)
        self.post(f"/api/entries/{entry}/payment")
        double = self.festival.payments
        assert isinstance(double, PaymentDouble)
        with self.festival.database.read() as c:
            number = c.execute(select(t.payments.c.provider_id)).scalar_one()
        body, headers = double.event_for(Checkout(number, ""), "paid", NOW)
        self.post("/api/payments/events/double", body, headers)


def judging(festival: Festival, browser: Browser) -> BrowserContext:
    """Open the first stage; give its work to a juror, and return the juror's browser."""
    admin = Person(festival, browser, "admin@example.org")
    with festival.database.write() as c:
        accounts.make_admin(c, "admin@example.org")
    office = Person(festival, browser, "office@example.org")
    admin.post(f"{JURY}/roles", {"email": "office@example.org", "role": "office"})
    juror = Person(festival, browser, "juror@example.net")
    office.post(f"{JURY}/jurors", {"email": "juror@example.net", "faction": "technology"})
    office.post(f"{JURY}/stages/1/open")
    office.post(f"{JURY}/stages/1/assignments", {})
    return juror.context


def take(context: BrowserContext, path: str, name: str, size: tuple[int, int]) -> None:
    """Take a picture of a page as it first shows."""
    window = context.new_page()
    window.set_viewport_size({"width": size[0], "height": size[1]})
    window.goto(path)
    window.wait_for_load_state("networkidle")
    place = path.partition("#")[2]
    if place:
        window.evaluate("place => document.getElementById(place).scrollIntoView()", place)
    window.wait_for_timeout(300)
    window.screenshot(path=FOLDER / f"festival-{name}.png")
    window.close()


if __name__ == "__main__":
    main()
