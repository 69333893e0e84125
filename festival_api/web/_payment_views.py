"""Payments and refunds as they are told."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from festival_api import payments
from festival_api.accounts import Actor
from festival_api.editions import LoadedEdition, Text, format_money
from festival_api.payments import Payment, Refund, RefundState, State
from festival_api.speech import LANGUAGES, translated

_ID = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_AT = "2025-11-15T04:00:00Z"


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class BasisView(_View):
    """What an amount was for: the amount alone never tells."""

    category: str = Field(examples=["generative_linear"])
    category_name: Text | None
    fee_class: str = Field(examples=["generative_feature"])
    student: bool
    period: str = Field(examples=["early"])
    period_name: Text | None
    support: str = Field(description="Tier of technical support.", examples=["priority"])
    base: int = Field(description="The fee, in minor units.", examples=[75_000])
    factor_numerator: int = Field(description="Of the share of the fee.", examples=[75])
    factor_denominator: int = Field(examples=[100])
    price: int = Field(description="The locked price, in minor units.", examples=[56_250])
    edition_sha256: str = Field(description="Text of the fee table.", examples=[_SHA256])


class RefundView(_View):
    """One refund."""

    id: str = Field(examples=[_ID])
    payment: str = Field(examples=[_ID])
    amount: int = Field(description="In minor units.", examples=[10_000])
    amount_text: Text
    reason: Text
    state: RefundState = Field(
        description=("`failed` ones can be tried again; `void` ones went back another way.")
    )
    asked_at: datetime = Field(examples=[_AT])
    done_at: datetime | None = Field(examples=[_AT])

    @classmethod
    def of(cls, refund: Refund, currency: str) -> Self:
        """Tell a refund."""
        return cls(
            id=refund.id,
            payment=refund.payment,
            amount=refund.amount,
            amount_text=_money(refund.amount, currency),
            reason=Text.model_validate(
                {language: translated(refund.reason, language) for language in LANGUAGES}
            ),
            state=refund.state,
            asked_at=refund.asked_at,
            done_at=refund.done_at,
        )


class PaymentView(_View):
    """A payment, which is a receipt once it is `paid`."""

    id: str = Field(examples=[_ID])
    entry: str = Field(examples=[_ID])
    edition: str = Field(examples=["hkaiiff-2026"])
    state: State = Field(
        description="`mismatch`: what came is not what was asked for; the office looks into it."
    )
    amount: int = Field(description="Asked for, in minor units.", examples=[56_250])
    refunded: int = Field(description="Given back so far, in minor units.", examples=[0])
    currency: str = Field(examples=["USD"])
    amount_text: Text
    refunded_text: Text
    basis: BasisView
    provider: str = Field(examples=["double"])
    provider_payment: str | None = Field(
        description="The provider's name for it.", examples=["payment_1"]
    )
    url: str | None = Field(
        description="The provider's page, for the entry's owner while it can be paid.",
        examples=["https://pay.example.org/c/1"],
    )
    started_at: datetime = Field(examples=[_AT])
    settled_at: datetime | None = Field(examples=[_AT])
    refunds: list[RefundView]
    trouble: bool = Field(description="Whether the office should look into it.")

    @classmethod
    def of(
        cls, c: Connection, payment: Payment, loaded: LoadedEdition | None, actor: Actor
    ) -> Self:
        """Tell a payment to who asks."""
        theirs = payment.owner == actor.account and payment.state == "started" and payment.url
        refunds = payments.refunds_of(c, payment.id)
        return cls(
            id=payment.id,
            entry=payment.entry,
            edition=payment.edition,
            state=payment.state,
            amount=payment.amount,
            refunded=payment.refunded,
            currency=payment.currency,
            amount_text=_money(payment.amount, payment.currency),
            refunded_text=_money(payment.refunded, payment.currency),
            basis=_basis(payment, loaded),
            provider=payment.provider,
            provider_payment=payment.provider_payment,
            url=payment.url if theirs else None,
            started_at=payment.started_at,
            settled_at=payment.settled_at,
            refunds=[RefundView.of(refund, payment.currency) for refund in refunds],
            trouble=payment.trouble,
        )


class PaymentList(_View):
    """Payments, the first started first."""

    items: list[PaymentView]


class PaymentPage(PaymentList):
    """Some of many payments."""

    next: str | None = Field(
        description="What to send as `after` for the payments that follow.", examples=[None]
    )


class EventTaken(_View):
    """What became of an event."""

    outcome: str = Field(
        description=(
            "`booked`, `known`, `waiting` (a refund whose payment was not told of yet),"
            " `payment_mismatch`, `unknown_payment` or `ignored`."
        ),
        examples=["booked"],
    )


def _basis(payment: Payment, loaded: LoadedEdition | None) -> BasisView:
    basis = payment.basis
    category = loaded.edition.category(basis.category) if loaded else None
    period = loaded.edition.period(basis.period) if loaded else None
    return BasisView(
        **{name: getattr(basis, name) for name in type(basis).__slots__},
        category_name=category.name if category else None,
        period_name=period.name if period else None,
    )


def _money(amount: int, currency: str) -> Text:
    return Text.model_validate(
        {language: format_money(amount, currency, language) for language in LANGUAGES}
    )
