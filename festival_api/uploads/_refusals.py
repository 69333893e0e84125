"""Why a file is not taken or given."""

from __future__ import annotations

from festival_api.refusals import Kind

UNKNOWN_FILE = Kind("unknown_file", 404, "There is no such file here, or not any more.")
UNKNOWN_FILE_KIND = Kind(
    "unknown_file_kind", 422, "There is no kind of file called {kind}; `allowed` names the kinds."
)
BAD_METADATA = Kind(
    "bad_metadata",
    400,
    "Upload-Metadata must be pairs of a key and a value in base64, parted by commas; pair {number} "
    "is not well-formed.",
)
BAD_CHECKSUM = Kind(
    "bad_checksum",
    400,
    "A checksum must be sha1 or sha256 with its digest in base64, an announced SHA-256 64 "
    "hexadecimal digits.",
)
EMPTY_FILE = Kind("empty_file", 422, "A file without a single byte cannot be taken.")
ENTRY_NOT_DRAFT = Kind(
    "entry_not_draft",
    409,
    "Files come and go while the entry is a draft only. Reopen the entry first.",
)
TOO_LARGE = Kind(
    "too_large", 413, "A file of kind {kind} may have {limit} bytes at most, not {size}."
)
TOO_MANY_FILES = Kind(
    "too_many_files",
    413,
    "An entry may have {limit} files of kind {kind} at most. Remove one of them first.",
)
OFFSET_MISMATCH = Kind(
    "offset_mismatch",
    409,
    "The file goes on at byte {offset}, not at byte {sent}. Ask with HEAD and send from there.",
)
UPLOAD_FINISHED = Kind("upload_finished", 409, "All bytes of this file are here already.")
UPLOAD_LOCKED = Kind(
    "upload_locked",
    423,
    "Another request is sending this file. Wait until it ends, then ask with HEAD where to go on.",
)
PAST_THE_END = Kind(
    "past_the_end",
    413,
    "The file was announced with {size} bytes and more were sent. None of these were kept.",
)
CHECKSUM_MISMATCH = Kind(
    "checksum_mismatch",
    460,
    "The bytes changed on their way: their checksum differs. None of them were kept; send them "
    "again.",
)
NO_ROOM = Kind(
    "no_room",
    507,
    "The festival's disk has no room for more. What came before is kept; go on later.",
)
FILE_INCOMPLETE = Kind(
    "file_incomplete", 409, "The file is not all here yet, or is still being checked."
)
HASH_MISMATCH = Kind(
    "hash_mismatch",
    422,
    "This is not the file that was announced: its SHA-256 is {found}, not {declared}. Upload it "
    "again.",
)
WRONG_FILE_TYPE = Kind(
    "wrong_file_type",
    422,
    "This must be a PDF, JPEG, PNG or WebP file; the content is something else, whatever its name "
    "says.",
)
