from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from core import api, policy, quickredis
from tests.factories.core import agent

if TYPE_CHECKING:
    from pytest_django import Settings
    from rest_framework.request import Request

pytestmark = pytest.mark.django_db


class Things(APIView):
    permission_classes = [api.Needs(policy.SEARCH)]

    def get(self, request: Request) -> Response:
        del request
        return Response({})


def token() -> str:
    return api.issue_key(name="shop", owner=agent(), permissions=[policy.SEARCH])[1]


def ask(bearer: str) -> Any:
    request = APIRequestFactory().get("/", headers={"Authorization": f"Bearer {bearer}"})
    return Things.as_view()(request)


def test_a_key_that_asks_too_often_waits_for_the_next_minute(settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    busy, other = token(), token()

    with time_machine.travel("2026-11-02T09:15:50Z", tick=False):
        answers = [ask(busy) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].data["code"] == "too_many_requests"
        assert answers[-1]["Retry-After"] == "10"
        assert ask(other).status_code == 200
    with time_machine.travel("2026-11-02T09:16:00Z", tick=False):
        assert ask(busy).status_code == 200


def test_counts_are_forgotten(settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    quickredis.attempt(lambda redis: redis.flushall())
    ask(token())

    left = quickredis.attempt(lambda redis: [redis.ttl(name) for name in redis.keys("rate:*")])

    assert left
    assert all(0 < seconds <= 120 for seconds in left)


def test_without_a_limit_nothing_is_counted(settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 0
    quickredis.attempt(lambda redis: redis.flushall())

    assert ask(token()).status_code == 200
    assert quickredis.attempt(lambda redis: redis.keys("rate:*")) == []


def test_where_redis_is_gone_nobody_is_held_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    bearer = token()
    monkeypatch.setattr(quickredis.breaker, "is_open", lambda: True)

    assert [ask(bearer).status_code for _ in range(3)] == [200, 200, 200]
