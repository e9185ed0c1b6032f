"""Live screens: a message says only "topic X is at version n", the page reads the rest.

Topics are `<kind>:<public id>`, or just a kind. The app that owns a kind registers how to
read versions of it; the same function is the access check, and it is asked again every few
seconds, so that a lost message costs seconds and a lost permission ends the news.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from core import quickredis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.models import User

    type Resolver = Callable[[User, list[str]], dict[str, int]]

CHANNEL = "live"
MOST_TOPICS = 50

_resolvers: dict[str, Resolver] = {}


def register_topic(kind: str, resolver: Resolver) -> None:
    """Say how to read the versions of a kind of topic.

    `resolver(user, ids)` gives {topic: version} for those ids that the user may see; a kind
    without ids is asked with `[""]`. It is asked often: one query, by key.
    """
    _resolvers[kind] = resolver


def publish_on_commit(topic: str, version: int | Callable[[], int]) -> None:
    """Tell open pages, once this transaction has committed, that the topic is at the version.

    A version that others change at the same time is given as what reads it: of two
    transactions the one that commits last then tells of both.
    """
    transaction.on_commit(partial(_publish_present, topic, version), robust=True)


def _publish_present(topic: str, version: int | Callable[[], int]) -> None:
    publish(topic, version() if callable(version) else version)


def publish(topic: str, version: int) -> None:
    """Tell open pages. Never raises; where Redis is gone they find out by themselves."""
    message = json.dumps({"topic": topic, "version": version})
    quickredis.attempt(lambda redis: redis.publish(CHANNEL, message))


def versions(user: User, topics: Iterable[str]) -> dict[str, int]:
    """Read the present versions of those topics that the user may see. Unknown ones are left out.

    Topics past the fiftieth are left out, too: no page shows that many.
    """
    by_kind: defaultdict[str, list[str]] = defaultdict(list)
    for topic in list(topics)[:MOST_TOPICS]:
        kind, _, public_id = topic.partition(":")
        by_kind[kind].append(public_id)
    found: dict[str, int] = {}
    for kind, ids in by_kind.items():
        if kind in _resolvers:
            found |= _resolvers[kind](user, ids)
    return found
