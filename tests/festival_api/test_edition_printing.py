"""An edition as it is printed, and what changed between two of its versions."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from festival_api.editions import check_report, differences, load, parse, public

FILE = Path(__file__).parents[2] / "examples" / "festival" / "hkaiiff-2026.yaml"
TEXT = FILE.read_text(encoding="utf-8")
LOADED = load(FILE)
EDITION = LOADED.edition
PRICES = [
    *("562.50", "750.00", "1,125.00", "168.75", "225.00", "337.50"),
    *("450.00", "600.00", "900.00", "168.75", "225.00", "337.50"),
    *("300.00", "400.00", "600.00", "112.50", "150.00", "225.00"),
]


def texts(value: object) -> list[dict[str, str]]:
    if isinstance(value, dict):
        if "en" in value:
            return [value]
        return [text for inner in value.values() for text in texts(inner)]
    return [text for inner in value for text in texts(inner)] if isinstance(value, list) else []


def test_the_public_document_is_plain_and_in_both_languages():
    document = public(EDITION)
    assert json.loads(json.dumps(document)) == document
    assert all(set(text) == {"en", "zh-Hant"} and all(text.values()) for text in texts(document))
    assert len(texts(document)) > 150
    assert [price["text"]["en"] for price in document["prices"]] == [f"US${p}" for p in PRICES]
    assert [decided["number"] for decided in document["decisions"]] == list(range(1, 19))


def test_the_public_document_has_every_instant_in_utc_and_here():
    document = public(EDITION)
    assert document["periods"][1]["opens"] == {
        "utc": "2026-01-31T16:00:00Z",
        "local": "2026-02-01T00:00:00+08:00",
    }
    for earlier, later in zip(document["periods"], document["periods"][1:], strict=False):
        assert earlier["closes"] == later["opens"]
    opening = document["programme"][0]
    assert opening["starts_at"]["utc"] == "2026-05-01T11:00:00Z"
    assert opening["ends_at"]["local"] == "2026-05-01T22:00:00+08:00"
    instants = [item[key] for item in document["programme"] for key in ("starts_at", "ends_at")]
    for instant in instants:
        assert datetime.fromisoformat(instant["utc"]) == datetime.fromisoformat(instant["local"])
        assert datetime.fromisoformat(instant["local"]).utcoffset() == timedelta(hours=8)


def test_the_report_has_all_that_one_agrees_to():
    console = Console(width=200, record=True, file=StringIO())
    console.print(check_report(LOADED))
    page = console.export_text()
    for price in set(PRICES):
        assert page.count(f"US${price} ") >= PRICES.count(price)
    assert LOADED.sha256 in page
    assert "2026-01-31 15:59:59" in page
    assert "2026-02-01 00:00:00" in page
    assert "27 counted, 1 beside, 4 announced" in page
    assert "24 of 28 awards are not announced yet" in page
    assert "…" not in page


CHANGES = {
    # What is set otherwise: what is named as changed, and whether entries stand on it.
    "fee": (("standard: 75000", "standard: 80000"), ["fees[generative_feature].standard"], True),
    "until": (("until: 2026-04-01", "until: 2026-04-02"), ["periods[late].until"], True),
    "zone": (("zone: Asia/Hong_Kong", "zone: Asia/Tokyo"), ["time_zone"], True),
    "currency": (("currency: USD", "currency: HKD"), ["currency"], True),
    "kind": (
        (
            "boundary_minutes: 40, below: short_film, from_boundary: generative_feature}\n\n",
            "boundary_minutes: 41, below: short_film, from_boundary: generative_feature}\n\n",
        ),
        ["categories[synthetic_performance].fee.boundary_minutes"],
        True,
    ),
    "quota": (
        ("quota: {numerator: 40", "quota: {numerator: 41"),
        ["stage_2.quota.numerator"],
        True,
    ),
    "verdicts": (
        ("{technology: 1, ethics: 1}", "{technology: 1, ethics: 2}"),
        ["stage_1.minimum.ethics"],
        True,
    ),
    "factions": (
        ("[technology, ethics]", "[ethics, technology]"),
        ["stage_1.factions[0]", "stage_1.factions[1]"],
        True,
    ),
    "setting": (("minted: all_winners", "minted: best_film_only"), ["settings.minted"], True),
    "wording": (("en: Short Film", "en: Short film"), ["fees[short_film].name.en"], False),
    "benefit": (
        ("en: NFT Trophy", "en: Trophy"),
        ["awards[best_ai_native_film].benefits[1].en"],
        False,
    ),
    "time": (("starts: '19:00'", "starts: '18:30'"), ["programme[opening].starts"], False),
    "capacity": (
        ("  - id: surround\n", "  - id: surround\n    capacity: 80\n"),
        ["spaces[surround].capacity"],
        False,
    ),
}


@pytest.mark.parametrize(("change", "named", "unsafe"), CHANGES.values(), ids=CHANGES)
def test_what_changed_is_named_and_what_entries_stand_on(change, named, unsafe):
    assert TEXT.count(change[0]) == 1
    new = parse(TEXT.replace(*change).encode(), "edition.yaml").edition
    found = differences(EDITION, new)
    assert list(found.changed) == named
    assert list(found.unsafe) == (named if unsafe else [])
    assert differences(new, EDITION) == found


def test_one_more_is_one_difference_wherever_it_stands():
    award = "  - {id: honorary, name: {en: Honorary, zh-Hant: 榮譽獎}, counted: false}\n"
    place = "  - id: best_ai_native_film"
    new = parse(TEXT.replace(place, award + place).encode(), "edition.yaml").edition
    assert differences(EDITION, new).changed == ("awards[honorary]",)
    assert differences(EDITION, new).unsafe == ("awards[honorary]",)


def test_nothing_changed_is_nothing_named():
    again = parse(("# another comment\n" + TEXT).encode(), "edition.yaml").edition
    assert differences(EDITION, again).changed == ()
