"""The money simulator: the real product on a real PostgreSQL, in schedules drawn from a seed.

`docs/proving.md` says what is promised and how this proves it.
"""
