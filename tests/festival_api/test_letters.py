"""Letters: what stands in them, and how they are delivered."""

import email
import email.policy
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from festival_api import letters
from festival_api.editions import Text
from festival_api.letters import KINDS, Delivered
from festival_api.letters._words import in_language
from festival_api.ports import MailError, Message
from festival_api.speech import LANGUAGES, translated
from festival_api.store import tables as t


class PostOffice:
    """A mailer that keeps what it is given, and can be told to fail."""

    def __init__(self) -> None:
        self.sent, self.closed, self.asked = [], False, 0

    def send(self, message: Message, now, message_id: str) -> None:
        self.asked += 1
        if self.closed:
            raise MailError(f"no mail to {message.to} today")
        self.sent.append((message_id, message))


@pytest.fixture
def office():
    return PostOffice()


@pytest.fixture
def write(festival, people):
    """Queue one letter to a new account."""

    def queue(kind="withdrawn", account=None, to=None, **words):
        account = account or people.account()
        with festival.database.write() as c:
            letters.queue(c, account, kind, words or {"title": "Work"}, festival.clock(), to=to)
        return account

    return queue


def kept(festival) -> list:
    with festival.database.read() as c:
        return c.execute(select(t.letters).order_by(t.letters.c.queued_at)).all()


# --- What stands in them. ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_sent_in_both_languages(kind, language):
    letter = KINDS[kind]
    words = dict.fromkeys(letter.words, "寫" * 2000)
    subject = translated(letter.subject, language).format(**words)[:200]
    text = translated(letter.text, language).format(**words)
    Message("a@example.org", subject, text, language)
    assert "{" not in subject + text


def test_a_letter_speaks_its_recipients_language(festival, people, write):
    title = Text.model_validate({"en": "The Heart", "zh-Hant": "心臟"})
    for language, shown in (("en", "The Heart"), ("zh-Hant", "心臟")):
        write(account=people.account(language=language), title=title)
        letter = kept(festival)[-1]
        assert letter.language == language
        assert shown in letter.subject
        assert shown in letter.text
        festival.clock.forward(seconds=1)


def test_money_and_instants_are_written_out_in_both_languages():
    assert letters.money(56_250, "USD") == {"en": "US$562.50", "zh-Hant": "US$562.50"}
    at = letters.moment(datetime(2026, 1, 31, 16, 30, tzinfo=UTC), "Asia/Hong_Kong")
    assert at == {
        "en": "1 February 2026, 00:30 (Asia/Hong_Kong)",
        "zh-Hant": "2026年2月1日 00:30 (Asia/Hong_Kong)",
    }


@given(st.text())
def test_a_word_is_one_line_that_neither_turns_nor_adds_to_the_letter(text):
    line = in_language(text, "en")
    assert len(line.splitlines()) <= 1
    assert len(line) <= 2000
    assert not set(line) & set("\u202e\u2066\x00\x1b\r\n")
    letter = KINDS["withdrawn"]
    Message("a@example.org", letter.subject.format(title=line)[:200], line, "en")
    assert in_language(line, "en") == line


def test_placeholders_in_a_word_stay_as_they_are(festival, write):
    write(title="{title} {0.__class__} %s")
    assert "{title} {0.__class__} %s" in kept(festival)[0].text


def test_a_letter_with_other_words_than_its_own_is_a_mistake_of_the_program(write):
    for words in ({"titel": "x"}, {"title": "x", "more": "y"}):
        with pytest.raises(ValueError, match="title"):
            write(**words)
    with pytest.raises(KeyError):
        write("no such kind")


def test_an_undone_transaction_sends_nothing(festival, people, office):
    account = people.account()

    def cause(c):
        letters.queue(c, account, "withdrawn", {"title": "x"}, festival.clock())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), festival.database.write() as c:
        cause(c)
    assert letters.deliver(festival.database, office, festival.clock()) == Delivered(0, 0)


# --- Delivery. ---


