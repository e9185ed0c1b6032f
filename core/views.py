"""The two ways a page hears news: one stream, or a question every three seconds."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, connections
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from core import hub, live, policy, sessions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from django.http import HttpRequest, HttpResponseBase

    from core.models import User
    from core.policy import SignedInRequest

COMPARE_S = 5.0
CHECK_ACCESS_S = 30.0
STREAM_S = 15 * 60.0


@dataclass(slots=True)
class Watch:
    """What one stream watches, and the versions that its page knows."""

    session_key: str
    topics: list[str]
    user: User | None = None
    known: dict[str, int] = field(default_factory=dict)
    visible: frozenset[str] = frozenset()
    access_checked: float = 0.0

    def news(self, found: dict[str, int]) -> list[str]:
        """Note the versions, and write those that the page does not know yet as events."""
        fresh = {
            topic: version
            for topic, version in found.items()
            if topic in self.visible and version > self.known.get(topic, -1)
        }
        self.known |= fresh
        return [_event(topic, version) for topic, version in fresh.items()]

    def read(self) -> dict[str, int]:
        """Read the present versions, and every 30 s who is reading. Holds no connection after."""
        try:
            if time.monotonic() - self.access_checked >= CHECK_ACCESS_S or self.user is None:
                self.user = sessions.find_user(self.session_key)
                self.access_checked = time.monotonic()
            found = live.versions(self.user, self.topics) if self.user else {}
            self.visible = frozenset(found)
        except (DatabaseError, InterfaceError):
            return {}  # The database is away for a moment; the page keeps what it has.
        else:
            return found
        finally:
            connections.close_all()


@require_GET
@policy.needs_sign_in
def versions(request: SignedInRequest) -> HttpResponseBase:
    """Answer the present versions of the topics asked for: the way without a stream."""
    found = live.versions(request.user, _topics(request))
    return JsonResponse({"versions": found}, headers={"Cache-Control": "no-store"})


@require_GET
@policy.needs_sign_in
async def stream(request: SignedInRequest) -> HttpResponseBase:
    """Answer a stream of server-sent events, one for each new version. Ends after 15 minutes.

    It begins with all present versions, so a page that comes back misses nothing. Refuses a
    fourth stream of one user (429): that page asks `versions` instead.
    """
    user_id = int((await request.auser()).pk or 0)
    if hub.of_this_process().is_full(user_id):
        return HttpResponse(status=429)
    watch = Watch(request.session.session_key or "", _topics(request))
    return StreamingHttpResponse(
        _events(watch, user_id),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(watch: Watch, user_id: int) -> AsyncIterator[str]:
    with hub.of_this_process().subscribed(user_id, watch.topics) as inbox:
        yield "retry: 3000\n\n"
        compare_at, end = 0.0, time.monotonic() + STREAM_S
        while (now := time.monotonic()) < end:
            # Nothing is passed on while a comparison, and with it the access check, is due.
            if now >= compare_at:
                found = await sync_to_async(watch.read)()
                if watch.user is None:
                    return
                compare_at = time.monotonic() + COMPARE_S
                # The comment lets a connection that broke silently be noticed.
                yield "".join([": \n\n", *watch.news(found)])
            elif message := await _next(inbox, compare_at - now):
                for event in watch.news(dict([message])):
                    yield event


async def _next(inbox: hub.Inbox, seconds: float) -> tuple[str, int] | None:
    try:
        return await asyncio.wait_for(inbox.get(), seconds)
    except TimeoutError:
        return None


def _event(topic: str, version: int) -> str:
    data = json.dumps({"topic": topic, "version": version}, separators=(",", ":"))
    return f"event: version\ndata: {data}\n\n"


def _topics(request: HttpRequest) -> list[str]:
    """Read the topics from the query: separated by commas, given once or often."""
    wanted = ",".join(request.GET.getlist("topics")).split(",")
    return list(dict.fromkeys(filter(None, wanted)))[: live.MOST_TOPICS]
