"""The ledger as the database keeps it: what raw SQL cannot write, whoever writes it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection

from payments.models import LedgerAccount, Transfer
from payments.postings import Line, account
from payments.services.ledger import settle
from payments.services.verifying import differences
from tests.conftest import _owner
from tests.payments.test_races import at_once, without_trigger

pytestmark = pytest.mark.django_db(transaction=True)

BANK = account("provider-clearing", "EUR", "a1.0")
FUNDS = account("customer-funds", "EUR", "c1")
CROWNS = account("customer-funds", "SEK", "c1")
INSERT = """
    INSERT INTO payments_transfer
        (source, subject, pair, debit_id, credit_id, is_reverse, amount, created_at)
    VALUES (%(source)s, 'cap_2', 'captured', %(debit)s, %(credit)s, false, %(amount)s, now())
"""


@pytest.fixture(autouse=True)
def _posted() -> None:
    settle([Line("cap_1", "captured", BANK, FUNDS, 5_000)], version=1)
    LedgerAccount.objects.create(key=CROWNS, code="customer-funds", currency="SEK", owner="c1")


def row(**changes: Any) -> dict[str, Any]:
    """A sound transfer, and what makes it unsound. Accounts are named by their keys."""
    ids: dict[Any, int] = dict(LedgerAccount.objects.values_list("key", "pk"))
    values = {"source": "cap_2/captured/1", "debit": BANK, "credit": FUNDS, "amount": 100} | changes
    return values | {side: ids.get(values[side]) for side in ("debit", "credit")}


def insert(**changes: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, row(**changes))


def standing() -> list[tuple[str, int, int]]:
    return list(LedgerAccount.objects.order_by("key").values_list("key", "debits", "credits"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"credit": None}, psycopg.errors.NotNullViolation),
        ({"debit": None}, psycopg.errors.NotNullViolation),
        ({"credit": BANK}, psycopg.errors.CheckViolation),
        ({"credit": CROWNS}, psycopg.errors.CheckViolation),
        ({"amount": 0}, psycopg.errors.CheckViolation),
        ({"amount": -100}, psycopg.errors.CheckViolation),
        ({"source": "cap_1/captured/1"}, psycopg.errors.UniqueViolation),
    ],
    ids=["no credit", "no debit", "one account", "two currencies", "nothing", "less", "twice"],
)
def test_the_database_refuses_a_transfer_that_does_not_balance(
    changes: dict[str, Any], reason: type[Exception]
) -> None:
    before = standing()

    with pytest.raises(DatabaseError) as refusal:
        insert(**changes)

    assert isinstance(refusal.value.__cause__, reason)
    assert standing() == before
    assert Transfer.objects.count() == 1


def test_a_sound_transfer_written_by_hand_moves_both_sums() -> None:
    insert()

    assert standing() == [(FUNDS, 0, 5_100), (CROWNS, 0, 0), (BANK, 5_100, 0)]


def test_without_the_trigger_two_currencies_could_be_joined_and_the_sums_would_lie() -> None:
    with without_trigger("payments_transfer", "payments_transfer_sums"):
        insert(credit=CROWNS)

    assert Transfer.objects.count() == 2
    assert len(list(differences())) == 2
    with _owner() as owner:
        owner.execute("TRUNCATE payments_transfer, payments_ledgeraccount")


def test_many_lines_lock_their_accounts_in_one_order() -> None:
    """Settling the same accounts from both ends at once ends, and every line is there."""
    keys = [account("customer-funds", "EUR", f"c{n}") for n in range(2, 30)]

    def post(run: int, names: list[str]) -> Any:
        lines = [
            Line(f"cap_{run}.{n}", "captured", debit, credit, 100)
            for n, (debit, credit) in enumerate(pairwise(names))
        ]
        return lambda: settle(lines, version=1)

    acts = [post(run, keys if run % 2 else keys[::-1]) for run in range(8)]
    results = at_once(acts)

    assert results == [27] * 8
    assert Transfer.objects.count() == 1 + 8 * 27
