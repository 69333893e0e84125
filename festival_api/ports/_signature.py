"""Signatures of events, in the scheme that Stripe documents: ``t=1760000000,v1=<hex>``.

``v1`` is the HMAC-SHA256 of the time, a full stop and the body, keyed by the endpoint's secret.
Stripe's own library checks the time against the machine's clock; here it comes from the caller, and
an event from the future is refused as well.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime

from festival_api.ports._payments import EventRefusedError

__all__ = ["TOLERANCE_S", "sign", "verify"]

TOLERANCE_S = 300
_TIME = re.compile(r"[0-9]{1,12}")


def sign(body: bytes, secret: str, at: datetime) -> str:
    """Write the header's value for a body signed at a time."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},v1={_mac(seconds, body, secret)}"


def verify(
    body: bytes, headers: Mapping[str, str], header: str, secret: str, now: datetime
) -> None:
    """Check that a body was signed with the secret within five minutes of `now`.

    Raises
    ------
    EventRefusedError
        It was not.
    """
    value = next((value for name, value in headers.items() if name.lower() == header.lower()), "")
    fields = [field.strip().partition("=") for field in value.split(",")]
    times = [text for name, _, text in fields if name == "t"]
    if not times or not _TIME.fullmatch(times[0]):
        raise EventRefusedError(f"the event has no {header} header that says when it was signed")
    expected = _mac(times[0], body, secret).encode()
    # There are several while the endpoint's secret is being changed.
    given = [text.encode() for name, _, text in fields if name == "v1"]
    if not any(hmac.compare_digest(expected, one) for one in given):
        raise EventRefusedError("the event's signature does not fit: check the endpoint's secret")
    age = now.timestamp() - int(times[0])
    if abs(age) > TOLERANCE_S:
        raise EventRefusedError(f"the event was signed {age:.0f} s ago: check this machine's clock")


def _mac(seconds: str, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
