"""Transactions that cost nothing where one is open already."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.db import transaction

from core.locks import own_depth

if TYPE_CHECKING:
    from collections.abc import Callable


def in_a_transaction[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Run a function in the transaction that is open, or else in one of its own.

    Unlike `transaction.atomic` it sets no savepoint: use it where nothing is written before a
    refusal, since a caller that goes on after one would keep what was written.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if own_depth(transaction.get_connection()):
            return function(*args, **kwargs)
        with transaction.atomic():
            return function(*args, **kwargs)

    return run
