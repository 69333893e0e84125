"""Film packages: `x.hallfilm`, one file with a film and all it needs, each part hashed.

A package is a zip archive in which nothing is compressed: clips are so already, equal content gives
equal bytes, and what it unpacks to is never larger than itself. Its first entry, `manifest.json`,
names every other one with size and SHA-256. Names that could lead out of a folder, or fall onto
one another in it, are refused.
"""

from engine.packages._manifest import FILM, SUFFIX, Entry, Manifest, PackageError, wrong_name
from engine.packages._reading import film_at, open_package, unpack
from engine.packages._writing import write_package

__all__ = [
    "FILM",
    "SUFFIX",
    "Entry",
    "Manifest",
    "PackageError",
    "film_at",
    "open_package",
    "unpack",
    "write_package",
    "wrong_name",
]
