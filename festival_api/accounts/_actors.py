"""Who asks, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from festival_api.refusals import Kind

NOT_SIGNED_IN = Kind("not_signed_in", 401, "Sign in first.")
NOT_CONFIRMED = Kind(
    "not_confirmed", 403, "Confirm your e-mail address first: open the letter that was sent to it."
)
NOT_ALLOWED = Kind("not_allowed", 403, "This is for {role} only.")


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in account.

    Attributes
    ----------
    account : str
        Its identifier.
    confirmed : bool
        Whether its e-mail address is proven; nothing but the account itself is open before that.
    admin : bool
        Whether it appoints office and auditors.
    roles : mapping of str to frozenset of str
        By edition: "office" (runs the festival), "auditor" (reads what is sealed, writes nothing),
        "juror".
    language : str
        "en" or "zh-Hant".
    """

    account: str
    confirmed: bool
    admin: bool
    roles: Mapping[str, frozenset[str]]
    language: str

    def has(self, edition: str, *roles: str) -> bool:
        """Tell whether the actor holds one of `roles` in `edition`."""
        return self.confirmed and not self.roles.get(edition, frozenset()).isdisjoint(roles)

    def require(self, edition: str, *roles: str) -> None:
        """Let pass who holds one of `roles` in `edition`.

        Raises
        ------
        Refusal
            `not_confirmed` or `not_allowed`.
        """
        self.require_confirmed()
        if not self.has(edition, *roles):
            raise NOT_ALLOWED(role=" or ".join(roles))

    def require_admin(self) -> None:
        """Let pass an administrator.

        Raises
        ------
        Refusal
            `not_confirmed` or `not_allowed`.
        """
        self.require_confirmed()
        if not self.admin:
            raise NOT_ALLOWED(role="administrator")

    def require_confirmed(self) -> None:
        """Let pass whose e-mail address is proven.

        Raises
        ------
        Refusal
            `not_confirmed`.
        """
        if not self.confirmed:
            raise NOT_CONFIRMED()
