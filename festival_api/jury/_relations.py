"""Conflicts of interest that show by themselves: what jurors and makers have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from festival_api.accounts import email_key
from festival_api.jury._masking import company_core, name_key

ConflictKind = Literal[
    "own", "family", "employer", "collaborator", "financial", "token_stake", "other"
]

# Domains that strangers share; the last ones are for examples (RFC 2606).
_SHARED_DOMAINS = """
126.com 139.com 163.com 189.cn aliyun.com aol.com btinternet.com comcast.net daum.net
docomo.ne.jp duck.com fastmail.com foxmail.com free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de
gmx.net googlemail.com hanmail.net hey.com hotmail.co.uk hotmail.com hotmail.fr icloud.com
laposte.net libero.it live.cn live.com live.hk mac.com mail.com mail.ru me.com msn.com naver.com
netvigator.com orange.fr outlook.com outlook.hk pm.me proton.me protonmail.com qq.com
rediffmail.com rocketmail.com seznam.cz sina.cn sina.com sohu.com t-online.de tom.com
tutanota.com tuta.io uol.com.br vip.163.com vip.qq.com wanadoo.fr web.de wp.pl yahoo.co.in
yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br yahoo.com.hk yahoo.com.tw yahoo.de yahoo.fr
yandex.com yandex.ru yeah.net ymail.com zoho.com example.com example.net example.org
"""
_SHARED = frozenset(_SHARED_DOMAINS.split())


@dataclass(frozen=True, slots=True)
class Relation:
    """Whom or what a juror is bound to: a person, a company, an e-mail address or its domain."""

    kind: ConflictKind
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict and what shows it."""

    kind: ConflictKind
    why: str


@dataclass(frozen=True, slots=True)
class JurorParty:
    """What a juror may have in common with a work; company folded, None where not told."""

    account: str
    email: str | None
    company: str | None
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkParty:
    """Who stands behind a work: accounts, addresses, companies and names, folded for comparing."""

    owner: str
    emails: frozenset[str]
    companies: frozenset[str]
    names: frozenset[str]

    @property
    def domains(self) -> frozenset[str]:
        """Domains of the e-mail addresses, without those that strangers share."""
        return frozenset(map(_domain, self.emails)) - _SHARED


def juror_party(
    account: str,
    email: str | None,
    company: str | None,
    relations: tuple[Relation, ...] = (),
) -> JurorParty:
    """Return what a juror may have in common with a work.

    Parameters
    ----------
    account, email, company : str
        The juror's own.
    relations : tuple of Relation
        What the juror declared.
    """
    return JurorParty(
        account, email_key(email) if email else None, company_core(company or ""), relations
    )


def work_party(
    owner: str, email: str | None, name: str | None, people: Mapping[str, Any]
) -> WorkParty:
    """Return what a work may have in common with a juror.

    Parameters
    ----------
    owner, email, name : str
        Of the account that entered it.
    people : mapping
        Of its snapshot; empty when erased.
    """
    emails = [email, *_values(people, "email")]
    companies = _values(people, "company")
    names = [name, *_values(people, "name"), *companies]
    return WorkParty(
        owner,
        frozenset(email_key(one) for one in emails if one),
        frozenset(map(company_core, companies)) - {""},
        frozenset(name_key(one) for one in names if one) - {""},
    )


def found_between(juror: JurorParty, work: WorkParty) -> tuple[Found, ...]:
    """Return the conflicts that show between a juror and a work."""
    found = []
    if juror.account == work.owner or juror.email in work.emails:
        found.append(Found("own", "the juror entered or made this work"))
    if juror.email and _knows(_domain(juror.email), work):
        found.append(Found("employer", "e-mail addresses of one domain"))
    if juror.company in work.companies:
        found.append(Found("employer", "one company"))
    kinds = {one.kind for one in juror.relations if _is_about(one.name, work)}
    found += [Found(kind, "the juror declared a relation") for kind in sorted(kinds)]
    return tuple(found)


def _is_about(name: str, work: WorkParty) -> bool:
    domain = _domain(name.casefold())
    return (
        name_key(name) in work.names
        or email_key(name) in work.emails
        or ("." in domain and _knows(domain, work))
    )


def _knows(domain: str, work: WorkParty) -> bool:
    """Whether a domain, its parent or its child is among the work's."""
    return domain not in _SHARED and any(
        domain == other or domain.endswith(f".{other}") or other.endswith(f".{domain}")
        for other in work.domains
    )


def _domain(email: str) -> str:
    return email.rpartition("@")[2]


def _values(document: Any, key: str) -> list[str]:
    """Return the texts under `key`, however deep."""
    if isinstance(document, Mapping):
        own = document.get(key)
        inner = [text for value in document.values() for text in _values(value, key)]
        return [own, *inner] if isinstance(own, str) else inner
    if isinstance(document, list):
        return [text for value in document for text in _values(value, key)]
    return []
