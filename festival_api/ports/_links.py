"""Links that entrants give: their form, and the closed list of what can be wrong with one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna

__all__ = ["REASONS", "LinkError", "Reason", "well_formed_link"]

Reason = Literal[
    "too_long",
    "characters",
    "not_https",
    "credentials",
    "host",
    "port",
    "not_probed",
    "no_such_host",
    "not_public",
    "no_connection",
    "certificate",
    "too_slow",
    "not_http",
    "redirects",
]

# For people; each is also the key of its translation.
REASONS: Mapping[Reason, str] = MappingProxyType(
    {
        "too_long": "The link is longer than 2000 characters. Share the film under a shorter one.",
        "characters": "The link holds spaces or signs that no link has. Copy it again.",
        "not_https": "The link, or one it leads on to, does not begin with https://. Share one that"
        " does.",
        "credentials": "The link holds a user name or password. Give it in its own field.",
        "host": "The link names no host such as films.example.org. Copy it again.",
        "port": "The link, or one it leads on to, names a port. Share one that does not.",
        "not_probed": "The link was not looked at.",
        "no_such_host": "The host in the link does not exist. Look for a slip in its spelling.",
        "not_public": "The link leads into a private network. Share it where all can reach it.",
        "no_connection": "The host in the link does not answer. Try it in another browser.",
        "certificate": "The host in the link shows no certificate to trust. Share it with one that"
        " does.",
        "too_slow": "The link did not answer in 10 seconds. Try it in another browser.",
        "not_http": "What answers at the link is not a web server. Copy it again.",
        "redirects": "The link leads on to another more than 5 times. Share the last one.",
    }
)

_LONGEST = 2000
# Categories of characters: controls, invisible ones, halves of surrogate pairs, spaces.
_NOT_IN_A_LINK = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
_HOST = re.compile(r"([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_ADDRESS = re.compile(r".*\.(\d+|0x[0-9a-f]*)")
# Everything that may stand in the rest of a link as it is (RFC 3986), and "%" itself.
_AS_IT_IS = "%/:@!$&'()*+,;=~-._?"


class LinkError(ValueError):
    """A link is not well formed.

    Attributes
    ----------
    reason : Reason
        Which of the list; its sentence is the error's text.
    """

    def __init__(self, reason: Reason) -> None:
        self.reason: Reason = reason
        super().__init__(REASONS[reason])


def well_formed_link(url: str) -> str:
    """Check a link's form and write it in one way.

    Spaces around it are dropped, the host is written small and in ASCII, characters beyond ASCII
    and spaces are percent-encoded, and ``:443`` is dropped. The fragment stays: some film hosts
    keep the key to a film in it.

    Parameters
    ----------
    url : str
        As the entrant gave it.

    Returns
    -------
    str
        At most 2000 ASCII characters. Given again, it comes back as it is.

    Raises
    ------
    LinkError
        It is too long, not https, has no host name with a dot in it (an address in numbers is no
        name), holds a user name or password, a backslash or control characters.
    """
    url = url.strip()
    if len(url) > _LONGEST:
        raise LinkError("too_long")
    # A browser reads a backslash as a slash, other programs do not: they would go to different
    # hosts.
    if "\\" in url or any(unicodedata.category(one) in _NOT_IN_A_LINK for one in url):
        raise LinkError("characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise LinkError("host") from error
    if parts.scheme != "https":
        raise LinkError("not_https")
    if "@" in parts.netloc:
        raise LinkError("credentials")
    host = _host_name(parts)
    authority = host if port in (None, 443) else f"{host}:{port}"
    path, query, fragment = (
        quote(part, safe=_AS_IT_IS) for part in (parts.path, parts.query, parts.fragment)
    )
    link = urlunsplit(("https", authority, path or "/", query, fragment))
    if len(link) > _LONGEST:
        raise LinkError("too_long")
    return link


def _host_name(parts: SplitResult) -> str:
    """Name of the host in small ASCII letters, without the dot that may end it."""
    host = parts.hostname or ""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise LinkError("host") from error
    host = host.removesuffix(".")
    if len(host) > 253 or not _HOST.fullmatch(host) or _ADDRESS.fullmatch(host):
        raise LinkError("host")
    return host