def test_a_letter_is_sent_once_and_then_its_words_are_gone(festival, write, office, clock):
    write(to="somebody@example.org")
    with festival.database.read() as c:
        assert letters.waiting(c) == 1
    assert letters.deliver(festival.database, office, clock()) == Delivered(1, 0)
    clock.forward(days=1)
    assert letters.deliver(festival.database, office, clock()) == Delivered(0, 0)
    ((id_, message),) = office.sent
    assert (message.to, message.language) == ("somebody@example.org", "en")
    assert "Work" in message.subject
    assert "Work" in message.text
    (letter,) = kept(festival)
    assert (letter.id, letter.recipient, letter.subject, letter.text) == (id_, "", "", "")
    assert letter.sent_at is not None
    with festival.database.read() as c:
        assert letters.waiting(c) == 0


def test_a_letter_that_fails_is_tried_ten_times_ever_more_slowly(festival, write, office, clock):
    write()
    office.closed = True
    gaps, last = [], clock()
    while office.asked < 10:
        before = office.asked
        letters.deliver(festival.database, office, clock())
        if office.asked > before:
            gaps.append((clock() - last) // timedelta(minutes=1))
            last = clock()
            assert "today" in kept(festival)[0].trouble
        clock.forward(minutes=1)
    assert gaps == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256]
    clock.forward(days=30)
    office.closed = False
    assert letters.deliver(festival.database, office, clock()) == Delivered(0, 0)
    (letter,) = kept(festival)
    assert (letter.recipient, letter.subject, letter.text, letter.sent_at) == ("", "", "", None)


def test_waiting_is_never_longer_than_six_hours(festival, write, office, clock):
    write()
    office.closed = True
    for _ in range(9):
        letters.deliver(festival.database, office, clock())
        wait = kept(festival)[0].next_try_at - clock()
        assert wait <= timedelta(hours=6)
        clock.forward(hours=6)
    office.closed = False
    assert letters.deliver(festival.database, office, clock()) == Delivered(1, 0)


def test_one_bad_address_does_not_hold_up_the_others(festival, write, office, clock):
    write(to="no address")
    for _ in range(3):
        write()
    assert letters.deliver(festival.database, office, clock()) == Delivered(3, 1)


def test_a_mail_server_that_is_down_is_not_asked_for_every_letter(festival, write, office, clock):
    for _ in range(12):
        write()
    office.closed = True
    assert letters.deliver(festival.database, office, clock()) == Delivered(0, 5)
    office.closed = False
    assert letters.deliver(festival.database, office, clock()) == Delivered(7, 0)
    clock.forward(minutes=1)
    assert letters.deliver(festival.database, office, clock()) == Delivered(5, 0)


def test_two_deliverers_do_not_send_the_same_letter(festival, write, office, clock):
    for _ in range(20):
        write()
    results = []
    threads = [
        threading.Thread(
            target=lambda: results.append(letters.deliver(festival.database, office, clock()))
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.sent for result in results) == 20
    assert len({id_ for id_, _ in office.sent}) == len(office.sent) == 20


def test_no_transaction_is_open_while_the_mailer_works(festival, write, people, clock):
    write()
    account = people.account()

    class Writing:
        def send(self, message, now, message_id):
            with festival.database.write() as c:
                letters.queue(c, account, "withdrawn", {"title": "another"}, now + timedelta(1))

    assert letters.deliver(festival.database, Writing(), clock()) == Delivered(1, 0)
    assert len(kept(festival)) == 2


def test_a_letter_whose_sender_died_is_sent_later_under_the_same_id(festival, write, office, clock):
    write()

    class Dying:
        def send(self, message, now, message_id):
            self.id = message_id
            raise KeyboardInterrupt

    dying = Dying()
    with pytest.raises(KeyboardInterrupt):
        letters.deliver(festival.database, dying, clock())
    assert letters.deliver(festival.database, office, clock()) == Delivered(0, 0)
    clock.forward(minutes=1)
    assert letters.deliver(festival.database, office, clock()) == Delivered(1, 0)
    assert [id_ for id_, _ in office.sent] == [dying.id]


def test_letters_come_out_of_the_outbox_as_they_were_written(festival, write, tmp_path, clock):
    write(title="心臟 – “The Heart”")
    assert letters.deliver(festival.database, festival.mailer, clock()) == Delivered(1, 0)
    (path,) = (tmp_path / "outbox").glob("*.eml")
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert mail["subject"] == "Withdrawn: 心臟 – “The Heart”"
    assert "心臟 – “The Heart”" in mail.get_content()
