"""Accounts: signing up and confirming, sessions, passwords, addresses; and what strangers try."""

import json
import re

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update

from festival_api import accounts
from festival_api.accounts import Passwords, checked_email, email_key, refuse_easy
from festival_api.ports import Message
from festival_api.refusals import Refusal
from festival_api.store import tables as t
from festival_api.texts import sha256_hex

PASSWORD = "kettle orbit violet seventeen"
OTHER = "marble lantern quiet eleven"
OF_PEOPLE = "correct horse battery"


@pytest.fixture
def post_box(festival):
    """Letters that wait, as (kind, recipient) to code; the newest last."""

    def read(kind=None):
        k = t.letters.c
        with festival.database.read() as c:
            rows = c.execute(select(t.letters).order_by(k.queued_at, k.id)).all()
        return [row for row in rows if kind in (None, row.kind)]

    return read


def code_in(letter) -> str:
    return re.search(r"#(\S+)", letter.text).group(1)


def new_account(**changes) -> dict:
    return {
        "email": "lam@example.org",
        "password": PASSWORD,
        "name": "Lam Siu-ming",
        "language": "en",
    } | changes


def signed_in(app, email="lam@example.org", password=PASSWORD) -> TestClient:
    client = TestClient(app)
    answer = client.post("/api/sessions", json={"email": email, "password": password})
    assert answer.status_code == 201, answer.text
    client.cookies.clear()
    client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return client


def refused(answer, code: str, status: int) -> bool:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert (answer.json()["code"], answer.status_code) == (code, status), answer.text
    return True


def told(answer) -> tuple:
    """All that an answer tells, but for the numbers that every answer has of its own."""
    headers = {k: v for k, v in answer.headers.items() if k not in ("date", "x-request-id")}
    return answer.status_code, headers, answer.content


# --- Signing up. ---


def test_from_signing_up_to_a_confirmed_account(app, visitor, post_box):
    assert visitor.post("/api/accounts", json=new_account()).status_code == 202
    client = signed_in(app)
    assert client.get("/api/me").json()["confirmed"] is False

    (letter,) = post_box()
    assert (letter.kind, letter.recipient) == ("confirm", "lam@example.org")
    # As it is copied from a letter.
    code = f" {code_in(letter)[:10]}\n{code_in(letter)[10:]}\n"
    assert visitor.post("/api/accounts/confirm", json={"token": code}).status_code == 204

    me = client.get("/api/me").json()
    assert me["confirmed"] is True
    assert (me["email"], me["name"], me["language"]) == ("lam@example.org", "Lam Siu-ming", "en")
    again = visitor.post("/api/accounts/confirm", json={"token": code_in(letter)})
    assert refused(again, "token_used", 409)


def test_a_code_is_good_for_48_hours_and_for_its_own_purpose(visitor, post_box, clock):
    visitor.post("/api/accounts", json=new_account())
    code = code_in(post_box()[0])
    as_reset = visitor.post("/api/password-resets/confirm", json={"token": code, "password": OTHER})
    assert refused(as_reset, "token_unknown", 404)
    clock.forward(hours=48)
    late = visitor.post("/api/accounts/confirm", json={"token": code})
    assert refused(late, "token_expired", 409)
    made_up = visitor.post("/api/accounts/confirm", json={"token": "made up"})
    assert refused(made_up, "token_unknown", 404)


def test_the_letter_comes_again_and_voids_the_code_before(visitor, post_box, clock):
    visitor.post("/api/accounts", json=new_account())
    clock.forward(minutes=1)
    assert (
        visitor.post("/api/accounts/resend", json={"email": "LAM@example.org"}).status_code == 202
    )
    first, second = post_box("confirm")
    old = visitor.post("/api/accounts/confirm", json={"token": code_in(first)})
    assert refused(old, "token_unknown", 404)
    assert visitor.post("/api/accounts/confirm", json={"token": code_in(second)}).status_code == 204


