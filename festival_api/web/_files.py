"""Files of entries: uploads that go on after a break (tus 1.0.0), and downloads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal, cast

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect

from festival_api import uploads
from festival_api.accounts import Actor
from festival_api.entries import UNKNOWN_ENTRY
from festival_api.refusals import Kind
from festival_api.texts import Id32
from festival_api.web._asking import Serving, SignedIn
from festival_api.web._download import CONTENT, download
from festival_api.web._festival import Festival
from festival_api.web._openapi import refusing
from festival_api.web._tus import (
    ABILITIES,
    CHUNK,
    TUS_VERSION,
    TusRoute,
    expiry,
    speak,
    standing,
)

router = APIRouter(tags=["files"], route_class=TusRoute)

# A client whose line is dead without telling would keep its file locked.
SILENCE_S = 20

_PIECE_BYTES = 2**20

# Threads that may wait for the disk at once; the other endpoints have theirs.
_THREADS = 8

CHUNK_TYPE = Kind("chunk_type", 415, "Send the bytes as application/offset+octet-stream.")
UPLOAD_STALLED = Kind(
    "upload_stalled",
    408,
    "No byte came for {seconds} seconds. What came is kept: ask with HEAD where to go on.",
)


async def _upload_threads(request: Request) -> anyio.CapacityLimiter:
    state = request.app.state
    if not hasattr(state, "upload_threads"):
        state.upload_threads = anyio.CapacityLimiter(_THREADS)
    return cast(anyio.CapacityLimiter, state.upload_threads)


Threads = Annotated[anyio.CapacityLimiter, Depends(_upload_threads)]
Count = Annotated[str, Header(pattern=r"^[0-9]{1,15}$", examples=["1048576"])]
Version = Annotated[str | None, Header(alias="Tus-Resumable", examples=["1.0.0"])]


class FileView(BaseModel):
    """A file of an entry."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str = Field(examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
    kind: str = Field(examples=["film"])
    name: str = Field(examples=["未來.mp4"])
    media_type: str = Field(examples=["video/mp4"])
    size: int = Field(description="Bytes announced.", examples=[1048576])
    received: int = Field(description="Bytes safely here.", examples=[524288])
    sha256: str | None = Field(
        description="As announced; of a complete file, as found.", examples=[None]
    )
    state: Literal["incoming", "hashing", "complete", "damaged"] = Field(
        description=(
            "`incoming`: bytes are still to come. `hashing`: all are here and are being verified. "
            "`complete`: verified. `damaged`: not what was announced, or not a file of this kind."
        ),
        examples=["incoming"],
    )
    created_at: datetime = Field(examples=["2025-11-15T04:00:00Z"])
    expires_at: datetime | None = Field(
        description="When an unfinished upload is given up.", examples=["2025-11-22T04:00:00Z"]
    )
    completed_at: datetime | None = Field(examples=[None])


class FilePage(BaseModel):
    """Some files of an entry, oldest first."""

    items: list[FileView]
    next: str | None = Field(
        description="What to send as `after` for the files that follow.", examples=[None]
    )


@router.options(
    "/entries/{entry}/files",
    status_code=204,
    summary="Ask what uploads can do",
    response_class=Response,
)
def tell_abilities(entry: Id32) -> Response:
    """Tell version, extensions and bounds of the upload protocol, tus 1.0.0."""
    return Response(status_code=204, headers=ABILITIES)


