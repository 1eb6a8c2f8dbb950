"""Withdrawals and their steps; which item corrects which, and until when an item may be shown."""

import sqlalchemy as sa
from alembic import op

from scheduler.database import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_withdrawals()
    _add_steps()
    op.add_column("draft_versions", sa.Column("expires_at", Instant(timezone=True), nullable=True))
    op.create_index(
        "ix_draft_versions_expires",
        "draft_versions",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    # Alembic would add the key by a second statement, which SQLite does not know.
    op.execute(
        "ALTER TABLE drafts ADD COLUMN corrects INTEGER CONSTRAINT fk_drafts_corrects REFERENCES drafts (id)"
    )
    op.create_index(op.f("ix_drafts_corrects"), "drafts", ["corrects"], unique=False)


def _add_withdrawals() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("wake_at", Instant(timezone=True), nullable=True),
        sa.Column("since", Instant(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id", "position"],
            ["delivery_posts.delivery_id", "delivery_posts.position"],
            name=op.f("fk_withdrawals_delivery_id_position"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
    )
    op.create_index(
        "ix_withdrawals_one_at_a_place",
        "withdrawals",
        ["delivery_id", "position"],
        unique=True,
        sqlite_where=sa.text("state <> 'dropped'"),
        postgresql_where=sa.text("state <> 'dropped'"),
    )
    op.create_index(
        "ix_withdrawals_wake",
        "withdrawals",
        ["wake_at", "id"],
        unique=False,
        sqlite_where=sa.text("wake_at IS NOT NULL"),
        postgresql_where=sa.text("wake_at IS NOT NULL"),
    )
    op.create_index(
        "ix_withdrawals_ahead",
        "withdrawals",
        ["delivery_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('asked', 'confirmed')"),
        postgresql_where=sa.text("state IN ('asked', 'confirmed')"),
    )


def _add_steps() -> None:
    op.create_table(
        "withdrawal_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("withdrawal_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["withdrawal_id"], ["withdrawals.id"], name=op.f("fk_withdrawal_steps_withdrawal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal_steps")),
    )
    op.create_index(
        op.f("ix_withdrawal_steps_withdrawal_id"), "withdrawal_steps", ["withdrawal_id"], unique=False
    )
