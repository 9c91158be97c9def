"""Which policy holds each place, and every decision that led there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "promotions",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("decision", sa.String(64), nullable=False, unique=True),
        sa.Column("place", sa.String(250), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=False),
        sa.Column("candidate", sa.String(250), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("opponent", sa.String(250), nullable=False),
        sa.Column("opponent_sha256", sa.String(64), nullable=False),
        sa.Column("promoted", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("difference", "low", "high")),
        sa.Column("markets", sa.Integer, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
    )
    op.create_index("promotions_by_place", "promotions", ["place", "promoted", "number"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("promotions")
