"""Passwords: hashed with argon2id, a few at a time."""

from __future__ import annotations

import threading

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher


class Passwords:
    """Hashes and verifies passwords.

    A hash takes 64 MiB and an eighth of a second on purpose; `at_once` keeps a crowd at the door from taking the
    machine's memory.

    Parameters
    ----------
    hasher : Argon2Hasher
        pwdlib's defaults for a service; cheaper parameters for tests.
    at_once : int
        How many are computed at the same time.
    """

    def __init__(self, hasher: Argon2Hasher | None = None, at_once: int = 2) -> None:
        self._hash = PasswordHash((hasher or Argon2Hasher(),))
        self._places = threading.BoundedSemaphore(at_once)
        self._nobody = self._hash.hash("nobody")

    def hash(self, password: str) -> str:
        """Hash a password with a fresh salt."""
        with self._places:
            return self._hash.hash(password)

    def verify(self, password: str, hashed: str | None) -> bool:
        """Tell whether `password` belongs to `hashed`; takes as long when there is none."""
        with self._places:
            fits = self._hash.verify(password, hashed or self._nobody)
        return fits and hashed is not None