@pytest.mark.parametrize("path", ["/api/accounts", "/api/accounts/resend", "/api/password-resets"])
def test_no_answer_tells_whether_an_address_has_an_account(visitor, people, path):
    people.account(email="confirmed@example.org")
    people.account(email="waiting@example.org", confirmed=False)
    body = new_account() if path == "/api/accounts" else {"email": ""}
    answers = {
        str(told(visitor.post(path, json=body | {"email": f"{who}@example.org"})))
        for who in ("confirmed", "waiting", "nobody")
    }
    assert len(answers) == 1


def test_the_holder_of_an_account_is_told_when_somebody_signs_up_again(
    festival, app, people, visitor, post_box
):
    people.account(email="lam@example.org")
    visitor.post("/api/accounts", json=new_account(email="Lam@Example.ORG", name="Thief"))
    (letter,) = post_box()
    assert letter.kind == "already_registered"
    assert signed_in(app, password=OF_PEOPLE).get("/api/me").json()["name"] != "Thief"


def test_who_signed_up_first_with_a_foreign_address_is_not_in_the_account_afterwards(
    app, visitor, post_box, clock
):
    visitor.post("/api/accounts", json=new_account(password=OTHER, name="Stranger"))
    stranger = signed_in(app, password=OTHER)
    clock.forward(hours=1)
    visitor.post("/api/accounts", json=new_account())
    first, second = post_box("confirm")
    assert refused(
        visitor.post("/api/accounts/confirm", json={"token": code_in(first)}), "token_unknown", 404
    )
    assert visitor.post("/api/accounts/confirm", json={"token": code_in(second)}).status_code == 204

    assert refused(stranger.get("/api/me"), "not_signed_in", 401)
    with_old = visitor.post("/api/sessions", json={"email": "lam@example.org", "password": OTHER})
    assert refused(with_old, "wrong_credentials", 401)
    assert signed_in(app).get("/api/me").json()["name"] == "Lam Siu-ming"


def test_letters_to_addresses_nobody_has_proven_hold_nothing_their_sender_chose(visitor, post_box):
    visitor.post("/api/accounts", json=new_account(name="Win a prize at evil.example"))
    (letter,) = post_box()
    assert "evil" not in letter.subject + letter.text


def test_an_unconfirmed_account_has_nothing_but_itself(app, people):
    client = people.entrant(confirmed=False)
    assert client.get("/api/me").status_code == 200
    assert client.patch("/api/me", json={"name": "Somebody"}).json()["name"] == "Somebody"
    for answer in (
        client.get("/api/me/export"),
        client.post("/api/me/erase", json={"password": OF_PEOPLE}),
        client.post("/api/me/email", json={"email": "x@example.org", "password": OF_PEOPLE}),
        client.get("/api/editions/hkaiiff-2026/roles"),
        client.post("/api/editions/hkaiiff-2026/entries", json={"draft": {}}),
    ):
        assert refused(answer, "not_confirmed", 403)


@pytest.mark.parametrize(
    "email",
    [
        "nobody",
        "@example.org",
        "a@b",
        "a@localhost",
        "a b@example.org",
        "a@exa mple.org",
        "lam@example.org, other@example.org",
        "Lam <lam@example.org>",
        '"quoted"@example.org',
        "lam@[127.0.0.1]",
        "林@example.org",
        "l\u0430m@example.org",  # Cyrillic a
        "x" * 65 + "@example.org",
        "a@" + "b" * 250 + ".org",
    ],
)
def test_an_address_that_letters_cannot_go_to_is_refused(email):
    with pytest.raises(Refusal, match="email_invalid"):
        checked_email(email)


