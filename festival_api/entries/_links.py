"""Links of an entry, and what answered at them when somebody looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from festival_api.entries._draft import Draft
from festival_api.entries._refusals import LINK_DEAD
from festival_api.ports import REASONS, Probe, Reached, Unreached
from festival_api.refusals import Refusal
from festival_api.speech import LANGUAGES, say, translated

Looked = Mapping[str, Reached | Unreached]
"""What answered, by link."""

_GONE: Final = say(
    "The host says that there is nothing at the link ({status}). Share the work anew."
)
_FAILING: Final = say("The host is in trouble ({status}). Wait until the link works again.")
_LOCKED: Final = say("The link asks for a password ({status}). Give it beside the link.")


@dataclass(frozen=True, slots=True)
class LinkAt:
    """One link of a draft, and where it stands in it."""

    where: str
    url: str
    password: bool


def links(draft: Draft) -> tuple[LinkAt, ...]:
    """Return every link that somebody is to follow."""
    found = [
        LinkAt(f"/links/{n}", link.url, bool(link.password))
        for n, link in enumerate(draft.links or ())
    ]
    if draft.evidence is not None and draft.evidence.entry_point is not None:
        found.append(LinkAt("/evidence/entry_point", draft.evidence.entry_point, False))
    found += [
        LinkAt(f"/runs/{n}/link", run.link, False)
        for n, run in enumerate(draft.runs or ())
        if run.link is not None
    ]
    return tuple(found)


def look(probe: Probe, found: Sequence[LinkAt]) -> Looked:
    """Look at links, all at once; takes seconds, so it has no place in a transaction."""
    urls = list(dict.fromkeys(link.url for link in found))
    if not urls:
        return {}
    with ThreadPoolExecutor(len(urls)) as pool:
        return dict(zip(urls, pool.map(probe.check, urls), strict=True))


def answer(looked: Looked, url: str) -> dict[str, Any]:
    """Return what answered at a link, for the record."""
    found = looked[url]
    if isinstance(found, Reached):
        return {"status": found.status}
    return {"status": None, "reason": found.reason}


def dead(found: Sequence[LinkAt], looked: Looked) -> Refusal | None:
    """Make the refusal of links that lead nowhere; None when all may be right.

    Hosts of films turn programs away with 403 or 429 though they let people in: such answers pass,
    and stand in the snapshot. What was not looked at passes too.
    """
    troubles = [
        {"where": link.where, "url": link.url, "detail": _both(*trouble)}
        for link in found
        if (trouble := _trouble(link, looked[link.url]))
    ]
    return LINK_DEAD({"links": troubles}, url=troubles[0]["url"]) if troubles else None


def _trouble(link: LinkAt, found: Reached | Unreached) -> tuple[str, int] | None:
    if isinstance(found, Unreached):
        return None if found.reason == "not_probed" else (REASONS[found.reason], 0)
    if found.status in (404, 410):
        return _GONE, found.status
    if found.status >= 500:
        return _FAILING, found.status
    if found.status == 401 and not link.password:
        return _LOCKED, found.status
    return None


def _both(message: str, status: int) -> dict[str, str]:
    return {language: translated(message, language).format(status=status) for language in LANGUAGES}
