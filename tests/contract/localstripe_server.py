"""Starts localstripe on this machine only: `python localstripe_server.py PORT`.

What localstripe does not know it refuses, so it is left out here before it gets there;
`LEFT_OUT` is the whole list. The requests themselves are judged elsewhere.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from aiohttp import web
from localstripe import resources, server  # type: ignore[import-untyped]

LEFT_OUT = {
    r"/v1/payment_intents$": {"description", "error_on_requires_action", "created"},
    r"/v1/payment_intents/[^/]+/capture$": {"metadata"},
    r"/v1/refunds$": {"reason"},
    r"/v1/balance_transactions$": {"created"},
}

read_body = server.get_post_data
read_query = server.unflatten_data


def without_unknown(path: str, data: dict[str, Any] | None) -> dict[str, Any] | None:
    for pattern, names in LEFT_OUT.items():
        if data and re.match(pattern, path):
            return {name: value for name, value in data.items() if name not in names}
    return data


async def reduced_body(request: web.Request, **options: Any) -> dict[str, Any] | None:
    return without_unknown(request.path, await read_body(request, **options))


def listing(cls: Any, url: str) -> Any:
    """Answer a list as localstripe does, without the filters it refuses."""

    async def answer(request: web.Request) -> web.Response:
        data = without_unknown(request.path, read_query(request.query)) or {}
        expand = data.pop("expand", None)
        return web.json_response(cls._api_list_all(url, **data)._export(expand=expand))

    return answer


def main() -> None:
    server.get_post_data = reduced_body
    resources.store.dump_to_disk = lambda: None
    app = web.Application(middlewares=server.app.middlewares)
    for cls, url in (
        (resources.PaymentIntent, "/v1/payment_intents"),
        (resources.BalanceTransaction, "/v1/balance_transactions"),
    ):
        app.router.add_get(url, listing(cls, url))
    for route in server.app.router.routes():
        if route.method != "HEAD":
            app.router.add_route(route.method, route.resource.canonical, route.handler)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)


if __name__ == "__main__":
    main()
