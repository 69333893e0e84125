"""The whole way in the system's Chromium: account, entry, film, payment, review, jury, award."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime

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
    expect(work.get_by_label("Running time")).to_have_value("")
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
    tell_of_payment(page, served, entry)
    expect(page.locator("#answer")).to_contain_text("Your payment came")
    expect(page.locator("#state")).to_have_text("Submitted")


def tell_of_payment(page, served, entry):
    with served.database.read() as c:
        number = c.execute(select(t.payments.c.provider_id).filter_by(entry=entry)).scalar_one()
    body, headers = served.payments.event_for(Checkout(number, ""), "paid", served.clock())
    told = page.request.post("/api/payments/events/double", data=body, headers=headers)
    assert told.ok


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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_from_a_seat_on_the_jury_to_an_award(served, page, people):
    member, newcomer, office = people.juror("art", core=True), people.entrant(), people.office()
    [work] = people.works(1, state="finalist")
    for stage in (1, 2):
        people.stage(stage, "published")
    people.stage(3, "open")

    change_to(page, served, office, "/office/jurors")
    appoint(page, address_of(served, newcomer))
    page.get_by_role("link", name="Committee").click()
    record(page)
    with served.database.read() as c:
        held = c.execute(select(t.hearings.c.held_at).order_by(t.hearings.c.held_at)).scalars()
        # 11:00 and 11:30 in Hong Kong.
        assert list(held) == [datetime(2025, 11, 15, 3, minute, tzinfo=UTC) for minute in (0, 30)]
    change_to(page, served, member, "/desk")
    page.get_by_role("link", name="Core committee").click()
    expect(page.locator("#finalists")).to_contain_text(
        "at its viewing on 15 November 2025 at 11:00"
    )
    award = page.locator("[data-award=best_ai_native_film]")
    award.get_by_role("button", name="Cast the ballot").click()
    expect(award.locator(".trouble")).to_have_text("is required")
    award.get_by_label("Your choice").select_option(work)
    award.get_by_role("button", name="Cast the ballot").click()
    expect(award).to_contain_text("Your ballot is cast")
    expect(award.get_by_role("button", name="Cast the ballot")).to_be_hidden()
    change_to(page, served, office, "/office/committee")
    line = page.locator("#awards tr").first
    expect(line).to_contain_text("1 of 1 ballots are cast")
    line.get_by_text("Count: Best AI-Native Film").click()
    line.get_by_role("button", name="Count the ballots").click()
    expect(line).to_contain_text("sealed")


def appoint(page, email):
    """Appoint a juror, note a conflict and lift it, and end the seat."""
    form = page.locator("#appoint")
    form.get_by_label("E-mail address").fill(email)
    form.get_by_role("button", name="Appoint").click()
    expect(form.locator(".answer")).to_contain_text("exactly one faction")
    form.get_by_label("Faction").select_option(label="Ethics faction")
    form.get_by_role("button", name="Appoint").click()
    expect(form.locator(".answer")).to_contain_text("sits on the jury")
    page.get_by_text("Record a conflict of interest").click()
    conflict = page.locator("#conflict")
    conflict.get_by_label(re.compile("^Juror")).select_option(index=1)
    conflict.get_by_label(re.compile("^Work")).select_option(index=1)
    conflict.get_by_label("What ties them").select_option("employer")
    conflict.get_by_role("button", name="Record it").click()
    noted = page.locator("#conflicts tr")
    noted.get_by_text("Lift", exact=True).click()
    noted.get_by_label("Why it is none").fill("Other faculties.")
    noted.get_by_role("button", name="Lift it").click()
    expect(noted).to_contain_text("Other faculties.")
    seat = page.locator("#jurors tr").filter(has_text="Ethics faction")
    seat.get_by_text("End the seat of").click()
    seat.get_by_role("button", name="End the seat").click()
    expect(seat).to_contain_text("ended on")


def record(page):
    """Record a viewing at a time of the festival's own clock."""
    form = page.locator("#record")
    form.get_by_label("Finalist").select_option(index=1)
    form.get_by_role("group", name="Members who were there").get_by_role("checkbox").check()
    form.get_by_role("button", name="Record it").click()
    # The browser's clock is ahead of the festival's.
    expect(form.locator(".answer")).to_contain_text("once it was held")
    form.get_by_label("When it was held").fill("2025-11-15T11:30")
    form.get_by_role("button", name="Record it").click()
    expect(page.locator("#hearings")).to_contain_text("15 November 2025 at 11:30")
    page.get_by_role("button", name="Correct it").click()
    form.get_by_label("Why it is corrected").fill("It began earlier.")
    form.get_by_label("When it was held").fill("2025-11-15T11:00")
    form.get_by_role("button", name="Record it").click()
    expect(page.locator("#hearings")).to_contain_text("no longer holds")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_office_breaks_a_tie_imports_and_gives_money_back(served, page, people):
    office, entrant = people.office(), people.entrant()
    jurors = [people.juror(faction) for faction in ("art", "technology", "ethics")]
    works = people.works(3, state="in_evaluation")
    people.stage(1, "published")
    people.stage(2, "open")
    scores = {one.id: 50 for one in served.edition(EDITION).dimensions}
    review = {"scores": scores, "comments": {}, "comment": "", "confidence": None, "runs": []}
    for work in works:
        for juror in jurors:
            people.opinion(2, work, juror, review)
    paid = people.finalised(entrant)
    entrant.post(f"/api/entries/{paid}/payment")
    tell_of_payment(page, served, paid)

    change_to(page, served, office, "/office")
    stage = page.locator("[data-stage='2']")
    close = stage.get_by_role("button", name="Close")
    stage.get_by_label("Reason").fill("Every juror has seen them.")
    close.click()
    expect(stage.locator(".answer")).to_contain_text("Nothing tells apart 3 works")
    choice = stage.get_by_role("group", name="Works that the committee chooses")
    for tick in choice.get_by_role("checkbox").all()[:2]:
        tick.check()
    stage.get_by_label("Why the committee chooses these").fill("The bolder ones.")
    close.click()
    expect(stage.locator("[data-state]")).to_have_text("closed")
    expect(choice).to_be_hidden()

    page.get_by_role("link", name="Import").click()
    rows = b"Tracking Number,Project Title,Email,Submission Status,Submission Categories\n"
    rows += b"FF-1,The Salt Road,lin@example.org,In Consideration,Best AI\nFF-2,,x,y,Best AI\n"
    table = {"name": "all.csv", "mimeType": "text/csv", "buffer": rows}
    page.get_by_label("File").set_input_files(table)
    page.get_by_role("button", name="Add a category").click()
    page.get_by_label("FilmFreeway's name").fill("Best AI")
    page.get_by_label("Category here").select_option("generative_linear")
    for button, title in (("Try it", "What an import would do"), ("Import", "What was imported")):
        page.get_by_role("button", name=button).click()
        expect(page.locator("#report-title")).to_have_text(title)
        expect(page.locator("#counts")).to_have_text("1 × new draft · 1 × not imported")

    page.get_by_role("link", name="Payments").click()
    payment = page.locator("#payments tr")
    payment.get_by_text("Give money back").click()
    payment.get_by_label("Reason").fill("The lifts were out of order.")
    payment.get_by_label("Amount").fill("62.505")
    payment.get_by_role("button", name="Give it back").click()
    expect(payment.locator(".answer")).to_contain_text("Write it like 562.50.")
    payment.get_by_label("Amount").fill("62.5")
    payment.get_by_role("button", name="Give it back").click()
    expect(payment).to_contain_text("US$62.50 — given back")
    payment.get_by_text("Give money back").click()
    expect(payment.get_by_label("Amount")).to_have_value("500.00")

    change_to(page, served, entrant, f"/entries/{paid}")
    named = page.locator("#conflict")
    named.get_by_label(re.compile("^Juror")).select_option(jurors[0].account)
    named.get_by_label("What ties them").select_option("family")
    named.get_by_role("button", name="Name the juror").click()
    expect(named.locator(".answer")).to_contain_text("does not judge your entry")


def change_to(page, served, client, path):
    """Sign out, and go on as somebody else."""
    leave = page.get_by_role("button", name="Sign out")
    if leave.is_visible():
        leave.click()
        page.wait_for_url("/")
    page.goto(path)
    # The page one came for may have a field for an address too.
    page.wait_for_url(re.compile("/sign-in"))
    sign_in(page, address_of(served, client), "correct horse battery")


def address_of(served, client):
    with served.database.read() as c:
        query = select(t.accounts.c.email).filter_by(id=client.account)
        return c.execute(query).scalar_one()
