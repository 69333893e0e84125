"""Names to addresses, addresses to connections: the parts of the probe that touch the network."""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Sequence
from typing import Protocol

__all__ = ["Stream", "is_public", "resolve", "tls_stream"]

# Of IPv6 only this block is given out for the public internet (RFC 4291 section 2.4, IANA).
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# Parts of it, and of IPv4, that lead elsewhere and that some versions of Python call global:
# special purposes (RFC 6890), 6to4 and its relays (RFC 3056, 7526), documentation (RFC 9637).
_ELSEWHERE = tuple(
    ipaddress.ip_network(block)
    for block in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
)


class Stream(Protocol):
    """What the probe needs of a connection; a socket has it."""

    def settimeout(self, timeout_s: float, /) -> None:
        """Let the next call take at most so many seconds, then raise TimeoutError."""
        ...

    def sendall(self, data: bytes, /) -> None:
        """Send everything."""
        ...

    def recv(self, most: int, /) -> bytes:
        """Wait for some bytes; none when the other side has ended."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


def is_public(address: str) -> bool:
    """Say whether an address is one that anybody on the internet can reach.

    False for private, shared, loopback, link-local, multicast, reserved and documentation
    addresses, for IPv4 addresses written as IPv6 (mapped, compatible, NAT64, 6to4, Teredo), and for
    what is no address.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and ip not in _GLOBAL_UNICAST:
        return False
    if any(ip.version == block.version and ip in block for block in _ELSEWHERE):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def resolve(host: str, timeout_s: float) -> Sequence[str]:
    """Ask the system for a host's addresses.

    The system's own call knows no time limit, so it runs in a thread that is left behind when it
    takes too long.

    Raises
    ------
    OSError
        There is no such host; TimeoutError, an OSError too, if no answer came in time.
    """
    answer: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
            answer.put([str(address[0]) for *_, address in found])
        except (OSError, UnicodeError) as error:
            answer.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        result = answer.get(timeout=timeout_s)
    except queue.Empty:
        raise TimeoutError(f"no answer about {host}") from None
    if isinstance(result, OSError):
        raise result
    return result


def tls_stream(address: str, port: int, host: str, timeout_s: float) -> Stream:
    """Connect to an address, and hold the other side to having the host's certificate.

    Raises
    ------
    OSError
        No connection; ssl.SSLError, an OSError too, for the certificate.
    """
    plain = socket.create_connection((address, port), timeout_s)
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise
