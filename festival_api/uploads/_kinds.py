"""What an entry may hold, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1024**2
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file.

    Attributes
    ----------
    bytes : int
        How large one may be.
    files : int
        How many an entry may have.
    document : bool
        Whether it must be a PDF or a picture: people open these by hand.
    personal : bool
        Whether it says who made the work; a jury never sees it.
    """

    bytes: int
    files: int
    document: bool = False
    personal: bool = False


# A feature as an intermediate master (ProRes 422 HQ, UHD, two hours) has some 600 GB and is not for
# judging; as a cinema package or a good H.265 file it has 200 GB at the very most.
KINDS = {
    "film": FileKind(200 * _GIB, 2),
    "trailer": FileKind(10 * _GIB, 2),
    "still": FileKind(50 * _MIB, 12, document=True),
    "poster": FileKind(50 * _MIB, 3, document=True),
    "subtitles": FileKind(10 * _MIB, 20),
    "build": FileKind(100 * _GIB, 4),
    "system_package": FileKind(100 * _GIB, 2),
    "run_recording": FileKind(50 * _GIB, 10),
    "student_proof": FileKind(20 * _MIB, 3, document=True, personal=True),
    "consent": FileKind(20 * _MIB, 50, personal=True),
    "other": FileKind(1 * _GIB, 10),
}
PERSONAL = frozenset(name for name, kind in KINDS.items() if kind.personal)
LARGEST = max(kind.bytes for kind in KINDS.values())

# How a document begins, what follows after four bytes of size if anything, and its media type.
_SIGNATURES = (
    (b"%PDF-", None, "application/pdf"),
    (b"\xff\xd8\xff", None, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", None, "image/png"),
    (b"RIFF", b"WEBP", "image/webp"),
)
HEAD_BYTES = 12


def document_type(head: bytes) -> str | None:
    """Tell the media type of a document from its first `HEAD_BYTES` bytes; None when it is none."""
    for start, after_size, media_type in _SIGNATURES:
        if head.startswith(start) and (after_size is None or head[8:12] == after_size):
            return media_type
    return None
