"""Time that is left, as a clock shows it."""

from __future__ import annotations


def clock_of(left: int) -> str:
    """Write seconds as a clock does, 0:18 or 23:59:12. The script writes them the same way."""
    minutes, seconds = divmod(left, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
