"""Paying where no money moves: the stand-in's page, from the entry and back to it."""

from __future__ import annotations

import dataclasses

import pytest

from festival_api.ports import PaymentDouble, StripePayments
from festival_api.web._app import attach


@pytest.fixture
def festival(festival, tmp_path):
    page = f"{festival.address}/double"
    return dataclasses.replace(festival, payments=PaymentDouble(tmp_path / "p", "secret", page))


@pytest.fixture
def entrant(people):
    return people.entrant()


@pytest.fixture
def entry(people, entrant):
    return people.finalised(entrant)


def begun(festival, entrant, entry) -> str:
    """Begin to pay, and return the path of the page one is sent to."""
    url = entrant.post(f"/api/entries/{entry}/payment").json()["url"]
    assert url.startswith(f"{festival.address}/double/")
    return url.removeprefix(festival.address)


def test_paid_is_paid_once_and_leads_back(festival, entrant, entry):
    path = begun(festival, entrant, entry)
    page = entrant.get(path)
    assert page.is_success
    assert "no money moves" in page.text
    assert "US$562.50" in page.text
    assert "不涉及任何款項" in entrant.get(path, params={"lang": "zh-Hant"}).text
    for _ in range(2):
        answer = entrant.post(f"{path}/paid", follow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/entries/{entry}")
    assert entrant.get(f"/api/entries/{entry}").json()["state"] == "submitted"
    assert "/paid" not in entrant.get(path).text
    [payment] = entrant.get(f"/api/entries/{entry}/payments").json()["items"]
    assert payment["state"] == "paid"


def test_a_bank_that_refuses_leaves_it_to_be_tried_again(festival, entrant, entry):
    path = begun(festival, entrant, entry)
    assert entrant.post(f"{path}/failed", follow_redirects=False).status_code == 303
    assert entrant.get(f"/api/entries/{entry}").json()["state"] == "finalised"
    again = begun(festival, entrant, entry)
    assert again != path
    entrant.post(f"{again}/paid", follow_redirects=False)
    assert entrant.get(f"/api/entries/{entry}").json()["state"] == "submitted"


def test_it_is_the_payers_alone_and_there_is_none_of_a_real_provider(
    app, festival, people, visitor, entrant, entry
):
    path = begun(festival, entrant, entry)
    for client, code in (
        (visitor, "not_signed_in"),
        (people.entrant(), "unknown_payment"),
        (people.office(), "unknown_payment"),
        (people.auditor(), "unknown_payment"),
    ):
        assert client.get(path).json()["code"] == code
        assert client.post(f"{path}/paid", follow_redirects=False).json()["code"] == code
    assert entrant.post(f"{path}/refunded").json()["code"] == "invalid"
    real = dataclasses.replace(festival, payments=StripePayments("sk_test_x", "whsec_x"))
    attach(app, real, lambda: None)
    assert entrant.get(path).status_code == 404
    assert entrant.post(f"{path}/paid", follow_redirects=False).status_code == 404
    attach(app, festival, lambda: None)
    assert entrant.get(f"/api/entries/{entry}").json()["state"] == "finalised"


def test_a_page_of_another_site_cannot_press_the_button(festival, entrant, entry):
    path = begun(festival, entrant, entry)
    token = entrant.headers.pop("Authorization").removeprefix("Bearer ")
    entrant.cookies.set("hall_session", token)
    other = {"Sec-Fetch-Site": "cross-site"}
    assert entrant.post(f"{path}/paid", headers=other).json()["code"] == "cross_site"
    assert entrant.post(f"{path}/paid", follow_redirects=False).status_code == 303
