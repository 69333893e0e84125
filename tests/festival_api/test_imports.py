"""Bringing submissions over from FilmFreeway."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from festival_api import imports, letters
from festival_api.store import tables as t

EDITION = "hkaiiff-2026"
PATH = f"/api/editions/{EDITION}/imports/filmfreeway"

# The columns of FilmFreeway's export, in its order.
COLUMNS = [
    "First Name",
    "Last Name",
    "Birthdate",
    "Gender",
    "Email",
    "Phone",
    "Address",
    "Address 2",
    "City",
    "State",
    "Postal Code",
    "Country",
    "Tracking Number",
    "Project Title",
    "Project Title (Original Language)",
    "Synopsis",
    "Synopsis (Original Language)",
    "Lyrics",
    "Duration",
    "Country of Origin",
    "Language",
    "Trailer URL",
    "Country of Filming",
    "Project Website",
    "Twitter",
    "Facebook",
    "Project Type",
    "Genres",
    "Student Project",
    "Completion Date",
    "Production Budget",
    "Shooting Format",
    "Aspect Ratio",
    "Film Color",
    "Camera",
    "Lens",
    "Focal Length",
    "Shutter Speed",
    "Aperture",
    "ISO / Film",
    "First-time Filmmaker",
    "Directors",
    "Writers",
    "Producers",
    "Key Cast",
    "Other Credits",
    "Submitter Statement",
    "Submitter Biography",
    "Rating",
    "Flag",
    "Submission Date",
    "Submission Status",
    "Judging Status",
    "Submission Deadlines",
    "Submission Categories",
    "Submission Fee",
    "Discount Code",
    "Submission Link",
    "Submission Password",
    "Assigned Judges",
    "Screenings / Awards",
    "Distributor Information",
    "Submission ID",
    "Submission Notes",
]

LAMP = {
    "First Name": "Tai Man",
    "Last Name": "Chan",
    "Email": "chan@films.example",
    "Phone": "+852 1234 5678",
    "Tracking Number": "HK1001",
    "Project Title": "The Lamp That Waits",
    "Project Title (Original Language)": "守候的燈",
    "Synopsis": 'A lamp waits.\nIt says: "Come home."',
    "Duration": "1:25:03",
    "Country of Origin": "Hong Kong, France",
    "Language": "Cantonese, Modern Greek (1453-)",
    "Trailer URL": "https://films.example/trailer",
    "Completion Date": "January 2, 2025",
    "Directors": "Chan Tai Man, Li Siu Lung",
    "Submission Status": "In Consideration",
    "Judging Status": "Undecided",
    "Submission Categories": "Best AI Feature",
    "Submission Fee": "$40.00 USD",
    "Submission Link": "https://films.example/lamp",
    "Submission Password": "open sesame",
    "Submission ID": "90001",
}
FEATURE = {"category": "Best AI Feature=generative_linear"}


def table(*rows, columns=COLUMNS, encoding="utf-8"):
    """Write rows as FilmFreeway does."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in rows)
    return text.getvalue().encode(encoding)


@pytest.fixture
def office(people):
    return people.office()


