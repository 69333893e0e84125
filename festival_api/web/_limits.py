"""How often somebody may ask (decision 27).

Sized for a hall of ten thousand people behind one address: strict only where passwords could be
guessed or strangers be sent letters, and there by e-mail address too.
"""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, cast

from fastapi import Depends, Request

from festival_api.refusals import Kind
from festival_api.web._asking import SAFE_METHODS, MaybeSignedIn

TOO_MANY = Kind("too_many", 429, "That was too often. Try again in {seconds} s.")

_FORGET_FROM = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times at once, and as many again spread over so many seconds."""

    times: int
    seconds: int


_READS = Rate(1200, 60)
_WRITES = Rate(300, 60)
# A film of 200 GB in pieces of 4 MB is 50,000 requests.
_PIECES = Rate(6000, 60)
_READS_OF_A_HALL = Rate(60_000, 60)
_WRITES_OF_A_HALL = Rate(6000, 60)


class Limits:
    """Remembers how often each has asked, for one process.

    The generic cell rate algorithm (ITU-T I.371): for each name and key one instant is
    kept, at which all that was taken will be given back.

    Parameters
    ----------
    clock : callable
        Gives now.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at: dict[tuple[str, str], int] = {}
        self._forget_at = _FORGET_FROM

    def take(self, name: str, key: str, rate: Rate) -> None:
        """Count one request.

        Parameters
        ----------
        name : str
            Of what is limited.
        key : str
            Of who asks.
        rate : Rate
            How often is allowed.

        Raises
        ------
        Refusal
            `too_many`, with `retry_after_s`.
        """
        now = (self._clock() - _EPOCH) // _MICROSECOND
        window = rate.seconds * 1_000_000
        step = window // rate.times
        with self._lock:
            # A clock that was set back must not lock anybody out.
            free_at = min(max(self._free_at.get((name, key), now), now), now + window)
            if free_at + step > now + window:
                self._free_at[name, key] = free_at
                wait = -((now + window - free_at - step) // 1_000_000)
                raise TOO_MANY({"retry_after_s": wait}, seconds=wait)
            self._free_at[name, key] = free_at + step
            if len(self._free_at) > self._forget_at:
                self._free_at = {k: at for k, at in self._free_at.items() if at > now}
                self._forget_at = max(_FORGET_FROM, 2 * len(self._free_at))


def limits_of(request: Request) -> Limits:
    """Give the application's limits."""
    return cast(Limits, request.app.state.limits)


async def asker(request: Request, actor: MaybeSignedIn) -> str:
    """Tell who is counted: the account, or else the network."""
    if actor is not None:
        return actor.account
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    # Whoever has one address of IPv6 has its whole network of 2**64.
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host


Limiting = Annotated[Limits, Depends(limits_of)]
Asker = Annotated[str, Depends(asker)]


def limited(name: str, rate: Rate) -> Callable[..., Coroutine[Any, Any, None]]:
    """Make a dependency that lets each account, or else each address, ask so often."""

    async def take(who: Asker, limits: Limiting) -> None:
        limits.take(name, who, rate)

    return take


async def within_limits(
    request: Request, actor: MaybeSignedIn, who: Asker, limits: Limiting
) -> None:
    """Hold every endpoint to what one account, or one address full of people, can need."""
    if request.method in SAFE_METHODS:
        name, rate = "reads", _READS if actor else _READS_OF_A_HALL
    elif actor and request.method == "PATCH" and request.url.path.startswith("/api/files/"):
        name, rate = "pieces", _PIECES
    else:
        name, rate = "writes", _WRITES if actor else _WRITES_OF_A_HALL
    limits.take(name, who, rate)
