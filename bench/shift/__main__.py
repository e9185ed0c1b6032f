"""Forty scripted calls in a browser, by keyboard, against every process: `python -m bench.shift`.

Known and unknown callers, every way to pay, refunds, a second person, two agents, killed tabs,
a provider that is down, silent, or loses its webhooks. Each call has a minute; one that breaks is
short, and the shift goes on. At the end the books are compared and each goal of the desk is a row.

Ends with `shift: N calls, M short`; exit 1 where anything is short.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django
import pytest
from playwright.sync_api import Error, sync_playwright

# Amounts and days are written as the house writes them; nothing here asks a database by itself.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from bench import cpu  # noqa: E402
from bench.rows import draw  # noqa: E402
from bench.shift import board, books, weights  # noqa: E402
from bench.shift.call import Call  # noqa: E402
from bench.shift.plan import KINDS, plan  # noqa: E402
from bench.shift.stage import Stage  # noqa: E402
from config.embedded.house import free_port  # noqa: E402
from tests.browser import chromium, world  # noqa: E402
from tests.browser.conftest import WITHOUT_GPU  # noqa: E402
from tests.browser.shop import FIRST_PORT, Shop  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.shift.plan import Kind

SEED = 4
CUSTOMERS = 200
# A second contract, preferred and switched off, whose provider was killed.
CONTRACT = """
from payments.models import ProviderAccount
one = ProviderAccount.objects.get(kind="sandbox", name="Sandbox")
credentials = one.credentials | {{"base_url": "http://127.0.0.1:{port}"}}
ProviderAccount.objects.create(kind="sandbox", name="Preferred", priority=1, is_enabled=False,
    methods=one.methods, currencies=one.currencies, credentials=credentials)
"""


@contextmanager
def stage_in(home: Path, port: int, pictures: Path | None) -> Iterator[Stage]:
    """A house with customers, a provider that was killed, and a browser."""
    program = chromium.find()
    if not program:
        sys.exit(chromium.HOW_TO_GET_ONE)
    with Shop(home, customers=CUSTOMERS, quick=False, port=port) as shop:
        _kill_a_provider(shop)
        # The house has been open since the morning: nothing is done for the first time.
        world.pay(shop, world.ask(shop, world.new_caller(shop)))
        with sync_playwright() as playwright:
            chrome = playwright.chromium.launch(executable_path=program, args=WITHOUT_GPU)
            yield Stage(shop, chrome, pictures)
            chrome.close()


def _kill_a_provider(shop: Shop) -> None:
    port = free_port(shop.house.sandbox_port + 1)
    shop.house.start("provider", ["-m", "payments.sandbox", "--port", str(port)])
    shop.house.wait_for(f"http://127.0.0.1:{port}/healthz", "provider", 60)
    shop.manage("shell", "--verbosity", "0", "--command", CONTRACT.format(port=port))
    shop.house.kill("provider")
    del shop.house.running["provider"]


def take(stage: Stage, kind: Kind, home: Path) -> str:
    """Take one call. Returns why it is short, or nothing; either way the desk is free again."""
    caller = world.new_caller(stage.shop, kind.caller, is_reachable=kind.is_reachable)
    call = Call(stage, kind.agent, kind.name, caller)
    desk = call.desk
    reason = tried(stage, lambda _: kind.act(call))
    if reason:
        picture = home / f"{kind.name.replace(' ', '-')}.png"
        _take_picture(stage, picture)
        stage.shop.heal()
        desk.phone.tidy()
        desk.start_anew()
        reason = f"{reason} (see {picture})"
    stage.take_complaints()
    return reason


def tried(stage: Stage, act: Callable[[Stage], None]) -> str:
    """Do something that may go wrong, and say how it did."""
    stage.begin_call()
    try:
        act(stage)
    except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - the shift goes on
        said = next(iter(str(error).splitlines()), "")
        return f"{type(error).__name__}: {said}"
    return ""


def _take_picture(stage: Stage, path: Path) -> None:
    try:
        for name, desk in stage.desks.items():
            # A caret that is hidden for the picture would be an inline style of ours.
            desk.page.screenshot(path=path.with_stem(f"{path.stem}-{name}"), caret="initial")
    except Error as error:
        print(f"no picture: {error.message.splitlines()[0]}")


def tell_remarks(stage: Stage) -> None:
    """Say what was found since the last time."""
    for remark in stage.figures.remarks:
        print(f"     {remark}", flush=True)
    stage.figures.remarks.clear()


def take_all(stage: Stage, calls: Sequence[Kind], home: Path) -> int:
    """Take every call, and return how many are short."""
    short = 0
    for number, kind in enumerate(calls, 1):
        began_at = time.monotonic()
        reason = take(stage, kind, home)
        short += bool(reason)
        took = time.monotonic() - began_at
        print(f"{number:3}  {kind.name:14} {took:5.1f} s  {reason or 'ok'}", flush=True)
        tell_remarks(stage)
    return short


def after_the_last_call(stage: Stage, *, is_whole: bool) -> None:
    """Look at what no single call shows. What cannot be measured is short in the table."""
    for measure in (board.watch, weights.weigh, books.compare):
        if is_whole or measure is books.compare:
            reason = tried(stage, measure)
            if reason:
                print(f"     {measure.__module__}: {reason}")
    stage.take_complaints()
    tell_remarks(stage)


def main() -> None:
    """Run once; exit 1 where anything is short."""
    options = _asked()
    calls = [one for one in plan(options.seed) if one.name in (options.only or [one.name])]
    if options.list:
        for number, kind in enumerate(calls, 1):
            fault = f" ({kind.fault})" if kind.fault else ""
            print(f"{number:3}  {kind.name:14} {kind.agent:7} {kind.happens}{fault}")
        return
    print(f"shift: seed {options.seed}; {cpu.machine()}", flush=True)
    is_whole = not options.only
    with tempfile.TemporaryDirectory(prefix="kuitti-shift-") as passing:
        home = options.home or Path(passing)
        with stage_in(home, options.port, options.pictures) as stage:
            short = take_all(stage, calls, home)
            after_the_last_call(stage, is_whole=is_whole)
    rows = stage.figures.rows(is_whole=is_whole)
    print(draw(rows))
    short += sum(row.is_short for row in rows)
    print(f"shift: {len(calls)} calls, {short} short")
    sys.exit(1 if short else 0)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.shift", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="the order of the calls")
    parser.add_argument("--only", action="append", choices=[kind.name for kind in KINDS])
    parser.add_argument("--list", action="store_true", help="say what will be, and do nothing")
    parser.add_argument("--home", type=Path, help="keep data, logs and pictures here")
    parser.add_argument("--pictures", type=Path, help="put those of the README there")
    parser.add_argument("--port", type=int, default=FIRST_PORT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
