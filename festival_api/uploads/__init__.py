"""Uploads: film packages, proofs and recordings, in pieces that survive a broken line.

The protocol is tus 1.0.0 (https://tus.io/protocols/resumable-upload), so that clients which people
have already work. The table of files is the book of record: a byte counts once it is on the disk
and the table says so. Bytes lie in the service's folder under the file's identifier; the name an
entrant gave is a label and no more (decision 26).
"""

from festival_api.uploads._append import CHECKSUMS, Append, begin_append
from festival_api.uploads._files import (
    StoredFile,
    create,
    delete,
    delete_files_of,
    expire,
    files_of,
    find,
    open_file,
    seen_by,
)
from festival_api.uploads._keeping import Reconciled, path_of, reconcile, remove_bytes
from festival_api.uploads._kinds import KINDS, LARGEST, PERSONAL, FileKind
from festival_api.uploads._metadata import NewFile, read_metadata
from festival_api.uploads._refusals import (
    BAD_CHECKSUM,
    BAD_METADATA,
    CHECKSUM_MISMATCH,
    EMPTY_FILE,
    ENTRY_NOT_DRAFT,
    FILE_INCOMPLETE,
    HASH_MISMATCH,
    NO_ROOM,
    OFFSET_MISMATCH,
    PAST_THE_END,
    TOO_LARGE,
    TOO_MANY_FILES,
    UNKNOWN_FILE,
    UNKNOWN_FILE_KIND,
    UPLOAD_FINISHED,
    UPLOAD_LOCKED,
    WRONG_FILE_TYPE,
)
from festival_api.uploads._verify import VERIFIED_AT_ONCE, verify, verify_waiting

__all__ = [
    "BAD_CHECKSUM",
    "BAD_METADATA",
    "CHECKSUMS",
    "CHECKSUM_MISMATCH",
    "EMPTY_FILE",
    "ENTRY_NOT_DRAFT",
    "FILE_INCOMPLETE",
    "HASH_MISMATCH",
    "KINDS",
    "LARGEST",
    "NO_ROOM",
    "OFFSET_MISMATCH",
    "PAST_THE_END",
    "PERSONAL",
    "TOO_LARGE",
    "TOO_MANY_FILES",
    "UNKNOWN_FILE",
    "UNKNOWN_FILE_KIND",
    "UPLOAD_FINISHED",
    "UPLOAD_LOCKED",
    "VERIFIED_AT_ONCE",
    "WRONG_FILE_TYPE",
    "Append",
    "FileKind",
    "NewFile",
    "Reconciled",
    "StoredFile",
    "begin_append",
    "create",
    "delete",
    "delete_files_of",
    "expire",
    "files_of",
    "find",
    "open_file",
    "path_of",
    "read_metadata",
    "reconcile",
    "remove_bytes",
    "seen_by",
    "verify",
    "verify_waiting",
]
