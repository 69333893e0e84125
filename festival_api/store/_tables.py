"""Every table of the service.

Identifiers are random hexadecimal text: an address that cannot be guessed tells nothing about who
or how many came before. Documents (drafts, snapshots, opinions, inputs of decisions) are canonical
JSON (RFC 8785) in text columns, so that what was hashed is what is stored.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from festival_api.store._types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _account(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[str]:
    return Column(name, Text, ForeignKey("accounts.id"), nullable=nullable, primary_key=primary_key)


def _entry(*, primary_key: bool = False) -> Column[str]:
    return Column("entry", Text, ForeignKey("entries.id"), nullable=False, primary_key=primary_key)


def _at(name: str) -> Column[object]:
    return Column(name, Instant, nullable=False)


def _maybe_at(name: str) -> Column[object]:
    return Column(name, Instant)


# --- Editions: each text that was ever served, by hash: prices and decisions name theirs. ---

edition_versions = Table(
    "edition_versions",
    metadata,
    Column("edition", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("text", Text, nullable=False),
    _at("first_served_at"),
)

# --- Accounts. ---

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    # As typed, and folded for comparing; both become NULL when the account is erased.
    Column("email", Text),
    Column("email_key", Text, unique=True),
    Column("password_hash", Text),
    Column("name", Text),
    Column("language", Text, nullable=False),
    Column("admin", Boolean, nullable=False),
    _maybe_at("confirmed_at"),
    _at("created_at"),
    _maybe_at("erased_at"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    _account("account"),
    _at("created_at"),
    _at("expires_at"),
    Index(None, "account"),
)

# One-time tokens that were sent by e-mail.
tokens = Table(
    "tokens",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    _account("account"),
    Column("purpose", Text, nullable=False),  # confirm, reset, change_email
    Column("email", Text, nullable=False),
    _at("sent_at"),
    _at("expires_at"),
    _maybe_at("used_at"),
    Index(None, "account"),
)

# Letters, queued in the transaction that causes them and delivered after it; the text goes when it
# is delivered.
letters = Table(
    "letters",
    metadata,
    Column("id", Text, primary_key=True),
    _account("account"),
    Column("kind", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    _at("queued_at"),
    _maybe_at("sent_at"),
    Column("tries", Integer, nullable=False),
    _at("next_try_at"),
    Column("trouble", Text),
    Index(None, "sent_at", "next_try_at"),
)

roles = Table(
    "roles",
    metadata,
    Column("edition", Text, primary_key=True),
    _account("account", primary_key=True),
    Column("role", Text, primary_key=True),  # office, auditor
    _at("granted_at"),
    _account("granted_by", nullable=True),
)

# --- Entries. ---

entries = Table(
    "entries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("edition", Text, nullable=False),
    _account("owner"),
    Column("state", Text, nullable=False),
    # Counts every change of the draft; a client that saw an older one is refused.
    Column("version", Integer, nullable=False),
    Column("draft", Text, nullable=False),
    Column("category", Text),
    Column("student", Boolean, nullable=False),
    Column("student_proof", Text, nullable=False),  # none, waiting, accepted, refused
    # Where the entry came from, when it was not made here: a source and its own number there.
    Column("source", Text),
    Column("source_number", Text),
    # Hash of what was last brought from there: whoever changed it since has made the draft their
    # own.
    Column("source_sha256", Text),
    _at("created_at"),
    _at("changed_at"),
    UniqueConstraint("edition", "source", "source_number"),
    Index(None, "edition", "state"),
    Index(None, "owner"),
)

entry_events = Table(
    "entry_events",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    _entry(),
    Column("action", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", Text, nullable=False),
    _account("actor", nullable=True),  # NULL: the service itself
    _at("at"),
    Index(None, "entry"),
)

snapshots = Table(
    "snapshots",
    metadata,
    _entry(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("content", Text, nullable=False),
    # Who made it lies apart, under a salted hash that `content` holds: erasing it leaves the
    # snapshot whole.
    Column("people", Text),
    Column("people_salt", Text),
    Column("edition_sha256", Text, nullable=False),
    _at("made_at"),
)

files = Table(
    "files",
    metadata,
    Column("id", Text, primary_key=True),
    _entry(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("sha256", Text),  # as declared; when complete, as found
    Column("state", Text, nullable=False),  # incoming, hashing, complete, damaged, deleted
    _at("created_at"),
    _maybe_at("expires_at"),  # while incoming: moves on with every byte
    _maybe_at("completed_at"),
    Index(None, "entry"),
    Index(None, "state"),
)

# --- Money. ---

quotes = Table(
    "quotes",
    metadata,
    Column("id", Text, primary_key=True),
    _entry(),
    # Counts the entry's quotes; the latest locked one holds.
    Column("number", Integer, nullable=False),
    Column("edition_sha256", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("fee_class", Text, nullable=False),
    Column("student", Boolean, nullable=False),
    Column("period", Text, nullable=False),
    Column("support", Text, nullable=False),
    Column("factor_numerator", Integer, nullable=False),
    Column("factor_denominator", Integer, nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    _at("made_at"),
    _at("expires_at"),
    _maybe_at("locked_at"),  # at finalise
    _maybe_at("reminded_at"),  # when the letter went that it expires soon
    CheckConstraint("amount >= 0", name="amount"),
    UniqueConstraint("entry", "number"),
)

payments = Table(
    "payments",
    metadata,
    Column("id", Text, primary_key=True),
    _entry(),
    Column("quote", Text, ForeignKey("quotes.id"), nullable=False),
    Column("provider", Text, nullable=False),
    # NULL until the provider has answered: the row is written before it is asked.
    Column("provider_id", Text),
    Column("provider_payment", Text),
    Column("url", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("state", Text, nullable=False),  # started, failed, expired, mismatch, paid
    _at("started_at"),
    _maybe_at("settled_at"),
    UniqueConstraint("provider", "provider_id"),
    CheckConstraint("refunded >= 0 AND refunded <= amount", name="refunded"),
    Index(None, "entry"),
)

# What a provider told, each event once: it may come twice, late and out of order.
payment_events = Table(
    "payment_events",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("provider_payment", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("payment", Text, ForeignKey("payments.id")),  # NULL: none of ours
    Column("outcome", Text, nullable=False),
    _at("received_at"),
    Index(None, "payment"),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("payment", Text, ForeignKey("payments.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),  # asked, failed, void, done
    Column("provider_refund", Text),
    _account("asked_by", nullable=True),
    _at("asked_at"),
    _maybe_at("done_at"),
    CheckConstraint("amount > 0", name="amount"),
    Index(None, "payment"),
)

# --- Jury. A juror belongs to exactly one faction of an edition: key and NOT NULL say so. ---

jurors = Table(
    "jurors",
    metadata,
    Column("edition", Text, primary_key=True),
    _account("account", primary_key=True),
    Column("faction", Text, nullable=False),
    Column("core", Boolean, nullable=False),
    Column("capacity", Integer),
    # The name under which a juror stands in records that others read.
    Column("pseudonym", Text, nullable=False),
    # Where the juror works, for finding conflicts of interest.
    Column("company", Text),
    _at("appointed_at"),
    _maybe_at("retired_at"),
    UniqueConstraint("edition", "pseudonym"),
)

conflicts = Table(
    "conflicts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("edition", Text, nullable=False),
    Column("juror", Text, nullable=False),
    _entry(),
    Column("kind", Text, nullable=False),
    Column("note", Text, nullable=False),
    _account("declared_by", nullable=True),  # NULL: found by the service
    _at("declared_at"),
    _maybe_at("lifted_at"),
    Column("lifted_why", Text),
    _account("lifted_by", nullable=True),
    ForeignKeyConstraint(["edition", "juror"], ["jurors.edition", "jurors.account"]),
    Index(None, "edition", "juror", "entry"),
)

# Whom and what jurors are bound to, told before they see a work: persons, companies, domains.
relations = Table(
    "relations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("edition", Text, nullable=False),
    Column("juror", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    _at("declared_at"),
    ForeignKeyConstraint(["edition", "juror"], ["jurors.edition", "jurors.account"]),
    Index(None, "edition", "juror"),
)

stages = Table(
    "stages",
    metadata,
    Column("edition", Text, primary_key=True),
    Column("stage", Integer, primary_key=True),
    Column("state", Text, nullable=False),  # open, closed, published
    Column("edition_sha256", Text, nullable=False),
    _at("opened_at"),
    _maybe_at("closed_at"),
    _maybe_at("published_at"),
)

# Who opened, closed, opened again and published a stage, when and why.
stage_events = Table(
    "stage_events",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("edition", Text, nullable=False),
    Column("stage", Integer, nullable=False),
    Column("action", Text, nullable=False),  # open, admit, line, close, reopen, publish
    Column("reason", Text, nullable=False),
    _account("actor"),
    _at("at"),
    Index(None, "edition", "stage"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("edition", Text, primary_key=True),
    Column("stage", Integer, primary_key=True),
    _entry(primary_key=True),
    Column("juror", Text, primary_key=True),
    # Counts up when an ended assignment is made again.
    Column("turn", Integer, primary_key=True),
    Column("why", Text, nullable=False),  # drawn, extra, by_hand
    Column("seed", Text),
    _at("made_at"),
    _account("made_by", nullable=True),
    _maybe_at("ended_at"),
    Column("ended_why", Text),
    ForeignKeyConstraint(["edition", "juror"], ["jurors.edition", "jurors.account"]),
)

# Verdicts (stage 1) and reviews (stage 2). Nothing is overwritten once submitted: a change is a
# further revision with its reason; a recused one stays, void.
opinions = Table(
    "opinions",
    metadata,
    Column("edition", Text, primary_key=True),
    Column("stage", Integer, primary_key=True),
    _entry(primary_key=True),
    Column("juror", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("content", Text, nullable=False),
    # For the juror alone: no part of what is counted, shown or printed.
    Column("note", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False),
    _at("saved_at"),
    _maybe_at("submitted_at"),
    _maybe_at("void_at"),
    Column("void_why", Text),
    ForeignKeyConstraint(["edition", "juror"], ["jurors.edition", "jurors.account"]),
)

# Viewings and defences of stage 3, and who was there.
hearings = Table(
    "hearings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("edition", Text, nullable=False),
    _entry(),
    Column("kind", Text, nullable=False),  # viewing, defence
    Column("note", Text, nullable=False),
    _at("held_at"),
    _at("recorded_at"),
    _account("recorded_by"),
    # The record that this one corrects, once, and why.
    Column("replaces", Text, ForeignKey("hearings.id"), unique=True),
    Column("reason", Text, nullable=False),
    Index(None, "edition", "entry"),
)

attendances = Table(
    "attendances",
    metadata,
    Column("hearing", Text, ForeignKey("hearings.id"), primary_key=True),
    _account("juror", primary_key=True),
)

# One ballot per member, award and round: the primary key says so.
ballots = Table(
    "ballots",
    metadata,
    Column("edition", Text, primary_key=True),
    Column("award", Text, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("juror", Text, primary_key=True),
    _entry(),
    _at("cast_at"),
    ForeignKeyConstraint(["edition", "juror"], ["jurors.edition", "jurors.account"]),
)

# The hash of a seed, published before the draw; the seed itself when it is drawn.
seeds = Table(
    "seeds",
    metadata,
    Column("edition", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("commitment", Text, nullable=False),
    Column("seed", Text, nullable=False),
    _at("committed_at"),
    _maybe_at("revealed_at"),
)

# What was decided, and all that it was decided from: a decision can be computed again from its row
# alone.
decisions = Table(
    "decisions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("edition", Text, nullable=False),
    Column("stage", Integer, nullable=False),
    Column("kind", Text, nullable=False),  # recognition, selection, tie, award
    Column("subject", Text, nullable=False),  # the award's id, or empty
    # Counts up when the same is decided anew; the highest holds.
    Column("turn", Integer, nullable=False, default=1),
    Column("method", Text, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("inputs_sha256", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("result_sha256", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    _at("made_at"),
    _account("made_by", nullable=True),
    Index(None, "edition", "stage", "kind", "subject"),
)
