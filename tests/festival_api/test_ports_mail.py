"""Mail: both mailers deliver the same message, and nothing in a message becomes a header."""

from __future__ import annotations

import datetime as dt
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from festival_api.ports import FileOutbox, Mailer, MailError, Message, SmtpMailer

NOW = dt.datetime(2026, 1, 31, 16, 0, 0, 250_000, tzinfo=dt.UTC)
SENDER = "entries@festival.example"
HELLO = Message("anna@example.org", "參賽確認:第一部電影", "Grüße\n第二行\n", "zh-Hant")


@dataclass
class Letter:
    """What the server was handed."""

    sender: str
    recipients: list[str]
    data: bytes


class SmtpServer(socketserver.ThreadingTCPServer):
    """Enough of RFC 5321 to receive letters, in clear."""

    daemon_threads = True

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        super().__init__(("127.0.0.1", 0), SmtpSession)

    @property
    def place(self) -> str:
        return f"localhost:{self.server_address[1]}"


class SmtpSession(socketserver.StreamRequestHandler):
    server: SmtpServer

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def handle(self) -> None:
        self.say(b"220 here")
        letter = Letter("", [], b"")
        while line := self.rfile.readline().decode("ascii").rstrip("\r\n"):
            word, argument = line[:4].upper(), line.partition(":")[2].partition(">")[0].strip("<")
            if word == "RCPT" and argument.startswith("nobody@"):
                self.say(b"550 unknown here")
                continue
            if word == "MAIL":
                letter.sender = argument
            if word == "RCPT":
                letter.recipients.append(argument)
            if word == "DATA":
                self.say(b"354 go on")
                while (read := self.rfile.readline()) != b".\r\n":
                    letter.data += read.removeprefix(b".")
                self.server.letters.append(letter)
            self.say(b"221 bye" if word == "QUIT" else b"250 fine")


@contextmanager
def running(server: SmtpServer) -> Iterator[SmtpServer]:
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Post:
    """A mailer, and what has arrived from it."""

    make: Callable[[str], Mailer]
    arrived: Callable[[], list[bytes]] = field(repr=False)


@pytest.fixture(params=["file", "smtp"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    if request.param == "file":
        yield Post(lambda sender: FileOutbox(tmp_path / "out", sender), lambda: files(tmp_path))
        return
    with running(SmtpServer()) as server:
        yield Post(
            lambda sender: SmtpMailer(f"smtp://{server.place}", sender),
            lambda: [letter.data for letter in server.letters],
        )


def files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("out/*.eml"))]


def text_of(message: EmailMessage) -> str:
    """Body with the line ends that programs write; mail has its own."""
    content: str = message.get_content()
    return content.replace("\r\n", "\n")