@router.post(
    "/entries/{entry}/files",
    status_code=201,
    summary="Announce a file",
    responses=refusing(
        TUS_VERSION,
        UNKNOWN_ENTRY,
        uploads.ENTRY_NOT_DRAFT,
        uploads.BAD_METADATA,
        uploads.BAD_CHECKSUM,
        uploads.UNKNOWN_FILE_KIND,
        uploads.EMPTY_FILE,
        uploads.TOO_LARGE,
        uploads.TOO_MANY_FILES,
        uploads.NO_ROOM,
    ),
)
def announce(
    entry: Id32,
    request: Request,
    response: Response,
    festival: Serving,
    actor: SignedIn,
    upload_length: Count,
    upload_metadata: Annotated[
        str, Header(max_length=4000, examples=["kind ZmlsbQ==,name YS5tcDQ="])
    ],
    tus_resumable: Version = None,
) -> FileView:
    """Begin to upload a file into a draft of one's own.

    `Upload-Metadata` holds `kind` (film, trailer, still, poster, subtitles, build, system_package,
    run_recording, student_proof, consent, other), `name` or `filename`, and if wanted `media_type`
    or `filetype`, and `sha256` in hexadecimal. The answer's `Location` takes the bytes. Proofs,
    stills and posters must be PDF, JPEG, PNG or WebP.
    """
    speak(tus_resumable)
    new = uploads.read_metadata(upload_metadata, int(upload_length))
    with festival.database.write() as c:
        stored = uploads.create(c, festival.files, entry, actor, new, festival.clock())
    response.headers["Location"] = request.url_for("continue_upload", file=stored.id).path
    response.headers.update(standing(stored))
    return FileView.model_validate(stored)


