"""What is encrypted stays so: passwords of mail servers, and the probe's connections."""

from __future__ import annotations

import base64
import datetime as dt
import socketserver
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from festival_api.ports import HttpProbe, MailError, Message, Reached, SmtpMailer, Unreached
from festival_api.ports._network import Stream, resolve, tls_stream

NOW = dt.datetime(2026, 1, 31, 16, 0, tzinfo=dt.UTC)
SENDER = "entries@festival.example"
HELLO = Message("anna@example.org", "x", "x", "en")

# Waits for a line that begins so, then says that; what is said first waits for nothing.
Script = Sequence[tuple[bytes, bytes]]
GREETING = (b"", b"220 here")
LETTER: Script = [
    (b"EHLO", b"250-here\r\n250 AUTH PLAIN"),
    (b"AUTH", b"235 welcome"),
    (b"MAIL", b"250 fine"),
    (b"RCPT", b"250 fine"),
    (b"DATA", b"354 go on"),
    (b".\r\n", b"250 taken"),
    (b"QUIT", b"221 bye"),
]
STARTTLS: Script = [
    GREETING,
    (b"EHLO", b"250-here\r\n250 STARTTLS"),
    (b"STARTTLS", b"220 go ahead"),
]
PAGE: Script = [(b"\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n")]


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Plays its side of a conversation, encrypted from the start or after STARTTLS."""

    daemon_threads = True

    def __init__(self, script: Script, tls: ssl.SSLContext, *, from_the_start: bool) -> None:
        self.script, self.tls, self.from_the_start = script, tls, from_the_start
        self.heard: list[tuple[bool, bytes]] = []
        super().__init__(("127.0.0.1", 0), Conversation)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the handshake is what some tests are about."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Conversation(socketserver.StreamRequestHandler):
    server: ScriptedServer
    encrypted = False

    def encrypt(self) -> None:
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.encrypted = True

    def handle(self) -> None:
        if self.server.from_the_start:
            self.encrypt()
        for awaited, answer in self.server.script:
            while awaited and (line := self.rfile.readline()):
                self.server.heard.append((self.encrypted, line))
                if line.upper().startswith(awaited):
                    break
            self.wfile.write(answer + b"\r\n")
            if awaited == b"STARTTLS":
                self.encrypt()

    def finish(self) -> None:
        super().finish()
        self.connection.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of localhost and film.example, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    today = dt.datetime.now(dt.UTC)
    hosts = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.DNSName("film.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(hosts, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "test.pem"
    path.write_bytes(secret + made.public_bytes(pem))
    return path


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@contextmanager
def running(
    script: Script, certificate: Path, *, from_the_start: bool = True
) -> Iterator[ScriptedServer]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with ScriptedServer(script, tls, from_the_start=from_the_start) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


# --- Mail


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("scheme", "script"),
    [("smtps", [GREETING, *LETTER]), ("smtp+starttls", [*STARTTLS, *LETTER])],
)
def test_a_password_travels_encrypted(certificate: Path, scheme: str, script: Script) -> None:
    with running(script, certificate, from_the_start=scheme == "smtps") as server:
        url = f"{scheme}://film%40festival:pass%20word@localhost:{server.port}"
        SmtpMailer(url, SENDER).send(HELLO, NOW, "1")
    secret = base64.b64encode(b"\0film@festival\0pass word")
    assert (True, b"AUTH PLAIN " + secret + b"\r\n") in server.heard
    in_clear = {line.strip() for encrypted, line in server.heard if not encrypted}
    assert in_clear <= {b"ehlo festival.example", b"STARTTLS"}


@pytest.mark.parametrize(
    ("scheme", "script"),
    [("smtps", [GREETING, *LETTER]), ("smtp+starttls", [*STARTTLS, *LETTER])],
)
def test_a_mail_server_that_nobody_vouches_for_gets_nothing(
    certificate: Path, scheme: str, script: Script
) -> None:
    with running(script, certificate, from_the_start=scheme == "smtps") as server:
        mailer = SmtpMailer(f"{scheme}://u:p@localhost:{server.port}", SENDER)
        with pytest.raises(MailError, match="no certificate to trust"):
            mailer.send(HELLO, NOW, "1")
    assert {line.strip() for _, line in server.heard} <= {b"ehlo festival.example", b"STARTTLS"}


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_told_without_it(certificate: Path) -> None:
    refusing = [GREETING, LETTER[0], (b"AUTH", b"535 no"), (b"QUIT", b"221 bye")]
    with running(refusing, certificate) as server:
        mailer = SmtpMailer(f"smtps://u:secret@localhost:{server.port}", SENDER)
        with pytest.raises(MailError, match="user and password") as caught:
            mailer.send(HELLO, NOW, "1")
    assert "secret" not in str(caught.value) + repr(mailer)


@pytest.mark.usefixtures("trusted")
def test_a_server_without_encryption_gets_nothing_when_it_was_asked_for(certificate: Path) -> None:
    with running([GREETING, *LETTER], certificate, from_the_start=False) as server:
        mailer = SmtpMailer(f"smtp+starttls://u:p@localhost:{server.port}", SENDER)
        with pytest.raises(MailError, match="STARTTLS"):
            mailer.send(HELLO, NOW, "1")
    assert [line[:4] for _, line in server.heard] == [b"ehlo"]


# --- The probe


def probe_to(server: ScriptedServer) -> HttpProbe:
    """A probe that goes to this server, whatever the address; all else is as in real use."""

    def connect(address: str, port: int, host: str, timeout_s: float) -> Stream:
        assert (address, port) == ("93.184.215.14", 443)
        return tls_stream("127.0.0.1", server.port, host, timeout_s)

    return HttpProbe(resolve=lambda host, timeout_s: ["93.184.215.14"], connect=connect)


@pytest.mark.usefixtures("trusted")
def test_the_probe_asks_the_host_by_its_name(certificate: Path) -> None:
    with running(PAGE, certificate) as server:
        assert probe_to(server).check("https://film.example/a?b#c") == Reached(200, "", 12)
    heard = b"".join(line for _, line in server.heard)
    assert heard.startswith(b"GET /a?b HTTP/1.1\r\nHost: film.example\r\n")


@pytest.mark.usefixtures("trusted")
def test_the_probe_wants_the_certificate_of_the_name(certificate: Path) -> None:
    with running(PAGE, certificate) as server:
        assert probe_to(server).check("https://other.example/") == Unreached("certificate")
    assert server.heard == []


def test_the_probe_wants_a_certificate_to_trust(certificate: Path) -> None:
    with running(PAGE, certificate) as server:
        assert probe_to(server).check("https://film.example/") == Unreached("certificate")


def test_the_probe_does_not_talk_in_clear(certificate: Path) -> None:
    with running([GREETING], certificate, from_the_start=False) as server:
        assert probe_to(server).check("https://film.example/") == Unreached("not_http")


def test_names_are_resolved_by_the_system() -> None:
    assert set(resolve("localhost", 10)) <= {"127.0.0.1", "::1"}
    assert resolve("localhost", 10)
    with pytest.raises(OSError, match="label"):
        resolve(f"{'a' * 70}.example", 10)
