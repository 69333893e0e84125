"""Looking whether a link leads anywhere, without being led into our own network.

A dead link or a wrong password to a screener is the commonest call for help at festivals, so links
are looked at while the entrant is still there. But a service that fetches what strangers name can
be sent to fetch from inside: hence only https on port 443, only public addresses, and the address
that was checked is the one that is connected to, for each link on the way.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from festival_api.ports._links import LinkError, Reason, well_formed_link
from festival_api.ports._network import Stream, is_public, resolve, tls_stream

__all__ = ["HttpProbe", "NoProbe", "Reached", "Unreached"]

_TIMEOUT_S = 10.0
_MOST_BYTES = 64 * 1024
_MOST_REDIRECTS = 5
# A host that does not answer at one address leaves time for the next.
_CONNECT_S = 3.0

_STATUS = re.compile(r"HTTP/1\.[01] ([1-5][0-9]{2})( .*)?")
_MEDIA_TYPE = re.compile(r"\s*([\w!#$&^.+-]{1,64}/[\w!#$&^.+-]{1,64})\s*(;.*)?", re.ASCII)
_SIZE = re.compile(r"[0-9]{1,18}")
_WHOLE_SIZE = re.compile(r"bytes [^/]*/([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Reached:
    """Something answered.

    Attributes
    ----------
    status : int
        HTTP status: 200 and 206 are fine; 401 and 403 ask for a password, 404 and 410 are dead.
    content_type : str
        Media type in small letters, without parameters; "" if none was given.
    size : int or None
        Of the whole file in bytes, if the host says so.
    """

    status: int
    content_type: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Unreached:
    """Nothing answered, or the link was not followed.

    Attributes
    ----------
    reason : Reason
        Which of the list; `REASONS` has a sentence for each.
    """

    reason: Reason


class NoProbe:
    """Looks at no link, and says so."""

    def check(self, url: str) -> Reached | Unreached:
        """See `Probe`."""
        return Unreached("not_probed")


class HttpProbe:
    """Asks a link for its first byte, and reads the answer's head only.

    Parameters
    ----------
    resolve : callable
        Host and seconds to addresses; raises OSError.
    connect : callable
        Address, port, host whose certificate is wanted, and seconds, to a stream; raises OSError.
    clock : callable
        Seconds from any start.
    """

    def __init__(
        self,
        resolve: Callable[[str, float], Sequence[str]] = resolve,
        connect: Callable[[str, int, str, float], Stream] = tls_stream,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._resolve, self._connect, self._clock = resolve, connect, clock

    def check(self, url: str) -> Reached | Unreached:
        """See `Probe`."""
        end = self._clock() + _TIMEOUT_S
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                url = well_formed_link(url)
                status, headers = self._ask(url, end)
                location = headers.get("location")
                if status not in (301, 302, 303, 307, 308) or not location:
                    return Reached(status, _media_type(headers), _size(status, headers))
                url = _following(url, location)
        except LinkError as error:
            return Unreached(error.reason)
        except TimeoutError:
            return Unreached("too_slow")
        except _StopError as stop:
            return Unreached(stop.reason)
        return Unreached("redirects")

    def _ask(self, url: str, end: float) -> tuple[int, dict[str, str]]:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.port is not None:
            raise _StopError("port")
        stream = self._connected(host, end)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        request = (
            f"GET {target} HTTP/1.1\r\nHost: {host}\r\nRange: bytes=0-0\r\nAccept: */*\r\n"
            "Accept-Encoding: identity\r\nUser-Agent: festival link check\r\n"
            "Connection: close\r\n\r\n"
        )
        try:
            stream.settimeout(self._left(end))
            stream.sendall(request.encode("ascii"))
            return self._answer(stream, end)
        except TimeoutError:
            raise
        except OSError as error:
            raise _StopError("no_connection") from error
        finally:
            stream.close()

    def _connected(self, host: str, end: float) -> Stream:
        """Connect to one of the host's addresses, if all of them are public."""
        try:
            addresses = self._resolve(host, self._left(end))
        except TimeoutError:
            raise
        except OSError as error:
            # A name server that does not answer says nothing about the host.
            unsure = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            raise _StopError("no_connection" if unsure else "no_such_host") from error
        if not all(is_public(address) for address in addresses):
            raise _StopError("not_public")
        reason: Reason = "no_such_host"
        for address in addresses:
            timeout_s = min(_CONNECT_S, self._left(end))
            try:
                return self._connect(address, 443, host, timeout_s)
            except ssl.SSLCertVerificationError:
                reason = "certificate"
            except ssl.SSLError:
                reason = "not_http"
            except OSError:
                reason = "no_connection"
        raise _StopError(reason)

    def _answer(self, stream: Stream, end: float) -> tuple[int, dict[str, str]]:
        """Read up to the end of the answer's head."""
        received = b""
        while True:
            head, ended, rest = received.partition(b"\r\n\r\n")
            if ended:
                status, headers = _head(head)
                if status >= 200:
                    return status, headers
                received = rest  # 1xx only announces the answer
                continue
            if len(received) >= _MOST_BYTES:
                raise _StopError("not_http")
            stream.settimeout(self._left(end))
            more = stream.recv(4096)
            if not more:
                raise _StopError("not_http")
            received += more

    def _left(self, end: float) -> float:
        left = end - self._clock()
        if left <= 0:
            raise TimeoutError
        return left


class _StopError(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason: Reason = reason


def _head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("utf-8", "replace").split("\r\n")
    status = _STATUS.fullmatch(first)
    if not status:
        raise _StopError("not_http")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return int(status[1]), headers


def _following(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise LinkError("host") from error


def _media_type(headers: dict[str, str]) -> str:
    found = _MEDIA_TYPE.fullmatch(headers.get("content-type", ""))
    return found[1].lower() if found else ""


def _size(status: int, headers: dict[str, str]) -> int | None:
    if status == 206:
        whole = _WHOLE_SIZE.fullmatch(headers.get("content-range", ""))
        return int(whole[1]) if whole else None
    length = headers.get("content-length", "")
    return int(length) if status == 200 and _SIZE.fullmatch(length) else None