@pytest.fixture
def bring(office):
    """Import a file and return the report."""

    def post(data, **params):
        answer = office.post(PATH, content=data, params=FEATURE | params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return post


@pytest.fixture
def drafts(festival, people):
    """Read an imported entry as its owner, who has proven the address meanwhile."""

    def read(entry):
        with festival.database.write() as c:
            owner = c.execute(select(t.entries.c.owner).where(t.entries.c.id == entry)).scalar_one()
            account = t.accounts.c
            c.execute(
                t.accounts.update().where(account.id == owner).values(confirmed_at=festival.clock())
            )
        client = people.client(owner)
        return client, client.get(f"/api/entries/{entry}").json()

    return read


@pytest.fixture
def count(festival):
    def of(name):
        with festival.database.read() as c:
            return c.execute(select(func.count()).select_from(t.metadata.tables[name])).scalar_one()

    return of


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()


def told(row):
    return [note["en"] for note in row["notes"]]


# --- What comes over. ---


def test_a_row_becomes_a_draft_with_all_that_is_known(bring, drafts):
    report = bring(table(LAMP))
    assert report["counts"] == {"begun": 1}
    [row] = report["rows"]
    assert (row["line"], row["number"], row["notes"]) == (2, "HK1001", [])
    assert row["waiver_reason"]["en"] == "Paid at FilmFreeway: $40.00 USD (number HK1001)."
    _, entry = drafts(row["entry"])
    assert entry["state"] == "draft"
    draft = {name: part for name, part in entry["draft"].items() if part is not None}
    links = draft.pop("links")
    assert [(one["kind"], one["url"], one["password"]) for one in links] == [
        ("film", "https://films.example/lamp", "open sesame"),
        ("trailer", "https://films.example/trailer", None),
    ]
    assert draft.pop("synopsis")["en"] == 'A lamp waits.\nIt says: "Come home."'
    assert draft == {
        "title": {"original": "守候的燈", "en": "The Lamp That Waits", "zh-Hant": None},
        "category": "generative_linear",
        "runtime_seconds": 5103,
        "languages": ["yue", "el"],
        "countries": ["HK", "FR"],
        "year": 2025,
        "makers": [
            {"name": "Chan Tai Man", "role": "director"},
            {"name": "Li Siu Lung", "role": "director"},
        ],
        "contact": {
            "name": "Tai Man Chan",
            "email": "chan@films.example",
            "phone": "+852 1234 5678",
        },
    }


def test_the_declaration_is_still_the_entrants(bring, drafts):
    client, entry = drafts(bring(table(LAMP))["rows"][0]["entry"])
    ready = client.get(f"/api/entries/{entry['id']}/readiness").json()
    assert ready["ready"] is False
    assert "ai_declaration_required" in {one["code"] for one in ready["missing"]}


def test_nobody_is_in_the_account_before_its_owner_has_proven_the_address(
    festival, visitor, bring, tmp_path
):
    bring(table(LAMP, LAMP | {"Tracking Number": "HK1002"}))
    with festival.database.read() as c:
        [account] = c.execute(select(t.accounts).where(t.accounts.c.email == LAMP["Email"])).all()
    assert (account.confirmed_at, account.password_hash) == (None, None)
    for password in ("", "None", "correct horse battery"):
        body = {"email": LAMP["Email"], "password": password}
        assert visitor.post("/api/sessions", json=body).status_code in (401, 422)
    letters.deliver(festival.database, festival.mailer, festival.clock())
    sent = [path.read_text() for path in (tmp_path / "outbox").glob("*.eml")]
    assert len(sent) == 2
    assert all("To: chan@films.example" in letter for letter in sent)


def test_who_has_an_account_gets_the_entry_there(people, bring, festival):
    mine = people.account(email="Chan@films.example")
    entry = bring(table(LAMP))["rows"][0]["entry"]
    shown = people.client(mine).get("/api/entries").json()["items"]
    assert [one["id"] for one in shown] == [entry]


def test_a_fee_that_was_paid_elsewhere_is_waived_by_the_office_only(bring, drafts, office, people):
    row = bring(table(LAMP))["rows"][0]
    client, entry = drafts(row["entry"])
    path, body = f"/api/entries/{entry['id']}/accept-free", {"reason": row["waiver_reason"]["en"]}
    refused(office.post(path, json=body), 404, "unknown_entry")
    whole = people.draft(links=None)
    rest = {name: whole[name] for name in ("title", "synopsis", "declaration", "warnings")}
    change = client.patch(f"/api/entries/{entry['id']}", json={"version": 1, "draft": rest})
    assert change.status_code == 200, change.text
    body_ = {"version": 2, "amount": 56_250, "currency": "USD"}
    done = client.post(f"/api/entries/{entry['id']}/finalise", json=body_)
    assert done.status_code == 200, done.text
    refused(client.post(path, json=body), 403, "not_allowed")
    assert office.post(path, json=body).json()["state"] == "submitted"


# --- Once, and again. ---


def test_the_same_file_again_changes_nothing(bring, count):
    data = table(LAMP, LAMP | {"Tracking Number": "HK1002"})
    first = bring(data)
    before = [count(name) for name in ("entries", "accounts", "letters")]
    again = bring(data)
    assert again["counts"] == {"unchanged": 2}
    assert [row["entry"] for row in again["rows"]] == [row["entry"] for row in first["rows"]]
    assert [count(name) for name in ("entries", "accounts", "letters")] == before


def test_a_dry_run_tells_the_same_and_does_nothing(bring, count):
    bring(table(LAMP))
    before = [count(name) for name in ("entries", "accounts", "letters")]
    rows = (
        LAMP | {"Project Title": "The Lamp"},
        LAMP | {"Tracking Number": "HK1002"},
        LAMP | {"Tracking Number": "HK1003", "Email": "nobody"},
    )
    dry = bring(table(*rows), dry_run=True)
    assert dry["dry_run"] is True
    assert dry["counts"] == {"updated": 1, "begun": 1, "refused": 1}
    assert [count(name) for name in ("entries", "accounts", "letters")] == before
    assert bring(table(*rows))["counts"] == dry["counts"]


def test_a_later_file_changes_drafts_that_their_owners_have_not(bring, drafts):
    entry = bring(table(LAMP))["rows"][0]["entry"]
    later = LAMP | {"Project Title": "The Lamp", "Trailer URL": "", "Completion Date": ""}
    assert bring(table(later))["counts"] == {"updated": 1}
    client, shown = drafts(entry)
    assert shown["draft"]["title"]["en"] == "The Lamp"
    assert shown["draft"]["year"] is None
    assert len(shown["draft"]["links"]) == 1

    # What the import never brings may be filled in meanwhile.
    declared = {"version": shown["version"], "draft": {"company": "Lamp Works"}}
    answer = client.patch(f"/api/entries/{entry}", json=declared)
    assert answer.status_code == 200, answer.text
    assert bring(table(LAMP))["counts"] == {"updated": 1}
    _, shown = drafts(entry)
    assert shown["draft"]["company"] == "Lamp Works"

    own = {"version": shown["version"], "draft": {"year": 2024}}
    assert client.patch(f"/api/entries/{entry}", json=own).status_code == 200
    report = bring(table(later))
    assert report["counts"] == {"kept": 1}
    assert "the entrant has changed it" in told(report["rows"][0])[0].lower()
    assert drafts(entry)[1]["draft"]["title"]["en"] == "The Lamp That Waits"


def test_what_is_no_draft_any_more_stays_as_it_is(bring, drafts):
    entry = bring(table(LAMP))["rows"][0]["entry"]
    client, _ = drafts(entry)
    client.post(f"/api/entries/{entry}/withdraw", json={})
    report = bring(table(LAMP | {"Project Title": "Another"}))
    assert report["counts"] == {"kept": 1}
    assert "withdrawn" in told(report["rows"][0])[0]


# --- Bad rows, bad files. ---


def test_a_bad_row_is_told_with_its_line_and_the_others_come_over(bring):
    rows = [LAMP | {"Tracking Number": f"HK{number}"} for number in range(8)]
    rows[1]["Synopsis"] = "Four\nlines\nof\ntext"
    rows[2]["Email"] = "chan@films.example\nBcc: all@example.org"
    rows[3]["Project Title"] = "\x00"
    rows[4]["Tracking Number"] = "HK1"
    rows[5]["Submission Status"] = "Withdrawn"
    rows[6]["Submission Status"] = "Lost"
    report = bring(table(*rows))
    shown = [(row["line"], row["outcome"]) for row in report["rows"]]
    # Synopses have two lines, that of the second row has four; one address has a line break too.
    assert shown == [
        (2, "begun"),
        (4, "begun"),
        (8, "refused"),
        (11, "refused"),
        (13, "refused"),
        (15, "skipped"),
        (17, "refused"),
        (19, "begun"),
    ]
    notes = [told(row) for row in report["rows"]]
    assert "Email" in notes[2][0]
    assert "Project Title" in notes[3][0]
    assert notes[4] == ["The number HK1 was used before, in line 4."]
    assert "withdrawn" in notes[5][0]
    assert "lost" in notes[6][0]
    assert all(set(note) == {"en", "zh-Hant"} for row in report["rows"] for note in row["notes"])


def test_what_is_not_understood_is_left_out_and_told(bring, drafts):
    odd = {
        "Duration": "long",
        "Country of Origin": "Atlantis",
        "Language": "Martian",
        "Completion Date": "soon",
        "Submission Link": "javascript:alert(1)",
        "Submission Categories": "Best Hat",
        "Synopsis": "x" * 3001,
    }
    [row] = bring(table(LAMP | odd))["rows"]
    assert row["outcome"] == "begun"
    named = {note.partition(":")[0] for note in told(row)}
    assert named >= set(odd) - {"Submission Categories"}
    assert any("Best Hat" in note for note in told(row))
    draft = drafts(row["entry"])[1]["draft"]
    assert draft["runtime_seconds"] is None
    assert draft["category"] is None
    assert draft["title"]["en"] == "The Lamp That Waits"


@pytest.mark.parametrize(
    "cell", ["Best AI Feature, Best Short", "generative_linear", "BEST AI feature"]
)
def test_a_category_is_found_by_the_mapping_or_by_its_name(bring, drafts, cell):
    [row] = bring(table(LAMP | {"Submission Categories": cell}))["rows"]
    assert drafts(row["entry"])[1]["draft"]["category"] == "generative_linear"


def test_between_several_categories_the_entrant_chooses(bring, drafts, shipped):
    cell = "Best AI Feature, interactive"
    [row] = bring(table(LAMP | {"Submission Categories": cell}))["rows"]
    assert "several categories" in told(row)[0]
    assert drafts(row["entry"])[1]["draft"]["category"] is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_come_in_several_encodings(bring, drafts, encoding):
    [row] = bring(table(LAMP, encoding=encoding))["rows"]
    assert drafts(row["entry"])[1]["draft"]["title"]["original"] == "守候的燈"


def test_an_old_spreadsheets_encoding_is_read_too(bring, drafts):
    cafe = LAMP | {"Project Title": "Café “Noir” €", "Project Title (Original Language)": ""}
    [row] = bring(table(cafe, encoding="cp1252"))["rows"]
    assert drafts(row["entry"])[1]["draft"]["title"]["en"] == "Café “Noir” €"


def test_columns_that_are_missing_or_there_twice_are_named(office, count):
    short = [name for name in COLUMNS if name not in ("Email", "Tracking Number")]
    document = refused(
        office.post(PATH, content=table(LAMP, columns=short)), 422, "columns_missing"
    )
    assert document["columns"] == ["Tracking Number", "Email"]
    twice = [*COLUMNS, " email "]
    document = refused(office.post(PATH, content=table(LAMP, columns=twice)), 422, "columns_twice")
    assert document["columns"] == ["Email"]
    for nothing in (b"", b"\n\n", b"\x00" * 100):
        refused(office.post(PATH, content=nothing), 422, "columns_missing")
    assert count("entries") == 0


@pytest.mark.parametrize(
    "broken",
    [
        b'"never closed, LAMP',
        b'"closed" too early"\n',
        b"x" * 200_000,
        b"\x81\x8d\x8f",
    ],
)
def test_of_a_broken_table_nothing_is_imported(office, count, broken):
    data = table(LAMP) + broken
    document = refused(office.post(PATH, content=data), 422, "table_unreadable")
    assert document["line"] == 4
    assert count("entries") == 0


def test_hostile_files_do_no_harm(bring, drafts):
    formula = LAMP | {
        "Project Title": '=HYPERLINK("https://evil.example","x")',
        "Duration": " " * 99,
    }
    [row] = bring(table(formula))["rows"]
    assert drafts(row["entry"])[1]["draft"]["title"]["en"].startswith("=HYPERLINK")
    wide = (*COLUMNS, *(f"Custom {number}" for number in range(20_000)))
    assert bring(table(LAMP, columns=wide))["counts"]
    # A cell too many, and everything behind it stands in the wrong column.
    shifted = table(LAMP).rstrip() + b",more\r\n"
    [row] = bring(shifted)["rows"]
    assert row["outcome"] == "refused"
    assert "columns" in told(row)[0]


def test_thousands_of_rows_are_one_request(bring, count):
    rows = [
        {name: LAMP[name] for name in ("Project Title", "Submission Status")}
        | {"Tracking Number": f"HK{number}", "Email": f"maker{number % 50}@films.example"}
        for number in range(300)
    ]
    columns = ("Tracking Number", "Project Title", "Email", "Submission Status")
    data = table(*rows, columns=(*columns, "Submission Categories"))
    assert bring(data)["counts"] == {"begun": 300}
    assert count("accounts") == 51


def test_only_the_office_imports_and_only_while_entries_are_taken(people, office, clock, visitor):
    data = table(LAMP)
    refused(visitor.post(PATH, content=data), 401, "not_signed_in")
    for somebody in (people.entrant(), people.auditor(), people.admin(), people.juror("art")):
        refused(somebody.post(PATH, content=data), 403, "not_allowed")
    refused(
        office.post("/api/editions/none/imports/filmfreeway", content=data), 404, "unknown_edition"
    )
    document = refused(
        office.post(PATH, content=data, params={"category": "Best=nothing"}),
        422,
        "unknown_category",
    )
    assert "generative_linear" in document["categories"]
    refused(office.post(PATH, content=data, params={"category": "Best"}), 422, "invalid")
    clock.forward(days=200)
    late = people.office()
    for dry_run in (True, False):
        answer = late.post(PATH, content=data, params={"dry_run": dry_run})
        refused(answer, 409, "closed")


# --- Running times. ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 hour 25 minutes 3 seconds", 5103),
        ("2 hours, 1 minute", 7260),
        ("10 minutes 39 seconds", 639),
        ("45 sec", 45),
        ("00:12:30", 750),
        ("0:04:11", 251),
        ("12:30", 750),
        ("90:00", 5400),
        ("90", 5400),
        ("1h5m", 3900),
    ],
)
def test_running_times_are_read_as_they_are_written(text, expected):
    assert imports.seconds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "0",
        "00:00:00",
        "-5",
        "1.5 hours",
        "1:60:00",
        "1:00:60",
        "ninety",
        "٩٠",
        "9" * 50,
        "1:2:3:4",
        "5 minutes ago",
        pytest.param("1 h" + " " * 100_000 + "x", id="wide"),
        "999 hours",
    ],
)
def test_what_is_no_running_time_is_none(text):
    assert imports.seconds(text) is None


@given(st.integers(1, 7 * 86_400 - 1))
def test_a_running_time_comes_back_from_both_ways_of_writing_it(total):
    hours, rest = divmod(total, 3600)
    minutes, left = divmod(rest, 60)
    assert imports.seconds(f"{hours} hours {minutes} minutes {left} seconds") == total
    assert imports.seconds(f"{hours}:{minutes:02}:{left:02}") == total


@given(st.text(max_size=40))
def test_no_text_is_too_odd_to_be_read(text):
    found = imports.seconds(text)
    assert found is None or 0 < found <= 7 * 86_400
