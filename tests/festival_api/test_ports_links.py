"""Links: their form, and a probe that cannot be led into our own network."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_api.ports import (
    REASONS,
    HttpProbe,
    LinkError,
    NoProbe,
    Reached,
    Reason,
    Unreached,
    well_formed_link,
)

# --- Form


@pytest.mark.parametrize(
    ("given_link", "written"),
    [
        ("https://films.example.org/a?b=1#key", "https://films.example.org/a?b=1#key"),
        ("  HTTPS://Films.Example.ORG:443 \n", "https://films.example.org/"),
        ("https://films.example.org.", "https://films.example.org/"),
        ("https://films.example.org:8443/a", "https://films.example.org:8443/a"),
        (
            "https://電影.香港/第?一=二",
            "https://xn--p3t494j.xn--j6w193g/%E7%AC%AC?%E4%B8%80=%E4%BA%8C",
        ),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://films.example.org/100%25/%7e", "https://films.example.org/100%25/%7e"),
        ("https://films.example.org/a|<b>", "https://films.example.org/a%7C%3Cb%3E"),
    ],
)
def test_a_link_is_written_in_one_way(given_link: str, written: str) -> None:
    assert well_formed_link(given_link) == written


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("", "not_https"),
        ("films.example.org/a", "not_https"),
        ("http://films.example.org/", "not_https"),
        ("javascript:alert(1)", "not_https"),
        ("file:///etc/passwd", "not_https"),
        ("https://", "host"),
        ("https:films.example.org", "host"),
        ("https://localhost/", "host"),
        ("https://localhost./", "host"),
        ("https://127.0.0.1/", "host"),
        ("https://127.1/", "host"),
        ("https://a.0x7f/", "host"),
        ("https://2130706433/", "host"),
        ("https://１２７.0.0.1/", "host"),
        ("https://[::1]/", "host"),
        ("https://[::ffff:127.0.0.1]/", "host"),
        ("https://[::1/", "host"),
        ("https://a..example/", "host"),
        ("https://-a.example/", "host"),
        ("https://a%2eexample.org/", "host"),
        (f"https://{'a' * 64}.example/", "host"),
        ("https://films.example.org:99999/", "host"),
        ("https://user@films.example.org/", "credentials"),
        ("https://user:word@films.example.org/", "credentials"),
        ("https://films.example.org@evil.example/", "credentials"),
        ("https://evil.example\\@films.example.org/", "characters"),
        ("https://films.example.org/a\r\nHost: b.example", "characters"),
        ("https://films.example.org/a\0", "characters"),
        ("https://films.example.org/a\u200b", "characters"),
        ("https://films.example.org/\ud800", "characters"),
        ("https://films.example.org/a password: 123", "characters"),
        (f"https://films.example.org/{'a' * 2000}", "too_long"),
        (f"https://films.example.org/{'第' * 300}", "too_long"),
    ],
)
def test_what_is_no_link_is_refused_with_its_reason(link: str, reason: Reason) -> None:
    with pytest.raises(LinkError) as caught:
        well_formed_link(link)
    assert caught.value.reason == reason
    assert str(caught.value) == REASONS[reason]


def test_every_reason_has_its_sentence() -> None:
    assert set(REASONS) == set(get_args(Reason))


LINKS = st.one_of(
    st.text(),
    st.builds(
        "https://{}{}".format,
        st.sampled_from(["a.example", "b.例子", "[::1]", "u@a.example", "a.example:443"]),
        st.text(st.sampled_from("/?#%:@[]\\.é第 \t\u200b&=+a1")),
    ),
)


@given(LINKS)
def test_a_link_once_written_stays_so(link: str) -> None:
    try:
        written = well_formed_link(link)
    except LinkError:
        return
    assert well_formed_link(written) == written
    assert written.isascii()
    assert written.isprintable()
    assert " " not in written
    assert written.startswith("https://")


# --- The probe, in a network that is made up

PUBLIC, OTHER, V6 = "93.184.215.14", "151.101.1.140", "2606:4700::6810:84e5"


@dataclass
class Net:
    """Hosts and what they answer: a fake of the system's resolver, of TLS and of the clock.

    Attributes
    ----------
    addresses : mapping of str to list of addresses
        For each host, one answer for each time it is asked; the last one stays.
    answers : mapping of (address, host) to bytes or OSError
    pause_s : float
        How long each piece of an answer takes.
    """

    addresses: Mapping[str, Sequence[Sequence[str] | OSError]]
    answers: Mapping[tuple[str, str], bytes | OSError] = field(default_factory=dict)
    pause_s: float = 0.0
    piece: int = 4096
    now: float = 1000.0
    asked: list[str] = field(default_factory=list)
    connected: list[tuple[str, int, str]] = field(default_factory=list)
    streams: list[FakeStream] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def resolve(self, host: str, timeout_s: float) -> Sequence[str]:
        times = self.asked.count(host)
        self.asked.append(host)
        found = self.addresses.get(host, [OSError("no such host")])
        answer = found[min(times, len(found) - 1)]
        if isinstance(answer, OSError):
            raise answer
        return answer

    def connect(self, address: str, port: int, host: str, timeout_s: float) -> FakeStream:
        self.connected.append((address, port, host))
        answer = self.answers.get((address, host), ConnectionRefusedError())
        if isinstance(answer, TimeoutError):
            self.now += timeout_s
        if isinstance(answer, OSError):
            raise answer
        self.streams.append(FakeStream(self, answer))
        return self.streams[-1]

    def check(self, url: str) -> Reached | Unreached:
        result = HttpProbe(self.resolve, self.connect, self.clock).check(url)
        assert all(stream.closed for stream in self.streams)
        return result


@dataclass
class FakeStream:
    net: Net
    answer: bytes
    sent: bytes = b""
    read: int = 0
    timeout_s: float = 0.0
    closed: bool = False

    def settimeout(self, timeout_s: float, /) -> None:
        assert timeout_s > 0
        self.timeout_s = timeout_s

    def sendall(self, data: bytes, /) -> None:
        self.sent += data

    def recv(self, most: int, /) -> bytes:
        if self.net.pause_s > self.timeout_s:
            self.net.now += self.timeout_s
            raise TimeoutError
        self.net.now += self.net.pause_s
        piece = self.answer[self.read : self.read + min(most, self.net.piece)]
        self.read += len(piece)
        return piece

    def close(self) -> None:
        self.closed = True


def head(status: int, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} Some words", *lines, "", ""]).encode()


def one_host(answer: bytes | OSError, pause_s: float = 0.0, piece: int = 4096) -> Net:
    return Net({"a.example": [[PUBLIC]]}, {(PUBLIC, "a.example"): answer}, pause_s, piece)


def test_what_answers_is_told() -> None:
    net = one_host(head(206, "content-TYPE: Video/MP4; x=1", "Content-Range: bytes 0-0/123456"))
    assert net.check("https://a.example/film?x=1#key") == Reached(206, "video/mp4", 123456)
    assert net.connected == [(PUBLIC, 443, "a.example")]
    assert net.streams[0].sent.split(b"\r\n")[:3] == [
        b"GET /film?x=1 HTTP/1.1",
        b"Host: a.example",
        b"Range: bytes=0-0",
    ]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (head(200, "Content-Length: 5", "Content-Type: text/html"), Reached(200, "text/html", 5)),
        (head(200, "Content-Length: -5", "Content-Type: <b>"), Reached(200, "", None)),
        (head(200, f"Content-Length: {'9' * 5000}"), Reached(200, "", None)),
        (head(206, "Content-Range: bytes 0-0/*", "Content-Length: 1"), Reached(206, "", None)),
        (head(401), Reached(401, "", None)),
        (head(404, "Content-Length: 5"), Reached(404, "", None)),
        (head(302), Reached(302, "", None)),
        (head(103, "Link: x") + head(200), Reached(200, "", None)),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Unreached("not_http")),
        (b"HTTP/1.1 999 x\r\n\r\n", Unreached("not_http")),
        (b"", Unreached("not_http")),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n", Unreached("not_http")),
        (ConnectionRefusedError(), Unreached("no_connection")),
        (TimeoutError(), Unreached("no_connection")),
        (ssl.SSLCertVerificationError(), Unreached("certificate")),
        (ssl.SSLError(), Unreached("not_http")),
    ],
)
def test_any_answer_has_its_word(answer: bytes | OSError, told: Reached | Unreached) -> None:
    assert one_host(answer).check("https://a.example/") == told


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://a.example/", "not_https"),
        ("https://u:p@a.example/", "credentials"),
        ("https://a.example:8443/", "port"),
        ("https://a.example:0/", "port"),
        (f"https://{PUBLIC}/", "host"),
        ("https://nowhere.example/", "no_such_host"),
        ("", "not_https"),
    ],
)
def test_what_must_not_be_followed_is_not(url: str, reason: Reason) -> None:
    net = one_host(head(200))
    assert net.check(url) == Unreached(reason)
    assert net.connected == []


INSIDE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:4:112::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
]


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("place", ["alone", "beside a public one", "after a redirect"])
def test_the_probe_never_goes_inside(address: str, place: str) -> None:
    hosts = {
        "a.example": [[PUBLIC]],
        "inside.example": [[PUBLIC, address] if place == "beside a public one" else [address]],
    }
    answers = {
        (PUBLIC, "a.example"): head(301, "Location: https://inside.example/latest/meta-data"),
        (PUBLIC, "inside.example"): head(200),
        (address, "inside.example"): head(200),
    }
    net = Net(hosts, answers)
    start = "a.example" if place == "after a redirect" else "inside.example"
    assert net.check(f"https://{start}/") == Unreached("not_public")
    assert "inside.example" not in [host for _, _, host in net.connected]


def test_a_name_that_changes_its_address_is_asked_once() -> None:
    answers = {(PUBLIC, "a.example"): head(200), ("127.0.0.1", "a.example"): head(200)}
    net = Net({"a.example": [[PUBLIC], ["127.0.0.1"]]}, answers)
    assert net.check("https://a.example/") == Reached(200, "", None)
    assert net.connected == [(PUBLIC, 443, "a.example")]
    assert net.check("https://a.example/") == Unreached("not_public")


def test_each_link_on_the_way_is_checked_anew() -> None:
    answers = {(PUBLIC, "a.example"): head(307, "Location: /again")}
    net = Net({"a.example": [[PUBLIC], ["10.0.0.1"]]}, answers)
    assert net.check("https://a.example/") == Unreached("not_public")
    assert net.connected == [(PUBLIC, 443, "a.example")]


def test_another_address_is_tried_when_the_first_does_not_answer() -> None:
    answers: dict[tuple[str, str], bytes | OSError] = {
        (V6, "a.example"): OSError("unreachable"),
        (OTHER, "a.example"): head(200),
    }
    net = Net({"a.example": [[V6, OTHER]]}, answers)
    assert net.check("https://a.example/") == Reached(200, "", None)
    assert [address for address, *_ in net.connected] == [V6, OTHER]


def test_an_address_that_is_silent_leaves_time_for_the_next() -> None:
    silent = {(V6, "a.example"): TimeoutError(), (PUBLIC, "a.example"): TimeoutError()}
    net = Net({"a.example": [[V6, PUBLIC, OTHER]]}, {**silent, (OTHER, "a.example"): head(200)})
    assert net.check("https://a.example/") == Reached(200, "", None)
    net = Net({"a.example": [[V6, PUBLIC] * 3]}, silent)
    began = net.now
    assert net.check("https://a.example/") == Unreached("too_slow")
    assert net.now - began == 10.0


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("http://b.example/", Unreached("not_https")),
        ("//b.example/x", Reached(200, "", None)),
        ("https://b.example:22/", Unreached("port")),
        ("https://u:p@b.example/", Unreached("credentials")),
        ("https://127.0.0.1/", Unreached("host")),
        ("https://[::1", Unreached("host")),
        ("gopher://b.example/", Unreached("not_https")),
        ("https://b.example/第", Reached(200, "", None)),
        ("https://b.example/" + "x" * 3000, Unreached("too_long")),
    ],
)
def test_where_a_link_leads_on_to_is_a_link_too(location: str, told: Reached | Unreached) -> None:
    answers = {
        (PUBLIC, "a.example"): head(302, f"Location: {location}"),
        (OTHER, "b.example"): head(200),
    }
    net = Net({"a.example": [[PUBLIC]], "b.example": [[OTHER]]}, answers)
    assert net.check("https://a.example/") == told


@pytest.mark.parametrize(
    ("redirects", "told"), [(5, Reached(200, "", None)), (6, Unreached("redirects"))]
)
def test_five_redirects_are_followed(redirects: int, told: Reached | Unreached) -> None:
    hosts = {f"h{n}.example": [[PUBLIC]] for n in range(7)}
    answers = {
        (PUBLIC, f"h{n}.example"): head(308, f"Location: https://h{n + 1}.example/")
        for n in range(redirects)
    }
    answers[PUBLIC, f"h{redirects}.example"] = head(200)
    net = Net(hosts, answers)
    assert net.check("https://h0.example/") == told
    assert len(net.connected) == 6


@pytest.mark.parametrize(("pause_s", "piece"), [(11.0, 4096), (0.5, 1)])
def test_ten_seconds_are_all_it_waits(pause_s: float, piece: int) -> None:
    net = one_host(head(200, "X: " + "y" * 1000), pause_s, piece)
    began = net.now
    assert net.check("https://a.example/") == Unreached("too_slow")
    assert net.now - began == 10.0


def test_the_time_is_for_all_links_on_the_way_together() -> None:
    net = one_host(head(302, "Location: /again"), pause_s=2.5)
    began = net.now
    assert net.check("https://a.example/") == Unreached("too_slow")
    assert net.now - began == 10.0


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), "too_slow"),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), "no_connection"),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "no_such_host"),
    ],
)
def test_a_name_without_an_address_is_told_from_a_name_server_that_is_out(
    error: OSError, reason: Reason
) -> None:
    assert Net({"a.example": [error]}).check("https://a.example/") == Unreached(reason)


def test_no_more_than_64_kb_are_read() -> None:
    net = one_host(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000)
    assert net.check("https://a.example/") == Unreached("not_http")
    assert net.streams[0].read <= 64 * 1024


def test_the_body_is_left_alone() -> None:
    net = one_host(head(200, "Content-Length: 1000000") + b"y" * 1_000_000)
    assert net.check("https://a.example/") == Reached(200, "", 1_000_000)
    assert net.streams[0].read <= 64 * 1024


@given(
    st.binary()
    | st.builds(head, st.sampled_from([200, 206, 302]), st.text().map("Location: {}".format))
    | st.builds(head, st.just(302), LINKS.map("Location: {}".format))
)
def test_no_answer_makes_the_probe_fail(answer: bytes) -> None:
    told = one_host(answer).check("https://a.example/")
    assert isinstance(told, Reached) or told.reason in REASONS


@given(LINKS)
def test_no_link_makes_the_probe_fail(link: str) -> None:
    told = one_host(head(200)).check(link)
    assert isinstance(told, Reached) or told.reason in REASONS


def test_no_probe_says_that_it_did_not_look() -> None:
    for link in ("https://a.example/", ""):
        assert NoProbe().check(link) == Unreached("not_probed")
