"""PostgreSQL: embedded by default, plain SQL, set-based."""
