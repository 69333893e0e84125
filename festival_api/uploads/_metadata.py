"""What is announced of a file before its bytes come, and names made harmless."""

from __future__ import annotations

import base64
import re
import unicodedata
from dataclasses import dataclass

from festival_api.uploads._kinds import KINDS
from festival_api.uploads._refusals import (
    BAD_CHECKSUM,
    BAD_METADATA,
    EMPTY_FILE,
    TOO_LARGE,
    UNKNOWN_FILE_KIND,
)

_LONGEST_NAME = 200
_LONGEST_SUFFIX = 20
_MEDIA_TYPE = re.compile(
    r"(video|audio|image|text|application|font|model)/[a-z0-9][a-z0-9.+-]{0,80}"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_JOINERS = "\u200c\u200d"  # part of Persian words and of emoji


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as announced.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    name, media_type : str
        Labels.
    size : int
        In bytes, at least 1 and at most what the kind allows.
    sha256 : str or None
        What the sender says it will be.
    """

    kind: str
    name: str
    media_type: str
    size: int
    sha256: str | None


def read_metadata(header: str, size: int) -> NewFile:
    """Read what a client announces.

    Known keys are ``kind``, ``name`` or ``filename``, ``media_type`` or ``filetype``, and
    ``sha256``; others are left unread, since clients send what they like.

    Parameters
    ----------
    header : str
        The value of ``Upload-Metadata``.
    size : int
        The value of ``Upload-Length``, in bytes.

    Raises
    ------
    Refusal
        `bad_metadata`, `unknown_file_kind`, `empty_file`, `too_large` or `bad_checksum`.
    """
    said = _pairs(header)
    kind = said.get("kind", "")
    if kind not in KINDS:
        raise UNKNOWN_FILE_KIND({"allowed": sorted(KINDS)}, kind=kind[:40] or "?")
    if size == 0:
        raise EMPTY_FILE()
    limit = KINDS[kind].bytes
    if size > limit:
        raise TOO_LARGE({"limit": limit}, kind=kind, limit=limit, size=size)
    sha256 = said.get("sha256", "").lower()
    if sha256 and not _SHA256.fullmatch(sha256):
        raise BAD_CHECKSUM()
    media_type = (said.get("media_type") or said.get("filetype") or "").lower()
    return NewFile(
        kind=kind,
        name=clean_name(said.get("name") or said.get("filename") or "") or kind,
        media_type=media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream",
        size=size,
        sha256=sha256 or None,
    )


def _pairs(header: str) -> dict[str, str]:
    said: dict[str, str] = {}
    for number, pair in enumerate(header.split(","), start=1):
        key, _, value = pair.strip().partition(" ")
        try:
            text = base64.b64decode(value, validate=True).decode("utf-8")
        except ValueError as error:
            raise BAD_METADATA({"pair": number}, number=number) from error
        if not key or key in said:
            raise BAD_METADATA({"pair": number}, number=number)
        said[key] = text
    return said


def clean_name(name: str) -> str:
    """Make a harmless label of a file's name; empty when nothing is left.

    Folders go, as do control characters, line breaks and the marks that turn the direction of
    writing (which make one suffix look like another); letters of all scripts and emoji stay.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(letter for letter in last if _harmless(letter)).strip(". ")
    stem, dot, suffix = kept.rpartition(".")
    if len(kept) > _LONGEST_NAME and dot and len(suffix) <= _LONGEST_SUFFIX:
        return f"{stem[: _LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    return kept[:_LONGEST_NAME]


def _harmless(letter: str) -> bool:
    return letter in _JOINERS or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
