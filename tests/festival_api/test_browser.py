"""The whole way in the system's Chromium: an account, an entry, its film, a payment, a review."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
from dataclasses import replace

import pytest
import uvicorn
from playwright.sync_api import expect, sync_playwright
from sqlalchemy import select

from festival_api import entries, letters
from festival_api.ports import Checkout
from festival_api.store import tables as t
from festival_api.web import create_app

pytestmark = pytest.mark.full

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SOON_MS = 15_000
EMAIL, PASSWORD = "lam@example.org", "kettle orbit violet seventeen"
EDITION = "hkaiiff-2026"


@pytest.fixture
def served(festival):
    """The festival behind a real server, for as long as the test."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    festival = replace(festival, address=address)
    config = uvicorn.Config(create_app(festival), log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield festival
    server.should_exit = True
    thread.join()


@pytest.fixture
def page(served):
    """A window of a browser; whatever goes wrong in a page's script fails the test."""
    if CHROMIUM is None:
        missing = "no Chromium: apt-get install chromium"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    troubles = []
    expect.set_options(timeout=SOON_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(base_url=served.address, locale="en-GB")
        context.set_default_timeout(SOON_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else 0)
        yield page
        browser.close()
    # A browser counts every refusal among its errors; what a policy forbids is one too.
    assert [one for one in troubles if "status of 4" not in one] == []


def link_of_letter(served, outbox):
    """Deliver what waits, and return the newest letter's link."""
    letters.deliver(served.database, served.mailer, served.clock())
    newest = max(outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return re.search(r"http://\S+#\S+", newest.read_text("utf-8"))[0]


def saved(section):
    section.get_by_role("button", name="Save this section").click()
    expect(section.locator("[data-saved]")).to_have_text("Saved.")


# Once is enough for the pages: what lies under them is tested on every database.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_from_signing_up_to_a_review(served, page, people, tmp_path):
    page.goto("/")
    expect(page.get_by_role("cell", name="US$562.50")).to_have_class("now")
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("Your name").fill("Lam Siu-ming")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Sign up").click()
    # A refusal stands beside its field, and the field has the focus.
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.locator(".trouble")).to_contain_text("at least 12 characters")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.locator("form .answer")).to_contain_text("on its way")

    page.goto(link_of_letter(served, tmp_path / "outbox"))
    assert page.url.endswith("/confirm")
    page.get_by_role("button", name="Confirm my address").click()
    page.locator("form").get_by_role("link", name="Sign in").click()
    # Nobody is led to another site after signing in.
    page.goto("/sign-in?next=//elsewhere.example/me")
    sign_in(page, EMAIL, PASSWORD)
    expect(page.get_by_text("You have no entries yet.")).to_be_visible()

    entry = enter(page)
    upload(page, tmp_path)
    finalise(page, served, entry)
    pay(page, served, entry)
    judge(page, served, people, entry)
    decide(page, served, people)


def sign_in(page, email, password):
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def enter(page):
    """Begin an entry and fill in every section that needs it."""
    page.get_by_role("link", name="Begin an entry").click()
    page.get_by_label("Generative linear film").check()
    page.get_by_label("Title in English").fill("The Lamp That Waits")
    page.get_by_role("button", name="Begin the draft").click()
    page.wait_for_url(re.compile(r"/entries/[0-9a-f]{32}$"))
    missing = page.locator("#missing li")
    expect(missing.first).to_be_visible()

    work = page.locator("#work")
    work.get_by_label("Title in Traditional Chinese").fill("守候的燈")
    work.get_by_label("Synopsis in English").fill("A lamp waits for a ship.")
    work.get_by_label("Synopsis in Traditional Chinese").fill("一盞燈守候一艘船。")
    work.get_by_label("Running time").fill("1:30:00")
    work.get_by_label("Languages").fill("yue, en")
    work.get_by_role("button", name="Add a country or region").click()
    work.get_by_label("Country or region").select_option("HK")
    work.get_by_label("Year in which").fill("twenty")
    work.get_by_role("button", name="Save this section").click()
    expect(work.locator(".trouble")).to_have_text("must be a whole number")
    work.get_by_label("Year in which").fill("2025")
    saved(work)

    crew = page.locator("#people")
    crew.get_by_role("button", name="Add a person").click()
    crew.locator("[data-row]").get_by_label("Name").fill("Chan Tai Man")
    crew.locator("[data-row]").get_by_label("Role").fill("director")
    contact = crew.get_by_role("group", name="Whom we write to")
    contact.get_by_label("Name").fill("Chan Tai Man")
    contact.get_by_label("E-mail address").fill("chan@example.org")
    saved(crew)

    declaration = page.locator("#declaration")
    declaration.get_by_role("button", name="Add a tool").click()
    tool = declaration.locator("[data-list='/declaration/tools'] [data-row]")
    tool.get_by_label("Name").fill("Painter")
    tool.get_by_label("Version").fill("3")
    tool.get_by_label("Made by").fill("Brush Works")
    tool.get_by_label("Picture").check()
    tool.get_by_label("Share").fill("80")
    declaration.get_by_label("How a human conducts").fill("I chose every image and cut them.")
    declaration.get_by_label("Prompts and process").fill("A storyboard, then prompts by scene.")
    declaration.get_by_label("I hold all rights").check()
    declaration.get_by_label("Rights and training data").fill("All rights are mine.")
    declaration.get_by_label("No real person's likeness").check()
    saved(declaration)

    # Somebody else's change, such as one's own in another window, is not written over.
    here = page.url.replace("/entries/", "/api/entries/")
    version = page.request.get(here).json()["version"]
    page.request.patch(here, data={"version": version, "draft": {"company": "Lamp Works"}})
    audience = page.locator("#audience")
    audience.get_by_role("group", name="Flashing light").get_by_label("yes").check()
    audience.get_by_role("button", name="Save this section").click()
    page.get_by_role("button", name="Load the newer version").click()
    expect(work.get_by_label("Company")).to_have_value("Lamp Works")
    audience.get_by_role("group", name="Flashing light").get_by_label("no").check()
    saved(audience)
    # What is still missing leads to where it is missing.
    expect(missing).to_have_count(1)
    missing.get_by_role("link").click()
    expect(page.locator("#evidence").get_by_role("button", name="Add a link")).to_be_focused()
    return page.url.rpartition("/")[2]


def upload(page, folder):
    """Upload a film that pauses half-way, over a reload of the page."""
    film = folder / "lamp.mp4"
    film.write_bytes(os.urandom(9 * 2**20))
    bytes_of = re.compile(r"/api/files/")
    page.route(bytes_of, hold)
    page.get_by_label("File", exact=True).set_input_files(film)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("#file-list")).to_contain_text("4.2 MB of 9.4 MB")
    page.get_by_role("button", name="Pause: lamp.mp4").click()
    expect(page.get_by_label("Go on: choose lamp.mp4 again")).to_be_visible()
    page.unroute(bytes_of)
    page.reload()
    expect(page.locator("#file-list")).to_contain_text("4.2 MB of 9.4 MB")
    page.get_by_label("Go on: choose lamp.mp4 again").set_input_files(film)
    expect(page.locator("#file-list")).to_contain_text("Complete and verified.")
    expect(page.locator("#missing")).to_contain_text("Nothing is missing")


