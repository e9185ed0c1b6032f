"""Starts the sandbox: `python -m payments.sandbox --port 8124`."""

from __future__ import annotations

import argparse
import os

import uvicorn

from payments.sandbox.app import Options, create_app
from payments.sandbox.connections import TrackedProtocol

KEEP_ALIVE_S = 75


def main() -> None:
    """Serve until a signal. It listens on this machine only, unless --host says otherwise."""
    arguments = parse_arguments()
    options = Options(
        public_url=arguments.public_url or f"http://{arguments.host}:{arguments.port}",
        webhook_url=arguments.webhook_url,
        state=arguments.state,
        api_key=os.environ.get("SANDBOX_API_KEY", Options.api_key),
        webhook_secret=os.environ.get("SANDBOX_WEBHOOK_SECRET", Options.webhook_secret),
        later_s=arguments.later_seconds,
        seed=arguments.seed,
    )
    uvicorn.run(
        create_app(options),
        host=arguments.host,
        port=arguments.port,
        http=TrackedProtocol,
        ws="none",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m payments.sandbox",
        description="A payment provider to try things on. No money moves.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8124)
    parser.add_argument("--public-url", default="", help="the address customers' browsers use")
    parser.add_argument("--webhook-url", default="", help="where webhooks go")
    parser.add_argument("--state", default=":memory:", help="a file to remember payments in")
    parser.add_argument("--later-seconds", type=float, default=3, help="delay of late news")
    parser.add_argument("--seed", type=int, default=1, help="of the faults' random numbers")
    return parser.parse_args()


if __name__ == "__main__":
    main()
