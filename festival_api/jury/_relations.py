"""Conflicts of interest that show by themselves: what jurors and makers have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from festival_api.accounts import email_key
from festival_api.jury._masking import company_core

ConflictKind = Literal[
    "own", "family", "employer", "collaborator", "financial", "token_stake", "other"
]

# Domains that many strangers share. The last line is reserved for examples (RFC 2606).
_SHARED_DOMAINS = """
126.com 139.com 163.com 189.cn aliyun.com aol.com btinternet.com comcast.net daum.net docomo.ne.jp
duck.com fastmail.com foxmail.com free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net
googlemail.com hanmail.net hey.com hotmail.co.uk hotmail.com hotmail.fr icloud.com laposte.net
libero.it live.cn live.com live.hk mac.com mail.com mail.ru me.com msn.com naver.com
netvigator.com orange.fr outlook.com outlook.hk pm.me proton.me protonmail.com qq.com
rediffmail.com rocketmail.com seznam.cz sina.cn sina.com sohu.com t-online.de tom.com tutanota.com
tuta.io uol.com.br vip.163.com vip.qq.com wanadoo.fr web.de wp.pl yahoo.co.in yahoo.co.jp
yahoo.co.uk yahoo.com yahoo.com.br yahoo.com.hk yahoo.com.tw yahoo.de yahoo.fr yandex.com
yandex.ru yeah.net ymail.com zoho.com
example.com example.net example.org
"""
_SHARED = frozenset(_SHARED_DOMAINS.split())


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a possible conflict: a juror, or who stands behind a work.

    Attributes
    ----------
    accounts, emails, companies : frozenset of str
        Addresses and names folded for comparing.
    """

    accounts: frozenset[str]
    emails: frozenset[str]
    companies: frozenset[str]

    @property
    def domains(self) -> frozenset[str]:
        """Domains of the e-mail addresses, without those that strangers share."""
        return frozenset(email.rpartition("@")[2] for email in self.emails) - _SHARED


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict and what shows it."""

    kind: ConflictKind
    why: str


def juror_party(account: str, email: str | None, company: str | None) -> Party:
    """Return what a juror may have in common with a work."""
    return _party([account], [email], [company])


def work_party(owner: str, owner_email: str | None, people: Mapping[str, Any]) -> Party:
    """Return what a work may have in common with a juror.

    Parameters
    ----------
    owner, owner_email : str
        The account that entered it.
    people : mapping
        Of its snapshot; empty when erased.
    """
    emails = [owner_email, *_values(people, "email")]
    return _party([owner], emails, _values(people, "company"))


def found_between(juror: Party, work: Party) -> tuple[Found, ...]:
    """Return the conflicts that show between a juror and a work."""
    found = []
    if juror.accounts & work.accounts or juror.emails & work.emails:
        found.append(Found("own", "the juror entered or made this work"))
    if any(_one_house(ours, theirs) for ours in juror.domains for theirs in work.domains):
        found.append(Found("employer", "e-mail addresses of one domain"))
    if juror.companies & work.companies:
        found.append(Found("employer", "one company"))
    return tuple(found)


def _one_house(domain: str, other: str) -> bool:
    return domain == other or domain.endswith(f".{other}") or other.endswith(f".{domain}")


def _party(
    accounts: Iterable[str], emails: Iterable[str | None], companies: Iterable[str | None]
) -> Party:
    return Party(
        frozenset(accounts),
        frozenset(email_key(email) for email in emails if email),
        frozenset(company_core(company) for company in companies if company) - {""},
    )


def _values(document: Any, key: str) -> list[str]:
    """Return the texts under `key`, however deep."""
    if isinstance(document, Mapping):
        own = document.get(key)
        inner = [text for value in document.values() for text in _values(value, key)]
        return [own, *inner] if isinstance(own, str) else inner
    if isinstance(document, list):
        return [text for value in document for text in _values(value, key)]
    return []
