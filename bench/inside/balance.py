"""Reading the balance of the account with the most transfers behind it, and of one with few."""

from __future__ import annotations

from django.db.models import Count

from bench.inside import answer, seconds
from payments.models import LedgerAccount, Transfer

READS = 1_000


def main() -> None:
    counted = Transfer.objects.values("credit__key").annotate(number=Count("pk"))
    many, few = counted.latest("number"), counted.earliest("number")
    answer(
        {
            "transfers": many["number"],
            "few_transfers": few["number"],
            "ms": _cost(many["credit__key"]),
            "few_ms": _cost(few["credit__key"]),
        }
    )


def _cost(key: str) -> float:
    """Milliseconds of processor time a reading."""
    before = seconds()
    for _ in range(READS):
        _ = LedgerAccount.objects.get(key=key).balance
    return (seconds() - before) / READS * 1000


if __name__ == "__main__":
    main()
