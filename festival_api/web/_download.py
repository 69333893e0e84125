"""Giving out the bytes of a file, whole or in part, and never for a browser to open by itself."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import FileResponse
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from festival_api.uploads import StoredFile, path_of

_ONE_RANGE = r"(?:[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18})"
_RANGES = re.compile(rf"bytes=\s*{_ONE_RANGE}(?:\s*,\s*{_ONE_RANGE})*\s*")

_BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes.", "content": _BYTES},
    206: {"description": "The part of the bytes that `Range` asks for.", "content": _BYTES},
    304: {"description": "The bytes are those that `If-None-Match` names.", "content": {}},
    416: {"description": "The part begins behind the end of the file.", "content": {}},
}
"""What an endpoint that answers with `download` says of itself."""


def download(request: Request, folder: Path, stored: StoredFile, name: str) -> Response:
    """Answer with a complete file's bytes, or the part that the request asks for.

    Nothing in the answer tells when the file came, nor any name but the one given.

    Parameters
    ----------
    request : Request
        Whose ``Range``, ``If-Range`` and ``If-None-Match`` are heeded.
    folder : Path
        Of the bytes.
    stored : StoredFile
        A complete file that may be given to who asks.
    name : str
        Under which it is offered for saving.
    """
    headers = {
        "ETag": f'"{stored.sha256}"',
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    known = request.headers.get("if-none-match", "")
    if headers["ETag"] in [tag.strip().removeprefix("W/") for tag in known.split(",")]:
        return Response(status_code=304, headers=headers)
    return _Download(
        path_of(folder, stored.id), headers=headers, media_type=stored.media_type, filename=name
    )


class _Download(FileResponse):
    """A file without its date; a range that makes no sense is no range (RFC 9110, section 14.2)."""

    def set_stat_headers(self, stat_result: os.stat_result) -> None:
        self.headers["content-length"] = str(stat_result.st_size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope)
        of_this = asked.get("if-range", self.headers["etag"]) == self.headers["etag"]
        unheard = {b"if-range"}
        if not of_this or not _makes_sense(asked.get("range", "")):
            unheard.add(b"range")
        headers = [(name, value) for name, value in scope["headers"] if name not in unheard]
        await super().__call__({**scope, "headers": headers}, receive, send)


def _makes_sense(asked: str) -> bool:
    if not _RANGES.fullmatch(asked):
        return False
    bounds = re.findall(r"([0-9]+)-([0-9]+)", asked)
    return all(int(first) <= int(last) for first, last in bounds)
