"""How alembic runs the migrations: on the connection that `store.database` hands over."""

from alembic import context

from evenhand.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