def test_hostile_text_is_refused_wherever_it_stands(visitor, post_box):
    hostile = [
        "a\r\nBcc: b@example.org",
        "a\nb",
        "a\0b",
        "a\u2028b",
        "\ud800",
        "x" * 100_000,
        7,
        None,
    ]
    for field in ("email", "name", "password", "language"):
        for text in hostile:
            if (
                field == "password"
                and isinstance(text, str)
                and len(text) < 200
                and text != "\ud800"
            ):
                continue  # of a password only its hash goes anywhere
            body = json.dumps(new_account(**{field: text}))
            answer = visitor.post(
                "/api/accounts", content=body, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code in (400, 422), (field, text)
            assert answer.headers["content-type"] == "application/problem+json"
            assert len(answer.content) < 2000
    for path in ("/api/accounts/confirm", "/api/accounts/email", "/api/password-resets/confirm"):
        for text in hostile:
            body = json.dumps({"token": text})
            answer = visitor.post(path, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in (400, 404, 422), (path, text)
    assert post_box() == []


@given(st.text(max_size=30), st.text(max_size=30))
def test_every_address_that_is_taken_can_stand_in_a_message(local, domain):
    for text in (
        f"{local}@{domain}",
        f"{local}@{domain}.org",
        f"a@{domain}.hk",
        f"{local}@example.org",
    ):
        try:
            address = checked_email(text)
        except Refusal:
            continue
        assert Message(address, "x", "x", "en").to == address
        assert email_key(address) == email_key(address.upper()) == email_key(f" {address} ")


@given(st.text(st.characters(), max_size=30))
def test_any_text_can_be_folded_and_looked_for(text):
    folded = email_key(text)
    assert folded.isprintable()
    folded.encode()


def test_look_alike_domains_are_two_addresses():
    latin, cyrillic = checked_email("a@paypal.com"), checked_email("a@p\u0430ypal.com")
    assert email_key(latin) != email_key(cyrillic)
    assert cyrillic.isascii()
    assert email_key("a@M\u00fcnchen.de") == email_key("a@xn--mnchen-3ya.de")


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password!2345",
        "passwordpassword",
        "P@ssw0rd2026",
        "123456789012",
        "aaaaaaaaaaaaa",
        "abcdefghijklmnop",
        "abababababab",
        "qwertyuiop12",
        "lam@example.org",
        "LAM@EXAMPLE.ORG!",
        "lam siu-ming 1",
        "hkaiifffestival",
    ],
)
def test_a_password_anybody_would_try_first_is_refused(password):
    with pytest.raises(Refusal, match="password_too_easy"):
        refuse_easy(password, "lam@example.org", "Lam Siu-ming")


@given(st.sampled_from(["correct horse battery", PASSWORD, "k7#Vq9!xTz2&"]), st.text(max_size=9))
def test_a_good_password_stays_good_with_more_on_its_end(password, more):
    refuse_easy(password + more, "lam@example.org", "Lam Siu-ming")


def test_a_password_has_12_to_200_characters(visitor):
    for length in (0, 11, 201, 200_000):
        password = (PASSWORD + "ж" * length)[:length]
        answer = visitor.post("/api/accounts", json=new_account(password=password))
        assert refused(answer, "invalid", 422)
        assert answer.json()["errors"][0]["where"] == "/body/password"
        assert len(answer.content) < 2000
    easy = visitor.post("/api/accounts", json=new_account(password="password1234"))
    assert refused(easy, "password_too_easy", 422)
    for length in (12, 200):
        password = (PASSWORD + "ж" * length)[:length]
        assert visitor.post("/api/accounts", json=new_account(password=password)).is_success


# --- Sessions. ---


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(visitor, people):
    people.account(email="known@example.org")
    known = visitor.post("/api/sessions", json={"email": "known@example.org", "password": "wrong"})
    nobody = visitor.post("/api/sessions", json={"email": "no@example.org", "password": "wrong"})
    no_address = visitor.post("/api/sessions", json={"email": "\u212a", "password": "wrong"})
    assert told(known) == told(nobody) == told(no_address)
    assert refused(known, "wrong_credentials", 401)


def test_sessions_end_by_time_one_by_one_and_all_at_once(app, people, clock):
    people.account(email="lam@example.org")
    first, second, third = (signed_in(app, password=OF_PEOPLE) for _ in range(3))
    assert first.delete("/api/sessions/current").status_code == 204
    assert refused(first.get("/api/me"), "not_signed_in", 401)
    assert second.get("/api/me").status_code == 200
    assert second.delete("/api/sessions").status_code == 204
    assert refused(third.get("/api/me"), "not_signed_in", 401)
    fourth = signed_in(app, password=OF_PEOPLE)
    clock.forward(days=14)
    assert refused(fourth.get("/api/me"), "not_signed_in", 401)


