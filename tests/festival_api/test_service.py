"""What every request passes, whichever endpoint it is for."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import json

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from festival_api.refusals import Refusal
from festival_api.store import Database
from festival_api.web._strict_json import check_json

SIGN_UP = "/api/accounts"


def problem(answer):
    """Hold an answer to being a whole problem document, and give its code."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert {"type", "title", "detail", "code"} <= document.keys()
    return document["code"]


def send(client, body, **headers):
    return client.post(
        SIGN_UP, content=body, headers={"Content-Type": "application/json"} | headers
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "Expecting property name"),
        (b'{"email": NaN}', "NaN and Infinity"),
        (b'{"email": -Infinity}', "NaN and Infinity"),
        (b'{"email": 1e999}', "number is too long"),
        (b'{"email": ' + b"9" * 5000 + b"}", "number is too long"),
        (b'{"email": "a", "email": "b"}', "same name twice"),
        (b'{"email": "\\ud800"}', "half of a character"),
        (b'{"\\ud800": 1}', "half of a character"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b'\xef\xbb\xbf{"email": "a"}', "BOM"),
        (b"[" * 40 + b"]" * 40, "too deep"),
        (b"[" * 500_000, "too deep"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "too deep"),
        (b"[" + b"1," * 19_999 + b"1]", "too many parts"),
        (json.dumps({str(n): [] for n in range(10_000)}).encode(), "too many parts"),
    ],
)
def test_json_that_another_reader_would_read_otherwise_is_refused(visitor, body, why):
    answer = send(visitor, body)
    assert answer.status_code == 400
    assert problem(answer) == "malformed"
    assert why in answer.json()["detail"]


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_what_passes_is_strict_json(body):
    with contextlib.suppress(Refusal):
        check_json(body)
        json.loads(body.decode(), parse_constant=pytest.fail)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_every_value_of_json_passes(value, escaped):
    check_json(json.dumps(value, ensure_ascii=escaped).encode())


def test_many_parts_pass_and_are_held_to_the_form(visitor):
    for body in (b"[" + b"1," * 19_998 + b"1]", b'["' + b"x" * 2**19 + b'"]'):
        answer = send(visitor, body)
        assert (answer.status_code, problem(answer)) == (422, "invalid")


def test_a_packed_body_is_refused_and_a_plain_one_may_say_so(visitor):
    packed = send(visitor, gzip.compress(b"{}"), **{"Content-Encoding": "gzip"})
    assert (packed.status_code, problem(packed)) == (415, "encoding")
    plain = send(visitor, b"{}", **{"Content-Encoding": "identity"})
    assert problem(plain) == "invalid"
    assert visitor.get("/health/live", headers={"Content-Encoding": "gzip"}).is_success


def test_a_body_of_another_kind_is_told_what_to_be(visitor):
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ):
        answer = send(visitor, b"email=a", **{"Content-Type": kind})
        assert (answer.status_code, problem(answer)) == (415, "wrong_type")


def test_a_body_too_large_is_refused_with_its_length_told_or_not(visitor):
    def in_pieces():
        yield from [b" " * 2**16] * 17

    for body in (b" " * (2**20 + 1), in_pieces()):
        answer = send(visitor, body)
        assert (answer.status_code, problem(answer)) == (413, "too_large_body")
    assert problem(send(visitor, b" " * 2**20)) == "malformed"


@pytest.mark.parametrize(
    "address",
    [
        "/api/editions/%ff",
        "/api/editions/a%00b",
        "/api/editions?after=%80",
        "/api/editions?after=%00",
    ],
)
def test_an_address_that_is_not_text_is_refused(visitor, address):
    answer = visitor.get(address)
    assert (answer.status_code, problem(answer)) == (400, "malformed")


def test_unknown_addresses_and_methods(visitor):
    assert problem(visitor.get("/api/nothing")) == "not_found"
    assert problem(visitor.get("/api/editions/")) == "not_found"
    answer = visitor.delete("/api/editions")
    assert (answer.status_code, problem(answer)) == (405, "wrong_method")
    assert answer.headers["allow"] == "GET, HEAD"


def test_the_head_of_what_can_be_read(visitor):
    whole, head = visitor.get("/api/editions"), visitor.head("/api/editions")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_each_place_is_told_in_the_language_asked_for_and_nothing_is_echoed(visitor):
    body = json.dumps({"email": ["secret-1"], "secret/2~": 1, "language": "fr"})
    answer = send(visitor, body)
    assert (answer.status_code, problem(answer)) == (422, "invalid")
    errors = {one["where"]: one["rule"] for one in answer.json()["errors"]}
    assert errors["/body/email"] == "string_type"
    assert errors["/body/secret~12~0"] == "extra_forbidden"
    assert errors["/body/password"] == "missing"
    assert "secret-1" not in answer.text

    chinese = send(visitor, body, **{"Accept-Language": "zh-HK"})
    assert chinese.headers["content-language"] == "zh-Hant"
    assert {"where": "/body/password", "what": "必須填寫", "rule": "missing"} in chinese.json()[
        "errors"
    ]


