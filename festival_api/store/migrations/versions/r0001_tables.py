"""All tables of the first version."""

from alembic import op

from festival_api.store import tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    tables.metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Come back."""
    tables.metadata.drop_all(op.get_bind())