def test_the_cookie_is_for_the_service_alone_and_other_sites_cannot_use_it(app, people):
    people.account(email="lam@example.org")
    browser = TestClient(app, base_url="https://festival.example.org")
    answer = browser.post("/api/sessions", json={"email": "lam@example.org", "password": OF_PEOPLE})
    cookie = answer.headers["set-cookie"].lower()
    for part in ("hall_session=", "httponly", "samesite=strict", "secure", "path=/"):
        assert part in cookie
    assert "domain" not in cookie

    def rename(**headers):
        return browser.patch("/api/me", json={"name": "N"}, headers=headers)

    assert rename().status_code == 200
    assert rename(Origin="https://festival.example.org").status_code == 200
    assert rename(**{"Sec-Fetch-Site": "same-origin", "Origin": "https://alias"}).status_code == 200
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://festival.example.org.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://festival.example.org"},
    ):
        assert refused(rename(**headers), "cross_site", 403)
        # Nobody may be signed in as somebody else from another page either.
        foreign = browser.post(
            "/api/sessions",
            json={"email": "lam@example.org", "password": OF_PEOPLE},
            headers=headers,
        )
        assert refused(foreign, "cross_site", 403)
    assert browser.get("/api/me", headers={"Origin": "https://evil.example"}).status_code == 200
    assert browser.delete("/api/sessions/current").status_code == 204
    assert browser.cookies.get("hall_session") is None


def test_other_programs_need_not_say_where_they_come_from(people):
    client = people.entrant()
    answer = client.patch("/api/me", json={"name": "N"}, headers={"Origin": "https://any.example"})
    assert answer.status_code == 200


def test_only_hashes_of_tokens_and_codes_are_kept(festival, app, visitor, post_box, people):
    visitor.post("/api/accounts", json=new_account())
    code, client = code_in(post_box()[0]), signed_in(app)
    token = client.headers["Authorization"].removeprefix("Bearer ")
    with festival.database.read() as c:
        kept = str([c.execute(select(table)).all() for table in (t.sessions, t.tokens, t.accounts)])
    for secret in (code, token, PASSWORD):
        assert secret not in kept
    assert sha256_hex(code) in kept
    assert sha256_hex(token) in kept


def test_a_password_is_hashed_anew_when_the_parameters_have_changed(festival, app, people):
    account = people.account(email="lam@example.org")
    old = Passwords(Argon2Hasher(time_cost=2, memory_cost=16, parallelism=1)).hash(OF_PEOPLE)
    with festival.database.write() as c:
        c.execute(update(t.accounts).where(t.accounts.c.id == account).values(password_hash=old))
    signed_in(app, password=OF_PEOPLE)
    with festival.database.read() as c:
        new = accounts.profile(c, account).password_hash
    assert "m=16" in old
    assert "m=8" in new
    signed_in(app, password=OF_PEOPLE)
    with festival.database.read() as c:
        assert accounts.profile(c, account).password_hash == new


def test_a_full_line_of_passwords_is_refused_and_takes_no_thread():
    crowded = Passwords(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1), in_line=1)
    with crowded._place(), pytest.raises(Refusal, match="busy"):
        crowded.verify("x", None)
    assert crowded.verify("x", crowded.hash("x")) == (True, None)


@pytest.mark.parametrize(("typed", "kept"), [("Å" * 12, "A\u030a" * 12), ("ﬁ" * 12, "fi" * 12)])
def test_the_same_password_from_another_keyboard_is_the_same(passwords, typed, kept):
    assert passwords.verify(typed, passwords.hash(kept))[0]


# --- New passwords and addresses. ---


def test_a_forgotten_password_is_replaced_and_every_session_ends(app, people, visitor, post_box):
    people.account(email="lam@example.org")
    stolen = signed_in(app, password=OF_PEOPLE)
    visitor.post("/api/password-resets", json={"email": "lam@example.org"})
    code = code_in(post_box("reset")[0])
    easy = visitor.post(
        "/api/password-resets/confirm", json={"token": code, "password": "lam@example.org"}
    )
    assert refused(easy, "password_too_easy", 422)
    body = {"token": code, "password": PASSWORD}
    assert visitor.post("/api/password-resets/confirm", json=body).status_code == 204
    again = visitor.post("/api/password-resets/confirm", json=body)
    assert refused(again, "token_used", 409)
    assert refused(stolen.get("/api/me"), "not_signed_in", 401)
    with_old = visitor.post(
        "/api/sessions", json={"email": "lam@example.org", "password": OF_PEOPLE}
    )
    assert refused(with_old, "wrong_credentials", 401)
    assert signed_in(app).get("/api/me").status_code == 200
    assert [letter.kind for letter in post_box("password_changed")] == ["password_changed"]


