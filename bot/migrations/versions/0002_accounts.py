"""What is kept of accounts: sealed tokens, calls made, the settings last seen, refusals in a row."""

import sqlalchemy as sa
from alembic import op

from scheduler.database import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tokens",
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.Column("refreshed_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tokens")),
    )
    op.create_table(
        "calls",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=8), nullable=False),
        sa.Column("used", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("account", "day", name=op.f("pk_calls")),
    )
    op.create_table(
        "account_settings",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_account_settings")),
    )
    op.add_column("pauses", sa.Column("refusals", sa.Integer(), nullable=False, server_default=sa.text("0")))
