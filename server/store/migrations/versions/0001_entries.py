"""Sessions, their entries, first answers and disclosures; followers; one-time codes; agents."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(64), primary_key=True),
        sa.Column("home_node", sa.String(64), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.String(64), nullable=False),
    )
    op.create_table(
        "entries",
        sa.Column("session_id", sa.String(64), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "answers",
        sa.Column("session_id", sa.String(64), primary_key=True),
        sa.Column("author_key", sa.String(1024), primary_key=True),
        sa.Column("command_id", sa.String(64), primary_key=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "disclosures",
        sa.Column("session_id", sa.String(64), primary_key=True),
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "audience",
        sa.Column("session_id", sa.String(64), primary_key=True),
        sa.Column("node_key", sa.String(1024), primary_key=True),
    )
    op.create_index("audience_by_node", "audience", ["node_key"])
    op.create_table(
        "codes",
        sa.Column("session_id", sa.String(64), primary_key=True),
        sa.Column("seat", sa.String(64), primary_key=True),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("requested_at_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("locked_until_ms", sa.BigInteger, nullable=False),
        sa.Column("used_by", sa.String(1024), nullable=False),
    )
    op.create_table(
        "agents",
        sa.Column("key", sa.String(1024), primary_key=True),
        sa.Column("enrolled_at_ms", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for name in ("agents", "codes", "audience", "disclosures", "answers", "entries", "sessions"):
        op.drop_table(name)