def test_a_code_for_a_new_password_is_good_for_two_hours(people, visitor, post_box, clock):
    people.account(email="lam@example.org")
    visitor.post("/api/password-resets", json={"email": "lam@example.org"})
    clock.forward(hours=2)
    body = {"token": code_in(post_box("reset")[0]), "password": PASSWORD}
    assert refused(visitor.post("/api/password-resets/confirm", json=body), "token_expired", 409)


def test_changing_the_password_needs_the_old_one_and_ends_the_other_sessions(
    app, people, visitor, post_box
):
    people.account(email="lam@example.org")
    mine, elsewhere = signed_in(app, password=OF_PEOPLE), signed_in(app, password=OF_PEOPLE)
    visitor.post("/api/password-resets", json={"email": "lam@example.org"})
    wrong = mine.put("/api/me/password", json={"old": "wrong", "new": PASSWORD})
    assert refused(wrong, "wrong_password", 403)
    easy = mine.put("/api/me/password", json={"old": OF_PEOPLE, "new": "password1234"})
    assert refused(easy, "password_too_easy", 422)
    right = mine.put("/api/me/password", json={"old": OF_PEOPLE, "new": PASSWORD})
    assert right.status_code == 204
    assert mine.get("/api/me").status_code == 200
    assert refused(elsewhere.get("/api/me"), "not_signed_in", 401)
    # A letter that was under way no longer opens the account.
    body = {"token": code_in(post_box("reset")[0]), "password": OTHER}
    assert refused(visitor.post("/api/password-resets/confirm", json=body), "token_unknown", 404)


def test_a_password_changed_while_another_was_compared_wins(festival, people, clock):
    account = people.account(email="lam@example.org")
    with festival.database.read() as c:
        seen, whose = accounts.credentials(c, "lam@example.org"), accounts.profile(c, account)
    with festival.database.write() as c:
        accounts.change_password(c, whose, festival.passwords.hash(PASSWORD), None, clock())
    for late in (
        lambda c: accounts.sign_in(c, seen, None, clock()),
        lambda c: accounts.change_password(c, whose, "x", None, clock()),
    ):
        with pytest.raises(Refusal), festival.database.write() as c:
            late(c)


def test_a_new_address_counts_once_it_is_proven_and_the_old_one_is_told(app, people, post_box):
    people.account(email="lam@example.org")
    client = signed_in(app, password=OF_PEOPLE)
    body = {"email": "new@example.org", "password": "wrong"}
    assert refused(client.post("/api/me/email", json=body), "wrong_password", 403)
    body["password"] = OF_PEOPLE
    assert client.post("/api/me/email", json=body).status_code == 202
    assert client.get("/api/me").json()["email"] == "lam@example.org"
    (letter,) = post_box()
    assert (letter.kind, letter.recipient) == ("change_email", "new@example.org")

    confirmed = client.post("/api/accounts/email", json={"token": code_in(letter)})
    assert confirmed.status_code == 204
    assert client.get("/api/me").json()["email"] == "new@example.org"
    (told_old,) = post_box("email_changed")
    assert told_old.recipient == "lam@example.org"
    assert signed_in(app, "new@example.org", OF_PEOPLE).get("/api/me").status_code == 200


def test_an_address_of_somebody_else_is_not_told_and_never_taken(app, people, visitor, post_box):
    people.account(email="lam@example.org")
    client = signed_in(app, password=OF_PEOPLE)

    def wish(email):
        return client.post("/api/me/email", json={"email": email, "password": OF_PEOPLE})

    people.account(email="taken@example.org")
    assert told(wish("taken@example.org")) == told(wish("free@example.org"))
    (to_holder,) = post_box("already_registered")
    assert to_holder.recipient == "taken@example.org"
    # Somebody proves the address while the letter is under way.
    (letter,) = post_box("change_email")
    people.account(email="free@example.org")
    late = client.post("/api/accounts/email", json={"token": code_in(letter)})
    assert refused(late, "email_taken", 409)