def test_browsers_are_told_not_to_guess_frame_tell_or_keep(visitor):
    for answer in (visitor.get("/api/me"), visitor.get("/api/nothing"), send(visitor, b"{")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_requests_keep_a_wellformed_number_and_get_one_otherwise(visitor):
    def number(asked):
        return visitor.get("/health/live", headers={"X-Request-Id": asked}).headers["x-request-id"]

    assert number("check-0001") == "check-0001"
    for other in ("short", "x" * 65, "a b c d e f", "<script>alert"):
        assert number(other) != other
        assert len(number(other)) == 32


def test_a_fault_is_told_by_its_number_alone(app, festival):
    app.state.festival = dataclasses.replace(festival, editions={"broken": "secret-3"})
    client = TestClient(app, raise_server_exceptions=False)
    with capture_logs() as logged:
        answer = client.get(
            "/api/editions/broken?secret-4", headers={"Authorization": "Bearer secret-5"}
        )
    assert (answer.status_code, problem(answer)) == (500, "fault")
    number = answer.headers["x-request-id"]
    assert number in answer.json()["detail"]
    assert "secret-3" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    [request] = [line for line in logged if line["event"] == "request"]
    assert (request["route"], request["status"]) == ("/api/editions/{edition}", 500)
    [fault] = [line for line in logged if line["event"] == "fault"]
    assert (fault["request"], type(fault["exc_info"])) == (number, AttributeError)
    assert "secret-4" not in str(logged)
    assert "secret-5" not in str(logged)


# --- For those who run it. ---


def test_alive_and_ready(app, visitor, festival, tmp_path):
    assert visitor.get("/health/live").json() == {"status": "alive"}
    missing = visitor.get("/health/ready")
    assert (missing.status_code, missing.json()["folder"]) == (503, False)
    festival.files.mkdir()
    answer = visitor.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    for url, database in ((f"sqlite:///{tmp_path / 'new.db'}", True), ("sqlite:////", False)):
        other = Database(url)
        app.state.festival = dataclasses.replace(festival, database=other)
        answer = visitor.get("/health/ready")
        assert (answer.status_code, answer.json()["migrated"]) == (503, False)
        assert answer.json()["database"] is database
        other.close()


def test_numbers_are_for_the_own_machine_or_a_token(app, people, festival):
    people.works(2)
    people.works(1, state="finalist")
    here = TestClient(app, client=("127.0.0.1", 5000))
    here.get("/api/editions/hkaiiff-2026")
    here.get("/api/editions/unknown")
    here.request("BREW", "/api/editions")
    text = here.get("/metrics").text
    assert 'festival_entries{edition="hkaiiff-2026",state="submitted"} 2.0' in text
    assert 'festival_entries{edition="hkaiiff-2026",state="finalist"} 1.0' in text
    assert 'festival_refusals_total{code="unknown_edition"} 1.0' in text
    route = 'method="GET",route="/api/editions/{edition}"'
    assert f'festival_requests_total{{{route},status="200"}} 1.0' in text
    assert f"festival_request_seconds_count{{{route}}} 2.0" in text
    assert 'method="other"' in text
    assert "BREW" not in text

    by_proxy = here.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert problem(by_proxy) == "not_for_you"
    there = TestClient(app, client=("203.0.113.9", 5000))
    assert problem(there.get("/metrics")) == "not_for_you"
    token = {"Authorization": "Bearer token-of-the-monitor"}
    assert problem(there.get("/metrics", headers={"Authorization": "Bearer "})) == "not_for_you"
    assert problem(there.get("/metrics", headers=token)) == "not_for_you"
    app.state.festival = dataclasses.replace(festival, metrics_token="token-of-the-monitor")
    assert there.get("/metrics", headers=token).status_code == 200
    assert problem(there.get("/metrics", headers={"Authorization": "Bearer x"})) == "not_for_you"


def test_the_list_of_refusals(visitor):
    items = {one["code"]: one for one in visitor.get("/problems").json()["items"]}
    assert items["not_found"]["status"] == 404
    assert items["not_found"]["zh-Hant"] != items["not_found"]["en"]
    page = visitor.get("/problems", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert '<tr id="not_found">' in page.text


# --- Editions. ---


def test_editions_are_shown_and_kept_until_they_change(visitor, shipped):
    [line] = visitor.get("/api/editions").json()["items"]
    assert line["sha256"] == shipped.sha256
    shown = visitor.get("/api/editions/hkaiiff-2026")
    assert len(shown.json()["prices"]) == 18
    again = visitor.get(
        "/api/editions/hkaiiff-2026", headers={"If-None-Match": shown.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert len(visitor.get("/api/editions/hkaiiff-2026/decisions").json()["items"]) == 18
    assert problem(visitor.get("/api/editions/other")) == "unknown_edition"


def test_prices_go_by_the_services_clock(visitor, clock):
    def price(**query):
        return visitor.get("/api/editions/hkaiiff-2026/prices", params=query)

    film = {"category": "generative_linear", "runtime_seconds": 5400}
    assert price(**film).json()["amount"] == 56250
    assert price(**film, student=True).json()["amount"] == 16875
    assert price(category="generative_linear", runtime_seconds=2399).json()["amount"] == 30000
    assert problem(price(category="generative_linear")) == "runtime_required"
    assert problem(price(category="other")) == "unknown_category"
    clock.forward(days=400)
    assert problem(price(**film)) == "closed"
