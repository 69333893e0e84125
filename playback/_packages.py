"""Cinema packages, which are no clips: what to ask the lab for instead."""

import re
from pathlib import Path

MAPS = ("ASSETMAP", "ASSETMAP.xml")
HEAD = 1 << 20
# SMPTE 429-6: the set that says how an MXF track file is encrypted, and its key in a composition.
CRYPTOGRAPHIC_CONTEXT = bytes.fromhex("060e2b34 02530101 0d010401 02020000")
KEY_ID = re.compile(rb"<(?:\w+:)?KeyId>")
ASK = (
    "Ask the lab for a ProRes or H.264 master of the reel, at the film's frame rate, with stereo "
    "or 5.1 sound, and give the scene's in and out points in it"
)


def package_fault(path: str) -> str:
    """Say why a cinema package cannot be a clip, and what to ask for; empty for anything else.

    A package is a folder with an ASSETMAP, a file beside one, or an MXF file.
    """
    place = Path(path)
    folder = place if place.is_dir() else place.parent
    packed = place.is_dir() or place.suffix.lower() in (".mxf", ".xml") or place.name in MAPS
    if packed and any((folder / name).is_file() for name in MAPS):
        what = "a digital cinema package (DCP)"
        locked = any(_encrypted(file) for file in sorted(folder.iterdir()))
    elif place.suffix.lower() == ".mxf" and place.is_file():
        what, locked = "an MXF file, as in a digital cinema package", _encrypted(place)
    else:
        return ""
    keys = ", encrypted for its projectors' keys," if locked else ""
    return f"this is {what}{keys} and cannot be cut from. {ASK}"


def _encrypted(file: Path) -> bool:
    """Whether a file of a package is encrypted, or says that others are."""
    if file.suffix.lower() not in (".mxf", ".xml") or not file.is_file():
        return False
    with file.open("rb") as opened:
        head = opened.read(HEAD)
    return CRYPTOGRAPHIC_CONTEXT in head or KEY_ID.search(head) is not None
