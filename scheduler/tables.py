"""The scheduler's part of the ledger."""

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from scheduler.database import Instant, metadata

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

posts = Table(
    "posts",  # frozen: never updated
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("content", Text, nullable=False),  # Post.canonical()
    Column("signed_at", Instant, nullable=False),
)

deliveries = Table(
    "deliveries",  # the present state; how it came about stands in attempts
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(32), nullable=False),
    Column("account", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),  # when it should go out
    Column("wake_at", Instant),  # when the clock looks at it next
    Column("since", Instant, nullable=False),  # when it came into its state
    Column("reference", String(128), nullable=False),
    Column("receipt", JSON),
    Column("code", String(64), nullable=False),
    Column("sentence", Text, nullable=False),
    UniqueConstraint("key"),
    Index(
        "ix_deliveries_one_sending",
        "account",
        unique=True,
        sqlite_where=text("state = 'sending'"),
        postgresql_where=text("state = 'sending'"),
    ),
    Index(
        "ix_deliveries_wake",
        "wake_at",
        "id",
        sqlite_where=text("wake_at IS NOT NULL"),
        postgresql_where=text("wake_at IS NOT NULL"),
    ),
    Index("ix_deliveries_reference", "account", "reference"),
    Index("ix_deliveries_state", "state", "since"),
)

delivery_posts = Table(
    "delivery_posts",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("post_id", ForeignKey("posts.id"), nullable=False, index=True),
)

attempts = Table(
    "attempts",  # history: only added to
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("event", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # after the event
    Column("begun_at", Instant),  # when it was claimed, for the outcome of a try
    Column("at", Instant, nullable=False),
    Column("actor", String(64), nullable=False),  # a worker's name, a person, or the platform
    Column("code", String(64), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("receipt", JSON),
)

notes = Table(
    "notes",  # how far a delivery came, kept before the next step
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("name", String(160), primary_key=True),
    Column("value", Text, nullable=False),
)

uploads = Table(
    "uploads",  # what an account's platform holds already, by content hash
    metadata,
    Column("account", String(64), primary_key=True),
    Column("name", String(160), primary_key=True),
    Column("value", Text, nullable=False),
)

finishes = Table(
    "finishes",  # outcomes that came before the job's reference was recorded
    metadata,
    Column("account", String(64), primary_key=True),
    Column("reference", String(128), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("finish", JSON, nullable=False),
)

pauses = Table(
    "pauses",  # accounts that rest, and why
    metadata,
    Column("account", String(64), primary_key=True),
    Column("until", Instant, nullable=False),
    Column("code", String(64), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("refusals", Integer, nullable=False, server_default=text("0")),  # of the account, in a row
)

tokens = Table(
    "tokens",  # what authorisations brought, sealed with a key that is not in the database
    metadata,
    Column("name", String(160), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("refreshed_at", Instant, nullable=False),
)

calls = Table(
    "calls",  # how often an account's calls were made, for the day that Redis forgets
    metadata,
    Column("account", String(64), primary_key=True),
    Column("day", String(8), primary_key=True),  # Beijing's, as 20261123
    Column("used", JSON, nullable=False),  # by call
)

account_settings = Table(
    "account_settings",  # by which a changed configuration is noticed
    metadata,
    Column("account", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
)

withdrawals = Table(
    "withdrawals",  # the present state; how it came about stands in withdrawal_steps
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("wake_at", Instant),  # when the clock looks at it next
    Column("since", Instant, nullable=False),  # when it came into its state
    Column("asked_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("code", String(64), nullable=False),
    Column("sentence", Text, nullable=False),
    ForeignKeyConstraint(
        ["delivery_id", "position"], ["delivery_posts.delivery_id", "delivery_posts.position"]
    ),
    Index(
        "ix_withdrawals_one_at_a_place",
        "delivery_id",
        "position",
        unique=True,
        sqlite_where=text("state <> 'dropped'"),
        postgresql_where=text("state <> 'dropped'"),
    ),
    Index(
        "ix_withdrawals_wake",
        "wake_at",
        "id",
        sqlite_where=text("wake_at IS NOT NULL"),
        postgresql_where=text("wake_at IS NOT NULL"),
    ),
    Index(
        "ix_withdrawals_ahead",
        "delivery_id",
        sqlite_where=text("state IN ('asked', 'confirmed')"),
        postgresql_where=text("state IN ('asked', 'confirmed')"),
    ),
)

withdrawal_steps = Table(
    "withdrawal_steps",  # history: only added to
    metadata,
    Column("id", Integer, primary_key=True),
    Column("withdrawal_id", ForeignKey("withdrawals.id"), nullable=False, index=True),
    Column("event", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # after the event
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),  # a worker's name, a person, or the clock
    Column("code", String(64), nullable=False),
    Column("sentence", Text, nullable=False),
)
