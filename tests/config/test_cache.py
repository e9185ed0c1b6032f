from __future__ import annotations

from uuid import uuid4

import pytest
from django.conf import settings

from config.cache import ForgivingRedisCache

NOWHERE = "unix:///nowhere/valkey.sock?db=0"


def test_a_redis_that_is_there_remembers() -> None:
    cache, key = ForgivingRedisCache(settings.REDIS_URL, {}), str(uuid4())

    assert cache.add(key, {"tries": 1}, 60) is True
    assert cache.add(key, {"tries": 2}, 60) is False
    assert cache.get(key) == {"tries": 1}
    assert cache.delete(key) is True
    assert cache.get(key, "gone") == "gone"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_redis_that_is_away_forgets_and_never_fails() -> None:
    cache = ForgivingRedisCache(NOWHERE, {})

    cache.set("key", 1, 60)

    assert cache.get("key", "nothing") == "nothing"
    assert cache.add("key", 1, 60) is True
    assert cache.delete("key") is False
