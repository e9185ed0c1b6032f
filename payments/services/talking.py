"""Asking providers in parallel, with no transaction open and no lane blocking another."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from core import locks
from payments.providers.base import Absent, OutcomeUnknown, ProviderError, Snapshot
from payments.registry import provider_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from payments.models import ProviderAccount
    from payments.providers.base import FetchRequest, Provider

logger = logging.getLogger(__name__)

LANE_WIDTH = 24
_lanes: dict[int, ThreadPoolExecutor] = {}


def fetch_all(
    asked: Sequence[tuple[ProviderAccount, FetchRequest]],
) -> Iterator[tuple[int, Snapshot | Absent | ProviderError]]:
    """Read many attempts, each account in its own lane; yield (place, answer) as they come.

    An error is an answer too, and a slow provider's answers simply come last.
    """
    locks.assert_no_transaction()
    places = {
        _lane(account).submit(_fetch, provider_for(account), request): place
        for place, (account, request) in enumerate(asked)
    }
    for future in as_completed(places):
        yield places[future], future.result()


def _lane(account: ProviderAccount) -> ThreadPoolExecutor:
    if account.pk not in _lanes:
        name = f"fetch-{account.pk}"
        _lanes[account.pk] = ThreadPoolExecutor(LANE_WIDTH, thread_name_prefix=name)
    return _lanes[account.pk]


def _fetch(provider: Provider, request: FetchRequest) -> Snapshot | Absent | ProviderError:
    try:
        return provider.fetch(request)
    except ProviderError as error:
        return error
    except Exception as error:  # An adapter's own mistake must not stop the batch.
        logger.exception("adapter failed")
        return OutcomeUnknown(str(error), code="adapter_error")