def test_an_unconfirmed_account_makes_way_for_who_proves_its_address(app, people, post_box):
    people.account(email="lam@example.org")
    client = signed_in(app, password=OF_PEOPLE)
    squatter = people.entrant(email="mine@example.org", confirmed=False)
    client.post("/api/me/email", json={"email": "mine@example.org", "password": OF_PEOPLE})
    (letter,) = post_box("change_email")
    assert client.post("/api/accounts/email", json={"token": code_in(letter)}).status_code == 204
    assert refused(squatter.get("/api/me"), "not_signed_in", 401)


def test_an_unconfirmed_account_with_imported_entries_waits_for_its_owner(
    festival, app, people, post_box, clock
):
    imported = people.account(email="maker@example.org", confirmed=False)
    people.works(1, owner=imported, state="draft")
    people.account(email="lam@example.org")
    client = signed_in(app, password=OF_PEOPLE)
    client.post("/api/me/email", json={"email": "maker@example.org", "password": OF_PEOPLE})
    (letter,) = post_box("change_email")
    late = client.post("/api/accounts/email", json={"token": code_in(letter)})
    assert refused(late, "email_taken", 409)
    clock.forward(days=365)
    with festival.database.write() as c:
        accounts.tidy(c, clock())
        assert accounts.profile(c, imported).email == "maker@example.org"


def test_what_nobody_needs_is_tidied_away(festival, people, visitor, clock):
    visitor.post("/api/accounts", json=new_account())
    confirmed = people.entrant()
    clock.forward(days=29)
    with festival.database.write() as c:
        accounts.tidy(c, clock())
        assert c.execute(select(t.accounts.c.id).where(t.accounts.c.name == "Lam Siu-ming")).all()
        assert not c.execute(select(t.sessions)).all()
        assert not c.execute(select(t.tokens)).all()
    clock.forward(days=1)
    with festival.database.write() as c:
        accounts.tidy(c, clock())
        assert [row.id for row in c.execute(select(t.accounts))] == [confirmed.account]
        assert not c.execute(select(t.letters)).all()


def test_name_and_language_change_one_by_one(people):
    client = people.entrant()
    before = client.get("/api/me").json()
    assert client.patch("/api/me", json={"language": "zh-Hant"}).json() == before | {
        "language": "zh-Hant"
    }
    assert client.patch("/api/me", json={"name": " 林小明 "}).json()["name"] == "林小明"
    for body in ({"name": "  "}, {"language": "fr"}, {"admin": True}, {"email": "x@example.org"}):
        assert refused(client.patch("/api/me", json=body), "invalid", 422)


def test_answers_come_in_the_language_asked_for(visitor):
    answer = visitor.post("/api/accounts", json=new_account(), headers={"Accept-Language": "zh-HK"})
    assert answer.status_code == 202
    assert set(answer.json()) == {"detail"}


def test_the_first_administrator_is_a_confirmed_account(festival, people):
    admin = people.account(email="lam@example.org")
    people.account(email="waiting@example.org", confirmed=False)
    with festival.database.write() as c:
        assert accounts.make_admin(c, "LAM@example.org") == admin
        assert accounts.profile(c, admin).admin
    for email in ("waiting@example.org", "nobody@example.org", "\0"):
        with pytest.raises(Refusal, match="unknown_account"), festival.database.write() as c:
            accounts.make_admin(c, email)


@pytest.mark.parametrize("name", ["", " ", "\u200b\u2060", "\u3164"])
def test_a_name_that_nobody_sees_is_none(visitor, people, name):
    new = {"email": "lam@example.org", "password": OTHER, "name": name, "language": "en"}
    assert visitor.post("/api/accounts", json=new).json()["code"] == "invalid"
    assert people.entrant().patch("/api/me", json={"name": name}).json()["code"] == "invalid"
