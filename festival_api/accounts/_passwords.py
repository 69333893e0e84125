"""Passwords: hashed with argon2id a few at a time, and never ones that anybody would try first."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from festival_api.refusals import Kind
from festival_api.store import BUSY

PASSWORD_TOO_EASY = Kind(
    "password_too_easy",
    422,
    "This password is too easily guessed: it is little more than a common word, your own name or"
    " address, or keys in"
    " a row. Take some words that do not belong together.",
)

SHORTEST, LONGEST = 12, 200

# What remains of a password without the words below and without runs has at least so many different
# characters.
_TELLING = 5

# Our own short list of what long passwords are most often made of; NIST SP 800-63B section 5.1.1.2
# asks for one, and against repeated and sequential characters and words of the service and the
# user.
_COMMON = frozenset(
    re.findall(
        r"\S+",
        """
        password passwort passw0rd p@ssw0rd p@ssword contraseña motdepasse admin administrator
        letmein welcome iloveyou login secret qwerty qwertyuiop qwertz qwertzuiop azerty azertyuiop
        asdf asdfgh asdfghjkl zxcvbn zxcvbnm 1qaz 2wsx 3edc 4rfv q1w2e3r4 monkey dragon football
        baseball sunshine princess superman batman starwars trustno1 changeme hello master shadow
        whatever freedom 密碼 密码 hkaiiff festival film movie cinema hongkong filmfestival
        """,
    )
)


class Passwords:
    """Hashes and verifies passwords.

    A hash takes 64 MiB and an eighth of a second on purpose. `at_once` keeps a crowd at the door
    from taking the machine's memory, `in_line` from taking the threads that all other requests
    need.

    Parameters
    ----------
    hasher : Argon2Hasher
        pwdlib's defaults for a service; cheaper parameters for tests.
    at_once : int
        How many are computed at the same time.
    in_line : int
        How many may be computed or wait for it.
    """

    def __init__(
        self, hasher: Argon2Hasher | None = None, at_once: int = 2, in_line: int = 16
    ) -> None:
        self._hash = PasswordHash((hasher or Argon2Hasher(),))
        self._places = threading.BoundedSemaphore(at_once)
        self._line = threading.BoundedSemaphore(in_line)
        self._nobody = self._hash.hash("nobody")

    def hash(self, password: str) -> str:
        """Hash a password with a fresh salt.

        Raises
        ------
        Refusal
            `busy`, when the line is full.
        """
        with self._place():
            return self._hash.hash(_normal(password))

    def verify(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        """Compare a password with a hash; it takes as long when there is none.

        Returns
        -------
        tuple of bool and (str or None)
            Whether it fits, and the hash to keep from now on when `hashed` was made with other
            parameters.

        Raises
        ------
        Refusal
            `busy`, when the line is full.
        """
        with self._place():
            fits, better = self._hash.verify_and_update(_normal(password), hashed or self._nobody)
        return fits and hashed is not None, better if hashed is not None else None

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._line.acquire(blocking=False):
            raise BUSY()
        try:
            with self._places:
                yield
        finally:
            self._line.release()


def refuse_easy(password: str, email: str, name: str) -> None:
    """Refuse a password that anybody would try among the first.

    Parameters
    ----------
    password : str
        As chosen.
    email, name : str
        Of whoever chooses it.

    Raises
    ------
    Refusal
        `password_too_easy`.
    """
    local, _, domain = email.partition("@")
    own = {email, local, domain, name, *re.split(r"[\W_]+", f"{email} {name}")}
    words = _COMMON | {_normal(word).casefold() for word in own if len(word) > 2}
    rest = _normal(password).casefold()
    for word in sorted(words, key=lambda one: (-len(one), one)):
        rest = rest.replace(word, "")
    telling = {b for a, b in zip("\0" + rest, rest, strict=False) if abs(ord(a) - ord(b)) > 1}
    if len(telling) < _TELLING:
        raise PASSWORD_TOO_EASY()


def _normal(password: str) -> str:
    # The same keys give other characters on other machines (NIST SP 800-63B section 5.1.1.2).
    return unicodedata.normalize("NFKC", password)
