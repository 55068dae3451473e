"""Run by Alembic: migrates over the connection that `diag.cases.schema` hands over."""

from alembic import context

from diag.cases.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