def read(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


# --- Contract of every mailer


def test_a_message_arrives_as_it_was_written(post: Post) -> None:
    post.make(SENDER).send(HELLO, NOW, "a-1")
    (data,) = post.arrived()
    message = read(data)
    assert message["From"] == SENDER
    assert message["To"] == "anna@example.org"
    assert message["Subject"] == "參賽確認:第一部電影"
    assert message["Date"].datetime == NOW.replace(microsecond=0)
    assert message["Message-ID"] == "<a-1@festival.example>"
    assert message["Content-Language"] == "zh-Hant"
    assert message["Auto-Submitted"] == "auto-generated"
    assert text_of(message) == HELLO.text


def test_messages_arrive_in_the_order_of_their_times(post: Post) -> None:
    mailer = post.make(SENDER)
    seconds = (0, 1, 60, 100_000)
    for n, later in enumerate(seconds):
        message = Message("a@b.example", f"number {n}", "x", "en")
        mailer.send(message, NOW + dt.timedelta(seconds=later), f"{9 - n}")
    assert [read(data)["Subject"] for data in post.arrived()] == [
        f"number {n}" for n in range(len(seconds))
    ]


def test_dots_and_long_lines_come_through(post: Post) -> None:
    text = ".\n..\nFrom the start\n" + "long " * 1000 + "\n第" * 500 + "\n"
    post.make(SENDER).send(Message("a@b.example", "x", text, "en"), NOW, "1")
    (data,) = post.arrived()
    assert text_of(read(data)) == text
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")


@pytest.mark.parametrize("message_id", ["", "../1", "a b", "a\r\nBcc: c@d.example", "x" * 65, "é"])
def test_a_message_id_is_a_plain_word(post: Post, message_id: str) -> None:
    with pytest.raises(MailError, match="message id"):
        post.make(SENDER).send(HELLO, NOW, message_id)
    assert post.arrived() == []


def test_a_time_without_a_zone_is_refused(post: Post) -> None:
    with pytest.raises(ValueError, match="time zone"):
        post.make(SENDER).send(HELLO, NOW.replace(tzinfo=None), "1")


def test_a_sender_must_be_an_address(post: Post) -> None:
    with pytest.raises(MailError, match="not an address"):
        post.make("Festival <entries@festival.example>")


# --- Messages


@pytest.mark.parametrize(
    "to",
    [
        "",
        "anna",
        "anna@localhost",
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example\n",
        "a\0@b.example",
        "Anna <anna@example.org>",
        '"a b"@example.org',
        "a@[127.0.0.1]",
        "a..b@example.org",
        ".a@example.org",
        "a@-b.example",
        "a@b@c.example",
        "安娜@example.org",
        "anna@例子.example",
        f"{'a' * 250}@b.example",
    ],
)
def test_only_one_bare_address_is_written_to(to: str) -> None:
    with pytest.raises(MailError, match="not an address"):
        Message(to, "x", "x", "en")


@pytest.mark.parametrize(
    "to", ["a@b.example", "o'neil+film.2@sub.example.org", "a@xn--fsq.example", "A_b@c-d.example"]
)
def test_usual_addresses_are_written_to(post: Post, to: str) -> None:
    post.make(SENDER).send(Message(to, "x", "x", "en"), NOW, "1")
    assert read(post.arrived()[0])["To"] == to


@pytest.mark.parametrize(
    ("subject", "text", "language", "complaint"),
    [
        ("a\r\nBcc: c@d.example", "x", "en", "subject has U\\+000D at character 2"),
        ("a\nb", "x", "en", "U\\+000A"),
        ("a\0", "x", "en", "U\\+0000"),
        ("a\u2028b", "x", "en", "U\\+2028"),
        ("a\x85b", "x", "en", "U\\+0085"),
        ("a\ud800", "x", "en", "U\\+D800"),
        (" ", "x", "en", "subject has 1 characters"),
        ("x" * 251, "x", "en", "subject has 251 characters"),
        ("x", "a\0b", "en", "text has U\\+0000 at character 2"),
        ("x", "a\udfff", "en", "text has U\\+DFFF"),
        ("x", "x", "en\r\nBcc: c@d.example", "language tag"),
        ("x", "x", "", "language tag"),
    ],
)
def test_what_is_no_line_or_text_is_refused(
    subject: str, text: str, language: str, complaint: str
) -> None:
    with pytest.raises(MailError, match=complaint):
        Message("a@b.example", subject, text, language)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mail")


LINE = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
SUBJECTS = st.text(LINE, min_size=1, max_size=250).filter(str.strip)
TEXTS = st.text(LINE | st.sampled_from("\r\n\t.=\u2028"), max_size=300)


@example(subject="=?utf-8?q?Bcc=3A?=", text="")
@example(subject=" a  b ", text="\n.\n")
@given(subject=SUBJECTS, text=TEXTS)
def test_any_subject_and_text_come_back_and_add_no_header(
    folder: Path, subject: str, text: str
) -> None:
    FileOutbox(folder / "out", SENDER).send(Message("a@b.example", subject, text, "en"), NOW, "1")
    (data,) = files(folder)
    message = read(data)
    assert message["Subject"] == subject
    # All line ends come back as one kind, and the last line has one.
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    assert text_of(message) == lines + ("" if lines.endswith("\n") else "\n")
    assert sorted(message.keys()) == [
        "Auto-Submitted",
        "Content-Language",
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ]
    assert not message.is_multipart()


# --- The folder


def test_the_folder_holds_whole_files_that_nobody_else_reads(tmp_path: Path) -> None:
    outbox = FileOutbox(tmp_path / "new" / "out", SENDER)
    outbox.send(HELLO, NOW.astimezone(dt.timezone(dt.timedelta(hours=8))), "a-1")
    outbox.send(HELLO, NOW, "a-1")
    (path,) = (tmp_path / "new" / "out").iterdir()
    assert path.name == "20260131T160000.250000Z-a-1.eml"
    assert path.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(MailError, match=r"out.*cannot be written"):
        FileOutbox(tmp_path / "out", SENDER).send(HELLO, NOW, "1")


# --- The mail server


def test_a_recipient_whom_the_server_does_not_know_is_named() -> None:
    with running(SmtpServer()) as server:
        mailer = SmtpMailer(f"smtp://{server.place}", SENDER)
        with pytest.raises(MailError, match=r"nobody@b.example \(code 550\)"):
            mailer.send(Message("nobody@b.example", "x", "x", "en"), NOW, "1")
        mailer.send(HELLO, NOW, "2")
    (letter,) = server.letters
    assert (letter.sender, letter.recipients) == (SENDER, ["anna@example.org"])


def test_a_server_that_is_not_there_is_named() -> None:
    with running(SmtpServer()) as server:
        place = server.place
    with pytest.raises(MailError, match=f"{re.escape(place)} did not take"):
        SmtpMailer(f"smtp://{place}", SENDER).send(HELLO, NOW, "1")


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://mail.example", "must be smtps://"),
        ("smtp://", "must be smtps://"),
        ("smtps://u:secret@mail.example/path", "must be smtps://"),
        ("smtps://u:secret@mail.example:99999", "port"),
        ("smtps://u:secret/word@mail.example", "port"),
        ("smtps://u:secret@[mail.example", "brackets"),
        ("smtp://u:secret@mail.example", "in clear"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(
    url: str, complaint: str
) -> None:
    with pytest.raises(MailError, match=complaint) as caught:
        SmtpMailer(url, SENDER)
    assert "secret" not in str(caught.value) + str(caught.value.__cause__)
