"""Limits: how often somebody may ask, and when again."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from festival_api.refusals import Refusal
from festival_api.web._accounts import count_guess
from festival_api.web._limits import Limits, Rate

START = datetime(2025, 11, 15, tzinfo=UTC)


class Steps:
    """A clock for laws: seconds since the start."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


def taken(limits: Limits, rate: Rate, key="me") -> bool:
    try:
        limits.take("x", key, rate)
    except Refusal:
        return False
    return True


@given(
    st.integers(1, 20),
    st.integers(1, 100),
    st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=80),
)
def test_no_stretch_of_time_holds_more_than_the_burst_and_what_came_back(times, seconds, waits):
    clock = Steps()
    limits, rate = Limits(clock), Rate(times, seconds)
    at = []
    for wait in waits:
        clock.seconds += wait
        if taken(limits, rate):
            at.append(clock.seconds)
    for i, first in enumerate(at):
        for j in range(i, len(at)):
            back = (at[j] - first) * times / seconds
            assert j - i + 1 <= times + back + 1e-3


@given(st.integers(1, 50), st.integers(1, 3600))
def test_all_at_once_then_after_the_time_told(times, seconds):
    clock = Steps()
    limits, rate = Limits(clock), Rate(times, seconds)
    assert all(taken(limits, rate) for _ in range(times))
    with pytest.raises(Refusal) as refusal:
        limits.take("x", "me", rate)
    wait = refusal.value.facts["retry_after_s"]
    assert isinstance(wait, int)
    assert 0 < wait <= seconds / times + 1
    clock.seconds += wait
    assert taken(limits, rate)


def test_each_key_and_each_name_has_its_own_and_being_refused_costs_nothing():
    clock = Steps()
    limits, rate = Limits(clock), Rate(1, 60)
    assert taken(limits, rate)
    assert taken(limits, rate, "you")
    assert not any(taken(limits, rate) for _ in range(100))
    limits.take("y", "me", rate)
    clock.seconds = 60
    assert taken(limits, rate)


def test_a_clock_that_was_set_back_locks_nobody_out_for_longer():
    clock = Steps()
    limits, rate = Limits(clock), Rate(2, 60)
    clock.seconds = 86_400
    assert taken(limits, rate)
    assert taken(limits, rate)
    clock.seconds = 0
    assert not taken(limits, rate)
    clock.seconds = 30
    assert taken(limits, rate)


def test_who_was_there_long_ago_is_forgotten():
    clock = Steps()
    limits = Limits(clock)
    for n in range(30_000):
        clock.seconds = n
        limits.take("x", str(n), Rate(1, 60))
    assert len(limits._free_at) < 20_000


def refused(answer) -> bool:
    return answer.status_code == 429 and answer.json()["code"] == "too_many"


def test_guessing_the_password_of_one_address_ends_soon_for_it_and_the_guesser_alone(
    app, visitor, people, clock
):
    people.account(email="lam@example.org")

    def guess(email="lam@example.org", password="wrong", by=visitor):
        return by.post("/api/sessions", json={"email": email, "password": password})

    assert [guess().status_code for _ in range(10)] == [401] * 10
    answer = guess(email="LAM@example.org", password="correct horse battery")
    assert refused(answer)
    assert answer.headers["content-type"] == "application/problem+json"
    wait = answer.json()["retry_after_s"]
    assert answer.headers["retry-after"] == str(wait)
    assert guess(email="other@example.org").status_code == 401
    elsewhere = TestClient(app, client=("198.51.100.7", 4711))
    assert guess(password="correct horse battery", by=elsewhere).status_code == 201
    clock.forward(seconds=wait)
    assert guess(password="correct horse battery").status_code == 201
    answers = []
    for _ in range(60):
        clock.forward(seconds=6)
        answers.append(refused(guess()))
    assert answers.count(True) > 3, "sixty an hour, however slowly"
    assert not any(answers[:49])


def test_guessing_is_limited_where_somebody_is_signed_in_too(people):
    client = people.entrant()
    for _ in range(10):
        answer = client.post("/api/me/erase", json={"password": "wrong"})
        assert answer.json()["code"] == "wrong_password"
    assert refused(client.post("/api/me/erase", json={"password": "correct horse battery"}))
    assert refused(client.put("/api/me/password", json={"old": "x", "new": "x" * 12}))


def test_nobody_gets_a_flood_of_letters(visitor, people, clock):
    people.account(email="lam@example.org")
    for email in ("lam@example.org", "nobody@example.org"):
        for _ in range(5):
            assert visitor.post("/api/password-resets", json={"email": email}).status_code == 202
        assert refused(visitor.post("/api/accounts/resend", json={"email": email.upper()}))
    clock.forward(hours=1)
    answer = visitor.post("/api/password-resets", json={"email": "lam@example.org"})
    assert answer.status_code == 202


def test_one_network_cannot_sign_up_without_end_but_a_whole_hall_can_read(app, visitor):
    body = {"password": "kettle orbit violet seventeen", "name": "N", "language": "en"}
    answers = [
        visitor.post("/api/accounts", json=body | {"email": f"n{n}@x{n}"}) for n in range(121)
    ]
    assert [answer.status_code for answer in answers] == [422] * 120 + [429]
    other = TestClient(app, client=("198.51.100.7", 4711))
    assert not refused(other.post("/api/accounts", json=body | {"email": "n@x"}))
    assert all(visitor.get("/api/editions").status_code == 200 for _ in range(200))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("198.51.100.7", "198.51.100.8", False),
        ("::ffff:198.51.100.7", "::ffff:198.51.100.8", False),
    ],
)
def test_a_network_of_ipv6_counts_as_one(app, one, other, alike):
    def sign_up(host):
        body = {"email": "x", "password": "x" * 12, "name": "N", "language": "en"}
        return TestClient(app, client=(host, 1)).post("/api/accounts", json=body)

    for _ in range(120):
        sign_up(one)
    assert refused(sign_up(other)) is alike


def test_an_account_is_held_to_what_one_person_can_need(people):
    client, other = people.entrant(), people.entrant()
    answers = [client.patch("/api/me", json={}).status_code for _ in range(301)]
    assert answers == [200] * 300 + [429]
    assert client.get("/api/me").status_code == 200
    assert other.patch("/api/me", json={}).status_code == 200


def test_a_header_does_not_make_another_address(app, visitor):
    body = {"email": "x", "password": "x" * 12, "name": "N", "language": "en"}
    for n in range(121):
        last = visitor.post("/api/accounts", json=body, headers={"X-Forwarded-For": f"192.0.2.{n}"})
    assert refused(last)


def test_guessing_from_many_networks_ends_too(app):
    for n in range(598):
        count_guess(app.state.limits, "lam@example.org", f"network {n}")
    body = {"email": "lam@example.org", "password": "wrong"}
    clients = [TestClient(app, client=(f"192.0.2.{n}", 1)) for n in range(3)]
    answers = [client.post("/api/sessions", json=body).status_code for client in clients]
    assert answers == [401, 401, 429]
