"""A bare Django site over the same database: the least that any design would cost."""
