"""The embedded engines, Postgres and the Temporal dev server, and the supervisor that keeps them and ours alive."""
