"""The desk's part of the ledger."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from scheduler.database import Instant, metadata

drafts = Table(
    "drafts",  # where an item stands now; how it came there stands in draft_acts
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("steps", JSON, nullable=False),  # the chain as it was when the item was added
    Column("passed", JSON, nullable=False),  # who passed its steps so far
    Column("version", Integer, nullable=False),  # the newest
    Column("column", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("post_id", ForeignKey("posts.id"), unique=True),  # once signed
    Column("corrects", ForeignKey("drafts.id"), index=True),  # the item whose mistake it puts right
    Column("added_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_drafts_state", "state", "id"),
)

draft_versions = Table(
    "draft_versions",  # only added to
    metadata,
    Column("draft_id", ForeignKey("drafts.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("accounts", JSON, nullable=False),
    Column("due_at", Instant),  # empty: as soon as it is signed
    Column("expires_at", Instant),  # when it is taken down again by itself; empty: never
    Column("sha256", String(64), nullable=False),  # of the post it makes
    Column("file", Text, nullable=False),  # the name of the file it came from
    Column("written_by", Text, nullable=False),
    Column("written_at", Instant, nullable=False),
    Index(
        "ix_draft_versions_expires",
        "expires_at",
        sqlite_where=text("expires_at IS NOT NULL"),
        postgresql_where=text("expires_at IS NOT NULL"),
    ),
)

draft_pictures = Table(
    "draft_pictures",
    metadata,
    Column("draft_id", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sha256", ForeignKey("blobs.sha256"), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("alt", Text, nullable=False),
    ForeignKeyConstraint(["draft_id", "version"], ["draft_versions.draft_id", "draft_versions.version"]),
)

draft_acts = Table(
    "draft_acts",  # who did what, when, on which version; only added to
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draft_id", ForeignKey("drafts.id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("act", String(16), nullable=False),  # bot.drafts.Act, or "add"
    Column("step", Text, nullable=False),  # of the chain, where the act passed one
    Column("state", String(16), nullable=False),  # after the act
    Column("who", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("opinion", Text, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),  # with which a person logs in, and which stands on record
    Column("password", Text, nullable=False),  # argon2
    Column("must_change", Boolean, nullable=False),  # the password is one that somebody else has seen
    Column("otp_secret", Text, nullable=False),  # empty: no second factor
    Column("otp_step", Integer, nullable=False),  # the last one used: no code counts twice
    Column("failures", Integer, nullable=False),  # wrong tries in a row
    Column("shut_until", Instant),  # after too many of them
    Column("locked_at", Instant),  # by an administrator, until undone
    Column("added_at", Instant, nullable=False),
    UniqueConstraint("name"),
)

grants = Table(
    "grants",  # who may do what, and for which unit
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("role", String(16), primary_key=True),
    Column("unit", Text, primary_key=True),  # empty: for all of them
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", String(64), nullable=False),  # SHA-256 of what the browser holds
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("begun_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("address", String(64), nullable=False),
    Column("browser", Text, nullable=False),
    UniqueConstraint("token"),
)
