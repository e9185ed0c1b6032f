"""Django's PostgreSQL with statements that are planned once, and connections checked for free."""
