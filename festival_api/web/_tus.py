"""The upload protocol's own manners (tus 1.0.0): its headers on every answer, refusals included."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, cast

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from festival_api.refusals import Kind, Refusal
from festival_api.uploads import CHECKSUMS, LARGEST, StoredFile

VERSION = "1.0.0"
CHUNK = "application/offset+octet-stream"

TUS_VERSION = Kind(
    "tus_version",
    412,
    "Send Tus-Resumable: 1.0.0; no other version of the protocol is spoken here.",
)

ABILITIES: Mapping[str, str] = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,expiration,checksum,termination",
    "Tus-Max-Size": str(LARGEST),
    "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
}


class TusRoute(APIRoute):
    """A route of the protocol: every answer names the version."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the endpoint, so that its refusals carry the protocol's headers too."""
        answer = super().get_route_handler()

        async def answer_as_tus(request: Request) -> Response:
            try:
                response = await answer(request)
            except (Refusal, RequestValidationError) as refusal:
                response = await _refused(request, refusal)
            response.headers["Tus-Resumable"] = VERSION
            if response.status_code == TUS_VERSION.status:
                response.headers["Tus-Version"] = VERSION
            return response

        return answer_as_tus


async def _refused(request: Request, refusal: Exception) -> Response:
    tell = cast(
        Callable[[Request, Exception], Awaitable[Response]],
        request.app.exception_handlers[type(refusal)],
    )
    return await tell(request, refusal)


def speak(version: str | None) -> None:
    """Let pass who speaks this version of the protocol.

    Raises
    ------
    Refusal
        `tus_version`.
    """
    if version != VERSION:
        raise TUS_VERSION()


def standing(stored: StoredFile) -> dict[str, str]:
    """Give the headers that tell how far an upload is and what was announced of it."""
    told = {"name": stored.name, "kind": stored.kind, "media_type": stored.media_type}
    return {
        "Upload-Offset": str(stored.received),
        "Upload-Length": str(stored.size),
        "Upload-Metadata": ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items()
        ),
        **expiry(stored.expires_at),
    }


def expiry(expires_at: datetime | None) -> dict[str, str]:
    """Give the header that tells when an unfinished upload is given up."""
    return {"Upload-Expires": format_datetime(expires_at, usegmt=True)} if expires_at else {}
