"""Decisions about awards, tokens and the two languages."""

from __future__ import annotations

from festival_api.editions._basics import Text, both
from festival_api.editions._decided import Decided, decided, joined, listed
from festival_api.editions._model import Edition

__all__ = ["AWARDS"]


def _who_decides(edition: Edition) -> Decided:
    by_holders = [award for award in edition.awards if award.decided_by == "token_holders"]
    if by_holders:
        names = listed([award.name for award in by_holders])
        answer = both(
            f"Token holders decide these awards, the committee does not vote on them: {names.en}; "
            "the committee decides all others.",
            f"以下獎項由代幣持有者決定，核心評審委員會不參與投票：{names.zh_hant}；其餘獎項由委員會決定。",
        )
    else:
        answer = both("The committee decides all awards.", "所有獎項均由核心評審委員會決定。")
    return decided(
        13,
        "awards[].decided_by",
        [award.id for award in by_holders],
        (
            "The final vote decides all awards, and token holders decide one: who decides which?",
            "最終投票決定所有獎項，代幣持有者又決定其中一項：各由誰決定？",
        ),
        answer,
    )


def _how_many(edition: Edition) -> Decided:
    settings = edition.settings
    beside = [award for award in edition.awards if not award.counted]
    if beside:
        names = listed([award.name for award in beside])
        told = both(f"these come on top: {names.en}", f"以下獎項另計：{names.zh_hant}")
    else:
        told = both("every award is one of them", "所有獎項均計算在內")
    return decided(
        14,
        "settings.awards_counted, awards[].counted",
        {"counted": settings.awards_counted, "beside": [award.id for award in beside]},
        (
            "Is the Unicorn Gold Award one of the 27 awards or one more?",
            "獨角獸金獎是27個獎項之一，還是另外一項？",
        ),
        both(
            f"There are {settings.awards_counted} awards; {told.en}.",
            f"獎項共{settings.awards_counted}個；{told.zh_hant}。",
        ),
    )


def _minted(edition: Edition) -> Decided:
    value = edition.settings.minted
    told = (
        both("The trophies of all winners are minted", "所有得獎作品的獎盃均會鑄造")
        if value == "all_winners"
        else both("Only the trophy of its own kind is minted", "只鑄造另具樣式的獎盃")
    )
    distinct = [award for award in edition.awards if award.trophy == "distinct"]
    if distinct:
        names = listed([award.name for award in distinct])
        own = both(
            f"a trophy of its own kind goes to {names.en}",
            f"另具樣式的獎盃頒予：{names.zh_hant}",
        )
        told = joined([told, own])
    answer = both(f"{told.en}.", f"{told.zh_hant}。")
    return decided(
        15,
        "settings.minted, awards[].trophy",
        {"minted": value, "distinct": [award.id for award in distinct]},
        (
            "Are the trophies of all winners minted, or only that of the best film?",
            "所有得獎作品的獎盃都會鑄造，還是只限最佳電影？",
        ),
        answer,
    )


def _jurors_with_tokens(edition: Edition) -> Decided:
    value = edition.settings.token_holding_jurors
    answer = (
        both(
            "Jurors declare the tokens they hold, and do not vote on what token holders decide.",
            "評委須申報所持代幣，且不得就代幣持有者決定的事項投票。",
        )
        if value == "barred_from_token_award"
        else both(
            "Jurors declare the tokens they hold, and may vote as holders like everybody else.",
            "評委須申報所持代幣，並可與其他持有者一樣投票。",
        )
    )
    return decided(
        16,
        "settings.token_holding_jurors",
        value,
        (
            "May a juror who holds tokens count as juror and as holder?",
            "持有代幣的評委可否同時以評委及持有者身份投票？",
        ),
        answer,
    )


def _tokens(edition: Edition) -> Decided:
    clauses: list[Text] = [
        both(
            f"{token.code} gives its holders votes",
            f"{token.code}持有者享有投票權",
        )
        if token.votes
        else both(
            f"{token.code} is a ledger code only and gives no vote",
            f"{token.code}僅為帳本代號，不帶投票權",
        )
        for token in edition.tokens
    ]
    told = joined(clauses) if clauses else both("There are no tokens", "沒有代幣")
    return decided(
        17,
        "tokens[].votes",
        {token.code: token.votes for token in edition.tokens},
        (
            "FilmToken is named once and without a purpose: what is it?",
            "FilmToken只出現一次而沒有說明用途：它是什麼？",
        ),
        both(
            f"{told.en}; one token is never exchanged for another here.",
            f"{told.zh_hant}；本服務不提供代幣之間的兌換。",
        ),
    )


def _languages(edition: Edition) -> Decided:
    settings = edition.settings
    told = (
        both("What either language says holds", "中英文任何一方所載均屬有效")
        if settings.chinese_says_more == "union"
        else both("What the English says holds", "以英文所載為準")
    )
    if settings.language_deltas:
        deltas = joined(settings.language_deltas)
        told = joined(
            [
                told,
                both(f"they differ here: {deltas.en}", f"差異如下：{deltas.zh_hant}"),
            ]
        )
    return decided(
        18,
        "settings.chinese_says_more, settings.language_deltas",
        {"rule": settings.chinese_says_more, "deltas": [d.en for d in settings.language_deltas]},
        (
            "Where the Chinese and the English say different things, which holds?",
            "中英文內容不一致時，以何者為準？",
        ),
        both(f"{told.en}.", f"{told.zh_hant}。"),
    )


AWARDS = (_who_decides, _how_many, _minted, _jurors_with_tokens, _tokens, _languages)