def hold(route):
    """Let the first piece pass, and keep the second until the upload pauses."""
    request = route.request
    if request.method == "PATCH" and request.headers["upload-offset"] != "0":
        return
    route.continue_()


def finalise(page, served, entry):
    page.get_by_role("button", name="What does it cost now?").click()
    expect(page.locator("#price")).to_contain_text("US$562.50")
    expect(page.locator("#price")).to_contain_text("Generative Feature")
    page.get_by_label("I agree to the price of US$562.50").check()
    page.get_by_role("button", name="Finalise").click()
    expect(page.locator("#state")).to_have_text("Waiting for payment")
    expect(page.get_by_label("Synopsis in English")).to_be_disabled()
    with served.database.read() as c:
        assert entries.snapshots(c, entry) == [1]


def pay(page, served, entry):
    """Go to the provider, a double without a page, and come back; its event makes it paid."""
    page.get_by_role("button", name="Pay now").click()
    expect(page.locator("#answer")).to_contain_text("We wait to hear")
    with served.database.read() as c:
        number = c.execute(select(t.payments.c.provider_id).filter_by(entry=entry)).scalar_one()
    body, headers = served.payments.event_for(Checkout(number, ""), "paid", served.clock())
    told = page.request.post("/api/payments/events/double", data=body, headers=headers)
    assert told.ok
    expect(page.locator("#answer")).to_contain_text("Your payment came")
    expect(page.locator("#state")).to_have_text("Submitted")


def judge(page, served, people, entry):
    """Review the work as a juror, who does not see who made it."""
    juror = people.juror("art")
    people.stage(2, "open")
    people.assign(2, entry, juror)
    with served.database.write() as c:
        for action in ("open_recognition", "recognise", "open_evaluation"):
            entries.move(c, entry, action, None, served.clock())
    change_to(page, served, juror, "/desk")
    page.get_by_role("link", name="The Lamp That Waits").click()
    expect(page.locator("#work")).to_contain_text("I chose every image")
    assert "Chan Tai Man" not in page.content()
    review = page.locator("#review")
    for dimension in ("Technological", "Artistic", "Commercial", "Social"):
        review.get_by_label(re.compile(f"^{dimension}")).fill("101")
    review.get_by_role("button", name="Save and submit").click()
    expect(review.locator(".trouble")).to_have_count(4)
    for dimension in ("Technological", "Artistic", "Commercial", "Social"):
        review.get_by_label(re.compile(f"^{dimension}")).fill("80")
    review.get_by_role("button", name="Save and submit").click()
    expect(review.locator(".answer")).to_contain_text("Submitted: it counts now.")
    # To change it needs a reason.
    review.get_by_label(re.compile("^Social")).fill("90")
    review.get_by_label("Why you change").fill("I saw it a second time.")
    review.get_by_role("button", name="Save and submit").click()
    expect(review.locator(".answer")).to_contain_text("Submitted: it counts now.")
    page.get_by_role("link", name="My desk").first.click()
    expect(page.locator("#stages")).to_contain_text("0 of 1 works are still to be judged.")


def decide(page, served, people):
    """Try to close a stage that is not done, and take an entry out, as the office."""
    change_to(page, served, people.office(), "/office")
    stage = page.locator("[data-stage='2']")
    expect(stage).to_contain_text("1 works; 1 of 1 opinions submitted; 1 works lack some.")
    stage.get_by_role("button", name="Close").click()
    # The refusal is shown whole: what it is about too.
    expect(stage.locator(".answer")).to_contain_text("works:")
    line = page.locator("#entries tr")
    line.get_by_text("Decide").click()
    line.get_by_role("button", name="Disqualify").click()
    expect(line.locator(".trouble")).to_have_text("is empty")
    line.get_by_label("Reason").fill("No AI was used in it.")
    line.get_by_role("button", name="Disqualify").click()
    expect(line).to_contain_text("Disqualified")


def change_to(page, served, client, path):
    """Sign out, and go on as somebody else."""
    with served.database.read() as c:
        email = c.execute(select(t.accounts.c.email).filter_by(id=client.account)).scalar_one()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("/")
    page.goto(path)
    sign_in(page, email, "correct horse battery")
