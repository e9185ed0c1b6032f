"""Asking providers in parallel, with no transaction open and no lane blocking another."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from typing import TYPE_CHECKING

from core import locks
from payments.providers.base import Absent, Snapshot
from payments.providers.errors import OutcomeUnknown, ProviderError
from payments.registry import provider_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from payments.models import ProviderAccount
    from payments.providers.base import FetchRequest

logger = logging.getLogger(__name__)

LANE_WIDTH = 24
_lanes: dict[int, ThreadPoolExecutor] = {}


def in_lanes[T](
    acts: Sequence[tuple[ProviderAccount, Callable[[], T]]],
) -> Iterator[tuple[int, T]]:
    """Run acts, each account in its own lane; yield (place, result) as they end.

    A dead or slow provider delays only itself: its results simply come last.
    """
    locks.assert_no_transaction()
    places = {_lane(account).submit(act): place for place, (account, act) in enumerate(acts)}
    for future in as_completed(places):
        yield places[future], future.result()


def fetch_all(
    asked: Sequence[tuple[ProviderAccount, FetchRequest]],
) -> Iterator[tuple[int, Snapshot | Absent | ProviderError]]:
    """Read many attempts; yield (place, answer) as they come. An error is an answer too."""
    yield from read_all(
        [(account, partial(_fetch, account, request)) for account, request in asked]
    )


def read_all(
    asked: Sequence[tuple[ProviderAccount, Callable[[], Snapshot | Absent]]],
) -> Iterator[tuple[int, Snapshot | Absent | ProviderError]]:
    """Let many be read, each in its lane; yield (place, answer). An error is an answer too."""
    yield from in_lanes([(account, partial(_answer, read)) for account, read in asked])


def _lane(account: ProviderAccount) -> ThreadPoolExecutor:
    if account.pk not in _lanes:
        name = f"lane-{account.pk}"
        _lanes[account.pk] = ThreadPoolExecutor(LANE_WIDTH, thread_name_prefix=name)
    return _lanes[account.pk]


def _fetch(account: ProviderAccount, request: FetchRequest) -> Snapshot | Absent:
    return provider_for(account).fetch(request)


def _answer(read: Callable[[], Snapshot | Absent]) -> Snapshot | Absent | ProviderError:
    try:
        return read()
    except ProviderError as error:
        return error
    except Exception as error:  # An adapter's own mistake must not stop the batch.
        logger.exception("adapter failed")
        return OutcomeUnknown(str(error), code="adapter_error")