@router.get(
    "/entries/{entry}/files", summary="List an entry's files", responses=refusing(UNKNOWN_ENTRY)
)
def list_files(
    entry: Id32,
    festival: Serving,
    actor: SignedIn,
    after: Annotated[Id32 | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FilePage:
    """List the files of an entry, oldest first: one's own, or for the office what was sent in."""
    with festival.database.read() as c:
        found = uploads.files_of(c, entry, actor, after, limit + 1)
    return FilePage(
        items=[FileView.model_validate(stored) for stored in found[:limit]],
        next=found[limit - 1].id if len(found) > limit else None,
    )


@router.head(
    "/files/{file}",
    summary="Ask how far an upload is",
    response_class=Response,
    responses=refusing(TUS_VERSION, uploads.UNKNOWN_FILE),
)
def stand(
    file: Id32, request: Request, festival: Serving, actor: SignedIn, tus_resumable: Version = None
) -> Response:
    """Tell in `Upload-Offset` at which byte an upload goes on."""
    if tus_resumable is not None:
        speak(tus_resumable)
    with festival.database.read() as c:
        stored = uploads.seen_by(c, file, actor)
    if stored.state == "damaged":
        raise uploads.UNKNOWN_FILE()
    if stored.state == "complete":
        response = download(request, festival.files, stored, stored.name)
    else:
        response = Response()
    response.headers.update({"Cache-Control": "no-store", **standing(stored)})
    return response


@router.patch(
    "/files/{file}",
    status_code=204,
    summary="Send bytes of a file",
    response_class=Response,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {CHUNK: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
    responses=refusing(
        TUS_VERSION,
        CHUNK_TYPE,
        uploads.BAD_CHECKSUM,
        uploads.UNKNOWN_FILE,
        uploads.ENTRY_NOT_DRAFT,
        uploads.UPLOAD_FINISHED,
        uploads.UPLOAD_LOCKED,
        uploads.OFFSET_MISMATCH,
        uploads.PAST_THE_END,
        uploads.CHECKSUM_MISMATCH,
        uploads.HASH_MISMATCH,
        uploads.WRONG_FILE_TYPE,
        uploads.NO_ROOM,
        UPLOAD_STALLED,
    ),
)
async def continue_upload(
    file: Id32,
    request: Request,
    festival: Serving,
    actor: SignedIn,
    threads: Threads,
    upload_offset: Count,
    upload_checksum: Annotated[str, Header(examples=["sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="])] = "",
    content_type: Annotated[str, Header(include_in_schema=False)] = "",
    tus_resumable: Version = None,
) -> Response:
    """Add bytes at `Upload-Offset`, as many as the line takes; what arrived before a break is kept.

    With `Upload-Checksum` the bytes are kept only when all arrived and the checksum fits. The last
    bytes of a file of up to 256 MiB are answered when the whole file is verified; a larger one is
    verified afterwards: see its `state`.
    """
    speak(tus_resumable)
    if content_type.lower() != CHUNK:
        raise CHUNK_TYPE()
    append = await run_sync(_begin, festival, file, actor, upload_checksum, limiter=threads)
    try:
        append.expect(int(upload_offset), _length(request))
        await _take(festival, request, append, threads)
    except ClientDisconnect:
        return Response(status_code=400)
    finally:
        append.close()
    stored = await run_sync(_finish, festival, file, limiter=threads)
    headers = {"Upload-Offset": str(stored.received), **expiry(stored.expires_at)}
    return Response(status_code=204, headers=headers)


@router.delete(
    "/files/{file}",
    status_code=204,
    summary="Delete a file",
    response_class=Response,
    responses=refusing(TUS_VERSION, uploads.UNKNOWN_FILE, uploads.ENTRY_NOT_DRAFT),
)
def delete(
    file: Id32, festival: Serving, actor: SignedIn, tus_resumable: Version = None
) -> Response:
    """Delete a file of a draft of one's own, whether its bytes are all here or not."""
    if tus_resumable is not None:
        speak(tus_resumable)
    with festival.database.write() as c:
        uploads.delete(c, file, actor)
    uploads.remove_bytes(festival.files, [file])
    return Response(status_code=204)


@router.get(
    "/files/{file}",
    summary="Download a file",
    response_class=Response,
    responses={**CONTENT, **refusing(uploads.UNKNOWN_FILE, uploads.FILE_INCOMPLETE)},
)
def fetch(file: Id32, request: Request, festival: Serving, actor: SignedIn) -> Response:
    """Download a file, or the part that `Range` asks for.

    It must be one's own, or for office and auditor one of an entry that was sent in.
    """
    with festival.database.read() as c:
        uploads.seen_by(c, file, actor)
        stored = uploads.open_file(c, file)
    return download(request, festival.files, stored, stored.name)


def _begin(festival: Festival, file: str, actor: Actor, checksum: str) -> uploads.Append:
    with festival.database.write() as c:
        return uploads.begin_append(c, festival.files, file, actor, checksum)


async def _take(
    festival: Festival, request: Request, append: uploads.Append, threads: anyio.CapacityLimiter
) -> None:
    """Write a request's body as it comes; whatever ends it, what came before is kept."""
    held = bytearray()
    broken = True
    try:
        async for chunk in _chunks(request):
            held += chunk
            if len(held) >= _PIECE_BYTES:
                piece, held = held, bytearray()
                await run_sync(_write, festival, append, piece, limiter=threads)
        broken = False
    finally:
        with anyio.CancelScope(shield=True):
            await run_sync(_end, festival, append, held, broken, limiter=threads)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    stream = request.stream()
    while True:
        try:
            with anyio.fail_after(SILENCE_S):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise UPLOAD_STALLED(seconds=SILENCE_S) from error
        yield chunk


def _write(festival: Festival, append: uploads.Append, piece: bytearray) -> None:
    append.write(piece)
    if append.due:
        _confirm(festival, append)


def _end(festival: Festival, append: uploads.Append, held: bytearray, broken: bool) -> None:
    append.write(held)
    append.check(broken=broken)
    _confirm(festival, append)


def _confirm(festival: Festival, append: uploads.Append) -> None:
    if not append.unconfirmed:
        return
    append.flush()
    with festival.database.write() as c:
        append.confirm(c, festival.clock())


def _finish(festival: Festival, file: str) -> uploads.StoredFile:
    """Verify a small file whose last byte came; say how the file stands."""
    with festival.database.read() as c:
        stored = uploads.find(c, file)
    if stored.state == "hashing" and stored.size <= uploads.VERIFIED_AT_ONCE:
        refusal = uploads.verify(festival.database, festival.files, file, festival.clock())
        if refusal is not None:
            raise refusal
    return stored


def _length(request: Request) -> int | None:
    length = request.headers.get("content-length", "")
    return int(length[:20]) if length.isascii() and length.isdigit() else None
